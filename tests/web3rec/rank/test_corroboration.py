"""What an item counts, under laws K1 and K2, and against every choice of whose room is full."""

from itertools import chain, combinations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from web3rec.rank.corroboration import counted, eighth, parts
from web3rec.types import Weights

Shares = npt.NDArray[np.float64]


@st.composite
def asked(draw: st.DrawFn) -> tuple[Shares, Weights]:
    """Items' shares, and the sponsors' rooms."""
    n = draw(st.integers(1, 5))
    unit = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    row = st.lists(unit, min_size=n, max_size=n).filter(lambda xs: sum(xs) > 1e-3)
    rows = draw(st.lists(row.map(lambda xs: [x / sum(xs) for x in xs]), min_size=1, max_size=6))
    return np.array(rows), np.array(draw(st.lists(unit, min_size=n, max_size=n)))


def largest(share: Weights, rooms: Weights) -> float:
    """The largest X, whoever's rooms may be full at it."""
    sponsors = range(len(share))
    found = [0.0]
    for full in chain.from_iterable(combinations(sponsors, k) for k in range(len(share) + 1)):
        rest = sum(share[b] for b in sponsors if b not in full)
        left = 1 - sum(rooms[b] for b in full)
        x = min(1.0, rest / left) if left > 1e-12 else 1.0
        if np.minimum(share, rooms * x).sum() >= x - 1e-12:
            found.append(x)
    return max(found)


def test_what_has_no_room_is_not_counted_by_hand() -> None:
    """A friend with room for half of an item says .8 of it: the other .2 carry it, and make .4.

    Of these .4 each carries half.
    """
    shares, rooms = np.array([[0.8, 0.2], [0.5, 0.5], [1.0, 0.0]]), np.array([0.5, 1.0])
    x = counted(shares, rooms)
    np.testing.assert_allclose(x, np.array([0.4, 1, 0]))
    expected = np.array([[0.5, 0.5], [0.5, 0.5], [0, 0]])
    np.testing.assert_allclose(parts(shares, rooms, x), expected)


def test_two_full_rooms_by_hand() -> None:
    """.6 and .3 of an item, room for .4 and .2: the last .1 carry .1 / (1 - .6) = .25."""
    shares, rooms = np.array([[0.6, 0.3, 0.1]]), np.array([0.4, 0.2, 1.0])
    x = counted(shares, rooms)
    np.testing.assert_allclose(x, [0.25])
    np.testing.assert_allclose(parts(shares, rooms, x), [[0.4, 0.2, 0.4]])


def test_what_nobody_sponsors_counts_in_full() -> None:
    assert counted(np.zeros((2, 3)), np.zeros(3)).tolist() == [1, 1]
    assert counted(np.zeros((2, 0)), np.zeros(0)).tolist() == [1, 1]


def test_the_eighth_power() -> None:
    np.testing.assert_allclose(eighth(np.array([0.0, 0.5, 1.0])), [0, 2.0**-8, 1])


@given(asked())
def test_it_is_the_largest_part_that_carries_itself(question: tuple[Shares, Weights]) -> None:
    shares, rooms = question
    expected = [largest(share, rooms) for share in shares]
    # Where rooms sum to just 1, whether X is the rest or nothing is for rounding to say.
    for x, right, share in zip(counted(shares, rooms), expected, shares, strict=True):
        near_one = any(
            abs(rooms[list(some)].sum() - 1) < 1e-9
            for k in range(len(share) + 1)
            for some in combinations(range(len(share)), k)
        )
        assert near_one or abs(x - right) < 1e-9


@given(asked())
def test_K1_nobody_pays_more_than_it_has_room_for(question: tuple[Shares, Weights]) -> None:
    shares, rooms = question
    x = counted(shares, rooms)
    paid = parts(shares, rooms, x)
    assert (paid <= rooms + 1e-9).all()
    assert (paid <= shares / np.maximum(x, 1e-12)[:, None] + 1e-9).all()
    np.testing.assert_allclose(paid.sum(axis=1)[x > 0], 1)
    assert ((x >= 0) & (x <= 1)).all()


@given(asked(), st.data())
def test_K2_a_few_friends_lift_an_item_no_further_than_their_room(
    question: tuple[Shares, Weights], data: st.DataObject
) -> None:
    shares, rooms = question
    bad = sorted(data.draw(st.sets(st.integers(0, len(rooms) - 1))))
    honest = np.delete(shares, bad, axis=1).sum(axis=1)
    left = 1 - rooms[bad].sum()
    assert (counted(shares, rooms) * left <= honest + 1e-9).all()


@given(asked(), st.floats(1, 3))
def test_more_room_never_counts_less(question: tuple[Shares, Weights], wider: float) -> None:
    shares, rooms = question
    assert (counted(shares, rooms * wider) >= counted(shares, rooms) - 1e-9).all()
