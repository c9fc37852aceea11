"""What a check found: a line for a person, a record for a program."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome."""

    check: str
    """Its name, one word."""
    said: str
    """What holds, with figures; or what does not, one fault a line."""
    todo: str = ""
    """What to do about it; empty means that the check passed."""

    @property
    def ok(self) -> bool:
        """Whether the check passed."""
        return not self.todo


def outcome(check: str, faults: list[str], *, said: str, todo: str) -> Finding:
    """A finding: passed with `said` where there are no faults, else failed with them and `todo`."""
    if faults:
        return Finding(check=check, said="\n".join(faults), todo=todo)
    return Finding(check=check, said=said)
