"""U1 for the closed-form model: corrected is what training again gives, whatever was forgotten."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.unlearning.towns import town
from web3rec.errors import DataError, ParamError
from web3rec.eval.unlearning import closed_form
from web3rec.eval.unlearning.closed_form import ClosedForm, corrected, forget, learnt, mirrored
from web3rec.eval.unlearning.held import Held

RIDGE = 5.0
TOWN = town()


def largest(one: ClosedForm, other: ClosedForm) -> float:
    """The largest difference, over the largest entry."""
    return float(np.abs(one.inverse - other.inverse).max() / np.abs(other.inverse).max())


def test_a_hand_case() -> None:
    """Two people, two items: G = [[2, 1], [1, 1]], ridge 1, so P = [[2, -1], [-1, 3]] / 5."""
    model = learnt(Held.of([0, 0, 1], [0, 1, 0], 2, 2), 1.0)
    assert np.allclose(model.inverse * 5, np.array([[2, -1], [-1, 3]]))
    past = Held.of([0], [0], 1, 2).matrix()
    # What has item 0: item 1 scores 1/3, and item 0 itself what a past without it gives, nothing.
    assert np.allclose(model.scores(past), np.array([[0, 1 / 3]]))
    # Without user 0: G = [[1, 0], [0, 0]].
    rest = forget(model, Held.of([0, 0], [0, 1], 2, 2))
    assert np.allclose(rest.inverse, np.array([[1 / 2, 0], [0, 1]]))
    assert rest.held.codes.tolist() == [2]


def test_scores_are_those_of_the_zero_diagonal() -> None:
    """Oracle: B = I - P / diag(P), its diagonal 0; x B."""
    model = learnt(TOWN, RIDGE)
    weights = -model.inverse / np.diag(model.inverse)
    np.fill_diagonal(weights, 0)
    past = TOWN.matrix()
    assert np.allclose(model.scores(past), past @ weights, atol=1e-12)


@pytest.mark.parametrize("break_even", [0.0, 9.0])
def test_both_ways_to_learn_give_the_inverse(
    monkeypatch: pytest.MonkeyPatch, break_even: float
) -> None:
    """Oracle: NumPy's inverse."""
    monkeypatch.setattr(closed_form, "BREAK_EVEN", break_even)
    matrix = TOWN.matrix()
    wanted = np.linalg.inv((matrix.T @ matrix).toarray() + RIDGE * np.eye(TOWN.n_items))
    assert np.allclose(learnt(TOWN, RIDGE).inverse, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
@given(
    script=st.lists(st.sets(st.sampled_from(TOWN.codes.tolist()), min_size=1, max_size=25)),
    people=st.lists(st.integers(0, TOWN.n_users - 1), max_size=4),
)
def test_U1_corrected_equals_trained_again_for_any_script(
    script: list[set[int]], people: list[int]
) -> None:
    """Pairs, whole people, the same twice, all of it: one wish after the other."""
    model, rest = learnt(TOWN, RIDGE), TOWN
    for wish in script:
        gone = TOWN.only(np.array(sorted(wish)))
        model, rest = forget(model, gone), rest.less(gone)
        assert largest(model, learnt(rest, RIDGE)) < 1e-9
    for user in people:
        one = np.arange(TOWN.n_users) == user
        model, rest = forget(model, TOWN.by(one)), rest.less(TOWN.by(one))
        assert largest(model, learnt(rest, RIDGE)) < 1e-9
    assert np.array_equal(model.held.codes, rest.codes)


@pytest.mark.parametrize("block", [1, 3, 512])
@pytest.mark.parametrize("few", [0, 64])
@pytest.mark.parametrize("whole", [True, False])
def test_U1_every_way_to_correct_gives_the_same(
    monkeypatch: pytest.MonkeyPatch, block: int, few: int, whole: bool
) -> None:
    monkeypatch.setattr(closed_form, "BLOCK", block)
    monkeypatch.setattr(closed_form, "FEW", few)
    monkeypatch.setattr(closed_form, "BREAK_EVEN", 9.0)
    users = np.arange(TOWN.n_users) % 4 == 0
    gone = TOWN.by(users) if whole else TOWN.only(TOWN.codes[::7])
    model = forget(learnt(TOWN, RIDGE), gone)
    monkeypatch.undo()
    assert largest(model, learnt(TOWN.less(gone), RIDGE)) < 1e-9
    assert np.allclose(model.inverse, model.inverse.T, rtol=1e-12)


def test_U1_nothing_of_the_old_inverse_remains() -> None:
    """It is corrected in place; a copy is what keeps the old one."""
    model = learnt(TOWN, RIDGE)
    kept, was = model.copy(), model.inverse.copy()
    rest = forget(model, TOWN.by(np.arange(TOWN.n_users) == 3))
    assert np.shares_memory(rest.inverse, model.inverse)
    assert not np.allclose(model.inverse, was)
    assert np.array_equal(kept.inverse, was)


def test_beyond_the_break_even_it_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = learnt(TOWN, RIDGE)
    monkeypatch.setattr(closed_form, "corrected", None)  # would fail if it were called
    monkeypatch.setattr(closed_form, "BREAK_EVEN", 0.5)
    gone = TOWN.only(TOWN.codes[::2])
    assert np.array_equal(forget(model, gone).inverse, learnt(TOWN.less(gone), RIDGE).inverse)


def test_forgetting_what_it_never_had_changes_nothing() -> None:
    model = learnt(TOWN, RIDGE)
    was = model.inverse.copy()
    free = np.setdiff1d(np.arange(TOWN.n_users * TOWN.n_items), TOWN.codes)[:5]
    assert np.array_equal(forget(model, TOWN.only(free)).inverse, was)


def test_rows_that_never_came_cannot_go() -> None:
    model = learnt(town(chance=0.05), 0.01)
    with pytest.raises(DataError, match="never learnt"):
        corrected(model.inverse, town(chance=0.5, seed=1).matrix(), 1.0)


def test_what_cannot_be_learnt_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParamError, match="ridge"):
        learnt(TOWN, 0.0)
    monkeypatch.setattr(closed_form, "LARGEST", 24)
    with pytest.raises(DataError, match="at most 24 items"):
        learnt(TOWN, 1.0)


@pytest.mark.slow
@given(st.integers(1, 600))
def test_a_mirrored_half_is_the_whole(n: int) -> None:
    n = n if n < 20 else n // 10 + 240  # around a tile's edge
    rng = np.random.default_rng(n)
    whole = rng.random((n, n))
    whole += whole.T
    assert np.array_equal(mirrored(np.asfortranarray(np.tril(whole))), whole)
