"""Is the network thread alive? It looks round twice a second; whoever watches sees that it does."""

from dataclasses import dataclass
from typing import Final

HUNG_SECONDS: Final = 60.0
"""A node that has not looked round for so long, while we watched, hangs."""
ASLEEP_SECONDS: Final = 10.0
"""Who watches is itself seldom away for longer, unless the whole process was frozen."""


@dataclass(slots=True)
class Pulse:
    """Counts the time in which nothing happened though we watched."""

    _last: float = -1.0
    _seen: float = 0.0
    _still: float = 0.0

    def stopped(self, looked: float, now: float, *, runs: bool) -> bool:
        """True once a running node did not look round for HUNG_SECONDS of our watching.

        Args:
            looked: when it last did, on any clock: only whether it changes matters.
            now: seconds of a clock that does not run backwards.
            runs: whether it is meant to.
        """
        passed, self._seen = now - self._seen, now
        if looked != self._last or not runs:
            self._last, self._still = looked, 0.0
        elif passed <= ASLEEP_SECONDS:
            self._still += passed
        return self._still >= HUNG_SECONDS
