"""What lies between devices: who is linked to whom, how long bytes take, what gets lost.

Knows hosts by name and RPCs by size; nothing of records. Lost and late is decided by one
generator in the order of sending.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from p2p.memory_channel import MemoryChannel, pair
from p2p.sim.clockwork import Clockwork
from p2p.sim.naming import short
from p2p.sim.rpc import Rpc
from p2p.sim.trace import Trace
from p2p.transport import SERVED_TIMEOUT, PeerName

BACKLOG_SECONDS: Final = 5.0
"""A sender this far behind its uplink loses what it sends next, as a full queue does."""


class Host(Protocol):
    """Somebody on the wires: a device or a stranger. The wires call, the host does not wait."""

    @property
    def name(self) -> PeerName: ...
    @property
    def address(self) -> str:
        """What others dial."""
        ...

    def admits(self, peer: PeerName, address: str, *, outbound: bool) -> bool:
        """A link is about to be made; may it? `outbound`: we dialled."""
        ...

    def linked(self, peer: PeerName, *, outbound: bool) -> None: ...
    def unlinked(self, peer: PeerName) -> None: ...
    def heard(self, peer: PeerName, rpc: Rpc) -> None: ...
    def opened(self, channel: MemoryChannel) -> None:
        """A linked peer opens a channel. Raises ConnectionError if it is not taken."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WireParams:
    """The weather."""

    delay: float = 0.05
    """Mean seconds one way; each link has .5 to 1.5 times that. The evaluation report of
    gossipsub 1.1 used 5 to 135 ms."""
    jitter: float = 0.1
    """Each RPC's share of its link's delay more or less; in [0, 1]."""
    loss: float = 0.0
    """Chance that an RPC is lost on one link; in [0, 1]."""
    uplink: float = 1_250_000.0
    """Bytes a second each device can send; 10 Mbit/s."""


@dataclass(slots=True)
class Traffic:
    """Bytes and losses, counted."""

    sent: dict[PeerName, int] = field(default_factory=dict)
    rpcs: int = 0
    lost: int = 0
    """By chance."""
    overrun: int = 0
    """Because the uplink was behind."""


class Wires:
    """All links of one world."""

    def __init__(
        self, params: WireParams, clockwork: Clockwork, trace: Trace, rng: np.random.Generator
    ) -> None:
        self.params = params
        self.traffic = Traffic()
        self.on_sync: Callable[[PeerName, PeerName, int], None] = lambda _one, _other, _bytes: None
        """Told of each frame sent in a channel: from, to, bytes."""
        self.on_rpc: Callable[[PeerName, Rpc], None] = lambda _one, _rpc: None
        """Told of each RPC before it is sent."""
        self._clockwork = clockwork
        self._trace = trace
        self._rng = rng
        self._hosts: dict[PeerName, Host] = {}
        self._addresses: dict[str, PeerName] = {}
        self._links: dict[PeerName, dict[PeerName, _Wire]] = {}
        self._sides: dict[PeerName, int] = {}
        self._free: dict[PeerName, float] = {}

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self._clockwork.now

    def calm(self) -> None:
        """Nothing is lost from now on."""
        self.params = replace(self.params, loss=0.0)

    # -- hosts and links --------------------------------------------------------------------

    def join(self, host: Host) -> None:
        """Be reachable. A name or an address twice is our own mistake."""
        if host.name in self._hosts or host.address in self._addresses:
            raise ValueError(f"{host.name} or {host.address} is on the wires already")
        self._hosts[host.name] = host
        self._addresses[host.address] = host.name
        self._links[host.name] = {}
        self._note("join", short(host.name))

    def leave(self, host: Host) -> None:
        """Cut every link and be gone."""
        for other in list(self._links[host.name]):
            self.cut(host.name, other)
        del self._hosts[host.name], self._addresses[host.address], self._links[host.name]
        self._free.pop(host.name, None)
        self._note("leave", short(host.name))

    def at(self, address: str) -> PeerName | None:
        """Who answers there."""
        return self._addresses.get(address)

    def link(self, one: PeerName, other: PeerName) -> None:
        """Connect one, who dialled, to the other. Raises ConnectionError if either refuses."""
        hosts = self._hosts
        if one not in hosts or other not in hosts or self._apart(one, other):
            raise ConnectionError("no answer")
        if other in self._links[one]:
            return
        dialler, dialled = hosts[one], hosts[other]
        if not dialled.admits(one, dialler.address, outbound=False):
            raise ConnectionError("refused")
        if not dialler.admits(other, dialled.address, outbound=True):
            dialled.unlinked(one)
            raise ConnectionError("not wanted")
        mean = self.params.delay * float(self._rng.uniform(0.5, 1.5))
        self._links[one][other] = _Wire(mean)
        self._links[other][one] = _Wire(mean)
        self._note("link", f"{short(one)}>{short(other)}")
        dialler.linked(other, outbound=True)
        dialled.linked(one, outbound=False)

    def cut(self, one: PeerName, other: PeerName) -> None:
        """End a link, if there is one; what is on its way is lost."""
        if other not in self._links.get(one, ()):
            return
        wires = (self._links[one].pop(other), self._links[other].pop(one))
        self._note("cut", f"{short(one)}-{short(other)}")
        for wire in wires:
            for channel in list(wire.channels):
                channel.break_off()
        self._hosts[one].unlinked(other)
        self._hosts[other].unlinked(one)

    def linked(self, one: PeerName) -> list[PeerName]:
        """The neighbours, by name."""
        return sorted(self._links.get(one, ()))

    def divide(self, sides: dict[PeerName, int]) -> None:
        """Cut every link between sides and refuse dials across; who is not named is on side 0."""
        self._sides = sides
        self._note("divide", str(len(sides)))
        for one in list(self._links):
            for other in list(self._links[one]):
                if self._apart(one, other):
                    self.cut(one, other)

    # -- bytes --------------------------------------------------------------------------------

    def carry(self, sender: PeerName, receiver: PeerName, rpc: Rpc) -> None:
        """Send an RPC along a link; it arrives later, in order, or not at all."""
        wire = self._links.get(sender, {}).get(receiver)
        if wire is None:
            return
        if rpc.messages:
            self.on_rpc(sender, rpc)
        traffic, now = self.traffic, self._clockwork.now
        size = rpc.size
        traffic.rpcs += 1
        free = max(now, self._free.get(sender, 0.0))
        if free - now > BACKLOG_SECONDS:
            traffic.overrun += 1
            return
        self._free[sender] = free = free + size / self.params.uplink
        traffic.sent[sender] = traffic.sent.get(sender, 0) + size
        if self.params.loss and self._rng.random() < self.params.loss:
            traffic.lost += 1
            return
        shift = self.params.jitter * (2 * self._rng.random() - 1)
        wire.last = max(wire.last, free + wire.delay * (1 + shift))
        self._clockwork.at(wire.last, lambda: self._arrive(wire, sender, receiver, rpc))

    def journey(self, one: PeerName, other: PeerName) -> float:
        """Seconds one way, to a whole tick; for who is not linked (yet), the mean."""
        wire = self._links.get(one, {}).get(other)
        delay = self.params.delay if wire is None else wire.delay
        return self._clockwork.due(delay) - self._clockwork.now

    def open(self, one: PeerName, other: PeerName, timeout: float) -> MemoryChannel:
        """Open a channel to a neighbour. Raises ConnectionError."""
        there, back = self._both(one, other)
        ours, theirs = pair(one, other, (timeout, SERVED_TIMEOUT), lambda: self.journey(one, other))
        self._note("open", f"{short(one)}>{short(other)}")
        self._hosts[other].opened(theirs)
        there.channels[ours] = None
        back.channels[theirs] = None
        return ours

    def closed(self, one: PeerName, channel: MemoryChannel) -> None:
        """An end of a channel is no longer in use."""
        wire = self._links.get(one, {}).get(channel.peer)
        if wire is not None:
            wire.channels.pop(channel, None)

    def framed(self, one: PeerName, other: PeerName, frame: bytes) -> float:
        """Count a frame of a channel; how many seconds the uplink needs for it."""
        size = len(frame)
        self.traffic.sent[one] = self.traffic.sent.get(one, 0) + size
        self.on_sync(one, other, size)
        self._note("frame", f"{short(one)}>{short(other)} {size} {hash_of(frame)}")
        return size / self.params.uplink

    def _both(self, one: PeerName, other: PeerName) -> "tuple[_Wire, _Wire]":
        there = self._links.get(one, {}).get(other)
        if there is None:
            raise ConnectionError(f"{one} is not connected to {other}")
        return there, self._links[other][one]

    def _arrive(self, wire: "_Wire", sender: PeerName, receiver: PeerName, rpc: Rpc) -> None:
        if self._links.get(sender, {}).get(receiver) is wire:
            self._note("rpc", f"{short(sender)}>{short(receiver)} {rpc}")
            self._hosts[receiver].heard(sender, rpc)

    def _apart(self, one: PeerName, other: PeerName) -> bool:
        return self._sides.get(one, 0) != self._sides.get(other, 0)

    def _note(self, what: str, who: str) -> None:
        self._trace.note(f"{self._clockwork.now:.6f} {what} {who}")


def hash_of(data: bytes) -> str:
    """Eight hex digits for the trace."""
    return f"{zlib.crc32(data):08x}"


@dataclass(slots=True, eq=False)
class _Wire:
    """One direction of a link."""

    delay: float
    last: float = 0.0
    """When the last RPC arrives: none overtakes another."""
    channels: dict[MemoryChannel, None] = field(default_factory=dict)
