"""EASE: the linear item-to-item model with a zero diagonal, solved in closed form.

With X the 0/1 matrix users x items, G = X'X and P = (G + ridge I)^-1, the score of item j for a
user without it is  -(x P)_j / P_jj. P has items x items entries; but

    P = (I - X' K X) / ridge,   K = (X X' + ridge I)^-1,  users x users

so the smaller of the two sides is what has to be inverted, and that is the limit here.
Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.methods.method import Ranker, Scored, Settings, own_items
from web3rec.graph import Csr
from web3rec.types import Weights

LARGEST: Final = 6_500
"""Users or items, whichever are fewer: a dense matrix of 340 MB, about 20 s to invert."""

Dense = npt.NDArray[np.float64]


def ease(arena: Arena, _settings: Settings, *, ridge: float = 100.0) -> Ranker:
    """Fit it; `ridge` > 0.

    Raises:
        DataError: the data set is too large.

    Cost: O(n^3) for n the smaller of users and items.
    """
    if not 0 < ridge < float("inf"):
        raise ParamError("ridge", ridge, "a positive number")
    rows, cols = arena.graph.rows, arena.graph.cols
    if min(rows.n_rows, cols.n_rows) > LARGEST:
        raise DataError(
            f"ease wants at most {LARGEST:,} users or items, this has {rows.n_rows:,} and "
            f"{cols.n_rows:,}: leave it out, or choose fewer people"
        )
    fit = _by_items if cols.n_rows <= rows.n_rows else _by_users
    return Scored(arena, fit(arena, rows, cols, ridge))


def _by_items(arena: Arena, rows: Csr, cols: Csr, ridge: float) -> Callable[[int], Weights]:
    inverse = np.linalg.inv(_common(cols, rows, ridge))
    inverse /= -np.diag(inverse).copy()

    def scores(user: int) -> Weights:
        found: Weights = inverse[own_items(arena, user)].sum(axis=0)
        return found

    return scores


def _by_users(_arena: Arena, rows: Csr, cols: Csr, ridge: float) -> Callable[[int], Weights]:
    inverse = np.linalg.inv(_common(rows, cols, ridge))
    diagonal = np.empty(cols.n_rows)  # of P, times ridge: 1 - x_j' K x_j
    for item in range(cols.n_rows):
        holders = cols.row(item)[0]
        diagonal[item] = 1 - inverse[np.ix_(holders, holders)].sum()
    edges = rows.gather(np.arange(rows.n_rows, dtype=np.int32))

    def scores(user: int) -> Weights:
        spread = -ridge * inverse[user]  # x X' K, as (X X' + ridge I) K = I
        spread[user] += 1
        reached = np.bincount(edges.cols, weights=spread[edges.owner], minlength=cols.n_rows)
        found: Weights = reached / diagonal
        return found

    return scores


def _common(matrix: Csr, other: Csr, ridge: float) -> Dense:
    """M M' + ridge I for the 0/1 pattern of a matrix whose transpose is `other`."""
    total = np.zeros((matrix.n_rows, matrix.n_rows))
    for row in range(matrix.n_rows):
        shared = other.gather(matrix.row(row)[0]).cols
        total[row] = np.bincount(shared, minlength=matrix.n_rows)
    total[np.diag_indices_from(total)] += ridge
    return total
