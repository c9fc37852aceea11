"""Both transports behind one face, for the tests that hold both to one contract."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import trio

from p2p.memory import Network
from p2p.transport import Admit, Channel, PeerName, Serve, Transport, everybody
from web3rec.types import Verdict

TOPIC = "test/1"

MakeHost = Callable[[int], Transport]


def memory_hosts(*, delay: float = 0.05, loss: float = 0.0) -> MakeHost:
    network = Network(np.random.default_rng(20260101), delay=delay, loss=loss)
    return lambda n: network.host(f"host-{n}")


def libp2p_hosts() -> MakeHost:
    from p2p.libp2p_host import Libp2pTransport  # noqa: PLC0415 - a second to import

    return lambda n: Libp2pTransport(
        bytes([n + 1]) * 32, listen=["/ip4/127.0.0.1/tcp/0"], topic=TOPIC
    )


async def echo(_opener: PeerName, channel: Channel) -> None:
    while (frame := await channel.receive()) is not None:
        await channel.send(b"echo " + frame)


@dataclass
class Peer:
    """A host with a judge that takes notes; what it serves and whom it admits can be swapped."""

    transport: Transport
    heard: list[tuple[PeerName, bytes]] = field(default_factory=list)
    serving: Serve = echo
    verdict: Callable[[bytes], Verdict] = lambda data: Verdict.ACCEPT
    admitting: Admit = everybody
    giving: Serve | None = None
    """What it serves of models; set before it runs, it may be swapped."""

    @property
    def texts(self) -> list[bytes]:
        return [data for _, data in self.heard]

    def judge(self, sender: PeerName, data: bytes) -> Verdict:
        self.heard.append((sender, data))
        return self.verdict(data)

    async def serve(self, opener: PeerName, channel: Channel) -> None:
        await self.serving(opener, channel)

    async def give(self, opener: PeerName, channel: Channel) -> None:
        assert self.giving is not None
        await self.giving(opener, channel)

    def admit(self, peer: PeerName, address: str) -> bool:
        return self.admitting(peer, address)

    def running(self) -> AbstractAsyncContextManager[None]:
        models = None if self.giving is None else self.give
        return self.transport.running(self.judge, self.serve, self.admit, models)

    def open(self, other: "Peer", seconds: float = 5.0) -> AbstractAsyncContextManager[Channel]:
        return self.transport.open(other.transport.name, timeout=seconds)

    async def ask(self, other: "Peer", *frames: bytes, seconds: float = 5.0) -> list[bytes]:
        """Send frames and read one for each."""
        replies = []
        async with self.open(other, seconds) as channel:
            for frame in frames:
                await channel.send(frame)
                reply = await channel.receive()
                assert reply is not None
                replies.append(reply)
        return replies

    async def listen(self, other: "Peer", seconds: float = 5.0) -> list[bytes]:
        """Open a channel and read it to its end."""
        frames = []
        async with self.open(other, seconds) as channel:
            while (frame := await channel.receive()) is not None:
                frames.append(frame)
        return frames

    async def dial(self, other: "Peer") -> None:
        assert await self.transport.dial(other.transport.addresses[0]) == other.transport.name

    def count(self, data: bytes) -> int:
        return self.texts.count(data)


@asynccontextmanager
async def gathering(
    make: MakeHost, n: int, *, giving: Serve | None = None
) -> AsyncIterator[list[Peer]]:
    """Hosts 0..n-1, running, not connected; `giving`: what they serve of models."""
    peers = [Peer(make(i), giving=giving) for i in range(n)]
    async with AsyncExitStack() as stack:
        for peer in peers:
            await stack.enter_async_context(peer.running())
        yield peers


async def eventually(condition: Callable[[], object], seconds: float = 8.0) -> None:
    """Wait until something is so; trio.TooSlowError if it does not come to pass."""
    with trio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110 - what happens inside libp2p sets no event
            await trio.sleep(0.02)
