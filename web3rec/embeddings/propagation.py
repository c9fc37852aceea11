"""Vectors of items after a walk to the people who have them and back, and the slope of that.

    user   a_u = d_u^-near  sum over its items       d_i^-far  e_i / |e_i|
    item   b_i = d_i^-near  sum over its listeners   d_u^-far  a_u / |a_u|
    v_i = own e_i + (1 - own) b_i

d are degrees, e_i is what is learnt. Lengths are put aside before each step, so how loud a
neighbour is hangs on `far` alone; `near` says how far what is summed grows with how much there is.

Source: Lee, Kim & Shin, "Revisiting LightGCN: unexpected inflexibility, inconsistency, and a remedy
towards improved recommendation" (LightGCN++), RecSys 2024. Ours has no vectors of users: theirs are
what their items come to, so that someone who was never seen in training has one, too.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags_array

from web3rec.errors import ParamError
from web3rec.graph import Csr
from web3rec.types import Weights

Matrix = npt.NDArray[np.float32]
Sparse = Any
"""scipy.sparse's csr_matrix of float32, which has no types."""
TINY: Final = np.float32(1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagationParams:
    """Exponents of degrees, and how much of an item is its own."""

    near: float = 0.6
    """In [0, 1]; theirs on all but one of five data sets."""
    far: float = -0.1
    """In [-1, 1]; below 0, the neighbour who has more counts for a little more. Theirs."""
    own: float = 0.4
    """In [0, 1]; theirs is .2, which is a little worse here (docs/decisions/0029)."""

    def __post_init__(self) -> None:
        for name, least in (("near", 0.0), ("far", -1.0), ("own", 0.0)):
            if not least <= getattr(self, name) <= 1:
                raise ParamError(name, getattr(self, name), f"in [{least:g}, 1]")


class Walked(NamedTuple):
    """One way through; what the way back needs."""

    free: Matrix
    """float32[items, width]: e"""
    users: Matrix
    """float32[users, width]: a"""
    vectors: Matrix
    """float32[items, width]: v"""


@dataclass(frozen=True, slots=True, eq=False)
class Propagation:
    """The two steps of one graph, as matrices."""

    to_users: Sparse
    """users by items"""
    to_items: Sparse
    """items by users"""
    own: np.float32

    @staticmethod
    def of(rows: Csr, params: PropagationParams) -> "Propagation":
        """Of who has what; weights are not looked at. Cost: O(nnz)."""
        held = pattern(rows)
        by_user, by_item = degrees(held)
        near, far = -params.near, -params.far
        users = diags_array(by_user**near) @ held @ diags_array(by_item**far)
        items = diags_array(by_item**near) @ held.T @ diags_array(by_user**far)
        single = np.float32
        return Propagation(
            csr_matrix(users, dtype=single), csr_matrix(items, dtype=single), single(params.own)
        )

    def walked(self, free: Matrix) -> Walked:
        """Where e = `free` leads, float32[items, width]. Cost: O(nnz * width)."""
        users = self.to_users @ unit(free)
        back = self.to_items @ unit(users)
        return Walked(free, users, self.own * free + (1 - self.own) * back)

    def slope(self, walked: Walked, by_vectors: Matrix) -> Matrix:
        """The slope by e of anything whose slope by v is given; both float32[items, width]."""
        by_users = self.to_items.T @ ((1 - self.own) * by_vectors)
        by_unit = self.to_users.T @ unit_slope(walked.users, by_users)
        return self.own * by_vectors + unit_slope(walked.free, by_unit)


def pattern(rows: Csr) -> Sparse:
    """A graph as scipy's float32 matrix of ones; copied."""
    shape = (rows.n_rows, rows.n_cols)
    return csr_matrix((np.ones(rows.nnz, np.float32), rows.cols, rows.starts), shape, copy=True)


def degrees(held: Sparse) -> tuple[Weights, Weights]:
    """float64[users] and float64[items], no lower than 1."""
    by_user, by_item = (np.asarray(held.sum(axis=axis)).ravel() for axis in (1, 0))
    return np.maximum(by_user, 1.0).astype(np.float64), np.maximum(by_item, 1.0).astype(np.float64)


def unit(rows: Matrix) -> Matrix:
    """Each row by its length; rows of zeros stay so."""
    found: Matrix = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + TINY)
    return found


def unit_slope(rows: Matrix, by_unit: Matrix) -> Matrix:
    """The slope by `rows` of anything whose slope by `unit(rows)` is given."""
    length = np.linalg.norm(rows, axis=1, keepdims=True) + TINY
    along = rows / length
    found: Matrix = (by_unit - along * (along * by_unit).sum(axis=1, keepdims=True)) / length
    return found
