"""Running daemons on a simulated network, strangers beside them, and a spy on the wire."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import trio

from p2p import daemon
from p2p.acquaintances import Acquaintances
from p2p.memory import MemoryTransport, Network
from p2p.model_shelf import ThreadedShelf
from p2p.options import NodeOptions
from p2p.stats import Stats, Wishes
from p2p.transport import (
    Admit,
    Channel,
    Judge,
    Link,
    PeerName,
    Purpose,
    Serve,
    Transport,
    everybody,
)
from tests.p2p.ledgers import NOW, FakeLedger
from web3rec.records import Signed
from web3rec.types import Verdict

if TYPE_CHECKING:
    from trio_typing import TaskStatus


@dataclass
class Peer:
    """A running daemon with everything around it."""

    ledger: FakeLedger
    transport: Transport
    stats: Stats = field(default_factory=Stats)
    wishes: Wishes = field(default_factory=Wishes)
    shelf: ThreadedShelf | None = None

    def knows(self, records: Sequence[Signed]) -> bool:
        return all(one.id in self.ledger.held for one in records)


def peer(network: Network, name: str, *, level: int = 2) -> Peer:
    return Peer(FakeLedger(name, level=level), network.host(name))


async def start(
    nursery: trio.Nursery,
    one: Peer,
    options: NodeOptions | None = None,
    peers: Acquaintances | None = None,
) -> None:
    """Run a peer's daemon in the nursery."""

    async def run(task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        await daemon.run(
            one.ledger,
            one.transport,
            options or NodeOptions(),
            one.stats,
            rng=np.random.default_rng(1),
            wishes=one.wishes,
            peers=peers,
            shelf=one.shelf,
            clock=lambda: NOW,
            task_status=task_status,
        )

    await nursery.start(run)


@asynccontextmanager
async def together(
    *peers: Peer, sync_interval: float = 60, sync_gap: float = 0
) -> AsyncGenerator[trio.Nursery]:
    """All running; each dials the one before it."""
    async with trio.open_nursery() as nursery:
        for i, one in enumerate(peers):
            before = [f"/memory/{peers[i - 1].transport.name}"] if i else []
            options = NodeOptions(bootstrap=before, sync_interval=sync_interval, sync_gap=sync_gap)
            await start(nursery, one, options)
        yield nursery
        nursery.cancel_scope.cancel()


async def eventually(*, within: float, everyone: Sequence[Peer], know: Sequence[Signed]) -> float:
    """Wait, in virtual seconds, until all peers hold all records; how long it took."""
    start = trio.current_time()
    with trio.fail_after(within):
        while not all(one.knows(know) for one in everyone):  # noqa: ASYNC110 - virtual time
            await trio.sleep(0.1)
    return trio.current_time() - start


def ignore(_peer: PeerName, _data: bytes) -> Verdict:
    return Verdict.IGNORE


async def say_nothing(_peer: PeerName, _channel: Channel) -> None:
    """Serves by finishing at once."""


class NotedChannel:
    """A channel whose frames are noted on their way."""

    def __init__(self, inner: Channel, sent: list[bytes]) -> None:
        self._inner, self._sent = inner, sent

    async def send(self, frame: bytes) -> None:
        self._sent.append(frame)
        await self._inner.send(frame)

    async def receive(self) -> bytes | None:
        return await self._inner.receive()


class Spy:
    """A transport that notes every byte it is handed to send."""

    def __init__(self, inner: MemoryTransport) -> None:
        self.published: list[bytes] = []
        self.answered: list[bytes] = []
        """Frames sent in channels others opened"""
        self.asked: list[bytes] = []
        """Frames sent in channels we opened"""
        self.given: list[bytes] = []
        """The same as `answered`, of models"""
        self.wanted: list[bytes] = []
        """The same as `asked`, of models"""
        self._inner = inner

    @property
    def name(self) -> PeerName:
        return self._inner.name

    @property
    def addresses(self) -> tuple[str, ...]:
        return self._inner.addresses

    @property
    def offences(self) -> dict[PeerName, int]:
        return self._inner.offences

    def running(
        self, judge: Judge, serve: Serve, admit: Admit = everybody, models: Serve | None = None
    ) -> AbstractAsyncContextManager[None]:
        def noting(inner: Serve, sent: list[bytes]) -> Serve:
            async def noted(peer: PeerName, channel: Channel) -> None:
                await inner(peer, NotedChannel(channel, sent))

            return noted

        also = None if models is None else noting(models, self.given)
        return self._inner.running(judge, noting(serve, self.answered), admit, also)

    async def publish(self, data: bytes) -> None:
        self.published.append(data)
        await self._inner.publish(data)

    async def dial(self, address: str) -> PeerName:
        return await self._inner.dial(address)

    async def hang_up(self, peer: PeerName) -> None:
        await self._inner.hang_up(peer)

    def peers(self) -> tuple[PeerName, ...]:
        return self._inner.peers()

    def links(self) -> tuple[Link, ...]:
        return self._inner.links()

    @asynccontextmanager
    async def open(
        self,
        peer: PeerName,
        *,
        timeout: float,  # noqa: ASYNC109
        purpose: Purpose = Purpose.SYNC,
    ) -> AsyncGenerator[Channel]:
        async with self._inner.open(peer, timeout=timeout, purpose=purpose) as channel:
            sent = self.asked if purpose is Purpose.SYNC else self.wanted
            yield NotedChannel(channel, sent)
