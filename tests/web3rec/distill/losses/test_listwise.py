"""Softmax cross-entropy of a list, by hand and against the linear head's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.tables import lists
from web3rec.distill.losses.listwise import softmax_ce
from web3rec.rerank.features import NAMES
from web3rec.rerank.linear import Example, Lists

torch = pytest.importorskip("torch", reason="needs the extra distill")


def test_a_list_by_hand() -> None:
    """Scores ln 1, ln 2, ln 1 and one empty place: chances 1/4, 1/2, 1/4; hits are the first two,
    so -(ln 1/4 + ln 1/2) / 2 = ln 8 / 2. A list without a hit costs nothing."""
    scores = torch.tensor([[0, math.log(2), 0, 99.0], [1.0, 2.0, 3.0, 4.0]])
    hits = torch.tensor([[True, True, False, True], [False] * 4])
    there = torch.tensor([[True, True, True, False], [True] * 4])
    found = softmax_ce(scores, hits, there)
    assert found.tolist() == pytest.approx([math.log(8) / 2, 0.0])


@given(lists(least=1, most=3), st.integers(0, 9))
def test_it_is_what_the_linear_head_minimises(drawn: list[Example], seed: int) -> None:
    """Oracle: `rerank.linear.Lists.loss`, one list at a time, of any weights."""
    weights = np.random.default_rng(seed).normal(size=len(NAMES))
    for example in drawn:
        mean, scale = np.zeros(len(NAMES)), np.ones(len(NAMES))
        wanted = Lists.of([example], mean, scale).loss(weights) / example.vote
        scores = torch.tensor(example.features.values.astype(np.float64) @ weights)[None]
        hits = torch.tensor(example.hits)[None]
        found = softmax_ce(scores, hits, torch.ones_like(hits))
        assert float(found[0]) == pytest.approx(wanted, rel=1e-6)


def test_an_empty_place_has_no_part_and_no_gradient() -> None:
    scores = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    hits = torch.tensor([[True, False, False]])
    softmax_ce(scores, hits, torch.tensor([[True, True, False]])).sum().backward()
    assert scores.grad[0, 2] == 0
    assert scores.grad[0, 0] == pytest.approx(1 / (1 + math.e) - 1 + 0, abs=1e-6)
