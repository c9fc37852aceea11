"""When gossip is quiet: the moment for everything that would bring what gossip brings anyway."""

from dataclasses import dataclass
from typing import Final

import trio

QUIET_SECONDS: Final = 2.0
"""Gossip that has moved nothing new for so long, to us or from us, is quiet."""


@dataclass(slots=True)
class Quiet:
    """Remembers when gossip last moved something new."""

    last: float = float("-inf")
    """Trio's seconds."""

    def moved(self) -> None:
        """Something new came in, or left."""
        self.last = trio.current_time()

    def now(self) -> bool:
        """Whether nothing new was moved for a while."""
        return trio.current_time() >= self.last + QUIET_SECONDS
