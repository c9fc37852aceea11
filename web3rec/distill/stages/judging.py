"""What an order of a lesson's candidates is worth: NDCG@10 of what was hidden, found or not.

Candidates that tie keep the graph's order, as on a device; a target that is not among the
candidates cannot be found and counts all the same.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from web3rec.distill.lessons import Lesson
from web3rec.eval.metrics import discount
from web3rec.rerank.features import Features
from web3rec.types import Weights

DEPTH: Final = 10
"""Places that count: those of the manifest's `ndcg`."""


def worth(lesson: Lesson, scores: Weights, k: int = DEPTH) -> float:
    """NDCG@k of the candidates by falling score.

    Args:
        lesson: the list.
        scores: float64[candidates]; nan goes last.
        k: places that count, >= 1.

    Returns:
        In [0, 1].
    """
    falling = np.where(np.isnan(scores), -np.inf, scores)[lesson.features.order]
    order = lesson.features.order[np.argsort(-falling, kind="stable")]
    weights = discount(k)
    found = lesson.hits[order[:k]]
    return float(weights[: len(found)] @ found / weights[: lesson.targets].sum())


def worths(lessons: Sequence[Lesson], scores: Sequence[Weights], k: int = DEPTH) -> Weights:
    """float64[lessons]: `worth` of each."""
    return np.array([worth(x, s, k) for x, s in zip(lessons, scores, strict=True)], np.float64)


def graph_scores(lessons: Sequence[Lesson]) -> list[Weights]:
    """The graph's own order as scores: n for the best, falling by one."""
    found = []
    for lesson in lessons:
        scores = np.empty(len(lesson.features))
        scores[lesson.features.order] = np.arange(len(scores), 0, -1)
        found.append(scores)
    return found


def scores_of(model: Callable[[Features], Weights], lessons: Sequence[Lesson]) -> list[Weights]:
    """What a model says of each list."""
    return [model(lesson.features) for lesson in lessons]
