"""A head is used only on evidence from lists that it has not learnt from."""

from dataclasses import replace

import numpy as np
import pytest

from tests.web3rec.rerank.tables import drawn, table
from web3rec.errors import ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.gate import Gated, GateParams, Judged, gain, gated, judged, ndcg
from web3rec.rerank.linear import Example, Linear, learnt
from web3rec.rerank.model import KeepOrder, ranked
from web3rec.types import Weights

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


# -- a model that was learnt elsewhere -------------------------------------------------------------


class Constant:
    """Gives every candidate the same, or fails."""

    def __init__(self, value: float) -> None:
        self.value, self.asked = value, 0

    def scores(self, features: Features) -> Weights:
        self.asked += 1
        return np.full(len(features), self.value)


def reading(column: int, by: float) -> Linear:
    ones = np.ones(len(NAMES))
    return Linear(by * np.eye(len(NAMES))[column], 0 * ones, ones)


def test_a_model_that_finds_what_was_hidden_is_used_and_its_opposite_is_not() -> None:
    lists = lists_of(np.random.default_rng(1), 60, telling=3.0)
    good, bad = (judged(reading(CUE, by), lists) for by in (1.0, -1.0))
    assert good.reason is None
    assert good.lists == 60
    assert good.gain > 2 * good.error > 0
    assert bad.reason is not None
    assert f"{bad.gain:+.4f}" in bad.reason
    assert bad.gain < 0


def test_judging_is_the_mean_gain_by_vote() -> None:
    lists = [
        replace(one, vote=1.0 + n % 3)
        for n, one in enumerate(lists_of(np.random.default_rng(2), 40, telling=3.0))
    ]
    head = reading(CUE, 1.0)
    gains = [gain(head, one) for one in lists]
    votes = [one.vote for one in lists]
    assert judged(head, lists).gain == pytest.approx(np.average(gains, weights=votes))


def test_a_model_that_says_nothing_gains_nothing_and_is_not_used() -> None:
    lists = lists_of(np.random.default_rng(1), 40, telling=3.0)
    found = judged(Constant(0.0), lists)
    assert (found.gain, found.error) == (0.0, 0.0)
    assert found.reason is not None


def test_X4_a_model_that_fails_is_asked_no_further() -> None:
    lists = lists_of(np.random.default_rng(1), 40, telling=3.0)
    broken = Constant(float("nan"))
    found = judged(broken, lists)
    assert found == Judged(0, reason="the model gave scores that are no finite numbers")
    assert broken.asked == 1


def test_too_few_lists_are_no_evidence_and_ask_nothing() -> None:
    model = Constant(0.0)
    found = judged(model, lists_of(np.random.default_rng(1), 15, telling=3.0))
    assert found == Judged(15, reason="15 lists to judge it by, wanted 16")
    assert model.asked == 0
