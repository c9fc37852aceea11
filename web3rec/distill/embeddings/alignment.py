"""Turning one fit's vectors so that they lie as another's do.

    R = argmin |A R - B|   over rotations and reflections   = U W',  A'B = U S W'

Vectors of two fits differ by a rotation, which no inner product shows and which undoes whatever
was learnt to read single numbers of them. Source: Schönemann, "A generalized solution of the
orthogonal Procrustes problem", Psychometrika 31(1), 1966.
"""

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError

Matrix = npt.NDArray[np.float32]


def rotation(of: Matrix, onto: Matrix) -> Matrix:
    """The turn that brings rows nearest to others.

    Args:
        of: float32[n, width], what is to be turned.
        onto: float32[n, width], where to; row by row the same items.

    Returns:
        float32[width, width], orthogonal: `of @ rotation(of, onto)` is near `onto`.

    Raises:
        DataError: shapes that differ, no rows, or numbers that are not finite.

    Cost: O(n * width^2 + width^3).
    """
    if of.shape != onto.shape or of.ndim != 2 or not of.size:
        raise DataError(f"wanted two tables of one shape, got {of.shape} and {onto.shape}")
    if not (np.isfinite(of).all() and np.isfinite(onto).all()):
        raise DataError("wanted finite vectors to turn")
    left, _, right = np.linalg.svd(of.astype(np.float64).T @ onto.astype(np.float64))
    found: Matrix = (left @ right).astype(np.float32)
    return found
