"""What follows what, counted and taught to vectors."""

import math

import numpy as np
import pytest

from web3rec.distill.losses.mqsa_ted import transition_distillation, transitions


def test_transitions_by_hand() -> None:
    """0 then {1, 2} then 0; and 1 alone. A step counts 1 in all, over its pairs evenly."""
    found = transitions([[[0], [1, 2], [0]], [[1]]], 3)
    assert found.tolist() == [[0, 0.5, 0.5], [0.5, 0, 0], [0.5, 0, 0]]


def test_transitions_of_more_histories_add_up() -> None:
    rng = np.random.default_rng(0)
    people = [[rng.permutation(6)[:2].tolist() for _ in range(4)] for _ in range(5)]
    whole = transitions(people, 6)
    assert np.allclose(whole, sum(transitions([one], 6) for one in people))
    assert whole.sum() == pytest.approx(5 * 3)


def test_transition_distillation_by_hand() -> None:
    """T is 2 and 0, so 1 and 0 over its largest; at tau = 1 wanted are e and 1 over e + 1. Vectors
    of width 4 (root 2) along the first axis give logits 2 and 0 for the student."""
    torch = pytest.importorskip("torch", reason="needs the extra distill")
    vector = torch.tensor([[1.0, 0, 0, 0]])
    everything = torch.tensor([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])
    following = torch.tensor([[2.0, 0.0]])
    share, own = math.e / (1 + math.e), math.log(1 + math.exp(2))
    wanted = share * (own - 2) + (1 - share) * own
    found = transition_distillation(vector, everything, following, temperature=1.0)
    assert found.tolist() == pytest.approx([wanted])


def test_an_item_that_nothing_followed_teaches_nothing() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra distill")
    vectors = torch.eye(3)
    following = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 3.0]])
    found = transition_distillation(vectors[:2], vectors, following)
    assert found[0] == 0
    assert found[1] > 0
