"""NDCG with graded gains, and a teacher's worth on lists."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.web3rec.distill.questions import question
from web3rec.distill.files import Ranked, Rankings
from web3rec.distill.measuring import graded_ndcg_at, ordered, teacher_ndcg
from web3rec.errors import ParamError
from web3rec.eval.metrics import ndcg_at
from web3rec.types import ItemId

A, B, C = ItemId("a"), ItemId("b"), ItemId("c")


def test_graded_gains_by_hand() -> None:
    """Ratings 2 and 1 are worth 7 and 3; the list has them the wrong way round, after a miss."""
    found = graded_ndcg_at([C, B, A], {A: 2, B: 1}, 3)
    assert found == pytest.approx((3 / np.log2(3) + 7 / 2) / (7 + 3 / np.log2(3)))


@given(
    st.permutations("abcdef"), st.sets(st.sampled_from("abcdefgh"), min_size=1), st.integers(1, 8)
)
def test_with_equal_ratings_it_is_plain_ndcg(order: list[str], hidden: set[str], k: int) -> None:
    ranked, ratings = [ItemId(i) for i in order], {ItemId(i): 3.0 for i in hidden}
    assert graded_ndcg_at(ranked, ratings, k) == pytest.approx(ndcg_at(ranked, set(ratings), k))


def test_what_is_worth_nothing_is_refused() -> None:
    for ratings in ({}, {A: -1.0}, {A: float("nan")}):
        with pytest.raises(ParamError, match="ratings"):
            graded_ndcg_at([A], ratings, 3)


def test_candidates_without_opinion_follow_in_their_order() -> None:
    asked = question("abcde")
    assert ordered(asked, np.array([np.nan, 1, np.nan, 2, 1])) == list("dbeac")


def test_a_teachers_worth_is_nan_where_it_says_nothing() -> None:
    teacher = Ranked("t", Rankings({"1": (C, A)}, 2))
    asked = [question("abc", person="1"), question("abc", person="2")]
    hidden = {"1": frozenset({A}), "2": frozenset({A})}
    assert_allclose(teacher_ndcg(teacher, asked, hidden, 2), [1 / np.log2(3), np.nan])
