"""Who plays: honest devices with their contacts, and strangers with their plan; all from a seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
import trio

from p2p.acquaintances import Acquaintances
from p2p.addresses import address, whereabouts
from p2p.options import NodeOptions
from p2p.sim.authors import BEGIN, Author, rubbish
from p2p.sim.behaviours import behaviour_of
from p2p.sim.clockwork import Clockwork
from p2p.sim.device import DeviceTransport
from p2p.sim.ledger import SimLedger
from p2p.sim.naming import device_address, device_name
from p2p.sim.notary import Notary
from p2p.sim.router import ROUTERS
from p2p.sim.scenario import Peers, Scenario
from p2p.sim.sybil import Den
from p2p.sim.wires import Wires
from p2p.stats import Stats, Wishes
from p2p.transport import PeerName
from web3rec.records import Signed
from web3rec.types import Millis

RUBBISH: Final = 400
"""Distinct messages of the invalid flood."""

_address = lru_cache(maxsize=65_536)(address)
_whereabouts = lru_cache(maxsize=65_536)(whereabouts)
"""Reading the same addresses over and over, on all devices, is a tenth of a run."""

Told = Callable[[PeerName, Signed], None]


@dataclass(slots=True)
class Device:
    """One honest device: what its daemon runs on, and its owner's key."""

    author: Author
    ledger: SimLedger
    transport: DeviceTransport
    options: NodeOptions
    rng: np.random.Generator
    """The daemon's own."""
    stats: Stats = field(default_factory=Stats)
    wishes: Wishes = field(default_factory=Wishes)
    known: Acquaintances | None = None
    """What it knows of peers; outlives its absences as it would a restart of the program."""
    left: float = 0.0
    """When it was last on the network."""
    up: trio.CancelScope | None = None
    """Ends its daemon; None while it is away."""
    failed: bool = False

    @property
    def name(self) -> PeerName:
        return self.transport.name

    def acquaintances(self, now: float) -> Acquaintances:
        """Whom it knows as it starts: what it wrote down when it left, read again."""
        before, self.known = (
            self.known,
            Acquaintances(
                self.ledger.judge, self.name, self.options, read=_address, where=_whereabouts
            ),
        )
        if before is not None:
            self.known.restore(*before.rows(self.left), now, away=now - self.left)
        return self.known


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """One for each purpose, so that a change in one part does not shift the others."""
    return np.random.default_rng([seed, *" ".join(map(str, purpose)).encode()])


def clock() -> Millis:
    """Every device's: right, and virtual."""
    return Millis(BEGIN + round(trio.current_time() * 1_000))


def devices(
    scenario: Scenario,
    seed: int,
    notary: Notary,
    wires: Wires,
    clockwork: Clockwork,
    on_held: Told,
    on_said: Told,
) -> list[Device]:
    """All honest devices, none of them running yet.

    `on_held` hears of each record a device keeps from others, `on_said` of each it releases.
    """
    peers = scenario.peers
    authors = [Author(seed, f"device {i}") for i in range(peers.count)]
    trusted = frozenset(author.peer for author in authors)
    addresses = [device_address(i) for i in range(peers.count)]
    draw = generator(seed, "topology")
    listening = draw.random(peers.count) < peers.listeners
    made = []
    for i in range(peers.count):
        name = device_name(i)
        ledger = SimLedger(
            notary,
            clock,
            trusted.__contains__,
            on_held=lambda signed, name=name: on_held(name, signed),  # type: ignore[misc]
            on_said=lambda signed, name=name: on_said(name, signed),  # type: ignore[misc]
            level=0 if listening[i] else 2,
        )
        transport = DeviceTransport(
            wires,
            clockwork,
            name,
            addresses[i],
            ROUTERS[peers.router],
            number=i + 1,
            connections=peers.connections,
            per_subnet=peers.per_subnet,
            rng=generator(seed, "transport", i),
        )
        options = NodeOptions(
            listen=[addresses[i]],
            bootstrap=[addresses[k] for k in _contacts(i, peers, draw)],
            outbound=peers.outbound,
            sync_interval=peers.sync_interval,
        )
        made.append(Device(authors[i], ledger, transport, options, generator(seed, "daemon", i)))
    return made


def victims_of(cast: Sequence[Device], count: int, seed: int) -> tuple[PeerName, ...]:
    """Who is singled out: any that speak."""
    speakers = [d.name for d in cast if d.ledger.level > 0]
    order = generator(seed, "victims").permutation(len(speakers))
    return tuple(speakers[i] for i in sorted(order[:count]))


def den_of(
    scenario: Scenario,
    seed: int,
    cast: Sequence[Device],
    victims: Sequence[PeerName],
    wires: Wires,
    clockwork: Clockwork,
    nursery: trio.Nursery,
) -> Den:
    """The strangers' plan."""
    s, rng = scenario.sybils, generator(seed, "sybils")
    only = s.targets == "victims"
    flood = s.behaviour == "invalid-flood"
    messages = rubbish(seed, RUBBISH, rng) if flood else ()
    return Den(
        wires=wires,
        clockwork=clockwork,
        behaviour=behaviour_of(s.behaviour, drop=s.drop, rate=s.rate, messages=messages),
        targets=[d.transport.address for d in cast if not only or d.name in victims],
        victims=frozenset(victims),
        connections=s.connections,
        attack_at=s.attack,
        redial=s.redial,
        sync=s.sync,
        whitewash=s.whitewash,
        nursery=nursery,
        rng=rng,
    )


def _contacts(i: int, peers: Peers, draw: np.random.Generator) -> list[int]:
    """Which others a device is told of."""
    n = peers.count
    match peers.topology:
        case "ring":
            return [(i + k) % n for k in range(1, min(peers.degree, n - 1) + 1)]
        case "bootstrap":
            return [k for k in range(min(peers.degree, n)) if k != i]
        case _:
            others = draw.permutation(n - 1)[: peers.degree]
            return [int(k) + (int(k) >= i) for k in others]
