"""When gossip is quiet: the moment for everything that would bring what gossip brings anyway."""

from dataclasses import dataclass
from typing import Final

QUIET_SECONDS: Final = 2.0
"""Gossip that has moved nothing new for so long, to us or from us, is quiet."""


@dataclass(slots=True)
class Quiet:
    """Remembers when gossip last moved something new."""

    last: float = float("-inf")
    """Seconds of the caller's clock."""

    def moved(self, now: float) -> None:
        """Something new came in, or left."""
        self.last = now

    def reigns(self, now: float) -> bool:
        """Whether nothing new was moved for a while."""
        return now >= self.last + QUIET_SECONDS
