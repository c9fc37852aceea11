"""What the control API needs of a node, and nothing more; `p2p.node.Node` is one."""

from collections.abc import Sequence
from typing import Protocol

from p2p.options import KnownAddress, NodeStatus


class Device(Protocol):
    """A node on the network. Every method may be called from any thread."""

    def status(self) -> NodeStatus:
        """A look; never waits."""
        ...

    def dial(self, address: str) -> None:
        """Stay connected to this multiaddress from now on. Raises NodeError."""
        ...

    def catch_up(self) -> None:
        """Sync with every connected peer now."""
        ...

    def pause(self) -> None:
        """Leave the network; nothing is sent any more when this returns."""
        ...

    def resume(self) -> None:
        """Join it again. Raises NodeError."""
        ...

    def ban(self, peer: str, seconds: float) -> None:
        """Hang up on a peer (its transport name) and refuse it for so long. Raises NodeError."""
        ...

    def unban(self, peer: str) -> None:
        """Let a peer in again; nothing if it was not banned."""
        ...

    def book(self) -> Sequence[KnownAddress]:
        """The addresses it knows."""
        ...


def sides(status: NodeStatus) -> tuple[int, int]:
    """How many connected peers we dialled, and how many dialled us."""
    outbound = [one.outbound for one in status.neighbours if one.connected]
    return outbound.count(True), outbound.count(False)
