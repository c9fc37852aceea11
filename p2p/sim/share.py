"""What one neighbour's RPCs may still ask of a device: the guard's limits, on simulated RPCs.

The figures are those of `p2p.libp2p_rpc`, which needs libp2p; a test compares them. Left out is
the pace of messages: a thousand a second is more than any scenario sends.
"""

from dataclasses import replace
from typing import Final

from p2p.pace import Pace
from p2p.sim.rpc import Rpc

MAX_IDS: Final = 128
IDS_PER_SECOND: Final = 256.0
IDS_AT_ONCE: Final = 1_024.0
CHANGES_PER_SECOND: Final = 2.0
CHANGES_AT_ONCE: Final = 32.0


class Share:
    """Of one connection."""

    def __init__(self) -> None:
        """Nothing is spent."""
        self._ids = Pace(IDS_PER_SECOND, IDS_AT_ONCE)
        self._changes = Pace(CHANGES_PER_SECOND, CHANGES_AT_ONCE)

    def cut(self, rpc: Rpc, now: float) -> Rpc:
        """The RPC without what goes beyond the share; the same one if nothing had to go."""
        ids = min(len(rpc.ihave), MAX_IDS) + min(len(rpc.iwant), MAX_IDS)
        changes = rpc.graft + rpc.prune
        if ids and not self._ids.affords(ids, now):
            rpc = replace(rpc, ihave=(), iwant=())
        if changes and not self._changes.affords(changes, now):
            rpc = replace(rpc, graft=False, prune=False)
        return rpc
