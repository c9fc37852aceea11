"""What is hidden, what stays, and when it is made to have happened."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval import strategies as drawn
from tests.web3rec.eval.strategies import ITEMS, PEOPLE
from web3rec.adapters import Act, Dataset
from web3rec.errors import ParamError
from web3rec.eval import compress_times, hold_out, newest
from web3rec.types import Event, Item, Millis

DAY = 86_400_000
NOW = Millis(1_767_225_600_000)
TIMES = st.none() | drawn.moments


def timed(user: str, *moments: int) -> tuple[Act, ...]:
    return tuple(
        Act(user, ITEMS[n], Event.LIKE, 1, Millis(moment)) for n, moment in enumerate(moments)
    )


def dataset(*acts: Act) -> Dataset:
    return Dataset("by hand", PEOPLE, tuple(Item(i) for i in ITEMS), acts)


def test_the_latest_fifth_is_hidden_by_hand(rng: np.random.Generator) -> None:
    """Ten items of p0: the two latest are items 0 and 4; p1 was not asked for."""
    acts = timed("p0", 99, 1, 2, 3, 98, 4, 5, 6, 7, 8) + timed("p1", 1, 2, 3)
    train, hidden = hold_out(dataset(*acts), ["p0"], rng=rng)
    assert hidden == {"p0": {ITEMS[0], ITEMS[4]}}
    assert train == tuple(act for n, act in enumerate(acts) if n not in (0, 4))


def test_an_old_item_played_again_is_not_new(rng: np.random.Generator) -> None:
    """Item 0 came first; that it also came last does not make it the one to hide."""
    acts = (*timed("p0", 1, 2, 3), Act("p0", ITEMS[0], Event.LISTEN, 1, Millis(9)))
    _, hidden = hold_out(dataset(*acts), ["p0"], rng=rng)
    assert hidden == {"p0": {ITEMS[2]}}


@given(drawn.datasets(TIMES), st.floats(0.05, 0.95), st.integers(0, 99))
def test_hidden_items_leave_their_users_acts_and_nothing_else_changes(
    data: Dataset, share: float, seed: int
) -> None:
    egos = PEOPLE[:3]
    train, hidden = hold_out(data, egos, share=share, rng=np.random.default_rng(seed))
    assert train == tuple(a for a in data.acts if a.item not in hidden.get(a.user, ()))
    for ego in egos:
        own = {a.item for a in data.acts if a.user == ego and not a.kind.is_local}
        if len(own) < 2:
            assert ego not in hidden
        else:
            assert len(hidden[ego]) == max(1, int(share * len(own)))
            assert hidden[ego] < own


@given(drawn.datasets(drawn.moments), st.integers(0, 99), st.integers(0, 99))
def test_known_times_leave_nothing_to_chance(data: Dataset, one: int, other: int) -> None:
    assert hold_out(data, PEOPLE, rng=np.random.default_rng(one)) == hold_out(
        data, PEOPLE, rng=np.random.default_rng(other)
    )


def test_without_times_the_choice_is_the_generators() -> None:
    data = dataset(*(Act("p0", item, Event.LIKE) for item in ITEMS))
    chosen = {
        hold_out(data, ["p0"], rng=np.random.default_rng(seed))[1]["p0"] for seed in range(20)
    }
    assert len(chosen) > 10
    again = [hold_out(data, ["p0"], rng=np.random.default_rng(7)) for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_a_share_outside_its_range_is_refused(share: float, rng: np.random.Generator) -> None:
    with pytest.raises(ParamError, match="share"):
        hold_out(dataset(), [], share=share, rng=rng)


def test_the_newest_acts_of_each_by_hand() -> None:
    acts = (*timed("p0", 5, 9, 7), *timed("p1", 1))
    assert newest(acts, 2) == (acts[1], acts[2], acts[3])
    with pytest.raises(ParamError, match="limit"):
        newest(acts, 0)


@given(st.lists(drawn.acts(TIMES), max_size=40), st.integers(1, 10))
def test_the_newest_acts_are_none_older_than_those_left_out(acts: list[Act], limit: int) -> None:
    kept = newest(acts, limit)
    for person in PEOPLE:
        own = sorted(act.at or 0 for act in acts if act.user == person)
        assert sorted(act.at or 0 for act in kept if act.user == person) == own[-limit:]


def test_compressed_times_by_hand() -> None:
    """Four acts over 28 days: ranks 0, 1, 1, 3, so days 0, 7, 7 and 21 of the span."""
    squeezed = compress_times(timed("p0", 10, 500, 500, 10**12), NOW)
    start = NOW - 28 * DAY
    assert [act.at for act in squeezed] == [
        start,
        start + 7 * DAY,
        start + 7 * DAY,
        start + 21 * DAY,
    ]


@given(st.lists(drawn.acts(TIMES), max_size=40), st.floats(0.5, 60))
def test_compression_keeps_the_order_and_nothing_but_times_changes(
    acts: list[Act], span: float
) -> None:
    squeezed = compress_times(acts, NOW, span_days=span)
    for a, b in zip(acts, squeezed, strict=True):
        assert (a.user, a.item, a.kind, a.weight) == (b.user, b.item, b.kind, b.weight)
        assert b.at is not None
        if a.at is None:
            assert b.at == NOW - DAY
        else:
            assert NOW - span * DAY - 1 <= b.at < NOW
    pairs = [(a.at, b.at) for a, b in zip(acts, squeezed, strict=True) if a.at and b.at]
    for old, new in pairs:
        assert all((old < o) == (new < n) for o, n in pairs)


@pytest.mark.parametrize("span", [0, -1, float("inf"), float("nan")])
def test_a_span_that_is_none_is_refused(span: float) -> None:
    with pytest.raises(ParamError, match="span_days"):
        compress_times([], NOW, span_days=span)
