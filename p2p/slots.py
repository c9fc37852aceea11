"""How many channels strangers may hold open with us at once: a few each, not many in all.

Whom we dialled has places besides: names are free, so whoever comes by itself may be a crowd.
Pure; shared by both transports.
"""

from collections import Counter

from p2p.transport import PeerName

CHANNELS = 8
"""Channels that neighbours may hold open with us; above the sessions a daemon grants, so that it
can say it is busy. Guess, to be measured."""
CHANNELS_PER_PEER = 2
"""Of these, one neighbour's: one in use, one while the last one closes."""
MODEL_CHANNELS = 4
"""The same for models, on places of their own: who fetches one keeps nobody from a sync."""


class Slots:
    """Counts the inbound channels that are open."""

    def __init__(self, total: int = CHANNELS, per_peer: int = CHANNELS_PER_PEER) -> None:
        """Nothing is open yet."""
        self._total = total
        self._per_peer = per_peer
        self._open: Counter[PeerName] = Counter()
        self._chosen: Counter[PeerName] = Counter()  # of these, on the places of the chosen

    def take(self, peer: PeerName, *, chosen: bool = False) -> bool:
        """Count one more of a peer's; False if it has too many, or all have.

        `chosen` says that it was we who dialled: there are as many places again for those.
        """
        taken = self._chosen.total()
        taken = taken if chosen else self._open.total() - taken
        if self._open.get(peer, 0) >= self._per_peer or taken >= self._total:
            return False
        self._open[peer] += 1
        if chosen:
            self._chosen[peer] += 1
        return True

    def give_back(self, peer: PeerName) -> None:
        """Count one less; a peer with none is forgotten."""
        for counts in (self._open, self._chosen):
            counts[peer] -= 1
        self._open += Counter()
        self._chosen += Counter()

    def __len__(self) -> int:
        return self._open.total()
