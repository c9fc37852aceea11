"""How many bytes we send to one peer, and to all, in any minute (Y5).

Pure. For what peers make us send (syncs, addresses), so that asking can never cost us more than
we said. A bucket that holds half of a minute's budget and refills at half of it a minute: in any
60 seconds it gives at most the budget, whenever they begin.
"""

from typing import Final

from p2p.buckets import Buckets
from p2p.transport import PeerName
from web3rec.errors import ParamError

MINUTE: Final = 60.0
MIB: Final = 1024 * 1024


class Budgets:
    """What may still be sent; names of peers that are gone are forgotten within a minute."""

    def __init__(self, per_peer: float = 16.0 * MIB, in_all: float = 64.0 * MIB) -> None:
        """Bytes a minute to one peer and to all together; since names are free, both count.

        Half of it may go at once. 16 MiB: a whole store of 20,000 records is 4. Guesses.

        Raises ParamError: not > 0 and finite, or less in all than for one.
        """
        if not 0 < per_peer < float("inf"):
            raise ParamError("per_peer", per_peer, "> 0 bytes a minute and finite")
        if not per_peer <= in_all < float("inf"):
            raise ParamError("in_all", in_all, "at least per_peer, and finite")
        self._peers: Buckets[PeerName] = Buckets(per_peer / 2 / MINUTE, per_peer / 2)
        self._all: Buckets[None] = Buckets(in_all / 2 / MINUTE, in_all / 2)

    def grant(self, peer: PeerName, size: int, now: float) -> bool:
        """True, and paid for, if `size` bytes may go to a peer now (s, not running backwards)."""
        if not self._all.holds(None, size, now) or not self._peers.take(peer, size, now):
            return False
        return self._all.take(None, size, now)

    def wait(self, peer: PeerName, size: int, now: float) -> float:
        """Seconds until `size` bytes would be granted if nobody else asked; inf if never."""
        return max(self._peers.wait(peer, size, now), self._all.wait(None, size, now))

    def sweep(self, now: float) -> None:
        """Forget the peers whose budget is whole again."""
        self._peers.sweep(now)
        self._all.sweep(now)

    def __len__(self) -> int:
        return len(self._peers)
