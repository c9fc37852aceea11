"""What a teacher says of many lists: in order, told as it goes, never twice.

`Cached` remembers any teacher; an `Endpoint` remembers its own answers, a request a row, and is
asked by `Endpoint.prepare` first, many at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from web3rec.distill.cache import Cache
from web3rec.distill.teacher import Question, Teacher
from web3rec.errors import DataError
from web3rec.types import Weights

Told = Callable[[int, int], None]
"""Told (done, all) after each; the last call has both equal."""


def untold(_done: int, _total: int) -> None:
    """The progress of labels that nobody watches."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A teacher whose judgements are kept, one row for each list."""

    teacher: Teacher
    cache: Cache

    @property
    def id(self) -> str:
        return self.teacher.id

    def score(self, question: Question) -> Weights:
        size, asked = len(question.candidates), question.digest
        known = self.cache.get(self.id, asked, size)
        if known is not None:
            return known
        score = checked(self.teacher, question)
        self.cache.put(self.id, asked, question.history.person, score)
        return score


@dataclass(frozen=True, slots=True)
class Labels:
    """A teacher's words on a sequence of lists."""

    teacher: str
    scores: tuple[Weights, ...]
    """One for each question: float64[candidates], nan where there is no opinion"""

    @property
    def opinions(self) -> float:
        """The share of candidates it has an opinion on; in [0, 1], 0 if nothing was asked."""
        asked = sum(score.size for score in self.scores)
        return sum(int(np.isfinite(score).sum()) for score in self.scores) / max(asked, 1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of the requests for a set of questions."""

    cached: int
    """Were there already"""
    answered: int
    """Asked, understood and kept"""
    nonsense: int
    """Asked, and not understood"""
    failed: int
    """Not answered, or refused"""
    left: int
    """Never asked, because too many failed in a row"""
    reason: str | None
    """The last failure; None if there was none"""

    @property
    def whole(self) -> bool:
        """Whether every judgement is there."""
        return not (self.nonsense or self.failed or self.left)


def labels(teacher: Teacher, questions: Sequence[Question], told: Told = untold) -> Labels:
    """Ask about each list, in order.

    Raises:
        DataError: the teacher broke its promise (see `checked`).
        Web3recError: whatever the teacher raises; what it said before is kept if it is `Cached`.
    """
    scores = []
    for done, question in enumerate(questions, 1):
        scores.append(checked(teacher, question))
        told(done, len(questions))
    return Labels(teacher.id, tuple(scores))


def checked(teacher: Teacher, question: Question) -> Weights:
    """What it says, if it keeps to the Protocol. Raises DataError: wrong length, or infinite."""
    score = np.asarray(teacher.score(question), np.float64)
    if score.shape != (len(question.candidates),) or np.isinf(score).any():
        raise DataError(
            f"wanted {len(question.candidates)} finite scores or nan, got shape {score.shape}: "
            "this teacher cannot be used",
            where=teacher.id,
        )
    return score
