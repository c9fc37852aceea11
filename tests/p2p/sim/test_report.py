"""What a run showed, counted by hand on three devices and three records."""

import json
import math
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.sim.deliveries import Deliveries
from p2p.sim.naming import device_name
from p2p.sim.played import Played
from p2p.sim.report import _quantile, report_of
from p2p.sim.scenario import Goal, Scenario
from p2p.sim.trace import Trace
from p2p.stats import Stats
from web3rec.types import RecordId

A, B, C = (device_name(i) for i in range(3))
R1, R2, R3 = (RecordId(bytes([i]) * 32) for i in range(3))


def played(goal: float = 0.0, violations: int = 0, converged: float = math.nan) -> Played:
    """A says R1 at 1 s: B after .5 s, C after 8 s. B says R2 at 40 s: A after 1 s, C never.
    C leaves at 42 s. A says R3 at 52 s: B after 2 s.
    """
    deliveries = Deliveries()
    for name in (A, B, C):
        deliveries.comes(name, 0.0)
    deliveries.goes(C, 42.0)
    deliveries.says(R1, A, 1.0)
    deliveries.says(R2, B, 40.0)
    deliveries.says(R3, A, 52.0)
    for id_, name, when in ((R1, B, 1.5), (R1, C, 9.0), (R2, A, 41.0), (R3, B, 54.0)):
        deliveries.holds(id_, name, when)
    deliveries.holds(R1, B, 30.0)  # a second time does not count
    devices = [SimpleNamespace(name=name, stats=Stats()) for name in (A, B, C)]
    traffic = SimpleNamespace(sent={A: 100, B: 50, "x": 7}, rpcs=9, lost=1, overrun=2)
    return cast(
        "Played",
        SimpleNamespace(
            scenario=Scenario(name="hand", seconds=60, goal=Goal(delivery=goal)),
            seed=1,
            devices=devices,
            victims=(C,),
            deliveries=deliveries,
            wires=SimpleNamespace(traffic=traffic),
            watch=SimpleNamespace(violations=["broken"] * violations, count=violations),
            trace=Trace(),
            ended=60.0,
            converged=converged,
            ratio=0.0,
            examined=3,
            refused=4,
        ),
    )


def test_delivery_counts_who_was_there_and_when_it_came() -> None:
    report = report_of(played())
    # R1: B in time, C late. R2: A in time; C left within five beats, not expected. R3: B in time.
    assert (report.pairs, report.records) == (4, 3)
    assert report.delivery == 3 / 4
    assert report.eventual == 1.0  # of R1, the only one old enough by the end
    assert (report.p50, report.p99, report.worst) == (1.0, 8.0, 8.0)
    (victim,) = report.victims
    assert (victim.device, victim.expected, victim.in_time, victim.by_now) == ("h00002", 1, 0.0, 1)
    assert math.isnan(victim.heard)
    assert report.worst_off[0] == victim
    assert [(b.begin, b.said, b.soon, b.in_time, b.by_now) for b in report.over_time] == [
        (0.0, 1, 0.5, 0.5, 1.0),
        (40.0, 1, 1.0, 1.0, 1.0),
        (50.0, 1, 0.0, 1.0, 1.0),
    ]
    assert (report.honest_bytes, report.sybil_bytes) == (150, 7)


@pytest.mark.parametrize(
    ("goal", "violations", "converged", "passed"),
    [
        (0.0, 0, math.nan, True),
        (0.75, 0, 3.0, True),
        (0.76, 0, 3.0, False),
        (0.0, 1, math.nan, False),
        (0.0, 0, math.inf, False),
    ],
)
def test_a_run_passes_if_no_rule_broke_and_the_goal_was_met(
    goal: float, violations: int, converged: float, passed: bool
) -> None:
    assert report_of(played(goal, violations, converged)).passed is passed


def test_json_can_say_all_of_it() -> None:
    said = json.loads(json.dumps(report_of(played()).as_dict(), allow_nan=False))
    assert said["victims"][0]["heard"] is None
    assert said["delivery"] == 0.75


@given(st.lists(st.floats(0, 100) | st.just(math.inf), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_one_of_the_values_and_so_many_are_no_larger(
    values: list[float], q: float
) -> None:
    found = _quantile(np.array(values), q)
    assert found in values
    assert sum(v <= found for v in values) >= q * len(values) - 1e-9
    assert sum(v < found for v in values) < q * len(values)


def test_what_was_taken_back_in_time_need_not_arrive_and_later_need_not_stay_missing() -> None:
    play = played()
    play.deliveries.withdraws(R2, 44.0)  # within five beats
    play.deliveries.withdraws(R1, 20.0)
    report = report_of(play)
    assert report.pairs == 3  # R1: B and C, R3: B
    assert report.delivery == 2 / 3
    assert math.isnan(report.eventual)  # R1 alone was old enough
