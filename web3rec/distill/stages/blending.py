"""What a teacher adds: to itself alone, and as a voice beside a student.

    alone    the teacher's order against the student's
    beside   z(student) + w z(teacher), w chosen on one half of the people, judged on the other

z brings a list's scores to mean 0 and deviation 1. A language model that ranks worse than the graph
can still know something the graph does not: then its voice helps beside it, and only so does it
teach. Either question is answered by `web3rec.distill.gate`, on people no student learns from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.distill.gate import Decision, decision
from web3rec.distill.lessons import Lesson
from web3rec.distill.stages.judging import worths
from web3rec.types import Weights

WEIGHTS: Final = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
"""How loud a teacher may be beside a student."""
ROUNDS: Final = 2
"""Times that every weight of a mixture is chosen anew, the others held."""


def deviations(scores: Weights, *, below: bool = False) -> Weights:
    """z: mean 0 and deviation 1; zeros where nothing tells one candidate from another.

    Args:
        scores: float64[n], nan where there is no opinion.
        below: no opinion is one deviation under the least; else it is the mean.
    """
    known = np.isfinite(scores)
    if not known.any():
        return np.zeros(len(scores))
    said = scores[known]
    silent = said.min() - (_spread(said) or 1.0) if below else said.mean()
    filled = np.where(known, scores, silent)
    spread = _spread(filled)
    if not spread:
        return np.zeros(len(scores))
    found: Weights = (filled - filled.mean()) / spread
    return found


def _spread(values: Weights) -> float:
    """Their deviation; 0 if they differ by no more than their sum's rounding."""
    spread = float(values.std())
    return spread if spread > 1e-12 * max(1.0, float(np.abs(values).max())) else 0.0


@dataclass(frozen=True, slots=True)
class Voice:
    """One teacher's words on the lists of some people."""

    name: str
    labels: Sequence[Weights]
    """float64[candidates] each, nan where there is no opinion"""
    below: bool
    """What no opinion means, see `deviations`"""

    @property
    def heard(self) -> list[Weights]:
        """The labels in deviations."""
        return [deviations(label, below=self.below) for label in self.labels]


@dataclass(frozen=True, slots=True)
class Audition:
    """A teacher before the gate."""

    alone: Decision
    beside: Decision
    weight: float
    """The best one beside the student, of WEIGHTS, on all of validation"""

    @property
    def allowed(self) -> bool:
        """Whether it may teach, alone or beside."""
        return self.alone.allowed or (self.beside.allowed and self.weight > 0)


def audition(
    voice: Voice, lessons: Sequence[Lesson], student: Sequence[Weights], seed: int
) -> Audition:
    """Put both questions.

    Args:
        voice: of validation people.
        lessons: theirs.
        student: what the untaught student says of each list.
        seed: of the intervals.

    Cost: O(lists * WEIGHTS) orders.
    """
    own = worths(lessons, student)
    silent = np.array([not np.isfinite(label).any() for label in voice.labels])
    by_itself = np.where(silent, np.nan, worths(lessons, voice.heard))
    rng = np.random.default_rng([seed, 41])
    alone = decision(f"{voice.name}_alone", by_itself, own, rng)
    start, said = [deviations(scores) for scores in student], voice.heard
    table = np.array(
        [worths(lessons, [a + w * b for a, b in zip(start, said, strict=True)]) for w in WEIGHTS]
    )
    halves = np.arange(len(lessons)) % 2
    beside = np.empty(len(lessons))
    for half in (0, 1):
        chosen = int(table[:, halves != half].mean(axis=1).argmax()) if len(lessons) > 1 else 0
        beside[halves == half] = table[chosen, halves == half]
    judged = decision(f"{voice.name}_beside", beside, own, np.random.default_rng([seed, 42]))
    return Audition(alone, judged, WEIGHTS[int(table.mean(axis=1).argmax())])


def mixture(
    voices: Sequence[Voice], lessons: Sequence[Lesson], student: Sequence[Weights]
) -> dict[str, float]:
    """How loud each of several teachers is beside a student, chosen together.

    Starting from silence, each weight in turn is the best one while the others are held, ROUNDS
    times. A teacher may end with 0.
    """
    weights = {voice.name: 0.0 for voice in voices}
    heard = {voice.name: voice.heard for voice in voices}
    start = [deviations(scores) for scores in student]
    for _ in range(ROUNDS):
        for name in weights:
            others = blend(start, heard, weights | {name: 0.0})
            worth = [
                worths(lessons, blend(others, heard, {name: weight})).mean() for weight in WEIGHTS
            ]
            weights[name] = WEIGHTS[int(np.argmax(worth))]
    return weights


def blend(
    start: Sequence[Weights], heard: Mapping[str, Sequence[Weights]], weights: Mapping[str, float]
) -> list[Weights]:
    """Start + sum of weight * z, list by list."""
    return [
        own + sum((w * heard[name][n] for name, w in weights.items() if w), np.zeros(len(own)))
        for n, own in enumerate(start)
    ]


def wanted(lesson: Lesson, label: Weights | None, weight: float, top: int) -> Weights:
    """What a student is to put its probability on.

        hits / number of hits  +  weight softmax(label) of the best `top`

    Args:
        lesson: the list.
        label: float64[candidates], logits; None: nobody teaches.
        weight: the teachers' part, >= 0.
        top: candidates that are taught; the rest get nothing.

    Returns:
        float64[candidates], >= 0; its sum is at most 1 + weight, and less where there is no hit or
        nobody teaches.
    """
    found = np.zeros(len(lesson.features))
    if lesson.hits.any():
        found += lesson.hits / lesson.hits.sum()
    if label is None or weight == 0:
        return found
    best = np.argsort(-label, kind="stable")[:top]
    risen = np.exp(label[best] - label[best[0]])
    found[best] += weight * risen / risen.sum()
    return found
