"""Hosts in one process that have addresses as on the internet, each in a /24 of its own."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from p2p.memory import Network
from p2p.transport import Admit, Channel, Judge, Link, PeerName, Purpose, Serve, everybody
from tests.p2p.places import origin, peer, public


class Town:
    """Hosts by number."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.numbers: dict[PeerName, int] = {}

    def host(self, n: int) -> "Resident":
        self.numbers[peer(n)] = n
        return Resident(self, n)


class Resident:
    """A host of the memory network behind an address of the book's kind."""

    def __init__(self, town: Town, n: int) -> None:
        self.name = peer(n)
        self.address = public(n, of=n)
        self.dials: list[str] = []
        """What it was asked to dial"""
        self.sent: list[bytes] = []
        """Every byte it was handed to send, in order: messages, frames; but for models"""
        self.models: list[bytes] = []
        """Every frame of models it was handed to send"""
        self._town = town
        self._inner = town.network.host(self.name)

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address,) if self._inner.addresses else ()

    @property
    def offences(self) -> dict[PeerName, int]:
        return self._inner.offences

    def running(
        self, judge: Judge, serve: Serve, admit: Admit = everybody, models: Serve | None = None
    ) -> AbstractAsyncContextManager[None]:
        def asked(name: PeerName, _address: str) -> bool:
            return admit(name, self._seen(name))

        def noting(inner: Serve, sent: list[bytes]) -> Serve:
            async def noted(name: PeerName, channel: Channel) -> None:
                await inner(name, _Noted(channel, sent))

            return noted

        also = None if models is None else noting(models, self.models)
        return self._inner.running(judge, noting(serve, self.sent), asked, also)

    async def publish(self, data: bytes) -> None:
        self.sent.append(data)
        await self._inner.publish(data)

    async def dial(self, address: str) -> PeerName:
        self.dials.append(address)
        if "/p2p/" not in address:
            raise ValueError("an address ends in /p2p/<peer id>")
        name = PeerName(address.rpartition("/")[2])
        if name == self.name:
            raise ValueError("this host's own address")
        if address != public(self._town.numbers.get(name, 0), of=self._town.numbers.get(name, 0)):
            raise ConnectionError("nobody lives there")
        return await self._inner.dial(f"/memory/{name}")

    async def hang_up(self, name: PeerName) -> None:
        await self._inner.hang_up(name)

    def peers(self) -> tuple[PeerName, ...]:
        return self._inner.peers()

    def links(self) -> tuple[Link, ...]:
        return tuple(
            Link(
                one.peer,
                one.outbound,
                self._lives(one.peer) if one.outbound else self._seen(one.peer),
            )
            for one in self._inner.links()
        )

    @asynccontextmanager
    async def open(
        self,
        name: PeerName,
        *,
        timeout: float,  # noqa: ASYNC109
        purpose: Purpose = Purpose.SYNC,
    ) -> AsyncGenerator[Channel]:
        async with self._inner.open(name, timeout=timeout, purpose=purpose) as channel:
            yield _Noted(channel, self.sent if purpose is Purpose.SYNC else self.models)

    def _lives(self, name: PeerName) -> str:
        n = self._town.numbers[name]
        return public(n, of=n)

    def _seen(self, name: PeerName) -> str:
        return origin(self._town.numbers[name], host=1)


class _Noted:
    """A channel whose frames are noted on their way."""

    def __init__(self, inner: Channel, sent: list[bytes]) -> None:
        self._inner, self._sent = inner, sent

    async def send(self, frame: bytes) -> None:
        self._sent.append(frame)
        await self._inner.send(frame)

    async def receive(self) -> bytes | None:
        return await self._inner.receive()
