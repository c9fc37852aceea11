"""A teacher that knows items by vectors."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.web3rec.distill.questions import items
from tests.web3rec.distill.test_ensemble import ROWS, TARGETS, asked, dataset
from web3rec.distill.embeddings.propagated import Propagated
from web3rec.distill.teacher import History, Question
from web3rec.embeddings.fitting import FittingParams
from web3rec.errors import ParamError
from web3rec.types import ItemId

PARAMS = FittingParams(width=4, epochs=30, batch=4, rate=0.05)


def teacher(rows: dict[str, str] | None = None, folds: int = 3, models: int = 2) -> Propagated:
    return Propagated.fitted(dataset(rows or ROWS), TARGETS, PARAMS, 0, folds=folds, models=models)


def test_the_teacher_of_a_person_never_saw_the_persons_targets() -> None:
    """Whatever a person's target is, what is said of the person is the same, to the bit."""
    one = teacher()
    for person in ("p1", "p5"):
        own = ROWS[person]
        changed = ROWS | {person: own[:-1] + ("y" if own[-1] == "x" else "x")}
        targets = TARGETS | {person: [ItemId(changed[person][-1])]}
        other = Propagated.fitted(dataset(changed), targets, PARAMS, 0, folds=3, models=2)
        about = asked(person, "mnoxy" if own[0] == "a" else "abcxy")
        assert_array_equal(one.score(about), other.score(about))
        assert one.id != other.id


def test_it_prefers_what_those_of_like_taste_have() -> None:
    """p3 has a and b, which c goes with; m and o are others'."""
    about = Question(History("p3", items("a", "b")), items("c", "m", "o"))
    said = teacher(models=3).score(about)
    assert said.argmax() == 0


def test_who_was_never_seen_may_be_asked_about() -> None:
    about = Question(History("stranger", items("a", "b")), items("c", "m", "o"))
    assert teacher().score(about).argmax() == 0


def test_no_opinion_on_what_nobody_has_nor_where_nothing_is_known() -> None:
    about = Question(History("p1", items("a", "b")), items("c", "m", "nowhere"))
    assert np.isnan(teacher().score(about)).tolist() == [False, False, True]
    blank = Question(History("p1", items("nowhere")), items("c", "m"))
    assert np.isnan(teacher().score(blank)).all()


def test_whoever_shows_it_a_target_is_refused() -> None:
    with pytest.raises(ParamError, match="held back"):
        teacher().score(Question(History("p1", items("a", "x")), items("c", "m")))


@pytest.mark.parametrize(
    ("folds", "models", "named"), [(0, 1, "folds"), (7, 1, "folds"), (2, 0, "models")]
)
def test_numbers_out_of_range_are_named(folds: int, models: int, named: str) -> None:
    with pytest.raises(ParamError, match=named):
        teacher(folds=folds, models=models)


def test_targets_of_a_stranger_are_refused() -> None:
    with pytest.raises(ParamError, match="targets"):
        Propagated.fitted(dataset(ROWS), {"nobody": [ItemId("a")]}, PARAMS, 0)


def test_one_seed_makes_the_same_teacher() -> None:
    one, two = teacher(), teacher()
    assert one.id == two.id
    assert_array_equal(one.score(asked("p1", "moy")), two.score(asked("p1", "moy")))
