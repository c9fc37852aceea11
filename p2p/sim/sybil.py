"""A stranger on the wires: no task, no daemon, a script; hundreds of them cost little.

Every Sybil speaks gossipsub well enough to get into meshes: it dials its targets, grafts them,
grafts again when a back-off is over, dials again when it is hung up on. What makes it bad is its
behaviour (`p2p.sim.behaviours`), asked when a message is to be passed on and at each heartbeat.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import trio

from p2p.holdings import Holdings
from p2p.memory_channel import MemoryChannel
from p2p.sessions import host
from p2p.sim.clockwork import Clockwork
from p2p.sim.naming import stranger_address, stranger_name
from p2p.sim.rpc import Message, MessageId, Rpc
from p2p.sim.wires import Wires
from p2p.transport import PeerName

if TYPE_CHECKING:
    from p2p.sim.behaviours import Behaviour

NOBODY: Final = PeerName("")
BACKOFF: Final = 60.0
MEMORY: Final = 8_192
"""Messages the Sybils remember together."""
TOLD: Final = 32
"""Addresses told in one session."""
MAX_GARBLED: Final = 2_048
"""Bytes of a made-up frame at most."""


@dataclass(slots=True)
class Den:
    """What all Sybils of a run share: plan, memory, purse."""

    wires: Wires
    clockwork: Clockwork
    behaviour: "Behaviour"
    targets: Sequence[str]
    """Addresses they connect to."""
    victims: frozenset[PeerName]
    connections: int
    """Targets each connects to at most."""
    attack_at: float
    """Until then they do as honest peers do; seconds."""
    redial: float
    """Seconds until a lost or refused connection is tried again."""
    sync: str
    """What a device hears that opens a channel; see `Sybils.sync` in p2p.sim.scenario."""
    whitewash: bool
    """Take a new name and address when refused."""
    nursery: trio.Nursery
    rng: np.random.Generator
    names: int = 0
    """Names used so far, by all of them together."""
    cache: dict[MessageId, Message] = field(default_factory=dict)
    """Messages lately heard by any of them."""
    roster: dict[str, None] = field(default_factory=dict)
    """Addresses of all of them, to be told to devices."""
    refused: int = 0
    stopped: bool = False

    @property
    def attacking(self) -> bool:
        return self.clockwork.now >= self.attack_at

    def heard(self, message: Message) -> None:
        """Remember a message for all."""
        if message.id not in self.cache:
            self.cache[message.id] = message
            if len(self.cache) > MEMORY:
                del self.cache[next(iter(self.cache))]


class Nothing:
    """The records of somebody who has none; `p2p.sessions.Ledger`."""

    level = 1

    async def holdings(self) -> Holdings:
        """None."""
        return Holdings.of(frozenset())

    async def envelopes(self, _ids: Sequence[bytes], /) -> tuple[bytes, ...]:
        """None."""
        return ()


async def _drop(_envelopes: tuple[bytes, ...]) -> int | None:
    return 0


class Sybil:
    """One stranger; implements `p2p.sim.wires.Host`."""

    def __init__(self, den: Den, number: int, subnet: int) -> None:
        """`subnet`: the number of the /24 it dials from."""
        self.peers: dict[PeerName, bool] = {}
        """Linked now -> do we think it has us in its mesh."""
        self.den = den
        self._number = number
        self._subnet = subnet
        self._targets: list[str] = []
        self._backoff: dict[PeerName, float] = {}
        self._seen: dict[MessageId, None] = {}
        self._rename()

    @property
    def name(self) -> PeerName:
        return self._name

    @property
    def address(self) -> str:
        return self._address

    # -- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Be on the wires, dial, beat."""
        den = self.den
        order = den.rng.permutation(len(den.targets))[: den.connections]
        self._targets = [den.targets[i] for i in order]
        den.wires.join(self)
        den.roster[self._address] = None
        for address in self._targets:
            self._dial_after(float(den.rng.random()), address)
        den.clockwork.after(float(den.rng.random()), self._beat)

    def stop(self) -> None:
        """Be gone for good."""
        self.den.wires.leave(self)

    def send(self, peer: PeerName, rpc: Rpc) -> None:
        """Say something to a neighbour."""
        self.den.wires.carry(self._name, peer, rpc)

    # -- called by the wires --------------------------------------------------------------------

    def admits(self, peer: PeerName, address: str, *, outbound: bool) -> bool:  # noqa: ARG002 - Host
        return not self.den.stopped

    def linked(self, peer: PeerName, *, outbound: bool) -> None:  # noqa: ARG002 - Host
        self.peers[peer] = True
        self.send(peer, Rpc(graft=True))

    def unlinked(self, peer: PeerName) -> None:
        self.peers.pop(peer, None)
        address = next((a for a in self._targets if a.endswith(f"/{peer}")), None)
        if address is not None and not self.den.stopped:
            self._dial_after(self.den.redial, address)

    def heard(self, peer: PeerName, rpc: Rpc) -> None:
        if peer in self.peers:
            for message in rpc.messages:
                if message.id not in self._seen:
                    self._pass_on(peer, message)
            self._control(peer, rpc)

    def opened(self, channel: MemoryChannel) -> None:
        if self.den.sync == "refuse":
            raise ConnectionError(f"{self._name} takes no channels")
        if self.den.sync == "garbage":
            self.den.nursery.start_soon(self._garble, channel)
        if self.den.sync == "poison":
            self.den.nursery.start_soon(self._poison, channel)

    # -- parts ----------------------------------------------------------------------------------

    def _pass_on(self, peer: PeerName, message: Message) -> None:
        den = self.den
        den.heard(message)
        self._seen[message.id] = None
        if len(self._seen) > MEMORY:
            del self._seen[next(iter(self._seen))]
        if den.behaviour.passes(den, message):
            rpc = Rpc(messages=(message,))
            for other, meshed in self.peers.items():
                if meshed and other not in (peer, message.source):
                    self.send(other, rpc)

    def _control(self, peer: PeerName, rpc: Rpc) -> None:
        den, behaviour = self.den, self.den.behaviour
        if rpc.ihave and behaviour.curious(den):
            wanted = tuple(i for i in rpc.ihave if i not in self._seen)
            if wanted:
                self.send(peer, Rpc(iwant=wanted))
        if rpc.iwant:
            held = (den.cache.get(i) for i in rpc.iwant)
            given = tuple(m for m in held if m is not None and behaviour.passes(den, m))
            if given:
                self.send(peer, Rpc(messages=given))
        if rpc.graft:
            self.peers[peer] = True
        if rpc.prune:
            self.peers[peer] = False
            self._backoff[peer] = den.clockwork.now + BACKOFF

    def _beat(self) -> None:
        den = self.den
        if den.stopped:
            return
        now = den.clockwork.now
        for peer, meshed in self.peers.items():
            if not meshed and self._backoff.get(peer, 0.0) <= now:
                self.peers[peer] = True
                self.send(peer, Rpc(graft=True))
        den.behaviour.beats(self)
        den.clockwork.after(1.0, self._beat)

    def _dial_after(self, seconds: float, address: str) -> None:
        self.den.clockwork.after(seconds, lambda: self._dial(address))

    def _dial(self, address: str) -> None:
        den = self.den
        other = den.wires.at(address)
        if den.stopped or other in self.peers:
            return
        try:
            den.wires.link(self._name, other or NOBODY)
        except ConnectionError:
            den.refused += other is not None
            if den.whitewash and not self.peers:
                den.wires.leave(self)
                del den.roster[self._address]
                self._rename()
                den.wires.join(self)
                den.roster[self._address] = None
            self._dial_after(den.redial, address)

    def _rename(self) -> None:
        self.den.names += 1
        self._name = stranger_name(self.den.names)
        self._address = stranger_address(self._subnet, self._number, self.den.names, self._name)

    async def _poison(self, channel: MemoryChannel) -> None:
        """A proper session of somebody who has nothing but addresses of its kind."""
        rng, roster = self.den.rng, list(self.den.roster)
        told = [roster[i] for i in rng.permutation(len(roster))[:TOLD]]
        try:
            await host(channel, Nothing(), _drop, salt=rng.bytes(16), addresses=told)
            channel.finish()
        except (ConnectionError, trio.TooSlowError):
            channel.break_off()

    async def _garble(self, channel: MemoryChannel) -> None:
        rng = self.den.rng
        try:
            for _ in range(3):
                await channel.receive()
                await channel.send(rng.bytes(1 + int(rng.integers(MAX_GARBLED))))
            channel.finish()
        except (ConnectionError, trio.TooSlowError):
            channel.break_off()
