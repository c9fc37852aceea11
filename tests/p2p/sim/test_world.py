"""Whole runs of the real daemon, small: delivery, safety, convergence, and that they repeat."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from p2p.sim.behaviours import NAMES
from p2p.sim.report import Report, report_of
from p2p.sim.router import ROUTERS
from p2p.sim.scenario import SYNCS, Scenario, parsed, read
from p2p.sim.world import play

SMALL: dict[str, Any] = {
    "seconds": 22,
    "peers": {"count": 10, "victims": 2, "outbound": 3},
    "sybils": {"count": 20, "connections": 4},
    "publishing": {"rate": 1.5, "warm_up": 5.0, "tail": 6.0},
}


def small(**tables: dict[str, Any]) -> Scenario:
    """The small scenario with these keys of tables changed."""
    document = {k: dict(v) if isinstance(v, dict) else v for k, v in SMALL.items()}
    for table, keys in tables.items():
        document[table] = document.get(table, {}) | keys
    return parsed(document, "small")


def run(scenario: Scenario, seed: int = 1) -> Report:
    return report_of(play(scenario, seed))


def test_without_strangers_everybody_gets_everything_at_once() -> None:
    report = run(small(sybils={"count": 0}, goal={"delivery": 1.0}))
    assert report.passed, report.violations
    assert report.records >= 8
    assert report.delivery == 1.0
    assert report.p99 < 1.0
    assert report.sybil_bytes == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_under_each_behaviour_no_rule_breaks_and_everything_arrives_in_time(name: str) -> None:
    sync = "garbage" if name == "invalid-flood" else "poison"
    report = run(small(sybils={"behaviour": name, "sync": sync}, goal={"delivery": 0.999}))
    assert report.violations == ()
    assert report.ratio > 0.5 or report.refused > 20  # who floods is banned at once
    assert report.passed, report.delivery


def traced(seed: int, hash_seed: int) -> dict[str, Any]:
    """A run in a process of its own."""
    words = (
        "import json, sys; from tests.p2p.sim.test_world import run, small;"
        "r = run(small(sybils={'behaviour': 'invalid-flood', 'whitewash': True,"
        " 'sync': 'garbage', 'rate': 3}, wires={'loss': 0.1}, faults={'churn': 8.0, 'down': 5.0}),"
        " int(sys.argv[1])); print(json.dumps(r.as_dict()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", words, str(seed)],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.slow
def test_a_seed_replays_byte_for_byte_in_another_process_and_another_does_not() -> None:
    one, again, other = traced(5, hash_seed=1), traced(5, hash_seed=2), traced(6, hash_seed=1)
    assert one["trace"] == again["trace"]
    assert one == again
    assert one["trace"] != other["trace"]
    assert one["violations"] == []


def test_checking_every_signature_on_every_device_changes_nothing_but_the_time() -> None:
    scenario = replace(small(sybils={"behaviour": "invalid-flood", "rate": 2}), seconds=15.0)
    quick, real = (play(scenario, 3, real=real) for real in (False, True))
    assert quick.trace.digest() == real.trace.digest()
    assert quick.examined < real.examined / 4


@pytest.mark.slow
def test_Y1_after_the_faults_stop_all_hold_the_same() -> None:
    scenario = small(
        wires={"loss": 0.4},
        faults={"churn": 3.0, "down": 8.0, "stop": 22.0},
        publishing={"rate": 2.0, "tail": 3.0, "retract": 0.1},
        sybils={"behaviour": "invalid-flood", "sync": "garbage", "whitewash": True},
        goal={"converge": 180.0},
        peers={"sync_interval": 20.0},
    )
    scenario = replace(scenario, partitions=(_cut(8.0, 18.0),))
    report = run(scenario)
    assert report.violations == ()
    assert report.lost > 100
    assert report.converged <= 180.0
    assert report.passed


def _cut(begin: float, end: float) -> Any:
    return parsed({"partition": [{"begin": begin, "end": end}]}, "cut").partitions[0]


@st.composite
def worlds(draw: st.DrawFn) -> Scenario:
    """Anything that may go wrong, in any combination."""
    numbers = st.floats(0, 1)
    return parsed(
        {
            "seconds": 25,
            "peers": {
                "count": draw(st.integers(2, 8)),
                "degree": draw(st.integers(1, 4)),
                "topology": draw(st.sampled_from(["random", "ring", "bootstrap"])),
                "outbound": draw(st.integers(0, 4)),
                "connections": draw(st.integers(2, 20)),
                "listeners": draw(st.sampled_from([0.0, 0.3])),
                "victims": 1,
                "router": draw(st.sampled_from(sorted(ROUTERS))),
                "sync_interval": draw(st.sampled_from([2.0, 60.0])),
            },
            "sybils": {
                "count": draw(st.integers(0, 12)),
                "behaviour": draw(st.sampled_from(NAMES)),
                "targets": draw(st.sampled_from(["everyone", "victims"])),
                "connections": draw(st.integers(1, 8)),
                "join": draw(st.sampled_from([0.0, 8.0])),
                "rate": draw(st.integers(1, 4)),
                "subnets": draw(st.sampled_from([0, 1])),
                "sync": draw(st.sampled_from(SYNCS)),
                "whitewash": draw(st.booleans()),
                "redial": 2.0,
            },
            "wires": {
                "delay": draw(st.sampled_from([0.0, 0.05, 1.0])),
                "jitter": draw(numbers),
                "loss": draw(st.sampled_from([0.0, 0.2, 0.9])),
                "uplink": draw(st.sampled_from([10_000.0, 1e6])),
            },
            "publishing": {
                "rate": 2.0,
                "warm_up": 2.0,
                "tail": 0.0,
                "burst": draw(st.sampled_from([1, 40])),
                "retract": draw(st.sampled_from([0.0, 0.5])),
            },
            "faults": {
                "churn": draw(st.sampled_from([0.0, 3.0])),
                "down": draw(st.sampled_from([1.0, 8.0])),
            },
            "partition": draw(
                st.sampled_from([[], [{"begin": 5.0, "end": 12.0, "share": draw(st.just(0.4))}]])
            ),
        },
        "any",
    )


def holds(scenario: Scenario, seed: int) -> None:
    played = play(scenario, seed)
    assert played.watch.violations == []
    assert played.watch.looks >= 25


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 2**32))
def test_R7_R8_D1_Y3_Y4_Y5_Y6_hold_whatever_goes_wrong(scenario: Scenario, seed: int) -> None:
    holds(scenario, seed)


@pytest.mark.nightly
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 2**32))
def test_R7_R8_D1_Y3_Y4_Y5_Y6_hold_whatever_goes_wrong_all_night(
    scenario: Scenario, seed: int
) -> None:
    holds(scenario, seed)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["calm", "forty", *NAMES])
def test_among_800_strangers_999_of_1000_arrive_within_five_heartbeats(name: str) -> None:
    report = run(read(name))
    assert report.violations == ()
    assert report.delivery >= 0.999
    assert report.eventual >= 0.999


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["weather", "storm"])
def test_Y1_after_any_weather_a_hundred_devices_hold_the_same(name: str) -> None:
    report = run(read(name))
    assert report.violations == ()
    assert report.passed
