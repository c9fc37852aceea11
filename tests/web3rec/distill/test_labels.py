"""Asking a teacher many questions."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.web3rec.distill.questions import question
from web3rec.distill import Cache, Cached, Question, Teacher, labels
from web3rec.errors import DataError
from web3rec.types import Weights


@dataclass
class Tired:
    """Answers so many questions, then no more."""

    strength: int
    answer: Weights = field(default_factory=lambda: np.array([1.0, np.nan, 3.0]))
    asked: int = 0
    id: str = "tired"

    def score(self, question: Question) -> Weights:
        if self.asked == self.strength:
            raise DataError("enough for today")
        self.asked += 1
        return self.answer + int(question.history.person)


QUESTIONS = [question(person=str(n)) for n in range(5)]


def test_labels_come_in_order_with_progress() -> None:
    told: list[tuple[int, int]] = []
    teacher: Teacher = Tired(9)
    found = labels(teacher, QUESTIONS, lambda *now: told.append(now))
    for n, score in enumerate(found.scores):
        assert_array_equal(score, [1.0 + n, np.nan, 3.0 + n])
    assert found.opinions == pytest.approx(2 / 3)
    assert told == [(n, 5) for n in range(1, 6)]
    assert labels(teacher, []).opinions == 0


def test_a_teacher_that_stops_is_asked_for_the_rest_alone(tmp_path: Path) -> None:
    with Cache(tmp_path / "c.db") as cache:
        with pytest.raises(DataError, match="enough"):
            labels(Cached(Tired(3), cache), QUESTIONS)
        rested = Tired(9)
        found = labels(Cached(rested, cache), QUESTIONS)
        assert rested.asked == 2
        for one, two in zip(found.scores, labels(Tired(9), QUESTIONS).scores, strict=True):
            assert_array_equal(one, two)


@pytest.mark.parametrize("answer", [np.zeros(2), np.zeros((3, 1)), np.array([0, np.inf, 0])])
def test_a_teacher_that_breaks_its_promise_is_found_out(answer: Weights, tmp_path: Path) -> None:
    with Cache(tmp_path / "c.db") as cache, pytest.raises(DataError, match="cannot be used"):
        labels(Cached(Tired(9, answer), cache), QUESTIONS)
