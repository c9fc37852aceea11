"""EASE, and how it forgets exactly: its inverse is corrected by what changed, or made again.

    G = X'X,  P = (G + ridge I)^-1,  score of item j for a past x without j  -(x P)_j / P_jj

Somebody who is forgotten was one row x of X, so that P becomes the inverse of G + ridge I - x x'.
With k such rows A, and C a Cholesky factor,

    Y = A P      C C' = I -+ A Y'      P +- (C^-1 Y)' (C^-1 Y)

gives it in O(k n^2), `+` where rows go and `-` where they come. Who forgets a part of its items
comes with what remains and goes with what there was, in this order, so that nothing is ever
indefinite. Beyond about n / 2 rows the inverse of what is left is as fast, and is made instead; so
it is if more rows change than are left.

Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019; Woodbury's identity.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import blas, cholesky, lapack, solve_triangular

from web3rec.errors import DataError, ParamError
from web3rec.eval.unlearning.held import Held, Sparse

Dense = npt.NDArray[np.float64]
LARGEST: Final = 6_500
"""Items at most: a dense matrix of 340 MB."""
BREAK_EVEN: Final = 0.5
"""Changed rows as a share of the items above which the inverse is made again. Measured on 3,657
items: 1,274 rows take 1.3 s, learning takes 2.4 s; see docs/decisions/0038."""
FEW: Final = 64
"""Rows up to which writing both halves at once is faster than one half and its mirror."""
BLOCK: Final = 512
"""Changed rows at once: bounds the memory of Y."""
_TILE: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class ClosedForm:
    """A model that was learnt from a set of pairs."""

    held: Held
    """What it was learnt from"""
    inverse: Dense
    """float64[items, items], symmetric: P"""
    ridge: float

    def scores(self, past: Sparse) -> Dense:
        """float64[rows, items]: scores for some pasts, rows by items of ones.

        An item of the past gets the score it would have if the past were without it.

        Cost: O(pairs of the past * items).
        """
        found: Dense = np.asarray(past @ self.inverse.T)
        found /= -np.diag(self.inverse)
        rows = past.tocoo()
        found[rows.row, rows.col] += 1
        return found

    def copy(self) -> "ClosedForm":
        """One that may be changed in place without this one noticing."""
        return replace(self, inverse=self.inverse.copy(order="F"))


def learnt(held: Held, ridge: float) -> ClosedForm:
    """Learn it from nothing.

    Raises:
        ParamError: the ridge is not positive.
        DataError: there are too many items.

    Where there are few people, it is corrected by all of them, from that of nobody: whichever way
    is faster is what forgetting is compared to.

    Cost: O(pairs^2 / users + items^3): 2.2 s for 720,000 pairs of 3,695 items; or
    O(users * items^2).
    """
    if not 0 < ridge < float("inf"):
        raise ParamError("ridge", ridge, "a positive number")
    if held.n_items > LARGEST:
        raise DataError(f"wanted at most {LARGEST:,} items, got {held.n_items:,}: take fewer")
    matrix = held.matrix()
    if np.count_nonzero(held.lengths()) <= BREAK_EVEN * held.n_items:
        nobody = np.asfortranarray(np.eye(held.n_items) / ridge)
        return ClosedForm(held, _corrected(nobody, matrix[held.lengths() > 0], -1.0), ridge)
    common = np.asfortranarray((matrix.T @ matrix).toarray())
    common[np.diag_indices_from(common)] += ridge
    factor, wrong = lapack.dpotrf(common, lower=1, overwrite_a=1)
    if not wrong:
        inverse, wrong = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if wrong:
        raise DataError("the matrix has no inverse: give a larger ridge")
    return ClosedForm(held, mirrored(inverse), ridge)


def rows_changed(held: Held, gone: Held) -> tuple[Sparse, Sparse]:
    """Rows that come and rows that go, both with ones, where somebody forgets.

    Who forgets all only goes; who forgets a part comes with the rest.
    """
    touched = np.zeros(held.n_users, bool)
    touched[gone.users] = True
    before = held.by(touched)
    some, rest = before.matrix()[touched], before.less(gone).matrix()[touched]
    return rest[np.diff(rest.indptr) > 0], some[np.diff(some.indptr) > 0]


def forget(model: ClosedForm, gone: Held) -> ClosedForm:
    """The model of what remains; the inverse of `model` is overwritten, or given up.

    Args:
        model: whose inverse is changed in place: nothing of what it was remains.
        gone: what is forgotten; what it never had changes nothing.

    Returns:
        What `learnt` gives for the rest, but for rounding (tested: 1e-9 of the largest entry).

    Cost: see above.
    """
    gone = model.held.both(gone)
    after = model.held.less(gone)
    coming, going = rows_changed(model.held, gone)
    most = min(BREAK_EVEN * after.n_items, np.count_nonzero(after.lengths()))
    if coming.shape[0] + going.shape[0] > most:
        return learnt(after, model.ridge)
    return ClosedForm(
        after, _corrected(_corrected(model.inverse, coming, -1.0), going, 1.0), model.ridge
    )


def _corrected(inverse: Dense, rows: Sparse, sign: float) -> Dense:
    """By any number of rows, BLOCK at a time."""
    for first in range(0, rows.shape[0], BLOCK):
        inverse = corrected(inverse, rows[first : first + BLOCK], sign)
    return inverse


def corrected(inverse: Dense, rows: Sparse, sign: float) -> Dense:
    """The inverse after these rows went (sign 1) or came (-1); in place if it lies by columns.

    Raises:
        DataError: rows go that never came.
    """
    reach: Dense = np.asarray(rows @ inverse.T)  # symmetric, and so laid out as rows want it
    middle = np.eye(rows.shape[0]) - sign * np.asarray(rows @ reach.T)
    try:
        factor = cholesky(middle, lower=True, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError as e:
        raise DataError("rows were to be forgotten that this model never learnt from") from e
    half = solve_triangular(factor, reach, lower=True, overwrite_b=True, check_finite=False)
    if rows.shape[0] <= FEW:
        both: Dense = blas.dgemm(sign, half, half, beta=1.0, c=inverse, trans_a=1, overwrite_c=1)
        return both
    return mirrored(blas.dsyrk(sign, half, beta=1.0, c=inverse, trans=1, lower=1, overwrite_c=1))


def mirrored(lower: Dense) -> Dense:
    """A symmetric matrix of which the lower half was known; in place, a tile at a time."""
    n = len(lower)
    for first in range(0, n, _TILE):
        last = min(first + _TILE, n)
        tile = lower[first:last, first:last]
        tile[:] = np.tril(tile) + np.tril(tile, -1).T
        lower[first:last, last:] = lower[last:, first:last].T
    return lower
