"""Losses on vectors: LEADER, SLMRec, RLMRec. By hand, and what leaves them as they are."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.distill.losses.leader import feature_mse, profile_alignment
from web3rec.distill.losses.rlmrec import cross_view
from web3rec.distill.losses.slmrec import block_cosine, block_norm, exits

torch = pytest.importorskip("torch", reason="needs the extra distill")


def drawn(seed: int, rows: int = 4) -> Any:
    return torch.tensor(np.random.default_rng(seed).normal(size=(rows, 5)))


def test_leader_features_by_hand() -> None:
    """(1 + 4) / 2, and nothing where they are one."""
    student, teacher = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 0.0], [3.0, 4]])
    assert feature_mse(student, teacher).tolist() == [2.5, 0.0]


def test_leader_profiles_by_hand() -> None:
    """Two at right angles, each along its own: - ln e / (e + 1) at t = 1. Length does not count."""
    profiles, histories = torch.tensor([[2.0, 0.0], [0.0, 3.0]]), torch.eye(2)
    found = profile_alignment(profiles, histories, temperature=1.0)
    assert found.tolist() == pytest.approx([math.log(1 + 1 / math.e)] * 2)


@given(st.integers(0, 2**32))
def test_leader_profiles_swapped_are_worse_than_profiles_in_place(seed: int) -> None:
    """The mean over a batch of vectors beside themselves is less than beside those of others."""
    own = drawn(seed)
    turned = own[[1, 2, 3, 0]]
    assert float(profile_alignment(own, own).mean()) < float(profile_alignment(turned, own).mean())


def test_slmrec_blocks_by_hand() -> None:
    """Block 1 at right angles and as long: 1 and 0. Block 2 along it and 3 longer: 0 and 9."""
    student = [torch.tensor([[1.0, 0.0]]), torch.tensor([[5.0, 0.0]])]
    teacher = [torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0, 0.0]])]
    assert block_cosine(student, teacher).tolist() == pytest.approx([0.5])
    assert block_norm(student, teacher).tolist() == pytest.approx([4.5])


def test_slmrec_exits_by_hand() -> None:
    """The last block's 3, and half of 1 + 2."""
    losses = [torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([3.0])]
    assert exits(losses, 0.5).tolist() == [4.5]
    assert exits(losses[2:], 0.5).tolist() == [3.0]


@given(st.integers(0, 2**32), st.floats(0.1, 10))
def test_slmrec_direction_and_length_are_apart(seed: int, factor: float) -> None:
    """A student that is the teacher times a factor has its direction, and not its length."""
    teacher = [drawn(seed), drawn(seed + 1)]
    student = [factor * block for block in teacher]
    assert float(block_cosine(student, teacher).abs().max()) < 1e-9
    gap = sum((factor - 1) ** 2 * t.square().sum(-1) for t in teacher) / 2
    assert torch.allclose(block_norm(student, teacher), gap)


def test_rlmrec_by_hand() -> None:
    """Texts at right angles to each other, acts along their own: ln(e + 2) - 1 among three."""
    acts, texts = torch.tensor([[2.0, 0.0, 0.0]]), torch.eye(3)
    found = cross_view(acts, texts[:1], texts, temperature=1.0)
    assert found.tolist() == pytest.approx([math.log(math.e + 2) - 1])


@given(st.integers(0, 2**32))
def test_rlmrec_a_turn_of_both_views_changes_nothing(seed: int) -> None:
    """Law: only angles between the two views count; and it is never below 0."""
    acts, texts = drawn(seed), drawn(seed + 1)
    turn, _ = torch.linalg.qr(drawn(seed + 2, 5))
    plain = cross_view(acts, texts, texts)
    assert torch.allclose(cross_view(acts @ turn, texts @ turn, texts @ turn), plain)
    assert bool((plain >= 0).all())
