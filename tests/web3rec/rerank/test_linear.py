"""The linear head: by hand, its slope by differences, scipy's minimum, and learning backwards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from tests.web3rec.rerank.tables import drawn, lists, table
from web3rec.errors import DataError, ParamError
from web3rec.rerank.features import NAMES
from web3rec.rerank.linear import Example, Linear, LinearParams, Lists, learnt, scaling
from web3rec.rerank.model import KeepOrder, ranked

GRAPH = NAMES.index("graph")
TIGHT = LinearParams(l2=1.0, gradient=1e-11)


def test_two_candidates_and_one_column_by_hand() -> None:
    """Rows -1 and 1 (scaled), the second right, l2 = 1, w0 = 0.

    The loss is ln(1 + e^-2w) + w^2 / 2. Its slope -2 / (1 + e^2w) + w is 0 where
    w = 2 / (1 + e^2w): .5 gives .538, .52 gives .522, .5208 gives .5217, .5211 gives .52110.
    """
    example = Example(table({"graph": [-1.0, 1.0]}), np.array([False, True]))
    head = learnt([example], LinearParams(l2=1.0, graph=0.0))
    assert head.weights[GRAPH] == pytest.approx(2 / (1 + np.exp(2 * head.weights[GRAPH])))
    assert head.weights[GRAPH] == pytest.approx(0.521, abs=1e-3)
    assert np.count_nonzero(head.weights) == 1
    assert ranked(head, example.features).order.tolist() == [1, 0]


def test_without_lists_the_graphs_order_stands() -> None:
    features = table({"graph": [1.0, 0.7, 0.7, 0.1]})
    assert ranked(learnt([]), features).order.tolist() == [0, 1, 2, 3]
    assert ranked(KeepOrder(), features).order.tolist() == [0, 1, 2, 3]


@given(lists(), st.integers(0, 2**32))
def test_slope_and_curvature_are_those_of_the_loss(found: list[Example], seed: int) -> None:
    rng = np.random.default_rng(seed)
    all_lists = Lists.of(found, *scaling(found))
    at, along = rng.normal(size=(2, len(NAMES)))
    step = 1e-5
    gradient, hessian = all_lists.slope(at)
    ahead, behind = at + step * along, at - step * along
    rise = (all_lists.loss(ahead) - all_lists.loss(behind)) / (2 * step)
    bend = (all_lists.slope(ahead)[0] - all_lists.slope(behind)[0]) / (2 * step)
    assert_allclose(gradient @ along, rise, rtol=1e-5, atol=1e-6)
    assert_allclose(hessian @ along, bend, rtol=1e-4, atol=1e-5)


@settings(max_examples=25)
@given(lists(), st.floats(0.1, 30))
def test_nothing_that_scipy_finds_is_better(found: list[Example], l2: float) -> None:
    params = LinearParams(l2=l2)
    head = learnt(found, params)

    def slow(at: np.ndarray) -> float:
        """The definition, list by list."""
        total = l2 / 2 * float(((at - params.prior) ** 2).sum())
        for example in found:
            score = head.scaled(example.features) @ at
            log_chance = score - np.log(np.exp(score).sum())
            total -= example.vote * float(log_chance[example.hits].mean())
        return total

    best = minimize(slow, np.zeros(len(NAMES)), method="BFGS", options={"gtol": 1e-7})
    assert slow(head.weights) <= best.fun + 1e-9
    assert_allclose(head.weights, best.x, atol=1e-4)


@settings(max_examples=50)
@given(lists(least=2), st.data())
def test_lists_that_were_forgotten_were_never_learnt(
    found: list[Example], data: st.DataObject
) -> None:
    """From the old weights or from none, in any order: the same to 1e-8, scales and all."""
    kept = data.draw(st.lists(st.sampled_from(found), min_size=1, unique_by=id))
    warm = learnt(kept, TIGHT, like=learnt(found, TIGHT))
    cold = learnt(list(reversed(kept)), TIGHT)
    assert_allclose(warm.weights, cold.weights, rtol=0, atol=1e-8)
    assert_allclose(warm.mean, cold.mean, rtol=0, atol=1e-12)
    assert_allclose(warm.scale, cold.scale, rtol=1e-12)


@settings(max_examples=50)
@given(lists())
def test_a_list_twice_is_a_list_of_twice_the_vote(found: list[Example]) -> None:
    louder = [Example(e.features, e.hits, 2 * e.vote) for e in found]
    twice, once = learnt([*found, *found], TIGHT), learnt(louder, TIGHT)
    assert_allclose(twice.weights, once.weights, atol=1e-8)


def test_a_column_that_never_varies_has_no_say() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(5):
        features = drawn(rng, 6)
        features.values[:, 3] = 7.0
        found.append(Example(features, np.arange(6) == 2))
    assert learnt(found).weights[3] == pytest.approx(0, abs=1e-12)


def test_examples_and_heads_that_are_none_are_refused() -> None:
    features = table({"graph": [1.0, 0.5]})
    with pytest.raises(DataError, match="hit"):
        Example(features, np.zeros(2, bool))
    with pytest.raises(DataError, match="hit"):
        Example(features, np.ones(3, bool))
    with pytest.raises(ParamError, match="vote"):
        Example(features, np.ones(2, bool), 0.0)
    ones = np.ones(len(NAMES))
    with pytest.raises(DataError, match="weights"):
        Linear(np.full(len(NAMES), np.nan), ones, ones)
    with pytest.raises(DataError, match="mean"):
        Linear(ones, np.ones(2), ones)
    with pytest.raises(DataError, match="scale"):
        Linear(ones, ones, 0 * ones)


@pytest.mark.parametrize(
    ("name", "value"), [("l2", 0.0), ("l2", np.inf), ("gradient", -1.0), ("graph", -1.0)]
)
def test_numbers_outside_their_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParamError, match=name):
        LinearParams(**{name: value})
