"""A network inside one process, on trio's clock: for tests, examples and simulation.

Messages take a seeded random time and some are lost; links can be cut. Under trio's MockClock a
minute of traffic takes milliseconds. Streams (`ask`) are delayed, but lose nothing, as over TCP.
"""

import heapq
import itertools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager, nullcontext

import numpy as np
import trio

from p2p.errors import AddressInUse, NodeError
from p2p.groups import lone
from p2p.intake import Intake
from p2p.transport import MAX_FRAME, MAX_MESSAGE, Answer, Judge, PeerName

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

        Broadcast messages on their way and answers under way are lost with it.
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
        self._links: dict[PeerName, set[PeerName]] = {}
        self._sides: dict[PeerName, int] = {}
        self._streams: dict[frozenset[PeerName], set[trio.CancelScope]] = {}

    def join(self, host: "MemoryTransport") -> None:
        if host.name in self._hosts:
            raise AddressInUse(f"{PREFIX}{host.name} is taken: give each host its own name")
        self._hosts[host.name] = host
        self._links[host.name] = set()

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
        if one not in self._hosts or other not in self._hosts or self._apart(one, other):
            raise ConnectionError(f"no answer from {PREFIX}{other}")
        self._links[one].add(other)
        self._links[other].add(one)

    def cut(self, one: PeerName, other: PeerName) -> None:
        self._links.get(one, set()).discard(other)
        self._links.get(other, set()).discard(one)
        for scope in self._streams.pop(frozenset((one, other)), set()):
            scope.cancel()

    def neighbours(self, one: PeerName) -> tuple[PeerName, ...]:
        return tuple(sorted(self._links.get(one, ())))

    def peer(self, one: PeerName, other: PeerName) -> "MemoryTransport":
        if other not in self._links.get(one, ()):
            raise ConnectionError(f"{one} is not connected to {other}: dial it first")
        return self._hosts[other]

    def streams(self, one: PeerName, other: PeerName) -> set[trio.CancelScope]:
        return self._streams.setdefault(frozenset((one, other)), set())

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


class MemoryTransport:
    """One host on a `Network`; implements `p2p.transport.Transport`."""

    def __init__(self, wires: _Wires, name: PeerName) -> None:
        """Called by `Network.host`."""
        self.offences: dict[PeerName, int] = {}
        self.lost = 0
        """Messages that found the inbox full."""
        self._name = name
        self._wires = wires
        self._live: tuple[trio.Nursery, Intake, Answer] | None = None
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
    async def running(self, judge: Judge, answer: Answer) -> AsyncIterator[None]:
        """Be on the network; see `Transport.running`. Raises AddressInUse for a name twice."""
        self._wires.join(self)
        try:
            async with trio.open_nursery() as nursery:
                self._live = (nursery, Intake(judge, self.offences), answer)
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
        _, intake, _ = self._running()
        intake.saw(data, trio.current_time())
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

    @asynccontextmanager
    async def ask(
        self,
        peer: PeerName,
        request: bytes,
        *,
        timeout: float,  # noqa: ASYNC109 - of each wait for a frame, not of the call
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Ask a neighbour; see `Transport.ask`."""
        if not 0 < len(request) <= MAX_FRAME:
            raise ValueError(f"a request must be 1 to {MAX_FRAME} bytes, got {len(request)}")
        replies = _Replies(self._wires, peer, timeout)
        self._wires.peer(self.name, peer).asked(self.name, request, replies)
        try:
            yield replies
        finally:
            replies.stop()

    def arriving(self, when: float, sender: PeerName, data: bytes) -> None:
        """Called by the network: a message will be here at time `when`."""
        if len(self._inbox) >= INBOX:
            self.lost += 1
            return
        heapq.heappush(self._inbox, (when, next(self._order), sender, data))
        self._news.set()

    def asked(self, asker: PeerName, request: bytes, replies: "_Replies") -> None:
        """Called by another host: start to answer a request."""
        nursery, _, answer = self._running()
        nursery.start_soon(self._serve, answer, asker, request, replies)

    def _running(self) -> tuple[trio.Nursery, Intake, Answer]:
        if self._live is None:
            raise NodeError(f"host {self.name} is not running: enter `running(...)` first")
        return self._live

    async def _deliver(self) -> None:
        _, intake, _ = self._running()
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

    async def _serve(
        self, answer: Answer, asker: PeerName, request: bytes, replies: "_Replies"
    ) -> None:
        scopes = self._wires.streams(self.name, asker)
        scopes.add(replies.scope)
        try:
            with replies.scope:
                await trio.sleep(self._wires.journey())
                frames = answer(asker, request)
                async with (
                    aclosing(frames) if isinstance(frames, AsyncGenerator) else nullcontext()
                ):
                    async for frame in frames:
                        await replies.put(frame)
                replies.complete = True
        except Exception as error:  # noqa: BLE001 - one failed answer must not end the host
            logger.warning("answering %s failed: %s", asker, type(error).__name__)
        finally:
            scopes.discard(replies.scope)
            replies.close()


class _Replies:
    """The response frames of one request, as the asker reads them."""

    def __init__(self, wires: _Wires, peer: PeerName, timeout: float) -> None:
        self.complete = False
        self.scope = trio.CancelScope()
        self._wires = wires
        self._peer = peer
        self._timeout = timeout
        self._send, self._receive = trio.open_memory_channel[tuple[float, bytes]](1)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        with trio.fail_after(self._timeout):
            try:
                when, frame = await self._receive.receive()
            except trio.EndOfChannel:
                if self.complete:
                    raise StopAsyncIteration from None
                raise ConnectionError(f"{self._peer} broke off its answer") from None
            await trio.sleep_until(when)
        return frame

    async def put(self, frame: bytes) -> None:
        if not 0 < len(frame) <= MAX_FRAME:
            raise ValueError(f"a frame must be 1 to {MAX_FRAME} bytes, got {len(frame)}")
        await self._send.send((trio.current_time() + self._wires.journey(), frame))

    def close(self) -> None:
        self._send.close()

    def stop(self) -> None:
        self.scope.cancel()
        self._receive.close()
