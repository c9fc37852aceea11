"""What an attacker can afford."""

from dataclasses import dataclass

from web3rec.errors import ParamError


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPlan:
    """What the attacker can afford."""

    sybils: int = 200
    """Fake identities, >= 1."""
    spam: int = 30
    """Items to be pushed in all, >= 1."""
    spam_each: int = 3
    """Of these, how many one Sybil pushes; 1 to `spam`."""
    copied: float = 0.7
    """Share of a Sybil's weight that lies on the victim's items; in [0, 1)."""
    records: int = 200
    """Acts of one Sybil at most (a device keeps no more of one author); > spam_each."""
    filler: float = 0.01
    """Share of the catalogue that a profile attack fills in; in (0, 1]. Published: .01 to .1."""
    selected: int = 10
    """Most popular items that a bandwagon profile holds, >= 0. Guess."""
    audience: float = 0.25
    """Share of those who trust a compromised person whom patient Sybils win over; in [0, 1].
    Guess."""
    turned: bool = False
    """The compromised people push too: what they said is withdrawn, each says what a Sybil says."""

    def __post_init__(self) -> None:
        if self.sybils < 1:
            raise ParamError("sybils", self.sybils, "at least 1")
        if self.spam < 1:
            raise ParamError("spam", self.spam, "at least 1")
        if not 1 <= self.spam_each <= self.spam:
            raise ParamError("spam_each", self.spam_each, f"from 1 to spam ({self.spam})")
        if not 0 <= self.copied < 1:
            raise ParamError("copied", self.copied, "in [0, 1)")
        if not self.spam_each < self.records:
            raise ParamError("records", self.records, f"more than spam_each ({self.spam_each})")
        if not 0 < self.filler <= 1:
            raise ParamError("filler", self.filler, "in (0, 1]")
        if self.selected < 0:
            raise ParamError("selected", self.selected, "at least 0")
        if not 0 <= self.audience <= 1:
            raise ParamError("audience", self.audience, "in [0, 1]")
