"""Item vectors as a bundle holds them, so that a hybrid's attention can weigh a history by them.

    row = [ v / s,  1 if known,  ln |v| / t ]        int8, one scale for all

What somebody has is to count by its direction alone, what is proposed by its length as well (see
`fitting`), and a bundle holds one vector for both. A hybrid's attention can tell: with a query that
reads the 1 and a key that reads ln |v|, a softmax over the history counts each item by 1 / |v|, and
what is attended to is the mean of v / |v| but for one factor of the whole list.

s and t are one number each for a table, so that no number is larger than 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.embeddings.propagation import Matrix
from web3rec.errors import DataError
from web3rec.rerank.bundle import items
from web3rec.rerank.bundle.items import ItemVectors
from web3rec.types import ItemKey

EXTRA: Final = 2
"""Numbers that a row has beside the vector's own: a 1, and the logarithm of its length."""
SHORT: Final = 1e-6
"""Length below which an item is left out: nothing is known of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Vectors as devices read them, and what is needed to read them."""

    vectors: ItemVectors
    stretch: float
    """t, > 0: ln |v| is the row's last number times this"""

    @staticmethod
    def of(keys: Sequence[ItemKey], vectors: Matrix) -> "Table":
        """Round vectors to eight bits; those of no length are left out.

        Args:
            keys: of each item, as bundles know it; 16 bytes.
            vectors: float32[len(keys), width], finite.

        Raises:
            DataError: lengths that differ, nothing known of any item, or keys that are no keys.

        Cost: O(numbers).
        """
        if len(keys) != len(vectors):
            raise DataError(f"wanted a vector for each of {len(keys)} items, got {len(vectors)}")
        rows, stretch = laid_out(vectors)
        known = np.flatnonzero(rows[:, -EXTRA])
        if not known.size:
            raise DataError("no item has a vector: give more data")
        by_key: Mapping[ItemKey, Matrix] = {keys[n]: rows[n] for n in known.tolist()}
        data = items.written(items.basis_of(rows[known].T), dict(by_key))
        return Table(items.read(data), stretch)

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return int(self.vectors.rows.shape[1])


def laid_out(vectors: Matrix) -> tuple[Matrix, float]:
    """The rows before rounding, float32[n, width + EXTRA], and t; zeros for what has no length."""
    length = np.linalg.norm(vectors.astype(np.float64), axis=1)
    known = length > SHORT
    if not known.any():
        return np.zeros((len(vectors), vectors.shape[1] + EXTRA), np.float32), 1.0
    most = float(np.abs(vectors[known]).max())
    loud = np.log(np.where(known, length, 1.0))
    loud -= loud[known].mean()
    stretch = max(float(np.abs(loud[known]).max()), 1e-6)
    rows = np.column_stack([vectors / most, known, loud / stretch])
    return np.where(known[:, None], rows, 0.0).astype(np.float32), stretch
