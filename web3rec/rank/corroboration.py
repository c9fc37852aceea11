"""Corroboration: what an item counts where no sponsor may carry more of it than it has room for.

A sponsor with room q carries at most the part q of an item. What it says beyond that is not
counted, and the item stands on the rest: on the largest X in [0, 1] with

    X = sum_b min(share_b, q_b X)

X is 1 if every share has room, 0 if the sponsors with room cannot make up an item between them.
The parts paid are min(share_b, q_b X) / X; they sum to 1.

Law K1. Every part is at most q_b. Law K2. If honest sponsors hold the share h of an item, X is at
most h / (1 - q), q being the room of all the others: what a few friends say of an item lifts it
no further than that, however loud they are.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.types import Weights

Shares = npt.NDArray[np.float64]
ROUNDING: Final = 1e-12


def counted(shares: Shares, rooms: Weights) -> Weights:
    """X of each item.

    Args:
        shares: float64[c, sponsors], >= 0, rows summing to 1, or to 0 where nobody sponsors (then
            nobody has to pay, and X is 1).
        rooms: float64[sponsors], q_b, >= 0; above 1 is as good as 1.

    Newton's method from above on a concave function made of straight lines: a sponsor once found
    to exceed its room stays so, hence no more rounds than sponsors; two or three are usual.

    Cost: O(c * sponsors) a round.
    """
    x: Weights = np.ones(len(shares))
    for _ in range(shares.shape[1]):
        full = shares > rooms * x[:, None] + ROUNDING
        at = np.flatnonzero(full.any(axis=1))
        if not at.size:
            break
        within = np.where(full[at], 0.0, shares[at]).sum(axis=1)
        left = 1.0 - np.where(full[at], rooms, 0.0).sum(axis=1)
        lower = np.divide(within, left, out=np.zeros(at.size), where=left > ROUNDING)
        if (lower >= x[at] - ROUNDING).all():
            break
        x[at] = np.minimum(x[at], lower)
    x[x < ROUNDING] = 0.0
    return x


def parts(shares: Shares, rooms: Weights, x: Weights) -> Shares:
    """float64[c, sponsors]: what each sponsor pays of a position, rows summing to 1 (or 0)."""
    carried: Shares = np.minimum(shares, rooms * x[:, None])
    total = carried.sum(axis=1, keepdims=True)
    paid: Shares = np.divide(carried, total, out=np.zeros_like(carried), where=total > 0)
    return paid


def eighth(part: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The eighth power, in three strokes."""
    squared = part * part
    squared *= squared
    squared *= squared
    return squared
