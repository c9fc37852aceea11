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
from web3rec.eval.unlearning.inference import ROWS, Dense, Scores

CUT: Final = 20
"""Places that count."""
DEEP: Final = 50
"""Places at which a target still counts as seen."""
CUTS: Final = (CUT, DEEP)


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Lists of some people."""

    people: Numbers
    """int64[p], rising"""
    shown: npt.NDArray[np.int64]
    """int64[p, DEEP]: items, best first; -1 where there are no more"""
    targets: Numbers
    """int64[t]: items whose places are looked at"""
    above: Dense
    """float64[p, t], in [0, 1): for each, the share of the catalogue that stands above it; ties go
    by number, and what a person has comes last"""

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

    def pushed(self, held: Held) -> Dense:
        """How far up the targets are, over people and targets that people do not have in `held`.

        Returns:
            float64[3]: the share among each of CUTS places, and the mean share of the catalogue
            that is below; zeros without targets.
        """
        codes = self.people[:, None] * held.n_items + self.targets[None, :]
        above = self.above[~held.has(codes)]
        if not above.size:
            return np.zeros(len(CUTS) + 1)
        place = above * held.n_items
        return np.array([*((place < cut - 0.5).mean() for cut in CUTS), 1 - above.mean()])


def lists(people: Numbers, held: Held, scores: Scores, targets: Sequence[int] = ()) -> Lists:
    """The lists of these people; what they have is left out, ties go by item number.

    Cost: O(people * items), and the scores.
    """
    matrix = held.matrix()[people]
    depth = min(DEEP, held.n_items)
    shown = np.full((len(people), DEEP), -1, np.int64)
    pushed = np.asarray(targets, np.int64)
    above = np.zeros((len(people), pushed.size))
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
        for nth, target in enumerate(pushed.tolist()):
            mine = told[:, target, None]
            ahead = (told > mine).sum(axis=1) + (told[:, :target] == mine).sum(axis=1)
            above[first : first + ROWS, nth] = ahead / held.n_items
    return Lists(people, shown, pushed, above)
