"""What we send one peer, and all of them, in any minute."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.buckets import MAX_BUCKETS
from p2p.budgets import Budgets
from p2p.transport import PeerName
from web3rec.errors import ParamError

ANN, BOB = PeerName("ann"), PeerName("bob")


def test_a_budget_by_hand() -> None:
    """120 a minute: 60 at once, then one a second; 1,000 never."""
    budgets = Budgets(per_peer=120, in_all=200)
    assert budgets.grant(ANN, 60, 0.0)
    assert not budgets.grant(ANN, 10, 9.0)
    assert budgets.wait(ANN, 10, 9.0) == 1
    assert budgets.grant(ANN, 10, 10.0)
    assert budgets.wait(ANN, 1_000, 0.0) == inf


def test_all_together_have_less_than_each() -> None:
    """200 a minute in all: 100 at once, of which Ann took 60."""
    budgets = Budgets(per_peer=120, in_all=200)
    assert budgets.grant(ANN, 60, 0.0)
    assert not budgets.grant(BOB, 60, 0.0)
    assert budgets.grant(BOB, 40, 0.0)


asked = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 80), st.floats(0, 20)), max_size=60
)


@given(asked)
def test_Y5_in_any_minute_no_peer_gets_more_than_its_budget_and_all_no_more_than_theirs(
    steps: list[tuple[str, int, float]],
) -> None:
    budgets, now = Budgets(per_peer=120, in_all=200), 0.0
    granted: list[tuple[float, str, int]] = []
    for name, size, pause in steps:
        now += pause
        if budgets.grant(PeerName(name), size, now):
            granted.append((now, name, size))
    for begin, _, _ in granted:
        minute = [one for one in granted if begin <= one[0] <= begin + 60]
        assert sum(size for _, _, size in minute) <= 200 + 1e-6
        for who in "abc":
            assert sum(size for _, name, size in minute if name == who) <= 120 + 1e-6


@given(asked, st.integers(0, 60))
def test_who_waits_as_told_is_granted(steps: list[tuple[str, int, float]], size: int) -> None:
    budgets, now = Budgets(per_peer=120, in_all=200), 0.0
    for name, taken, pause in steps:
        now += pause
        budgets.grant(PeerName(name), taken, now)
    then = now + budgets.wait(ANN, size, now)
    assert budgets.grant(ANN, size, then + 1e-6)


def test_R8_names_are_forgotten_within_a_minute() -> None:
    budgets = Budgets(per_peer=120, in_all=1e9)
    for n in range(2 * MAX_BUCKETS):
        budgets.grant(PeerName(str(n)), 60, 0.0)
    assert len(budgets) == MAX_BUCKETS
    budgets.sweep(60.0)
    assert len(budgets) == 0


@pytest.mark.parametrize(("peer", "total"), [(0, 5), (6, 5), (inf, inf), (float("nan"), 5)])
def test_budgets_that_make_no_sense_are_refused(peer: float, total: float) -> None:
    with pytest.raises(ParamError):
        Budgets(peer, total)
