"""The bootstrap: seeded, around the mean, and as wide as it has to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import ParamError
from web3rec.eval.intervals import interval


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 9))
def test_one_seed_gives_one_interval_between_the_extremes(values: list[float], seed: int) -> None:
    each = np.array(values)
    found = interval(each, np.random.default_rng(seed), resamples=50)
    assert found == interval(each, np.random.default_rng(seed), resamples=50)
    assert found.mean == pytest.approx(each.mean())
    assert each.min() - 1e-12 <= found.low <= found.high <= each.max() + 1e-12


def test_it_is_as_wide_as_the_normal_one_for_many_people() -> None:
    each = np.random.default_rng(0).random(2_000)
    found = interval(each, np.random.default_rng(1))
    half = 1.96 * each.std() / np.sqrt(each.size)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)
    assert found.low < each.mean() < found.high


def test_people_without_a_value_are_left_out() -> None:
    found = interval(np.array([np.nan, 0.25, 0.25]), np.random.default_rng(0))
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)
    with pytest.raises(ParamError, match="values"):
        interval(np.array([np.nan]), np.random.default_rng(0))
    with pytest.raises(ParamError, match="resamples"):
        interval(np.array([1.0]), np.random.default_rng(0), resamples=0)
