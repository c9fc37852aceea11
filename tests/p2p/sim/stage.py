"""A few hosts on simulated wires, by hand: for tests of what strangers and routers do."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import trio
import trio.testing

from p2p.memory_channel import MemoryChannel
from p2p.sim.behaviours import Behaviour
from p2p.sim.clockwork import Clockwork
from p2p.sim.naming import device_address, device_name
from p2p.sim.rpc import Message, MessageId, Rpc
from p2p.sim.sybil import Den, Sybil
from p2p.sim.trace import Trace
from p2p.sim.wires import WireParams, Wires
from p2p.transport import PeerName


def message(number: int, source: PeerName, data: bytes = b"news") -> Message:
    return Message(MessageId(number), source, data)


@dataclass
class Ear:
    """A host that notes what it hears, and lets everybody in unless told otherwise."""

    number: int
    wires: Wires
    heard_rpcs: list[tuple[float, PeerName, Rpc]] = field(default_factory=list)
    peers: dict[PeerName, bool] = field(default_factory=dict)
    open: bool = True

    @property
    def name(self) -> PeerName:
        return device_name(self.number)

    @property
    def address(self) -> str:
        return device_address(self.number)

    def admits(self, peer: PeerName, address: str, *, outbound: bool) -> bool:
        return self.open

    def linked(self, peer: PeerName, *, outbound: bool) -> None:
        self.peers[peer] = outbound

    def unlinked(self, peer: PeerName) -> None:
        self.peers.pop(peer, None)

    def heard(self, peer: PeerName, rpc: Rpc) -> None:
        self.heard_rpcs.append((trio.current_time(), peer, rpc))

    def opened(self, channel: MemoryChannel) -> None:
        raise ConnectionError("no channels here")

    def say(self, rpc: Rpc) -> None:
        for peer in self.peers:
            self.wires.carry(self.name, peer, rpc)

    @property
    def messages(self) -> list[Message]:
        return [m for _, _, rpc in self.heard_rpcs for m in rpc.messages]

    def grafts(self, since: float = 0.0) -> list[float]:
        return [at for at, _, rpc in self.heard_rpcs if rpc.graft and at >= since]


@dataclass
class Stage:
    wires: Wires
    clockwork: Clockwork
    nursery: trio.Nursery

    def ears(self, count: int) -> list[Ear]:
        ears = [Ear(i, self.wires) for i in range(count)]
        for ear in ears:
            self.wires.join(ear)
        return ears

    def sybils(
        self,
        behaviour: Behaviour,
        targets: Sequence[Ear],
        count: int = 1,
        *,
        attack: float = 0.0,
        sync: str = "silent",
        whitewash: bool = False,
        victims: Sequence[Ear] = (),
    ) -> list[Sybil]:
        den = Den(
            wires=self.wires,
            clockwork=self.clockwork,
            behaviour=behaviour,
            targets=[ear.address for ear in targets],
            victims=frozenset(ear.name for ear in victims),
            connections=len(targets),
            attack_at=attack,
            redial=10.0,
            sync=sync,
            whitewash=whitewash,
            nursery=self.nursery,
            rng=np.random.default_rng(3),
        )
        made = [Sybil(den, i, i) for i in range(count)]
        for one in made:
            one.start()
        return made


@asynccontextmanager
async def stage(params: WireParams | None = None, seed: int = 1) -> AsyncIterator[Stage]:
    clockwork = Clockwork()
    rng = np.random.default_rng(seed)
    wires = Wires(params or WireParams(), clockwork, Trace(), rng)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clockwork.turn)
        await trio.testing.wait_all_tasks_blocked()
        yield Stage(wires, clockwork, nursery)
        nursery.cancel_scope.cancel()
