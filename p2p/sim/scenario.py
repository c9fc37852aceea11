"""What is to be played: one TOML file, every key with a unit, a range and a reason.

A file has top-level keys of `Scenario` and a table for each of its parts; `[[partition]]` may be
repeated. An unknown key is an error.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar

from p2p.errors import NodeError
from p2p.fields import from_toml, settings_of
from p2p.sim.behaviours import NAMES
from p2p.sim.router import ROUTERS
from p2p.sim.wires import WireParams

T = TypeVar("T")

TOPOLOGIES: Final = ("random", "ring", "bootstrap")
SYNCS: Final = ("refuse", "silent", "garbage", "poison")
MAX_DEVICES: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """The honest devices."""

    count: int = 20
    """How many; 2 to 5000."""
    degree: int = 4
    """Addresses each is given to stay connected to; >= 1."""
    topology: str = "random"
    """Which ones: "random" others, the next in a "ring", or the same first ones ("bootstrap")."""
    outbound: int = 8
    """Peers each dials by itself besides, from its book; >= 0. NodeOptions.outbound."""
    connections: int = 64
    """Links each holds at most; as in p2p.libp2p_host."""
    per_subnet: int = 16
    """Inbound links from one /24 at most; as in p2p.libp2p_guard."""
    join_over: float = 1.0
    """They start one after another, within so many seconds; >= 0."""
    listeners: float = 0.0
    """Share of them at privacy level 0: they hear and say nothing; in [0, 1]."""
    victims: int = 5
    """How many of them are watched, and singled out by behaviours that single out; >= 0."""
    sync_interval: float = 60.0
    """Seconds between two syncs with a neighbour in the long run; NodeOptions.sync_interval."""
    router: str = "ours"
    """"ours": gossipsub as py-libp2p and we do it; "library": as py-libp2p does it by itself;
    "spec": as the specification asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sybils:
    """The strangers."""

    count: int = 0
    """How many; 0 to 5000."""
    behaviour: str = "degrade"
    """One of p2p.sim.behaviours.NAMES."""
    targets: str = "everyone"
    """Whom they connect to: "everyone" (each to some of all) or "victims" (each to all of them)."""
    connections: int = 10
    """Devices each Sybil connects to, if it may; >= 1."""
    join: float = 0.0
    """When they come, seconds."""
    attack: float = 0.0
    """Until then they behave, seconds."""
    drop: float = 1.0
    """Share of messages that `degrade` drops; in [0, 1]."""
    rate: int = 1
    """Calls a second to each neighbour, of the floods; >= 1."""
    redial: float = 10.0
    """Seconds until a refused or lost connection is tried again; > 0."""
    subnets: int = 0
    """The /24s they dial from; 0: one each, the dearest and worst case."""
    sync: str = "silent"
    """What a device hears that wants to sync with one: nothing ("silent"), no ("refuse"),
    random frames ("garbage"), or, in a proper session, where more Sybils are ("poison")."""
    whitewash: bool = False
    """Take a new name when nobody takes the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """What honest devices have to say."""

    rate: float = 1.0
    """Records a second, all devices together; > 0."""
    warm_up: float = 30.0
    """Nothing is said before, seconds."""
    tail: float = 10.0
    """Nothing is said in the last so many seconds, so that the last has time to arrive."""
    burst: int = 1
    """Records a device says at once; >= 1."""
    retract: float = 0.02
    """Share of records that take an earlier one back; in [0, 1]."""
    by: str = "everyone"
    """Who speaks: "everyone", or "victims" every second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong without anybody's ill will; lossy wires stand in [wires]."""

    churn: float = 0.0
    """A device leaves about every so many seconds; 0: never."""
    down: float = 20.0
    """And is away for so long, seconds."""
    stop: float = math.inf
    """From then on nothing is lost, cut or away, and Sybils are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A time in which some devices are cut off from the rest."""

    begin: float = 0.0
    end: float = 0.0
    share: float = 0.5
    """Share of devices on the other side; in (0, 1). Sybils stay with the first side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What must come out, else the run has failed."""

    delivery: float = 0.0
    """Delivery ratio within `beats` heartbeats at least; in [0, 1]; 0: only measured."""
    beats: float = 5.0
    """Heartbeats, that is seconds."""
    converge: float = 0.0
    """After the faults stopped, all must hold the same within so many seconds; 0: not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One play."""

    name: str = "unnamed"
    about: str = ""
    seconds: float = 120.0
    """How long it lasts, in virtual time; > 0. With a `goal.converge` as much longer as needed."""
    peers: Peers = field(default_factory=Peers)
    sybils: Sybils = field(default_factory=Sybils)
    wires: WireParams = field(default_factory=WireParams)
    publishing: Publishing = field(default_factory=Publishing)
    faults: Faults = field(default_factory=Faults)
    goal: Goal = field(default_factory=Goal)
    partitions: tuple[Partition, ...] = ()

    def __post_init__(self) -> None:
        for where, wrong in _wrong(self):
            raise NodeError(f"{where} must be {wrong}")


def _wrong(s: Scenario) -> list[tuple[str, str]]:
    """Every field out of range, with what it must be."""
    peers, sybils, publishing = s.peers, s.sybils, s.publishing
    choices = (
        ("peers.topology", peers.topology, TOPOLOGIES),
        ("peers.router", peers.router, tuple(ROUTERS)),
        ("sybils.behaviour", sybils.behaviour, NAMES),
        ("sybils.targets", sybils.targets, ("everyone", "victims")),
        ("sybils.sync", sybils.sync, SYNCS),
        ("publishing.by", publishing.by, ("everyone", "victims")),
    )
    ranges: tuple[tuple[str, float, float, float], ...] = (
        ("seconds", s.seconds, 1, 86_400),
        ("peers.count", peers.count, 2, MAX_DEVICES),
        ("peers.degree", peers.degree, 1, 1_000),
        ("peers.outbound", peers.outbound, 0, 1_000),
        ("peers.connections", peers.connections, 1, 10_000),
        ("peers.per_subnet", peers.per_subnet, 1, 10_000),
        ("peers.join_over", peers.join_over, 0, 86_400),
        ("peers.listeners", peers.listeners, 0, 1),
        ("peers.victims", peers.victims, 0, peers.count),
        ("peers.sync_interval", peers.sync_interval, 0.1, 86_400),
        ("sybils.count", sybils.count, 0, MAX_DEVICES),
        ("sybils.connections", sybils.connections, 1, MAX_DEVICES),
        ("sybils.join", sybils.join, 0, 86_400),
        ("sybils.attack", sybils.attack, 0, 86_400),
        ("sybils.drop", sybils.drop, 0, 1),
        ("sybils.rate", sybils.rate, 1, 1_000),
        ("sybils.redial", sybils.redial, 0.1, 86_400),
        ("sybils.subnets", sybils.subnets, 0, 65_536),
        ("wires.delay", s.wires.delay, 0, 60),
        ("wires.jitter", s.wires.jitter, 0, 1),
        ("wires.loss", s.wires.loss, 0, 1),
        ("wires.uplink", s.wires.uplink, 1_000, 1e12),
        ("publishing.rate", publishing.rate, 1e-6, 10_000),
        ("publishing.warm_up", publishing.warm_up, 0, 86_400),
        ("publishing.tail", publishing.tail, 0, 86_400),
        ("publishing.burst", publishing.burst, 1, 1_000),
        ("publishing.retract", publishing.retract, 0, 1),
        ("faults.churn", s.faults.churn, 0, 86_400),
        ("faults.down", s.faults.down, 0.1, 86_400),
        ("faults.stop", s.faults.stop, 0, math.inf),
        ("goal.delivery", s.goal.delivery, 0, 1),
        ("goal.beats", s.goal.beats, 0.1, 3_600),
        ("goal.converge", s.goal.converge, 0, 86_400),
    )
    wrong = [
        (name, f"one of {', '.join(allowed)}; got {value!r}")
        for name, value, allowed in choices
        if value not in allowed
    ]
    wrong += [
        (name, f"{low:g} to {high:g}, got {value!r}")
        for name, value, low, high in ranges
        if not low <= value <= high
    ]
    wrong += [
        ("partition", f"begin < end and 0 < share < 1, got {p}")
        for p in s.partitions
        if not (p.begin < p.end and 0 < p.share < 1)
    ]
    return wrong


_TABLES: Final = {
    "peers": Peers,
    "sybils": Sybils,
    "wires": WireParams,
    "publishing": Publishing,
    "faults": Faults,
    "goal": Goal,
}
_TOP: Final = ("name", "about", "seconds")


def named() -> dict[str, Path]:
    """The scenarios that come with the package, by name."""
    folder = Path(str(files("p2p.sim") / "scenarios"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read(wanted: str) -> Scenario:
    """A scenario by its name, or from a TOML file.

    Raises NodeError: no such scenario, not TOML, an unknown key, a value out of range.
    """
    path = named().get(wanted, Path(wanted))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise NodeError(
            f"{wanted!r} is neither a file nor a scenario; there are: {', '.join(named())}"
        ) from None
    except UnicodeDecodeError as error:
        raise NodeError(f"{path} is not UTF-8 text (byte {error.start})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NodeError(f"{path} is not TOML: {error}") from None
    return parsed(document, path.stem)


def parsed(document: Mapping[str, Any], name: str) -> Scenario:
    """A scenario from what a TOML file says. Raises NodeError."""
    values: dict[str, Any] = {"name": name}
    kinds = {f.name: f for f in fields(Scenario)}
    for key, value in document.items():
        if key in _TABLES:
            values[key] = _table(_TABLES[key], value, key)
        elif key == "partition":
            if not isinstance(value, list):
                raise NodeError("partition must be a list of tables: [[partition]]")
            values["partitions"] = tuple(_table(Partition, one, key) for one in value)
        elif key in _TOP and key in kinds:
            wanted = float if key == "seconds" else str
            if not isinstance(value, (int, float) if wanted is float else str):
                raise NodeError(f"{key} must be {wanted.__name__}, got {value!r:.80}")
            values[key] = wanted(value)
        else:
            allowed = ", ".join((*_TOP, *_TABLES, "partition"))
            raise NodeError(f"{name}: unknown key {key!r}; allowed: {allowed}")
    return Scenario(**values)


def _table(kind: type[T], content: object, where: str) -> T:
    if not isinstance(content, dict):
        raise NodeError(f"{where} must be a table: [{where}]")
    settings = settings_of(kind)
    for key in content:
        if key not in settings:
            allowed = ", ".join(settings)
            raise NodeError(f"unknown key {key!r} in [{where}]; allowed: {allowed}")
    return kind(**{k: from_toml(settings[k], v, f"{where}.{k}") for k, v in content.items()})


def routed(scenario: Scenario, router: str) -> Scenario:
    """The same scenario with another gossip router, one of `router.ROUTERS`."""
    return replace(scenario, peers=replace(scenario.peers, router=router))
