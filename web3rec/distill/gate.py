"""May a student learn from this teacher? Only from one that is better than it already is.

Both rank the same validation lists; the difference is paired by person and its interval must lie
above 0. Measured: distillation from a strong teacher gains .0098 NDCG@10, from a weak one it loses
.0072 (docs/decisions/0026). Pure: arrays in, a value for the manifest out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.intervals import LEVEL, Interval, interval
from web3rec.types import Weights

LEAST_PEOPLE: Final = 30
"""Below, a bootstrap says little; nobody is let through on it. Guess, to be measured."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's word, as it goes into a manifest."""

    teacher: str
    allowed: bool
    reason: str
    """In plain words, for whoever reads the manifest"""
    teacher_mean: float
    """Its mean on validation; where it has no opinion the student's value stands in"""
    student_mean: float
    gain: Interval
    """Of the paired difference, teacher minus student"""
    people: int
    silent: int
    """People of whom the teacher knew nothing"""

    def manifest(self) -> dict[str, object]:
        """Plain values only, ready for JSON."""
        return {
            "teacher": self.teacher,
            "allowed": self.allowed,
            "reason": self.reason,
            "teacher_mean": self.teacher_mean,
            "student_mean": self.student_mean,
            "gain": [self.gain.low, self.gain.mean, self.gain.high],
            "level": LEVEL,
            "people": self.people,
            "silent": self.silent,
        }


def decision(name: str, teacher: Weights, student: Weights, rng: np.random.Generator) -> Decision:
    """Compare them person by person.

    Args:
        name: the teacher's id.
        teacher: float64[people], what its list is worth to each on validation, such as NDCG@10;
            nan where it has no opinion. There the student keeps its own order: a gain of 0, and
            not somebody left out, else a teacher could choose its examiners.
        student: float64[people], the student's (or the graph's) own; finite.
        rng: draws people for the interval.

    Raises:
        ParamError: lengths differ, nobody, or the student has a value that is not finite.
    """
    if student.ndim != 1 or not student.size or not np.isfinite(student).all():
        raise ParamError("student", f"shape {student.shape}", "a finite value for each person")
    if teacher.shape != student.shape or np.isinf(teacher).any():
        raise ParamError("teacher", f"shape {teacher.shape}", f"finite or nan, {student.shape}")
    silent = np.isnan(teacher)
    stands = np.where(silent, student, teacher)
    gain = interval(stands - student, rng)
    allowed = student.size >= LEAST_PEOPLE and gain.low > 0
    return Decision(
        name,
        allowed,
        _reason(student.size, gain),
        float(stands.mean()),
        float(student.mean()),
        gain,
        int(student.size),
        int(silent.sum()),
    )


def _reason(people: int, gain: Interval) -> str:
    measured = f"{gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}] over {people} people"
    if people < LEAST_PEOPLE:
        return f"refused: {people} people are too few to tell, wanted {LEAST_PEOPLE}"
    if gain.low > 0:
        return f"allowed: better than the student by {measured}"
    if gain.high < 0:
        return f"refused: worse than the student by {measured}"
    return f"refused: not surely better than the student, {measured}"
