"""What `web3rec doctor` finds; other packages add theirs through an entry-point group."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final

from web3rec.cli.session import Session

GROUP: Final = "web3rec.checks"
"""The entry-point group: callables of a `Session` that give `Check`s."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    state: str
    """"ok", "note" (worth knowing) or "wrong" """
    detail: str


def joined(session: Session) -> Iterator[Check]:
    """The checks of other packages; one that cannot be loaded is left out: its extra is absent."""
    for entry in sorted(entry_points(group=GROUP)):
        try:
            found: Callable[[Session], Iterator[Check]] = entry.load()
        except ImportError:
            continue
        yield from found(session)
