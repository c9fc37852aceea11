"""Who is quicker than his share is kept waiting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.pace import Pace


def test_a_case_by_hand() -> None:
    pace = Pace(rate=10, burst=20)
    assert pace.spend(20, now=100.0) == 0
    assert pace.spend(5, now=100.0) == 0.5
    assert pace.spend(5, now=100.5) == 0.5  # the debt is paid, this is a new one
    assert not pace.affords(1, now=100.6)
    assert pace.affords(1, now=101.2)
    assert pace.spend(20, now=1_000.0) == 0  # never more than the burst


@given(
    st.floats(0.5, 100),
    st.floats(1, 100),
    st.lists(st.tuples(st.floats(0.01, 50), st.floats(0, 5)), min_size=1, max_size=40),
)
def test_who_waits_as_told_never_gets_more_than_the_burst_and_the_rate(
    rate: float, burst: float, steps: list[tuple[float, float]]
) -> None:
    pace, now, spent = Pace(rate, burst), 7.0, 0.0
    for amount, pause in steps:
        now += pause
        now += pace.spend(amount, now)
        spent += amount
        assert spent <= burst + rate * (now - 7.0) + 1e-6
    assert pace.spend(0, now) == pytest.approx(0, abs=1e-6)
