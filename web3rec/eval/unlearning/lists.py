"""Everybody's lists by a model, and how good they are: recall, NDCG, and places that targets got.

The same figures as `eval.metrics`, for thousands of lists at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError
from web3rec.eval.metrics import discount
from web3rec.eval.unlearning.held import Held, Numbers
from web3rec.eval.unlearning.inference import ROWS, Scores

CUT: Final = 20
"""Places that count."""
DEEP: Final = 50
"""Places at which a target still counts as seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Lists of some people."""

    people: Numbers
    """int64[p], rising"""
    shown: npt.NDArray[np.int64]
    """int64[p, DEEP]: items, best first; -1 where there are no more"""

    def utility(self, hidden: Held) -> tuple[float, float]:
        """Mean recall and NDCG at CUT of those who have anything hidden.

        Raises:
            DataError: nobody has.
        """
        n_items = hidden.n_items
        wanted = hidden.lengths()[self.people]
        asked = wanted > 0
        if not asked.any():
            raise DataError("nobody who is asked has anything hidden: ask more people")
        shown = self.shown[asked, :CUT]
        codes = self.people[asked, None] * n_items + shown
        hits = hidden.has(codes) & (shown >= 0)
        weights = discount(CUT)
        best = np.cumsum(weights)[np.minimum(wanted[asked], CUT) - 1]
        recall = hits.sum(axis=1) / wanted[asked]
        return float(recall.mean()), float((hits @ weights / best).mean())

    def reached(self, targets: Sequence[int], cut: int, held: Held) -> float:
        """The share of (person, target) among `cut` places, of those where it might be."""
        if not len(targets):
            return 0.0
        codes = self.people[:, None] * held.n_items + np.asarray(targets, np.int64)[None, :]
        free = ~held.has(codes)
        there = (self.shown[:, None, :cut] == np.asarray(targets)[None, :, None]).any(axis=2)
        return float((there & free).sum() / max(int(free.sum()), 1))


def lists(people: Numbers, held: Held, scores: Scores) -> Lists:
    """The lists of these people; what they have is left out, ties go by item number.

    Cost: O(people * items), and the scores.
    """
    matrix = held.matrix()[people]
    depth = min(DEEP, held.n_items)
    shown = np.full((len(people), DEEP), -1, np.int64)
    for first in range(0, len(people), ROWS):
        some = matrix[first : first + ROWS]
        told = scores(some)
        owned = some.tocoo()
        told[owned.row, owned.col] = -np.inf
        top = np.sort(np.argpartition(-told, depth - 1, axis=1)[:, :depth], axis=1)
        reached = np.take_along_axis(told, top, axis=1)
        order = np.argsort(-reached, axis=1, kind="stable")
        best = np.take_along_axis(top, order, axis=1)
        left = np.isneginf(np.take_along_axis(reached, order, axis=1))
        shown[first : first + ROWS, :depth] = np.where(left, -1, best)
    return Lists(people, shown)
