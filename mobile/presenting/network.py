"""Who is connected and what was exchanged, as the screen "Network" and the chip tell it."""

from dataclasses import dataclass
from typing import Final

from mobile.presenting.phrases import ago, bytes_of, counted
from mobile.viewmodel import Chip, Connection
from p2p.options import Neighbour, NodeStatus

FRESH: Final = 600.0
"""Seconds for which a sync counts as "synced"."""
RECORD_BYTES: Final = 250
"""Of a record in gossip, about: the node counts bytes in syncs only."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that follows from one look at the node."""

    chip: Chip
    headline: str
    detail: str
    connections: tuple[Connection, ...] = ()
    addresses: tuple[str, ...] = ()


def shown(status: NodeStatus | None, why_not: str, now: float, *, starting: bool) -> Shown:
    """What to show.

    Args:
        status: of the node; None if there is none.
        why_not: why the network is not used; "" if it is.
        now: unix seconds.
        starting: whether the node is being started or resumed.
    """
    offline = Chip("offline · from this phone")
    if why_not:
        return Shown(offline, "Offline", why_not)
    if starting:
        return Shown(Chip("starting the network", busy=True), "Starting the network", "")
    if status is None or status.state in ("new", "closed", "paused"):
        return Shown(offline, "Offline", "")
    if status.state != "running":
        return Shown(offline, "No network", _failure(status.state))
    connections = tuple(_connection(one, now) for one in status.neighbours if one.connected)
    count = counted(len(connections), "peer")
    if not connections:
        why = next(iter(status.unreachable.values()), "")
        detail = f"Not reached: {why}" if why else ""
        chip = Chip("no peers yet · from this phone")
        return Shown(chip, "Looking for peers", detail, (), status.addresses)
    synced = max((one.synced for one in status.neighbours), default=0.0)
    synced = max(synced, status.synced)
    fresh = now - synced < FRESH
    chip = Chip(f"{count} · {'synced' if fresh else 'syncing'}", online=True, busy=not fresh)
    headline = f"{count} · synced {ago(now - synced)}" if synced else f"{count} · not synced yet"
    return Shown(chip, headline, "", connections, status.addresses)


def exchanged(status: NodeStatus) -> int:
    """Bytes since the node was made: exact in syncs and of models, about in gossip."""
    gossip = (status.records_sent + status.records_received) * RECORD_BYTES
    return status.bytes_synced + status.model_bytes + gossip


def traffic(used: int, most: int) -> tuple[str, float]:
    """The day's bytes in words, and as a part of what is allowed, 0 .. 1."""
    part = min(1.0, used / most) if most > 0 else 1.0
    said = f"{bytes_of(used)} today" if used else "nothing today"
    return f"{said}, of {bytes_of(most)}", part


def address_flaw(address: str) -> str:
    """What is wrong with a multiaddress at first sight; "" if nothing is."""
    if not address.startswith("/"):
        return "An address begins with a slash, such as /ip4/…/tcp/…/p2p/…"
    if "/p2p/" not in address:
        return "An address ends in /p2p/ and the peer's id."
    return ""


def short_peer(peer: str) -> str:
    """A transport's peer id, short."""
    return peer if len(peer) <= 12 else f"{peer[:6]}…{peer[-4:]}"


def _connection(one: Neighbour, now: float) -> Connection:
    how = "we dialled" if one.outbound else "dialled us"
    if "/p2p-circuit" in one.address:
        how = "by a relay"
    when = f"synced {ago(now - one.synced)}" if one.synced else "not synced yet"
    return Connection(short_peer(one.peer), f"{how} · {when}")


def _failure(state: str) -> str:
    return state.removeprefix("failed: ") if state.startswith("failed") else ""
