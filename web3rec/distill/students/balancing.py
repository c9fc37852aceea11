"""The same student, told so that whole numbers cost it less.

Rounding has one step for all of z (`rerank.bundle.whole`), so a number that is seldom large makes
the step coarse for the others; and one scale for each column of `hidden`, so a row of large weights
does the same. What scales a number of z by 1 / f and its row of `hidden` and `skip` by f changes
nothing in float32; f = sqrt(largest of z / largest weight) shares the loss between the two. Only
columns and blend can be scaled so: the three sums hang on the vectors.

Source: Xiao et al., "SmoothQuant", ICML 2023, with their alpha of one half.
"""

from collections.abc import Sequence

import numpy as np

from web3rec.distill.lessons import Lesson
from web3rec.distill.students.hybrid import Vectors, inputs
from web3rec.errors import DataError
from web3rec.rerank.bundle.hybrid import SCALARS, HybridWeights

ENOUGH = 200
"""Lessons whose numbers are looked at."""
LEAST = 1e-6
"""What counts as 0 here."""


def balanced(student: HybridWeights, lessons: Sequence[Lesson], vectors: Vectors) -> HybridWeights:
    """Scale columns and blend against the rows that read them.

    Args:
        student: a trained one.
        lessons: lists such as it will be given; the first ENOUGH are looked at.
        vectors: what it reads.

    Returns:
        A student whose scores are the same but for rounding of float32.

    Raises:
        DataError: no lessons.

    Cost: that of scoring the lists.
    """
    if not lessons:
        raise DataError("no lessons to balance by")
    c = student.columns
    largest = np.max([_largest(student, lesson, vectors) for lesson in lessons[:ENOUGH]], axis=0)
    heavy = np.abs(student.hidden).max(axis=1).astype(np.float64)
    free = (largest > LEAST) & (heavy > LEAST)
    free[c : c + SCALARS] = False
    factor = np.ones(len(largest))
    factor[free] = np.sqrt(largest[free] / heavy[free])
    middle = np.exp(np.log(factor[free]).mean()) if free.any() else 1.0
    factor[free] /= middle  # on the whole, z stays as large as it was
    rows = factor[:, None]
    return HybridWeights.of(
        student.arrays()
        | {
            "scale": student.scale / factor[:c],
            "shift": student.shift / factor[:c],
            "blend": student.blend / factor[c + SCALARS :],
            "hidden": student.hidden * rows,
            "skip": student.skip * rows,
        }
    )


def _largest(student: HybridWeights, lesson: Lesson, vectors: Vectors) -> np.ndarray:
    """float64[z]: the largest of each number of z in a list, without its sign."""
    w, given = student, inputs(lesson.features, vectors, student.width)
    reach = (given.items @ w.query) @ (given.history @ w.key).T / np.sqrt(w.query.shape[1])
    reach = reach - w.decay * given.newer
    share = np.exp(reach - reach.max(axis=1, keepdims=True))
    used = given.items * (share / share.sum(axis=1, keepdims=True) @ given.history)
    near = given.items @ given.history.T
    told = (used.sum(axis=1), near.mean(axis=1), near.max(axis=1))
    z = np.column_stack([given.x * w.scale + w.shift, *told, used @ w.blend])
    found: np.ndarray = np.abs(z).max(axis=0).astype(np.float64)
    return found
