"""How much one name may take, and what names leave behind."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.buckets import MAX_BUCKETS, Buckets


def test_a_bucket_by_hand() -> None:
    """10 at once, 2 a second: 8 leave 2; after 3 s there are 8 again."""
    buckets: Buckets[str] = Buckets(rate=2, burst=10)
    assert buckets.take("a", 8, now=0.0)
    assert not buckets.take("a", 3, now=0.0)
    assert not buckets.take("a", 9, now=3.0)
    assert buckets.take("a", 8, now=3.0)
    assert buckets.take("b", 10, now=3.0), "each has its own"


visits = st.lists(st.tuples(st.floats(0, 10), st.integers(1, 50)), max_size=60)


@given(visits, st.floats(0.1, 100), st.integers(1, 100))
def test_Y5_nobody_takes_more_than_burst_and_rate_allow(
    steps: list[tuple[float, int]], rate: float, burst: int
) -> None:
    buckets: Buckets[str] = Buckets(rate, burst)
    now = taken = 0.0
    for pause, records in steps:
        now += pause
        taken += records if buckets.take("a", records, now) else 0
        assert taken <= burst + rate * now + 1e-6


@given(visits)
def test_forgetting_full_buckets_changes_nothing(steps: list[tuple[float, int]]) -> None:
    swept: Buckets[str] = Buckets(3, 40)
    kept: Buckets[str] = Buckets(3, 40)
    now = 0.0
    for pause, records in steps:
        now += pause
        swept.sweep(now)
        assert swept.take("a", records, now) == kept.take("a", records, now)


def test_R8_names_of_strangers_leave_nothing_behind() -> None:
    buckets: Buckets[int] = Buckets(rate=1, burst=10)
    for stranger in range(MAX_BUCKETS):
        assert buckets.take(stranger, 5, now=0.0)
    assert not buckets.take(-1, 5, now=0.0), "the table is full"
    assert len(buckets) == MAX_BUCKETS
    assert buckets.take(-1, 5, now=5.0), "the others are forgotten by now"
    assert len(buckets) == 1


def test_a_clock_that_runs_backwards_gives_nothing_away() -> None:
    buckets: Buckets[str] = Buckets(rate=1, burst=10)
    assert buckets.take("a", 10, now=100.0)
    assert not buckets.take("a", 1, now=50.0)


def test_looking_takes_nothing_and_tells_when_to_come_back() -> None:
    """10 at once, 2 a second: with 2 left, 6 more want 2 s; 11 never fit."""
    buckets: Buckets[str] = Buckets(rate=2, burst=10)
    assert buckets.holds("a", 10, now=0.0)
    assert len(buckets) == 0
    assert buckets.take("a", 8, now=0.0)
    assert not buckets.holds("a", 3, now=0.0)
    assert buckets.wait("a", 6, now=0.0) == 2
    assert (buckets.wait("a", 2, now=0.0), buckets.wait("a", 11, now=0.0)) == (0, inf)


@given(visits)
def test_what_holds_says_take_does(steps: list[tuple[float, int]]) -> None:
    buckets: Buckets[str] = Buckets(3, 40)
    now = 0.0
    for pause, records in steps:
        now += pause
        promised = buckets.holds("a", records, now)
        assert buckets.take("a", records, now) == promised


@pytest.mark.parametrize("crowded", [False, True])
def test_a_full_table_tells_newcomers_what_it_was_told(crowded: bool) -> None:
    buckets: Buckets[int] = Buckets(rate=1, burst=10, crowded=crowded)
    for name in range(MAX_BUCKETS):
        buckets.take(name, 5, now=0.0)
    assert buckets.take(-1, 5, now=0.0) is crowded
    assert len(buckets) == MAX_BUCKETS
