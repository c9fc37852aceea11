"""What a source proposes: items, scores, and through whom each score arrived."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Proposed items, best first, ties by item number.

    `by_sponsor` rows sum to the score for whatever other people supported; a row of zeros means
    that nobody but the ego stands behind the item, and budgets do not bind it.
    """

    items: Indices
    """int32[c]"""
    scores: Weights
    """float64[c], > 0, falling"""
    by_sponsor: npt.NDArray[np.float64]
    """float64[c, sponsors]: s_ib, the part of the score that arrived through sponsor b"""
    sources: tuple[str, ...]
    """Which source says most of each, for the reason's wording"""

    def __len__(self) -> int:
        return self.items.size


def best(scores: Weights, allowed: npt.NDArray[np.bool_], limit: int) -> Indices:
    """The allowed items with the highest positive scores; ties by item number. Cost: O(items)."""
    possible = np.flatnonzero(allowed & (scores > 0))
    if possible.size > limit:  # keep everything that ties with the last one in
        cut = np.partition(scores[possible], possible.size - limit)[possible.size - limit]
        possible = possible[scores[possible] >= cut]
    order = np.argsort(-scores[possible], kind="stable")[:limit]
    top: Indices = possible[order].astype(np.int32)
    return top
