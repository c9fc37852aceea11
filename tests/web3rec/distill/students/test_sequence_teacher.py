"""The teacher never saw the answers of whom it is asked about."""

import numpy as np
import pytest

from tests.web3rec.distill.students.test_histories import data
from web3rec.distill.students.sequence import SequenceParams
from web3rec.distill.students.sequence_teacher import SequenceTeacher, mean_logits
from web3rec.distill.students.sequence_torch import SequenceTraining
from web3rec.distill.teacher import Described, History, Question
from web3rec.errors import ParamError
from web3rec.types import ItemId

torch = pytest.importorskip("torch", reason="needs the extra distill")
SIZE = SequenceParams(width=8, blocks=1, heads=1, length=4)
QUICK = SequenceTraining(epochs=2, batch=8)
PEOPLE = "PQRS"
WALKS = {"P": "abcd", "Q": "bcda", "R": "cdab", "S": "dabc"}
SET = data(*((p, item, n) for p in PEOPLE for n, item in enumerate(WALKS[p])))
TARGETS = {p: {ItemId(WALKS[p][3])} for p in PEOPLE}


def fitted(
    folds: int = 2, models: int = 2, targets: dict[str, set[ItemId]] = TARGETS
) -> SequenceTeacher:
    return SequenceTeacher.fitted(
        SET,
        targets,
        np.random.default_rng(0),
        folds=folds,
        models=models,
        params=SIZE,
        training=QUICK,
    )


def question(person: str, own: str | None = None, asked: str | None = None) -> Question:
    history = tuple(Described(ItemId(i)) for i in (own or WALKS[person][:3]))
    return Question(
        History(person, history), tuple(Described(ItemId(i)) for i in asked or WALKS[person][3])
    )


def test_it_says_the_mean_of_its_models() -> None:
    teacher = fitted()
    fold = teacher.folds[teacher.fold_of["P"]]
    own, asked = [ItemId(i) for i in "abc"], [ItemId("d")]
    wanted = np.mean([model.scores(own, asked) for model in fold], axis=0)
    assert np.array_equal(teacher.score(question("P")), wanted)
    assert np.array_equal(mean_logits(fold, own, asked), wanted)
    assert teacher.size == sum(model.size for model in fold)
    assert np.isnan(teacher.score(question("P", asked="z"))).all()


def test_what_it_says_of_somebody_does_not_hang_on_their_targets() -> None:
    """Law of cross-fitting: had P turned to e in the end and not to d, all that is said of anybody
    in P's fold would be the same, byte by byte; but the teacher has another name."""
    turned = WALKS | {"P": "abce"}
    other = data(*((p, item, n) for p in PEOPLE for n, item in enumerate(turned[p])))
    one = fitted(folds=1)
    two = SequenceTeacher.fitted(
        other,
        TARGETS | {"P": {ItemId("e")}},
        np.random.default_rng(0),
        folds=1,
        models=2,
        params=SIZE,
        training=QUICK,
    )
    assert one.id != two.id
    asked = question("P", asked="de")
    said = one.score(asked)
    assert np.isfinite(said[0])
    assert np.array_equal(said, two.score(asked), equal_nan=True)


def test_models_of_a_fold_never_saw_its_targets() -> None:
    """An item that only P has, and only as a target, is unknown in P's fold and known elsewhere."""
    told = data(
        *((p, item, n) for p in PEOPLE for n, item in enumerate(WALKS[p])), ("P", "rare", 9)
    )
    teacher = SequenceTeacher.fitted(
        told,
        {p: ({ItemId("rare")} if p == "P" else TARGETS[p]) for p in PEOPLE},
        np.random.default_rng(0),
        folds=4,
        models=1,
        params=SIZE,
        training=QUICK,
    )
    knows = [ItemId("rare") in group[0].ids for group in teacher.folds]
    assert knows.count(False) == 1
    assert not knows[teacher.fold_of["P"]]
    assert np.isnan(teacher.score(question("P", asked=["rare"]))).all()  # type: ignore[arg-type]


def test_whoever_shows_it_what_was_held_back_is_told() -> None:
    with pytest.raises(ParamError, match="held back"):
        fitted().score(question("P", own="abcd", asked="e"))


@pytest.mark.parametrize("wrong", [{"folds": 0}, {"folds": 5}, {"models": 0}])
def test_folds_and_models_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ParamError):
        fitted(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ParamError, match="targets"):
        fitted(targets={"nobody": {ItemId("a")}})
