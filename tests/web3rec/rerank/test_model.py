"""The guard: whatever a model answers, the order is a permutation, and the graph's in doubt."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.web3rec.rerank.tables import table, tables
from web3rec.errors import DataError, ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.model import Allowance, KeepOrder, ModelError, ranked

THREE = table({"graph": [1.0, 0.5, 0.25]})


@dataclass
class Says:
    """A model that says what it is told to."""

    answer: Callable[[Features], npt.NDArray[np.generic]]

    def scores(self, features: Features) -> npt.NDArray[np.float64]:
        return self.answer(features)  # type: ignore[return-value]


def said(*scores: float) -> Says:
    return Says(lambda _: np.array(scores))


def gives_up(_: Features) -> npt.NDArray[np.generic]:
    raise ModelError("no such operator")


@given(
    tables(),
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128]),
        arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=8),
    ),
)
def test_M6_whatever_a_model_answers_the_order_is_a_permutation(
    features: Features, answer: npt.NDArray[np.generic]
) -> None:
    found = ranked(Says(lambda _: answer), features)
    assert sorted(found.order.tolist()) == list(range(len(features)))
    if found.reason is not None:
        np.testing.assert_array_equal(found.order, features.order)


def test_higher_scores_come_first_and_ties_keep_the_graphs_order() -> None:
    four = Features(np.zeros((4, len(NAMES)), np.float32), np.array([2, 0, 3, 1]))
    assert ranked(said(1, 5, 1, 1), four).order.tolist() == [1, 2, 0, 3]


@given(tables())
def test_keeping_the_order_keeps_it(features: Features) -> None:
    found = ranked(KeepOrder(), features)
    assert found.reason is None
    np.testing.assert_array_equal(found.order, features.order)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (said(1, np.nan, 2), "no finite"),
        (said(1, np.inf, 2), "no finite"),
        (said(1, -np.inf, 2), "no finite"),
        (said(1, 2), "shape"),
        (Says(lambda _: np.ones((3, 1))), "shape"),
        (Says(lambda _: np.array(["a", "b", "c"])), "no finite"),
        (Says(lambda _: np.array([1, 2j, 3])), "no finite"),
        (Says(gives_up), "no such operator"),
    ],
)
def test_X4_an_answer_that_is_no_good_leaves_the_graphs_order_and_says_why(
    model: Says, why: str
) -> None:
    found = ranked(model, THREE)
    assert found.order.tolist() == [0, 1, 2]
    assert found.reason is not None
    assert why in found.reason


@pytest.mark.parametrize(("took", "order"), [(0.05, [2, 1, 0]), (0.051, [0, 1, 2])])
def test_X4_an_answer_that_comes_late_is_not_heeded(took: float, order: list[int]) -> None:
    ticks = iter([7.0, 7.0 + took])
    found = ranked(said(1, 2, 3), THREE, Allowance(seconds=0.0505, clock=lambda: next(ticks)))
    assert found.order.tolist() == order
    assert (found.reason is None) == (order == [2, 1, 0])


def test_a_bug_of_ours_is_no_reason_to_go_on() -> None:
    def broken(_: Features) -> npt.NDArray[np.generic]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ranked(Says(broken), THREE)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (np.zeros((2, len(NAMES))), [0, 1]),
        (np.zeros((2, 3), np.float32), [0, 1]),
        (np.full((2, len(NAMES)), np.nan, np.float32), [0, 1]),
        (np.zeros((2, len(NAMES)), np.float32), [0, 0]),
        (np.zeros((2, len(NAMES)), np.float32), [0]),
    ],
)
def test_features_that_are_none_are_refused(
    values: npt.NDArray[np.float32], order: list[int]
) -> None:
    with pytest.raises(DataError):
        Features(values, np.array(order, np.int64))


def test_no_time_at_all_is_no_allowance() -> None:
    with pytest.raises(ParamError, match="seconds"):
        Allowance(seconds=0, clock=lambda: 0.0)
