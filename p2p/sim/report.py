"""What a run showed: delivery among honest devices, latency, what each victim got, bytes."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from p2p.sim.deliveries import Deliveries
from p2p.sim.naming import short
from p2p.sim.played import Played
from p2p.transport import PeerName
from web3rec.types import RecordId

BIN: Final = 5.0
"""Seconds of a bar in the picture of delivery over time."""
MOST: Final = np.finfo(np.float64).max
"""Later than anything that came at all."""
EVENTUAL: Final = 30.0
"""Seconds after which a record that is still missing is called missing."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What was said in some seconds, and how much of it arrived."""

    begin: float
    said: int
    soon: float
    """Share of (record, device) pairs within one heartbeat; nan without any."""
    in_time: float
    """Within the goal's heartbeats."""
    by_now: float
    """Share by the end of the run."""


@dataclass(frozen=True, slots=True)
class Received:
    """What one device got of what the others said while it was there."""

    device: str
    """Short for its name."""
    victim: bool
    expected: int
    in_time: float
    """Share within the goal's heartbeats."""
    by_now: float
    p50: float
    """Seconds; inf if half never came."""
    p99: float
    heard: float
    """Of what it said itself: share of (record, other device) pairs in time; nan if nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the table, the JSON and the picture show."""

    scenario: str
    behaviour: str
    seed: int
    devices: int
    sybils: int
    ratio: float
    """Sybil links per honest link, of the devices that Sybils connect to."""
    records: int
    pairs: int
    """(Record, honest device) pairs that should have been."""
    delivery: float
    """Share of them within the goal's heartbeats."""
    eventual: float
    """Share by the end of the run, of those with EVENTUAL seconds to come and never taken back."""
    p50: float
    """Seconds from leaving the author's log to being kept; of what came."""
    p99: float
    worst: float
    converged: float
    """Seconds after the faults stopped; inf if not, nan if not asked."""
    victims: tuple[Received, ...]
    worst_off: tuple[Received, ...]
    """The five devices with the least in time."""
    over_time: tuple[Bin, ...]
    honest_bytes: int
    sybil_bytes: int
    rpcs: int
    lost: int
    overrun: int
    refused: int
    """Connections of Sybils turned away."""
    syncs: int
    messages_dropped: int
    examined: int
    violations: tuple[str, ...]
    violated: int
    events: int
    trace: str
    """sha256 over all events."""
    seconds: float
    """Virtual."""
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON: inf and nan, which it cannot say, become null."""
        out: dict[str, Any] = _sayable(asdict(self))
        return out


def report_of(played: Played) -> Report:
    """Count. Cost: O(records x devices)."""
    s, deliveries = played.scenario, played.deliveries
    names = [d.name for d in played.devices]
    beats = s.goal.beats
    said, times = _matrix(deliveries, names)
    when = np.array([deliveries.said[i].when for i in said])
    expected = _expected(deliveries, said, names, beats)
    late = times - when[:, None] if said else times
    in_time = expected & (late <= beats)
    came = expected & np.isfinite(late)
    stands = np.array([i not in deliveries.withdrawn for i in said], dtype=bool)
    old = expected & ((when <= played.ended - EVENTUAL) & stands)[:, None] if said else expected
    arrived = late[came]
    everyone = [
        _received(j, name, played, said, late, expected, beats) for j, name in enumerate(names)
    ]
    delivery = _share(in_time, expected)
    honest = set(names)
    sent = played.wires.traffic.sent
    passed = (
        not played.watch.count
        and (not s.goal.delivery or delivery >= s.goal.delivery)
        and not math.isinf(played.converged)
    )
    return Report(
        scenario=s.name,
        behaviour=s.sybils.behaviour if s.sybils.count else "none",
        seed=played.seed,
        devices=len(names),
        sybils=s.sybils.count,
        ratio=played.ratio,
        records=len(said),
        pairs=int(expected.sum()),
        delivery=delivery,
        eventual=_share(came & old, old),
        p50=_quantile(arrived, 0.5),
        p99=_quantile(arrived, 0.99),
        worst=float(arrived.max()) if arrived.size else math.nan,
        converged=played.converged,
        victims=tuple(r for r in everyone if r.victim),
        worst_off=tuple(sorted(everyone, key=lambda r: (r.in_time, r.device))[:5]),
        over_time=_bins(when, late, beats, expected, played.ended),
        honest_bytes=sum(n for name, n in sent.items() if name in honest),
        sybil_bytes=sum(n for name, n in sent.items() if name not in honest),
        rpcs=played.wires.traffic.rpcs,
        lost=played.wires.traffic.lost,
        overrun=played.wires.traffic.overrun,
        refused=played.refused,
        syncs=sum(d.stats.syncs for d in played.devices),
        messages_dropped=sum(d.stats.messages_dropped for d in played.devices),
        examined=played.examined,
        violations=tuple(played.watch.violations),
        violated=played.watch.count,
        events=played.trace.events,
        trace=played.trace.digest(),
        seconds=played.ended,
        passed=passed,
    )


def _matrix(
    deliveries: Deliveries, names: Sequence[PeerName]
) -> tuple[list[RecordId], np.ndarray[Any, np.dtype[np.float64]]]:
    """Records in the order they were said; float64[records, devices]: when each was kept."""
    said = list(deliveries.said)
    at = {name: j for j, name in enumerate(names)}
    times = np.full((len(said), len(names)), np.inf)
    for i, id_ in enumerate(said):
        for name, when in deliveries.held.get(id_, {}).items():
            times[i, at[name]] = when
    return said, times


def _expected(
    deliveries: Deliveries, said: Sequence[RecordId], names: Sequence[PeerName], beats: float
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Who should have got it in time: everybody else who was there from then on that long, unless
    it was taken back within that time.
    """
    expected = np.zeros((len(said), len(names)), dtype=bool)
    for i, id_ in enumerate(said):
        one = deliveries.said[id_]
        if deliveries.withdrawn.get(id_, math.inf) < one.when + beats:
            continue
        for j, name in enumerate(names):
            there = deliveries.was_up(name, one.when, one.when + beats)
            expected[i, j] = name != one.author and there
    return expected


def _received(
    j: int,
    name: PeerName,
    played: Played,
    said: Sequence[RecordId],
    late: np.ndarray[Any, np.dtype[np.float64]],
    expected: np.ndarray[Any, np.dtype[np.bool_]],
    beats: float,
) -> Received:
    due, lag = expected[:, j], late[:, j]
    own = np.array([played.deliveries.said[i].author == name for i in said], dtype=bool)
    heard = expected[own] if own.any() else expected[:0]
    return Received(
        device=short(name),
        victim=name in played.victims,
        expected=int(due.sum()),
        in_time=_share(due & (lag <= beats), due),
        by_now=_share(due & np.isfinite(lag), due),
        p50=_quantile(lag[due], 0.5),
        p99=_quantile(lag[due], 0.99),
        heard=_share(heard & (late[own] <= beats), heard) if own.any() else math.nan,
    )


def _bins(
    when: np.ndarray[Any, np.dtype[np.float64]],
    late: np.ndarray[Any, np.dtype[np.float64]],
    beats: float,
    expected: np.ndarray[Any, np.dtype[np.bool_]],
    ended: float,
) -> tuple[Bin, ...]:
    bins = []
    for k in range(math.ceil(ended / BIN)):
        here = (when >= k * BIN) & (when < (k + 1) * BIN)
        if here.any():
            due, lag = expected[here], late[here]
            shares = [_share(due & (lag <= most), due) for most in (1.0, beats, MOST)]
            bins.append(Bin(k * BIN, int(here.sum()), *shares))
    return tuple(bins)


def _share(
    part: np.ndarray[Any, np.dtype[np.bool_]], whole: np.ndarray[Any, np.dtype[np.bool_]]
) -> float:
    total = int(whole.sum())
    return int(part.sum()) / total if total else math.nan


def _quantile(values: np.ndarray[Any, np.dtype[np.float64]], q: float) -> float:
    """By the nearest rank, so that an inf among them stays one and no two are mixed."""
    if not values.size:
        return math.nan
    order = np.sort(values)
    return float(order[min(len(order) - 1, math.ceil(q * len(order)) - 1)])


def _sayable(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _sayable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_sayable(v) for v in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
