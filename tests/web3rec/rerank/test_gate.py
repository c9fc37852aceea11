"""A head is used only on evidence from lists that it has not learnt from."""

import numpy as np
import pytest

from tests.web3rec.rerank.tables import drawn, table
from web3rec.errors import ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.gate import Gated, GateParams, gain, gated, ndcg
from web3rec.rerank.linear import Example, Linear, learnt
from web3rec.rerank.model import KeepOrder, ranked

CUE = NAMES.index("next")


def lists_of(rng: np.random.Generator, count: int, *, telling: float) -> list[Example]:
    """Ten candidates each, one right; the column `next` stands out there by so much."""
    found = []
    for _ in range(count):
        features = drawn(rng, 10)
        right = int(rng.integers(10))
        features.values[right, CUE] += telling
        found.append(Example(features, np.arange(10) == right))
    return found


def test_a_cue_that_tells_passes_and_moves_the_right_ones_up() -> None:
    found = gated(lists_of(np.random.default_rng(1), 60, telling=3.0))
    assert isinstance(found.reranker, Linear)
    assert found.gain > 0.3
    fresh = lists_of(np.random.default_rng(2), 60, telling=3.0)
    assert np.mean([gain(found.reranker, e) for e in fresh]) == pytest.approx(found.gain, abs=0.15)


def test_noise_hardly_ever_passes() -> None:
    """Two standard errors: one in forty; of twenty, three would be a bug."""
    passed = [gated(lists_of(np.random.default_rng(n), 40, telling=0.0)).passed for n in range(20)]
    assert sum(passed) <= 2


def test_few_lists_change_nothing() -> None:
    few = lists_of(np.random.default_rng(1), 15, telling=5.0)
    assert gated(few) == Gated(KeepOrder(), 15)
    assert gated(few, gate=GateParams(least_lists=15)).passed
    assert not gated([]).passed


def test_what_passes_is_learnt_from_all_lists() -> None:
    lists = lists_of(np.random.default_rng(1), 30, telling=3.0)
    found = gated(lists).reranker
    assert isinstance(found, Linear)
    np.testing.assert_array_equal(found.weights, learnt(lists).weights)


def test_one_list_by_hand() -> None:
    """The right one is third by the graph, first by the column: 1 - 1 / log2(4)."""
    features: Features = table({"graph": [1.0, 0.9, 0.8], "next": [0, 0, 1.0]})
    ones = np.ones(len(NAMES))
    head = Linear(np.eye(len(NAMES))[CUE], 0 * ones, ones)
    assert ranked(head, features).order.tolist() == [2, 0, 1]
    assert gain(head, Example(features, np.array([False, False, True]))) == pytest.approx(0.5)


def test_ndcg_by_hand() -> None:
    assert ndcg(np.array([True, False, True])) == pytest.approx(1.5 / (1 + 1 / np.log2(3)))
    assert ndcg(np.array([False] * 20 + [True])) == 0
    assert ndcg(np.zeros(0, bool)) == 0


@pytest.mark.parametrize(("name", "value"), [("least_lists", 1), ("caution", -1.0)])
def test_numbers_outside_their_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParamError, match=name):
        GateParams(**{name: value})  # type: ignore[arg-type]
