"""Coverage, Gini, novelty and fairness of exposure, by hand and by law."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import ParamError
from web3rec.eval.breadth import coverage, fairness, gini, head, novelty, shown

counts = st.lists(st.integers(0, 50), min_size=1, max_size=20).map(lambda c: np.array(c, np.int64))


def test_what_is_shown_is_counted_up_to_the_cut() -> None:
    found = shown([[0, 1, 2], [2, 0], []], 2, 4)
    assert found.tolist() == [2, 1, 1, 0]
    assert coverage(found) == 0.75
    assert coverage(shown([], 2, 0)) == 0.0
    with pytest.raises(ParamError, match="k must be"):
        shown([[0]], 0, 4)


def test_gini_by_hand() -> None:
    """0, 0, 1, 3: sum (2i - 5) c = 1 * 1 + 3 * 3 = 10, over 4 * 4."""
    assert gini(np.array([1, 0, 3, 0])) == pytest.approx(10 / 16)
    assert gini(np.array([2, 2, 2])) == 0.0
    assert gini(np.array([0, 0])) == 0.0


@given(counts, st.integers(2, 9))
def test_gini_is_half_the_mean_difference_over_the_mean_and_has_no_unit(
    c: np.ndarray, times: int
) -> None:
    if c.sum():
        apart = np.abs(c[:, None] - c[None, :]).mean()
        assert gini(c) == pytest.approx(apart / (2 * c.mean()))
        assert gini(c * times) == pytest.approx(gini(c))
    assert 0 <= gini(c) < 1


def test_novelty_by_hand() -> None:
    """Of eight people all have item 0, two item 1, nobody item 2: 0, 2 and 3 bits."""
    listeners = np.array([8.0, 2.0, 0.0])
    found = novelty([[0, 1], [2], [], [1, 0]], 1, listeners, 8)
    assert found[[0, 1, 3]].tolist() == [0.0, 3.0, 2.0]
    assert math.isnan(found[2])
    assert novelty([[0, 1]], 2, listeners, 8).tolist() == [1.0]


def test_the_head_is_the_fewest_items_with_half_of_all_interactions() -> None:
    assert head(np.array([1.0, 5.0, 2.0, 2.0])).tolist() == [False, True, False, False]
    assert head(np.array([1.0, 4.0, 3.0, 2.0])).tolist() == [False, True, True, False]
    assert head(np.array([2.0, 2.0])).tolist() == [True, False], "ties by number"
    assert head(np.zeros(0)).tolist() == []


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_the_head_holds_half_and_without_its_last_it_would_not(listeners: list[int]) -> None:
    each = np.array(listeners, float)
    popular = head(each)
    assert 2 * each[popular].sum() >= each.sum()
    if popular.any():
        assert 2 * (each[popular].sum() - each[popular].min()) < each.sum()
        assert each[popular].min() >= each[~popular].max(initial=0)


def test_fairness_by_hand() -> None:
    """Item 0 is head. The list gives the head 1, the tail 1 / log2(3); one of each is wanted."""
    popular = np.array([True, False, False])
    second = 1 / math.log2(3)
    assert fairness([[0, 1]], [{0, 2}], 2, popular) == pytest.approx(second)
    assert fairness([[1, 0]], [{0, 2}], 2, popular) == pytest.approx(1 / second)
    assert fairness([[0, 1]], [{0, 2, 7}], 2, popular) == pytest.approx(second / 2)
    assert fairness([[0, 1]], [{0}], 2, popular) is None, "nobody wanted the tail"
    assert fairness([[1, 2]], [{0, 1}], 2, popular) is None, "the head got nothing"
    assert fairness([[0, 1], []], [{0}, {1}], 1, popular) == 0.0
