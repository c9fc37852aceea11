"""Membership inference: AUC and attacks by hand, and what a model that forgot looks like."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.unlearning.towns import parted, town
from web3rec.errors import DataError
from web3rec.eval.unlearning.closed_form import learnt
from web3rec.eval.unlearning.held import Held, Sparse
from web3rec.eval.unlearning.inference import Dense, Leak, Probe, auc, leak, looked_at

FEW = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=8)


def test_auc_by_hand() -> None:
    """Of 2 x 3 comparisons 4 are won and 1 is a tie."""
    assert auc(np.array([2.0, 3.0]), np.array([1.0, 2.0, 3.5])) == pytest.approx(3.5 / 6)
    assert auc(np.array([1.0]), np.array([0.0])) == 1
    assert np.isnan(auc(np.zeros(0), np.ones(2)))


@pytest.mark.slow
@given(FEW, FEW)
def test_auc_counts_pairs(mine: list[float], others: list[float]) -> None:
    """Oracle: compare each with each. Law: the other way round is the rest to 1."""
    won = [1.0 if a > b else 0.5 if a == b else 0.0 for a in mine for b in others]
    found = auc(np.array(mine), np.array(others))
    assert found == pytest.approx(sum(won) / len(won))
    assert found + auc(np.array(others), np.array(mine)) == pytest.approx(1)


PAST = Held.of([0, 0], [0, 1], 1, 5)
TOLD = np.array([[9.0, 2.0, 1.0, 3.0, 5.0]])


def five(_past: Sparse) -> Dense:
    return TOLD.copy()


def test_loss_rank_and_chance_by_hand() -> None:
    """Outside the past stand 1, 3 and 5: mean 3, deviation (8/3)^.5."""
    probe = Probe(PAST, np.array([0, 1]), np.array([3]), np.zeros(0, np.int64))
    z = (np.array([9.0, 2.0, 3.0]) - 3) / np.sqrt(8 / 3)
    outside = np.exp(np.array([-2.0, 0.0, 2.0]) / np.sqrt(8 / 3)).sum()
    inside = looked_at(probe, probe.forgotten, five)
    assert np.allclose(inside.loss, np.log(outside + np.exp(z[:2])) - z[:2])
    assert np.allclose(inside.rank, [0, 2 / 3])
    assert np.allclose(inside.chance, 1 / (1 + np.exp(-z[:2])))
    never = looked_at(probe, probe.unseen, five)
    assert np.allclose(never.loss, np.log(outside) - z[2]), "it is among those outside already"
    assert np.allclose(never.rank, [1 / 2]), "of the two others one is above"


def test_leak_by_hand() -> None:
    """Forgotten are 9 and 2, never seen is 3: half of the comparisons are won."""
    probe = Probe(PAST, np.array([0, 1]), np.array([3]), np.array([2]))
    found = leak(probe, five)
    assert (found.auc_loss, found.auc_rank) == (0.5, 0.5)
    assert found.random == pytest.approx(1 / (1 + np.exp(2 / np.sqrt(8 / 3))))


def test_MI_BF_MI_NG_and_the_gap_by_hand() -> None:
    before, after = Leak(0.9, 0.8, 0.8, 0.2), Leak(0.6, 0.4, 0.5, 0.25)
    assert after.mi_bf(before) == pytest.approx(1.6)
    assert after.mi_ng == pytest.approx(0.5)
    assert after.gap(Leak(0.5, 0.55, 0.5, 0.25)) == pytest.approx(0.15)


def test_constant_scores_tell_nothing() -> None:
    probe = Probe(PAST, np.array([0, 1]), np.array([2, 3]), np.array([4]))
    found = leak(probe, lambda past: np.ones((past.shape[0], 5)))
    assert (found.auc_rank, found.chance, found.random) == (0.5, 0.5, 0.5)


def test_many_pasts_at_once_are_asked_as_one_by_one() -> None:
    held = town(users=1_203, items=20)
    train, hidden = parted(held, 0.2)
    model = learnt(train, 5.0)
    probe = Probe.of(train, train.only(train.codes[::9]), hidden, np.random.default_rng(0))
    whole = looked_at(probe, probe.forgotten, model.scores)
    for at in (0, len(probe.forgotten) // 2, len(probe.forgotten) - 1):
        one = looked_at(probe, probe.forgotten[at : at + 1], model.scores)
        assert one.loss[0] == pytest.approx(whole.loss[at])
        assert one.rank[0] == pytest.approx(whole.rank[at])


def test_what_is_asked_is_what_it_says() -> None:
    held = town()
    train, hidden = parted(held, 0.2)
    gone = train.by(np.arange(train.n_users) < 9)
    probe = Probe.of(train, gone, hidden, np.random.default_rng(0), most=30)
    assert len(probe.forgotten) == 30
    assert gone.has(probe.forgotten).all()
    assert hidden.has(probe.unseen).all()
    assert probe.unseen.size > 0
    assert (probe.unseen // train.n_items < 9).all(), "the same people"
    assert not held.has(probe.random).any()
    nobody = Probe.of(train, gone, train.only(np.zeros(0, np.int64)), np.random.default_rng(0))
    assert np.array_equal(nobody.unseen, nobody.random), "nothing was held back from them"
    with pytest.raises(DataError, match="nothing is forgotten"):
        Probe.of(train, train.less(train), hidden, np.random.default_rng(0))


def test_an_attack_tells_what_was_learnt_and_not_what_was_forgotten() -> None:
    train, hidden = parted(town(users=60, items=40), 0.3)
    gone = train.by(np.arange(train.n_users) < 15)
    probe = Probe.of(train, gone, hidden, np.random.default_rng(0))
    knows, forgot = (leak(probe, learnt(h, 1.0).scores) for h in (train, train.less(gone)))
    assert knows.auc_loss > forgot.auc_loss + 0.1
    assert knows.gap(forgot) > 0.1
    assert forgot.mi_bf(knows) > 1
