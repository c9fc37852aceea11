"""Questions and the promise of a teacher."""

import pytest

from tests.web3rec.distill.questions import items, question
from web3rec.distill.teacher import Described, History, Question
from web3rec.errors import ParamError
from web3rec.types import ItemId


def test_a_question_names_nothing_twice_and_nothing_of_the_history() -> None:
    with pytest.raises(ParamError, match="history"):
        History("1", items("a", "a"))
    with pytest.raises(ParamError, match="candidates"):
        question("aa")
    with pytest.raises(ParamError, match="not in the history"):
        question("ax", "xy")


def test_the_digest_is_of_all_a_teacher_may_look_at() -> None:
    asked = question()
    assert asked.digest == question().digest
    others = [
        question(person="2"),
        question("acb"),
        question(liked="yxz"),
        question(liked="xy"),
        Question(asked.history, (*items("a", "b"), Described(ItemId("c"), "another title"))),
    ]
    assert len({asked.digest, *(other.digest for other in others)}) == 6
