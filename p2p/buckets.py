"""Token buckets: how much one name may take now, given what it took before.

Pure: counts and times in, decisions out. Names may be strangers' choice: what they leave behind
is bounded and forgotten.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

MAX_BUCKETS: Final = 1024
"""Names we keep a bucket for at most: far above the connections a transport allows."""

P = TypeVar("P", bound=Hashable)


@dataclass(slots=True)
class Buckets(Generic[P]):
    """A token bucket for each name; time is an argument.

    A bucket that is full again is forgotten: it equals one that was never touched, so names that
    strangers choose leave nothing behind. When more than MAX_BUCKETS are in use, newcomers get
    what `crowded` says until one fills up.
    """

    rate: float
    """Tokens a second that flow back into a bucket; > 0."""
    burst: float
    """Tokens a bucket holds; >= 1."""
    crowded: bool = False
    """What a newcomer is told while the table is full: False bounds what all names together may
    take, True lets a crowd not shut out others (where something else bounds the crowd)."""
    _left: dict[P, tuple[float, float]] = field(default_factory=dict)
    """Name -> (tokens left, the time that was true)."""
    _room: float = float("-inf")
    """Before this no bucket is full again: no need to look."""

    def take(self, name: P, tokens: float, now: float) -> bool:
        """True, and paid for, if `name` may take this many tokens now.

        `now` is in seconds of any clock that does not run backwards. Cost: O(1), and at
        times O(names) when the table is full.
        """
        if name not in self._left and len(self._left) >= MAX_BUCKETS:
            if now >= self._room:
                self.sweep(now)
            if len(self._left) >= MAX_BUCKETS:
                return self.crowded
        left = self._level(name, now)
        if tokens > left:
            return False
        self._left[name] = (left - tokens, now)
        return True

    def holds(self, name: P, tokens: float, now: float) -> bool:
        """Whether a bucket has this many tokens now; takes none, remembers nothing."""
        return tokens <= self._level(name, now)

    def wait(self, name: P, tokens: float, now: float) -> float:
        """Seconds until a bucket holds this many tokens, if nobody takes any; inf if never."""
        if tokens > self.burst:
            return float("inf")
        return max(0.0, (tokens - self._level(name, now)) / self.rate)

    def sweep(self, now: float) -> None:
        """Forget the buckets that are full again. Cost: O(names)."""
        fullest = 0.0
        for name in list(self._left):
            level = self._level(name, now)
            if level >= self.burst:
                del self._left[name]
            else:
                fullest = max(fullest, level)
        self._room = now + (self.burst - fullest) / self.rate if self._left else float("-inf")

    def __len__(self) -> int:
        return len(self._left)

    def _level(self, name: P, now: float) -> float:
        left, since = self._left.get(name, (self.burst, now))
        return min(self.burst, left + self.rate * max(0.0, now - since))
