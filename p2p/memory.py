"""A network inside one process, on trio's clock: for tests, examples and simulation.

Messages take a seeded random time and some are lost; links can be cut. Under trio's MockClock a
minute of traffic takes milliseconds. Channels are delayed, but lose nothing, as over TCP; a cut
link breaks them.
"""

import heapq
import itertools
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import trio

from p2p.errors import AddressInUse, NodeError
from p2p.groups import lone
from p2p.intake import Intake, admitted
from p2p.memory_channel import MemoryChannel, pair
from p2p.slots import MODEL_CHANNELS, Slots
from p2p.transport import (
    MAX_MESSAGE,
    SERVED_SECONDS,
    SERVED_TIMEOUT,
    Admit,
    Channel,
    Judge,
    Link,
    PeerName,
    Purpose,
    Serve,
    everybody,
)

logger = logging.getLogger(__name__)

PREFIX = "/memory/"
INBOX = 4_096
"""Messages on their way to one host at most; more are lost, as in a full socket buffer."""


class Network:
    """Hosts, the links between them, and what happens to bytes on the way."""

    def __init__(self, rng: np.random.Generator, *, delay: float = 0.05, loss: float = 0.0) -> None:
        """Make an empty network.

        Args:
            rng: decides each delay and loss, in the order of sending.
            delay: mean seconds on the way, >= 0; each message takes .5 to 1.5 times that.
            loss: chance that a broadcast message is lost on one link; in [0, 1].

        Raises:
            ValueError: delay or loss out of range.
        """
        if not 0 <= delay < float("inf"):
            raise ValueError(f"delay must be >= 0 seconds and finite, got {delay!r}")
        if not 0 <= loss <= 1:
            raise ValueError(f"loss must be in [0, 1], got {loss!r}")
        self._wires = _Wires(rng, delay, loss)

    def host(self, name: str) -> "MemoryTransport":
        """Make a host; it joins the network when it is `running`."""
        return MemoryTransport(self._wires, PeerName(name))

    def disconnect(self, one: str, other: str) -> None:
        """Cut the link between two hosts, if there is one; they may dial again.

        Broadcast messages on their way are lost with it, and channels broken.
        """
        self._wires.cut(PeerName(one), PeerName(other))

    def partition(self, *sides: Iterable[str]) -> None:
        """Cut every link between hosts of different sides and refuse dials across until `heal`.

        Hosts that no side names form a side of their own.
        """
        self._wires.divide({PeerName(n): i for i, side in enumerate(sides, 1) for n in side})

    def heal(self) -> None:
        """Allow dials everywhere again; links that were cut stay cut until dialled."""
        self._wires.divide({})


class _Wires:
    """The state all hosts of one network share."""

    def __init__(self, rng: np.random.Generator, delay: float, loss: float) -> None:
        self._rng = rng
        self._delay = delay
        self._loss = loss
        self._hosts: dict[PeerName, MemoryTransport] = {}
        self._links: dict[PeerName, dict[PeerName, bool]] = {}  # True: dialled from this side
        self._sides: dict[PeerName, int] = {}
        self._channels: dict[frozenset[PeerName], set[MemoryChannel]] = {}

    def join(self, host: "MemoryTransport") -> None:
        if host.name in self._hosts:
            raise AddressInUse(f"{PREFIX}{host.name} is taken: give each host its own name")
        self._hosts[host.name] = host
        self._links[host.name] = {}

    def leave(self, host: "MemoryTransport") -> None:
        for other in list(self._links[host.name]):
            self.cut(host.name, other)
        del self._hosts[host.name], self._links[host.name]

    def divide(self, sides: dict[PeerName, int]) -> None:
        self._sides = sides
        for one, others in self._links.items():
            for other in list(others):
                if self._apart(one, other):
                    self.cut(one, other)

    def link(self, one: PeerName, other: PeerName) -> None:
        """Connect one, who dialled, to the other, if both doorkeepers agree."""
        if one not in self._hosts or other not in self._hosts or self._apart(one, other):
            raise ConnectionError(f"no answer from {PREFIX}{other}")
        if other not in self._links[one]:
            if not (self._hosts[other].admits(one) and self._hosts[one].admits(other)):
                raise ConnectionError(f"{PREFIX}{other} and {PREFIX}{one}: one refused the other")
            self._links[other][one] = False
        self._links[one][other] = True

    def cut(self, one: PeerName, other: PeerName) -> None:
        self._links.get(one, {}).pop(other, None)
        self._links.get(other, {}).pop(one, None)
        for channel in self._channels.pop(frozenset((one, other)), set()):
            channel.break_off()

    def neighbours(self, one: PeerName) -> tuple[PeerName, ...]:
        return tuple(sorted(self._links.get(one, ())))

    def links(self, one: PeerName) -> tuple[Link, ...]:
        links = sorted(self._links.get(one, {}).items())
        return tuple(Link(other, outbound, PREFIX + other) for other, outbound in links)

    def peer(self, one: PeerName, other: PeerName) -> "MemoryTransport":
        if other not in self._links.get(one, ()):
            raise ConnectionError(f"{one} is not connected to {other}: dial it first")
        return self._hosts[other]

    def opened(self, channel: MemoryChannel, one: PeerName) -> None:
        """Break the channel, this end and the other, if the link to its peer is cut."""
        self._channels.setdefault(frozenset((one, channel.peer)), set()).add(channel)

    def closed(self, channel: MemoryChannel, one: PeerName) -> None:
        key = frozenset((one, channel.peer))
        self._channels.get(key, set()).discard(channel)
        if not self._channels.get(key, True):
            del self._channels[key]

    def journey(self) -> float:
        """Seconds one message takes; draws from the generator."""
        return self._delay * float(self._rng.uniform(0.5, 1.5))

    def flood(self, sender: PeerName, data: bytes, *, but: PeerName) -> None:
        for peer in self.neighbours(sender):
            if peer != but:
                lost = self._rng.random() < self._loss
                when = trio.current_time() + self.journey()
                if not lost:
                    self._hosts[peer].arriving(when, sender, data)

    def _apart(self, one: PeerName, other: PeerName) -> bool:
        return self._sides.get(one, 0) != self._sides.get(other, 0)


@dataclass(frozen=True, slots=True)
class _Live:
    nursery: trio.Nursery
    intake: Intake
    serving: dict[Purpose, tuple[Serve, Slots]]
    admit: Admit


class MemoryTransport:
    """One host on a `Network`; implements `p2p.transport.Transport`."""

    def __init__(self, wires: _Wires, name: PeerName) -> None:
        """Called by `Network.host`."""
        self.offences: dict[PeerName, int] = {}
        self.lost = 0
        """Messages that found the inbox full."""
        self._name = name
        self._wires = wires
        self._live: _Live | None = None
        self._inbox: list[tuple[float, int, PeerName, bytes]] = []
        self._order = itertools.count()
        self._news = trio.Event()

    @property
    def name(self) -> PeerName:
        """The name it was made with."""
        return self._name

    @property
    def addresses(self) -> tuple[str, ...]:
        """`/memory/<name>` while running, else nothing."""
        return (f"{PREFIX}{self.name}",) if self._live is not None else ()

    @asynccontextmanager
    async def running(
        self, judge: Judge, serve: Serve, admit: Admit = everybody, models: Serve | None = None
    ) -> AsyncIterator[None]:
        """Be on the network; see `Transport.running`. Raises AddressInUse for a name twice."""
        serving = {Purpose.SYNC: (serve, Slots())}
        if models is not None:
            serving[Purpose.MODEL] = (models, Slots(MODEL_CHANNELS))
        self._wires.join(self)
        try:
            async with trio.open_nursery() as nursery:
                self._live = _Live(nursery, Intake(judge, self.offences), serving, admit)
                nursery.start_soon(self._deliver)
                yield
                nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise lone(group) from None
        finally:
            self._live = None
            self._inbox.clear()
            self._wires.leave(self)

    async def publish(self, data: bytes) -> None:
        """Send to every neighbour; see `Transport.publish`."""
        if len(data) > MAX_MESSAGE:
            raise ValueError(f"a message must be at most {MAX_MESSAGE} bytes, got {len(data)}")
        self._running().intake.saw(data, trio.current_time())
        self._wires.flood(self.name, data, but=self.name)
        await trio.lowlevel.checkpoint()

    async def dial(self, address: str) -> PeerName:
        """Link to `/memory/<name>`; takes one journey there and one back."""
        if not address.startswith(PREFIX) or address == PREFIX + self.name:
            raise ValueError(f"an address of another host is {PREFIX}<name>, got {address!r}")
        self._running()
        other = PeerName(address.removeprefix(PREFIX))
        await trio.sleep(self._wires.journey() + self._wires.journey())
        self._wires.link(self.name, other)
        return other

    def peers(self) -> tuple[PeerName, ...]:
        """The names of the hosts linked to us, sorted."""
        return self._wires.neighbours(self.name)

    def links(self) -> tuple[Link, ...]:
        """The same hosts, each with who dialled."""
        return self._wires.links(self.name)

    async def hang_up(self, peer: PeerName) -> None:
        """Cut the link to a host, if there is one."""
        self._wires.cut(self.name, peer)
        await trio.lowlevel.checkpoint()

    @asynccontextmanager
    async def open(
        self,
        peer: PeerName,
        *,
        timeout: float,  # noqa: ASYNC109 - of each wait for a frame, not of the call
        purpose: Purpose = Purpose.SYNC,
    ) -> AsyncIterator[Channel]:
        """Open a channel, a journey there and back; see `Transport.open`."""
        self._running()
        self._wires.peer(self.name, peer)
        with trio.fail_after(timeout):
            await trio.sleep(self._wires.journey() + self._wires.journey())
        server = self._wires.peer(self.name, peer)
        timeouts = (timeout, SERVED_TIMEOUT)
        ours, theirs = pair(self.name, peer, timeouts, self._wires.journey)
        server.opened(theirs, purpose)
        self._wires.opened(ours, self.name)
        try:
            yield ours
            await ours.leave()
        finally:
            ours.break_off()
            self._wires.closed(ours, self.name)

    def arriving(self, when: float, sender: PeerName, data: bytes) -> None:
        """Called by the network: a message will be here at time `when`."""
        if len(self._inbox) >= INBOX:
            self.lost += 1
            return
        heapq.heappush(self._inbox, (when, next(self._order), sender, data))
        self._news.set()

    def admits(self, peer: PeerName) -> bool:
        """Called by the network: a new connection, either direction."""
        return self._live is not None and admitted(self._live.admit, peer, PREFIX + peer)

    def opened(self, channel: MemoryChannel, purpose: Purpose) -> None:
        """Called by another host: serve its channel. Raises ConnectionError if we do not now."""
        live = self._running()
        if purpose not in live.serving:
            raise ConnectionError(f"{self.name} does not speak {purpose}")
        serve, slots = live.serving[purpose]
        chosen = any(link.outbound for link in self.links() if link.peer == channel.peer)
        if not slots.take(channel.peer, chosen=chosen):
            raise ConnectionError(f"{self.name} takes no more channels now")
        live.nursery.start_soon(self._serve, serve, slots, channel)

    def _running(self) -> _Live:
        if self._live is None:
            raise NodeError(f"host {self.name} is not running: enter `running(...)` first")
        return self._live

    async def _deliver(self) -> None:
        intake = self._running().intake
        while True:
            now = trio.current_time()
            if not self._inbox or self._inbox[0][0] > now:
                self._news = trio.Event()
                with trio.move_on_at(self._inbox[0][0] if self._inbox else float("inf")):
                    await self._news.wait()
                continue
            _, _, sender, data = heapq.heappop(self._inbox)
            if sender in self.peers() and intake.accepts(sender, data, now):
                self._wires.flood(self.name, data, but=sender)

    async def _serve(self, serve: Serve, slots: Slots, channel: MemoryChannel) -> None:
        try:
            with trio.fail_after(SERVED_SECONDS):
                await serve(channel.peer, channel)
            channel.finish()
        except (ConnectionError, trio.TooSlowError) as error:
            logger.debug("a channel of %s ended: %s", channel.peer, type(error).__name__)
            channel.break_off()
        except Exception as error:  # noqa: BLE001 - one failed channel must not end the host
            logger.warning("serving a channel failed: %s", type(error).__name__)
            channel.break_off()
        finally:
            slots.give_back(channel.peer)
