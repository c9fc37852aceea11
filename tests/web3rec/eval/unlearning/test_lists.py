"""Lists and their figures: those of `eval.metrics`, for many people at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.unlearning.towns import parted, town
from web3rec.errors import DataError
from web3rec.eval.metrics import ndcg_at, recall_at
from web3rec.eval.unlearning.held import Held, Sparse
from web3rec.eval.unlearning.inference import Dense
from web3rec.eval.unlearning.lists import CUT, lists


def rising(past: Sparse) -> Dense:
    """Item n scores n, but that the last two are alike."""
    found = np.tile(np.arange(past.shape[1], dtype=np.float64), (past.shape[0], 1))
    found[:, -1] = found[:, -2]
    return found


def test_a_hand_case() -> None:
    held = Held.of([0, 0, 1], [3, 0, 2], 2, 5)
    found = lists(np.array([0, 1]), held, rising)
    assert found.shown[:, :5].tolist() == [[4, 2, 1, -1, -1], [3, 4, 1, 0, -1]]
    hidden = Held.of([0, 1, 1], [4, 4, 0], 2, 5)
    recall, ndcg = found.utility(hidden)
    assert recall == 1
    one, two = 1.0, (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3))
    assert ndcg == pytest.approx((one + two) / 2)


def test_places_of_targets_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Person 0 has 3; of the other 3 places two are first. 4 ties with 3, which comes first."""
    monkeypatch.setattr("web3rec.eval.unlearning.lists.CUTS", (1, 2))
    held = Held.of([0, 0, 1], [3, 0, 2], 2, 5)
    found = lists(np.array([0, 1]), held, rising, (3, 4))
    assert np.allclose(found.above, np.array([[4 / 5, 0], [0, 1 / 5]])), "0 has 3: it is last"
    assert np.allclose(found.pushed(held), np.array([2 / 3, 1, 1 - 1 / 15]))
    assert (lists(np.array([0]), held, rising).pushed(held) == 0).all()


@pytest.mark.slow
@given(st.integers(0, 50))
def test_they_are_the_figures_of_the_metrics(seed: int) -> None:
    train, hidden = parted(town(users=12, items=60, seed=seed), 0.3, seed)
    people = np.arange(12)
    scores = np.random.default_rng(seed).integers(0, 9, (12, 60)).astype(np.float64)
    found = lists(people, train, lambda _: scores.copy())
    wanted = [set(hidden.items[hidden.users == person].tolist()) for person in people]
    rows = [[item for item in row if item >= 0] for row in found.shown.tolist()]
    pairs = [(row, own) for row, own in zip(rows, wanted, strict=True) if own]
    recall, ndcg = found.utility(hidden)
    assert recall == pytest.approx(np.mean([recall_at(row, own, CUT) for row, own in pairs]))
    assert ndcg == pytest.approx(np.mean([ndcg_at(row, own, CUT) for row, own in pairs]))
    for person, own in zip(people, rows, strict=True):
        assert not train.has(person * 60 + np.array(own)).any()
        assert (np.diff(scores[person, own]) <= 0).all()


def test_with_nothing_hidden_there_is_no_figure() -> None:
    held = Held.of([0], [0], 1, 3)
    with pytest.raises(DataError, match="nobody"):
        lists(np.array([0]), held, rising).utility(held.less(held))
