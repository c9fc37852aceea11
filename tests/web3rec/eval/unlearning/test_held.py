"""Sets of pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import DataError
from web3rec.eval.unlearning.held import Held

PAIRS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 6)))


def held(pairs: set[tuple[int, int]]) -> Held:
    users, items = [u for u, _ in pairs], [i for _, i in pairs]
    return Held.of(users, items, 6, 7)


def pairs(of: Held) -> set[tuple[int, int]]:
    return set(zip(of.users.tolist(), of.items.tolist(), strict=True))


def test_a_hand_case() -> None:
    one = Held.of([1, 0, 1, 1], [2, 0, 0, 2], 2, 3)
    assert one.codes.tolist() == [0, 3, 5]
    assert one.matrix().toarray().tolist() == [[1, 0, 0], [1, 0, 1]]
    assert one.lengths().tolist() == [1, 2]
    assert one.listeners().tolist() == [2, 0, 1]
    assert one.has(np.array([5, 4, 0])).tolist() == [True, False, True]
    assert pairs(one.by(np.array([False, True]))) == {(1, 0), (1, 2)}


@pytest.mark.slow
@given(PAIRS, PAIRS)
def test_it_is_the_algebra_of_sets(mine: set[tuple[int, int]], other: set[tuple[int, int]]) -> None:
    a, b = held(mine), held(other)
    assert pairs(a.less(b)) == mine - other
    assert pairs(a.plus(b)) == mine | other
    assert pairs(a.both(b)) == mine & other
    some = np.array([True, False, True, True, False, False])
    assert pairs(a.by(some)) == {(u, i) for u, i in mine if some[u]}
    assert a.matrix().sum() == len(mine) == len(a)


@pytest.mark.parametrize("codes", [[2, 1], [1, 1], [6], [-1]])
def test_what_is_no_set_of_these_pairs_is_refused(codes: list[int]) -> None:
    with pytest.raises(DataError, match="wanted pairs"):
        Held(np.array(codes, np.int64), 2, 3)
    with pytest.raises(DataError, match="wanted users and items"):
        Held(np.zeros(0, np.int64), 0, 3)
