"""A read-only sparse matrix in compressed rows: the currency between stages.

Weights are kept in single precision, which halves what an edge takes, and are handed out in
double precision: whoever computes with `row` and `gather` loses nothing further.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.types import Indices, Weights

Singles = npt.NDArray[np.float32]


class Edges(NamedTuple):
    """The entries of some rows, laid end to end."""

    owner: Indices
    """int32[e]: which of the rows asked for, counted 0, 1, ... in the order asked."""
    cols: Indices
    """int32[e]"""
    weights: Weights
    """float64[e]"""


@dataclass(frozen=True, slots=True, eq=False)
class Csr:
    """Rows of (column, weight) pairs, columns ascending inside a row, none twice.

    Valid by construction, so no holder checks again. Takes ownership: the arrays become
    read-only, and one matrix can be shared by threads without copying.
    """

    starts: npt.NDArray[np.int64]  # int64[n_rows + 1], 0 first, never decreasing
    cols: Indices  # int32[nnz], each in [0, n_cols)
    weights: Singles  # float32[nnz], finite and > 0; take them through `row` or `gather`
    n_cols: int

    def __post_init__(self) -> None:
        starts, cols, weights = self.starts, self.cols, self.weights
        if starts.size == 0 or starts[0] != 0 or np.any(np.diff(starts) < 0):
            raise ValueError("starts must begin at 0 and never decrease")
        if cols.dtype != np.int32 or weights.dtype != np.float32:
            raise ValueError(f"want int32 cols, float32 weights: {cols.dtype}, {weights.dtype}")
        if not starts[-1] == cols.size == weights.size:
            raise ValueError(f"want {starts[-1]} cols and weights: {cols.size}, {weights.size}")
        if cols.size and not 0 <= cols.min() <= cols.max() < self.n_cols:
            raise ValueError(f"cols must lie in [0, {self.n_cols})")
        rises = np.diff(cols) > 0
        rises[starts[1:-1][(starts[1:-1] > 0) & (starts[1:-1] < cols.size)] - 1] = True
        if not rises.all():
            raise ValueError("cols must rise strictly within a row: sort, and add up duplicates")
        if not (np.isfinite(weights).all() and (weights > 0).all()):
            raise ValueError("weights must be finite and > 0")
        for array in (starts, cols, weights):
            array.flags.writeable = False

    @staticmethod
    def from_sorted(
        n_rows: int, n_cols: int, rows: Indices, cols: Indices, weights: Weights | Singles
    ) -> "Csr":
        """From entries sorted by (row, column), none twice; copied. Cost: O(n_rows + nnz).

        Weights are rounded to single precision.

        Raises:
            ValueError: lists of unequal length, entries out of order or out of range.
        """
        if not rows.size == cols.size == weights.size:
            raise ValueError(
                f"want one row, col and weight each: {rows.size}, {cols.size}, {weights.size}"
            )
        if (rows.size and not 0 <= rows[0] <= rows[-1] < n_rows) or np.any(np.diff(rows) < 0):
            raise ValueError(f"rows must not decrease and lie in [0, {n_rows})")
        starts = np.zeros(n_rows + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=n_rows), out=starts[1:])
        return Csr(starts, cols.astype(np.int32), weights.astype(np.float32), n_cols)

    @property
    def n_rows(self) -> int:
        return self.starts.size - 1

    @property
    def nnz(self) -> int:
        return self.cols.size

    def row(self, number: int) -> tuple[Indices, Weights]:
        """Columns and weights of one row."""
        here = slice(self.starts[number], self.starts[number + 1])
        return self.cols[here], self.weights[here].astype(np.float64)

    def gather(self, rows: Indices) -> Edges:
        """The entries of the rows asked for. Cost: O(entries returned), not O(nnz)."""
        first = self.starts[rows]
        lengths = self.starts[np.asarray(rows) + 1] - first
        owner = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        before = np.cumsum(lengths) - lengths
        flat = np.arange(int(lengths.sum())) + np.repeat(first - before, lengths)
        return Edges(owner, self.cols[flat], self.weights[flat].astype(np.float64))

    def spread(self, at: Indices, n_rows: int) -> "Csr":
        """The same rows among others that are empty.

        Args:
            at: int32[n_rows of this], rising: where each row goes; -1 for an empty one left out.
            n_rows: how many rows there will be.

        Cost: O(n_rows + nnz).
        """
        lengths = np.zeros(n_rows, np.int64)
        lengths[at[at >= 0]] = np.diff(self.starts)[at >= 0]
        starts = np.zeros(n_rows + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return Csr(starts, self.cols, self.weights, self.n_cols)

    def row_of(self) -> Indices:
        """int32[nnz]: the row of each entry. Cost: O(nnz)."""
        return np.repeat(np.arange(self.n_rows, dtype=np.int32), np.diff(self.starts))

    def transpose(self) -> "Csr":
        """The same entries, columns becoming rows; sorted again. Cost: O(nnz log nnz)."""
        starts = np.zeros(self.n_cols + 1, np.int64)
        np.cumsum(np.bincount(self.cols, minlength=self.n_cols), out=starts[1:])
        # One number a column and a place in it sort faster than a stable argsort, and alike.
        bits = max(1, self.nnz).bit_length()
        keys = self.cols.astype(np.uint64)
        keys <<= np.uint64(bits)
        keys |= np.arange(self.nnz, dtype=np.uint64)
        keys.sort()
        keys &= np.uint64((1 << bits) - 1)
        order = keys.view(np.int64)
        return Csr(starts, self.row_of()[order], self.weights[order], self.n_rows)
