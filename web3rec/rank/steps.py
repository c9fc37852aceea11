"""One step of mass over a sparse matrix, in whichever direction reads less.

`pushed` follows the entries of the rows that hold mass: its work grows with the neighbourhood
alone. `pulled` reads the whole matrix by its columns, in order and in blocks that stay in cache,
which costs a quarter as much an entry. Both are the same sum, to rounding.
"""

from typing import Final

import numpy as np

from web3rec.graph import Csr
from web3rec.types import Indices, Weights

BLOCK: Final = 1 << 16
"""Entries that `pulled` handles at a time: half a megabyte of products. Measured: 2 ** 15 to
2 ** 17 are alike, 2 ** 12 and everything at once take twice as long."""
PUSHING: Final = 3
"""How many entries `pulled` reads in the time that `pushed` follows one; measured."""


def step(rows: Csr, cols: Csr, mass: Weights, *, held: bool = False) -> Weights:
    """sum_u mass[u] rows[u, i] for every column i.

    Args:
        rows: the matrix by rows.
        cols: the same matrix transposed.
        mass: float64[rows], >= 0.
        held: count every entry as 1, here and in the other functions.

    Returns:
        float64[columns].

    Cost: O(entries of the rows with mass), and never more than O(nnz) at a third of the price.
    """
    # Not from the rows' numbers, which take as long to list as a tenth of a large pull.
    entries = int(np.diff(rows.starts).sum(where=mass > 0))
    if entries * PUSHING < rows.nnz:
        at = np.flatnonzero(mass).astype(np.int32)
        return pushed(rows, at, mass[at], held=held)
    return pulled(cols, mass, held=held)


def pushed(rows: Csr, at: Indices, mass: Weights, *, held: bool = False) -> Weights:
    """float64[rows.n_cols]: sum of the rows `at`, each times its mass. Cost: O(their entries)."""
    first = rows.starts[at]
    lengths = rows.starts[at + 1] - first
    ends = np.cumsum(lengths)
    flat = np.repeat(first - ends + lengths, lengths)
    flat += np.arange(flat.size)
    said = np.repeat(mass, lengths)
    if not held:
        said *= rows.weights.take(flat)
    total: Weights = np.bincount(rows.cols.take(flat), weights=said, minlength=rows.n_cols).astype(
        np.float64, copy=False
    )
    return total


def pulled(cols: Csr, mass: Weights, *, held: bool = False) -> Weights:
    """float64[cols.n_rows]: each row's sum of entry times the mass of its column. Cost: O(nnz)."""
    total: Weights = np.zeros(cols.n_rows)
    starts = cols.starts
    cuts = np.searchsorted(starts, np.arange(0, cols.nnz, BLOCK), side="right") - 1
    cuts = np.append(np.unique(cuts), cols.n_rows)
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        low, high = starts[first], starts[last]
        said = mass.take(cols.cols[low:high])
        if not held:
            said *= cols.weights[low:high]
        begins = starts[first:last] - low
        filled = begins < starts[first + 1 : last + 1] - low
        # An empty row has no sum of its own: `reduceat` would give it the next row's first entry.
        total[first:last][filled] = np.add.reduceat(said, begins[filled])
    return total


def pulled_at(cols: Csr, items: Indices, mass: Weights, *, held: bool = False) -> Weights:
    """`pulled` for some rows only; float64[len(items)]. Cost: O(their entries), or that of all."""
    entries = int((cols.starts[np.asarray(items) + 1] - cols.starts[items]).sum())
    if entries * PUSHING >= cols.nnz:
        return pulled(cols, mass, held=held)[items]
    edges = cols.gather(items)
    said = mass[edges.cols] if held else mass[edges.cols] * edges.weights
    total: Weights = np.bincount(edges.owner, weights=said, minlength=len(items)).astype(
        np.float64, copy=False
    )
    return total
