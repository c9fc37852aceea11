"""Collaborative methods together, cross-fitted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.distill.questions import items
from web3rec.adapters import Act, Dataset
from web3rec.distill.ensemble import Ensemble
from web3rec.distill.teacher import History, Question
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.methods import Settings, method
from web3rec.types import Event, Item, ItemId

ROWS = {"p1": "abcx", "p2": "abcy", "p3": "abx", "p4": "mnoy", "p5": "mnox", "p6": "mny"}
TARGETS = {person: [ItemId(own[-1])] for person, own in ROWS.items()}


def dataset(rows: dict[str, str]) -> Dataset:
    acts = tuple(
        Act(person, ItemId(item), Event.LISTEN) for person, own in rows.items() for item in own
    )
    return Dataset("toy", tuple(rows), tuple(Item(ItemId(i)) for i in "abcmnoxyz"), acts)


def ensemble(rows: dict[str, str] | None = None, **options: object) -> Ensemble:
    options = {"folds": 3} | options
    data = dataset(rows or ROWS)
    return Ensemble.fitted(data, TARGETS, np.random.default_rng(0), **options)  # type: ignore[arg-type]


def asked(person: str, candidates: str = "moxy") -> Question:
    return Question(History(person, items(*ROWS[person][:-1])), items(*candidates))


def test_the_teacher_of_a_person_never_saw_the_persons_targets() -> None:
    """Whatever a person's target is, what is said of the person is the same, to the bit."""
    for person, own in ROWS.items():
        teacher = ensemble()
        changed = ROWS | {person: own[:-1] + ("y" if own[-1] == "x" else "x")}
        other = Ensemble.fitted(
            dataset(changed),
            TARGETS | {person: [ItemId(changed[person][-1])]},
            np.random.default_rng(0),
            folds=3,
        )
        about = asked(person, "xyz" + ("mo" if own[0] == "a" else "ac"))
        assert_array_equal(teacher.score(about), other.score(about))
        assert np.isfinite(teacher.score(about)[:2]).all()
        assert teacher.id != other.id


def test_of_one_method_it_is_that_method_in_deviations() -> None:
    """The oracle: fit it on the acts without the fold's targets, take the scores as they are."""
    teacher = ensemble(weights={"cosine": 2.0})
    fold = teacher.fold_of["p1"]
    rows = {p: own[:-1] if teacher.fold_of[p] == fold else own for p, own in ROWS.items()}
    arena = Arena.of(dataset(rows))
    ranker = method("cosine")(arena, Settings())
    key = arena.people["p1"]
    user = arena.graph.users.number(key)
    scores = ranker.scores(user)  # type: ignore[attr-defined]
    found = scores[arena.graph.items.numbers(arena.items[ItemId(i)] for i in "moxy")]
    assert_allclose(
        teacher.score(asked("p1")), (found - found.mean()) / found.std(), rtol=0, atol=1e-12
    )


def test_it_knows_whose_taste_is_near() -> None:
    """Those who like m and n like o; nobody who likes a and b does."""
    score = ensemble().score(asked("p6", "aocb"))
    assert np.argmax(score) == 1


def test_there_is_no_opinion_on_what_nobody_has_or_what_all_methods_call_alike() -> None:
    score = ensemble().score(asked("p1", "moz"))
    assert_array_equal(np.isnan(score), [False, False, True])
    assert np.isnan(ensemble().score(asked("p1", "m"))).all()
    assert ensemble().score(asked("p1", "")).shape == (0,)


def test_a_history_that_shows_a_target_is_refused() -> None:
    shown = Question(History("p1", items(*"abcx")), items("m", "o"))
    with pytest.raises(ParamError, match="held back"):
        ensemble().score(shown)


def test_mistakes_are_refused() -> None:
    with pytest.raises(ParamError, match="folds"):
        ensemble(folds=1)
    with pytest.raises(ParamError, match="folds"):
        ensemble(folds=7)
    with pytest.raises(ParamError, match="weights"):
        ensemble(weights={})
    with pytest.raises(ParamError, match="weights"):
        ensemble(weights={"ease": 0.0})
    with pytest.raises(ParamError, match="score all items"):
        ensemble(weights={"ours": 1.0})
    with pytest.raises(ParamError, match="people of the data set"):
        Ensemble.fitted(dataset(ROWS), {"who": []}, np.random.default_rng(0))
    with pytest.raises(DataError, match="neither acts"):
        ensemble().score(replace(asked("p1"), history=History("who", ())))
