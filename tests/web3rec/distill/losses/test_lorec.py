"""A mean by weight."""

import pytest

from web3rec.distill.losses.lorec import weighted_mean

torch = pytest.importorskip("torch", reason="needs the extra distill")


def test_by_hand_and_with_nobody() -> None:
    """(1 * 2 + 3 * 6) / 4 = 5; who has no vote is not heard; nobody at all is 0."""
    losses = torch.tensor([2.0, 6.0, 100.0])
    assert float(weighted_mean(losses, torch.tensor([1.0, 3.0, 0.0]))) == 5
    assert float(weighted_mean(losses, torch.zeros(3))) == 0


def test_only_the_proportion_of_votes_counts() -> None:
    losses, votes = torch.tensor([2.0, 6.0, 1.0]), torch.tensor([1.0, 3.0, 0.5])
    once, thrice = weighted_mean(losses, votes), weighted_mean(losses, 3 * votes)
    assert float(once) == pytest.approx(float(thrice))
