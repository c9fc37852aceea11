"""Who may open a session with us now: one a peer, a few in all, and a pause between.

Whom we dialled has seats besides: a crowd of names on all others keeps them out neither by
sitting there nor by being remembered.

Pure: names and times in, yes or no out.
"""

from dataclasses import dataclass, field
from typing import Final

from p2p.transport import PeerName

PAUSE: Final = 60.0
"""Seconds from the end of a peer's sessions to its next."""
AT_ONCE: Final = 4
"""Sessions we serve at once, and as many again for whom we dialled."""
IN_A_ROW: Final = 8
"""Sessions without a pause, while there is more to move: 40,000 records."""
REMEMBERED: Final = 1_024
"""Peers whose pause we remember at most; when as many are pausing, newcomers wait."""


@dataclass(slots=True)
class Turnstile:
    """The bookkeeping of the serving end. What has passed its pause is forgotten."""

    pause: float = PAUSE
    """Seconds, >= 0."""
    at_once: int = AT_ONCE
    """>= 1."""
    in_a_row: int = IN_A_ROW
    """>= 1."""
    _inside: dict[PeerName, int] = field(default_factory=dict)
    """Peer -> sessions in a row, this one included."""
    _outside: dict[PeerName, tuple[int, float]] = field(default_factory=dict)
    """Peer -> (sessions in a row that it may still go on from, or 0; when it last left)."""
    _chosen: set[PeerName] = field(default_factory=set)
    """Who of those inside sits on a seat of the chosen."""

    def __post_init__(self) -> None:
        """Raises ValueError for a number out of range."""
        if not 0 <= self.pause < float("inf"):
            raise ValueError(f"pause must be >= 0 seconds and finite, got {self.pause!r}")
        if min(self.at_once, self.in_a_row) < 1:
            raise ValueError("at_once and in_a_row must be at least 1")

    def enter(self, peer: PeerName, now: float, *, chosen: bool = False) -> bool:
        """True, and it is inside, if the peer may open a session now; `leave` must follow.

        Args:
            peer: who asks.
            now: seconds of a clock that does not run backwards.
            chosen: True if we are connected because we dialled.

        Cost: O(1), and O(peers remembered) when the table is full.
        """
        taken = len(self._chosen) if chosen else len(self._inside) - len(self._chosen)
        if peer in self._inside or taken >= self.at_once:
            return False
        row, left = self._outside.get(peer, (0, float("-inf")))
        paused = now >= left + self.pause
        if not paused and not row:
            return False
        if not chosen and peer not in self._outside and len(self) >= REMEMBERED:
            self.sweep(now)
            if len(self) >= REMEMBERED:
                return False
        self._outside.pop(peer, None)
        self._inside[peer] = 1 if paused else row + 1
        if chosen:
            self._chosen.add(peer)
        return True

    def leave(self, peer: PeerName, now: float, *, more: bool) -> None:
        """The peer's session is over.

        Args:
            peer: who entered; anybody else is ignored.
            now: as for `enter`.
            more: True if it ended well and there is more to move: then the peer need not pause,
                up to `in_a_row` sessions.
        """
        row = self._inside.pop(peer, None)
        self._chosen.discard(peer)
        if row is not None:
            self._outside[peer] = (row if more and row < self.in_a_row else 0, now)

    def __contains__(self, peer: PeerName) -> bool:
        """Whether the peer is inside now."""
        return peer in self._inside

    def sweep(self, now: float) -> None:
        """Forget who has paused for long enough."""
        self._outside = {
            peer: (row, left)
            for peer, (row, left) in self._outside.items()
            if now < left + self.pause
        }

    def __len__(self) -> int:
        """Peers remembered."""
        return len(self._inside) + len(self._outside)
