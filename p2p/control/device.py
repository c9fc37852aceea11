"""What the control API needs of a node, and nothing more; `p2p.node.Node` is one.

A node that does not say something yet (who dialled whom, since when, reputation, bans) is shown
without it: `neighbours` and `bans` fall back to what there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from p2p.options import NodeStatus


class BookEntry(Protocol):
    """One address a node knows."""

    @property
    def address(self) -> str:
        """Multiaddress ending in /p2p/<peer id>."""
        ...

    @property
    def source(self) -> str:
        """Who told: "bootstrap", "exchange", "mdns", "inbound"."""
        ...

    @property
    def anchor(self) -> bool:
        """Whether it is among those dialled first after a restart."""
        ...


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

    def book(self) -> Sequence[BookEntry]:
        """The addresses it knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A connected peer, as far as the node tells."""

    peer: str
    """Transport name: a libp2p peer id"""
    outbound: bool | None = None
    """True if we dialled it; None: not told"""
    address: str = ""
    since: int | None = None
    """Unix ms of the connection's beginning"""
    score: float | None = None
    """Reputation, 0 for a stranger, negative after offences"""
    offences: int = 0


def neighbours(status: NodeStatus) -> tuple[Neighbour, ...]:
    """Everyone connected: from `status.links` if the node has them, else the bare names."""
    told = getattr(status, "links", None) or ()
    links = {link.peer: link for link in told}
    names = [*links, *(peer for peer in status.peers if peer not in links)]
    return tuple(
        Neighbour(
            peer=peer,
            outbound=getattr(links.get(peer), "outbound", None),
            address=getattr(links.get(peer), "address", "") or "",
            since=getattr(links.get(peer), "since", None),
            score=getattr(links.get(peer), "score", None),
            offences=status.offences.get(peer, 0),
        )
        for peer in names
    )


def bans(status: NodeStatus) -> Mapping[str, int]:
    """Banned peer -> unix ms until when, if the node tells."""
    told: Mapping[str, int] = getattr(status, "bans", None) or {}
    return told
