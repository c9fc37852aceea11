"""A device's place on the wires: `p2p.transport.Transport` over the simulated router."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import trio

from p2p.errors import NodeError
from p2p.groups import lone
from p2p.intake import Intake, admitted
from p2p.memory_channel import MemoryChannel
from p2p.sim.clockwork import TICKS, Clockwork
from p2p.sim.naming import subnet
from p2p.sim.router import Router, RouterParams
from p2p.sim.rpc import Message, MessageId, Rpc
from p2p.sim.share import Share
from p2p.sim.wires import Wires
from p2p.slots import Slots
from p2p.transport import (
    MAX_MESSAGE,
    SERVED_SECONDS,
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

HEARTBEAT: Final = 1.0
FIRST_HEARTBEAT: Final = 0.1
MAX_CONNECTIONS: Final = 64
"""As in p2p.libp2p_host."""
MAX_PER_SUBNET: Final = 16
"""Inbound links from one IPv4 /24; as in p2p.libp2p_guard."""


@dataclass(frozen=True, slots=True)
class _Live:
    nursery: trio.Nursery
    intake: Intake
    router: Router
    serve: Serve
    admit: Admit
    slots: Slots = field(default_factory=Slots)


class DeviceTransport:
    """One device; implements `Transport` for the daemon and `Host` for the wires."""

    def __init__(
        self,
        wires: Wires,
        clockwork: Clockwork,
        name: str,
        address: str,
        params: RouterParams,
        *,
        number: int,
        connections: int = MAX_CONNECTIONS,
        per_subnet: int = MAX_PER_SUBNET,
        rng: np.random.Generator,
    ) -> None:
        """`number` is this device's alone; `connections`: links it holds at most."""
        self.offences: dict[PeerName, int] = {}
        self.failures: list[str] = []
        """What the daemon's `serve` raised that is no connection's end: findings."""
        self.refused = 0
        """Links turned away, for lack of room or by the daemon."""
        self._name = PeerName(name)
        self.address = address
        self._wires = wires
        self._clockwork = clockwork
        self._params = params
        self._most = connections
        self._per_subnet = per_subnet
        self._rng = rng
        self._next = number << 32
        self._live: _Live | None = None
        self._links: dict[PeerName, Link] = {}
        self._shares: dict[PeerName, Share] = {}
        self._sorted: tuple[PeerName, ...] | None = None
        self._unwanted: set[PeerName] = set()

    @property
    def name(self) -> PeerName:
        return self._name

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address,) if self._live is not None else ()

    @property
    def router(self) -> Router | None:
        """The gossip's state, for who watches; None while not running."""
        return self._live.router if self._live is not None else None

    @asynccontextmanager
    async def running(
        self, judge: Judge, serve: Serve, admit: Admit = everybody, models: Serve | None = None
    ) -> AsyncIterator[None]:
        """Be on the wires; see `Transport.running`. Nobody passes models on here."""
        del models
        intake = Intake(judge, self.offences)
        router = Router(
            self._name,
            self._params,
            lambda peer, rpc: self._wires.carry(self._name, peer, rpc),
            lambda peer, data: intake.accepts(peer, data, trio.current_time()),
            self._rng,
        )
        try:
            async with trio.open_nursery() as nursery:
                self._live = live = _Live(nursery, intake, router, serve, admit)
                self._wires.join(self)
                first = FIRST_HEARTBEAT + HEARTBEAT * float(self._rng.random())
                self._clockwork.after(first, lambda: self._beat(live))
                try:
                    yield
                finally:
                    self._live = None
                    self._wires.leave(self)
                nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise lone(group) from None

    async def publish(self, data: bytes) -> None:
        """Hand a message to the mesh; see `Transport.publish`."""
        if len(data) > MAX_MESSAGE:
            raise ValueError(f"a message must be at most {MAX_MESSAGE} bytes, got {len(data)}")
        live = self._running()
        self._next += 1
        now = trio.current_time()
        live.intake.saw(data, now)
        live.router.published(Message(MessageId(self._next), self._name, data), now)
        await trio.lowlevel.checkpoint()

    async def dial(self, address: str) -> PeerName:
        """Link to who answers there; takes a journey and one back. See `Transport.dial`."""
        if not address.startswith("/ip4/") or address == self.address:
            raise ValueError(f"an address of another host looks like {self.address}: {address!r}")
        self._running()
        await trio.sleep_until(self._clockwork.due(2 * self._wires.params.delay))
        other = self._wires.at(address)
        if other is None:
            raise ConnectionError(f"no answer from {address}")
        self._wires.link(self._name, other)
        return other

    async def hang_up(self, peer: PeerName) -> None:
        """Cut the link, if there is one; see `Transport.hang_up`.

        Several at one moment are cut by name: in which order the daemon's tasks ask may depend on
        how Python hashes texts in this process, and a run must not.
        """
        self._unwanted.add(peer)
        self._clockwork.after(0, self._hang_up)
        while peer in self._unwanted:  # noqa: ASYNC110 - virtual time
            await trio.sleep(1 / TICKS)

    def peers(self) -> tuple[PeerName, ...]:
        """Neighbours, sorted."""
        if self._sorted is None:  # asked for a hundred times between two changes
            self._sorted = tuple(sorted(self._links))
        return self._sorted

    def links(self) -> tuple[Link, ...]:
        """The same, with who dialled."""
        return tuple(self._links[peer] for peer in self.peers())

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
        if purpose is not Purpose.SYNC:
            raise ConnectionError(f"nobody here speaks {purpose}")
        if peer not in self._links:
            raise ConnectionError(f"{self._name} is not connected to {peer}: dial it first")
        with trio.fail_after(timeout):
            await trio.sleep_until(self._clockwork.due(2 * self._wires.journey(self._name, peer)))
        channel = self._wires.open(self._name, peer, timeout)
        try:
            yield Counted(channel, self._wires, self._name)
            await channel.leave()
        finally:
            channel.break_off()
            self._wires.closed(self._name, channel)

    # -- called by the wires --------------------------------------------------------------------

    def admits(self, peer: PeerName, address: str, *, outbound: bool) -> bool:
        live = self._live
        if live is None:
            return False
        room = len(self._links) < self._most and (outbound or self._has_room_for(address))
        if room and admitted(live.admit, peer, address):
            self._links[peer] = Link(peer, outbound, address)
            self._shares[peer] = Share()
            self._sorted = None
            return True
        self.refused += 1
        return False

    def linked(self, peer: PeerName, *, outbound: bool) -> None:
        if self._live is not None:
            self._live.router.joined(peer, outbound=outbound, now=trio.current_time())

    def unlinked(self, peer: PeerName) -> None:
        self._links.pop(peer, None)
        self._shares.pop(peer, None)
        self._sorted = None
        if self._live is not None:
            self._live.router.left(peer)

    def heard(self, peer: PeerName, rpc: Rpc) -> None:
        live, now = self._live, trio.current_time()
        share = self._shares.get(peer)
        if live is None or share is None:
            return
        fair = share.cut(rpc, now)
        if fair is not rpc:
            live.intake.offence(peer, "more than a fair share of control")
        live.router.heard(peer, fair, now)

    def opened(self, channel: MemoryChannel) -> None:
        live = self._running()
        if not live.slots.take(channel.peer):
            raise ConnectionError(f"{self._name} takes no more channels now")
        live.nursery.start_soon(self._serve, live, channel)

    # -- parts ----------------------------------------------------------------------------------

    async def _serve(self, live: _Live, channel: MemoryChannel) -> None:
        try:
            with trio.fail_after(SERVED_SECONDS):
                await live.serve(channel.peer, Counted(channel, self._wires, self._name))
            channel.finish()
        except (ConnectionError, trio.TooSlowError):
            channel.break_off()
        except Exception as error:
            logger.debug("serving a channel failed", exc_info=True)
            self.failures.append(f"{type(error).__name__}: {error}"[:200])
            channel.break_off()
        finally:
            live.slots.give_back(channel.peer)
            self._wires.closed(self._name, channel)

    def _hang_up(self) -> None:
        for peer in sorted(self._unwanted):
            self._wires.cut(self._name, peer)
        self._unwanted.clear()

    def _beat(self, live: _Live) -> None:
        if self._live is live:
            live.router.heartbeat(trio.current_time())
            self._clockwork.after(HEARTBEAT, lambda: self._beat(live))

    def _has_room_for(self, address: str) -> bool:
        near = subnet(address)
        inbound = [x for x in self._links.values() if not x.outbound]
        return sum(subnet(x.address) == near for x in inbound) < self._per_subnet

    def _running(self) -> _Live:
        if self._live is None:
            raise NodeError(f"host {self._name} is not running: enter `running(...)` first")
        return self._live


@dataclass(slots=True)
class Counted:
    """A channel whose frames are counted, take their time on the uplink, and are traced."""

    inner: MemoryChannel
    wires: Wires
    name: PeerName

    async def send(self, frame: bytes) -> None:
        """See `Channel.send`."""
        await self.inner.send(frame)
        wait = self.wires.framed(self.name, self.inner.peer, frame)
        if wait > 1 / TICKS:
            await trio.sleep(wait)

    async def receive(self) -> bytes | None:
        """See `Channel.receive`."""
        return await self.inner.receive()
