"""Both transports behind one face, for the tests that hold both to one contract."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import trio

from p2p.memory import Network
from p2p.transport import Answer, PeerName, Transport
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


async def echo(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
    yield b"echo " + request


@dataclass
class Peer:
    """A host with a judge that takes notes and an answer that can be swapped."""

    transport: Transport
    heard: list[tuple[PeerName, bytes]] = field(default_factory=list)
    answering: Answer = echo
    verdict: Callable[[bytes], Verdict] = lambda data: Verdict.ACCEPT

    @property
    def texts(self) -> list[bytes]:
        return [data for _, data in self.heard]

    def judge(self, sender: PeerName, data: bytes) -> Verdict:
        self.heard.append((sender, data))
        return self.verdict(data)

    def answer(self, asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
        return self.answering(asker, request)

    async def ask(self, other: "Peer", request: bytes, seconds: float = 5.0) -> list[bytes]:
        name = other.transport.name
        async with self.transport.ask(name, request, timeout=seconds) as replies:
            return [frame async for frame in replies]

    async def dial(self, other: "Peer") -> None:
        assert await self.transport.dial(other.transport.addresses[0]) == other.transport.name

    def count(self, data: bytes) -> int:
        return self.texts.count(data)


@asynccontextmanager
async def gathering(make: MakeHost, n: int) -> AsyncIterator[list[Peer]]:
    """Hosts 0..n-1, running, not connected."""
    peers = [Peer(make(i)) for i in range(n)]
    async with AsyncExitStack() as stack:
        for peer in peers:
            await stack.enter_async_context(peer.transport.running(peer.judge, peer.answer))
        yield peers


async def eventually(condition: Callable[[], object], seconds: float = 8.0) -> None:
    """Wait until something is so; trio.TooSlowError if it does not come to pass."""
    with trio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110 - what happens inside libp2p sets no event
            await trio.sleep(0.02)
