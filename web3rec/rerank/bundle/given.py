"""What a model is given of a list: columns, and the vectors of what the list is about.

Total in what it is told: items that the bundle has no vector of are rows of zeros, and own items
without a vector are left out; only a list that says nothing of its items cannot be answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from web3rec.rerank.bundle.items import ItemVectors
from web3rec.rerank.bundle.manifest import MAX_CANDIDATES, Input, Reads
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.model import ModelError

Matrix = npt.NDArray[np.float32]
Inputs = dict[Input, Matrix]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a model of vectors finds them."""

    reads: Reads
    """What it reads beside columns."""
    vectors: ItemVectors = field(repr=False)
    """Those of its bundle, as wide as `reads` says."""

    def of(self, features: Features) -> Inputs:
        """What it reads of a list beside columns.

        Returns:
            Of these, those that it reads: `items` float32[n, width]; `history` float32[m, width],
            `newer` float32[m], newest first, 1 <= m <= `reads.history`, one row of zeros where
            no own item has a vector.

        Raises:
            ModelError: the list does not say which items it is about.

        Cost: O((n + m) log rows).
        """
        content = features.content
        if content is None:
            raise ModelError("the model reads item vectors, and the list names no items")
        found: Inputs = {}
        if "items" in self.reads:
            found["items"], _ = self.vectors.of(list(content.items))
        if "history" in self.reads:
            history, known = self.vectors.of(list(content.history))
            at = np.flatnonzero(known)[: self.reads.history]
            none = not at.size
            width = self.reads.width
            found["history"] = np.zeros((1, width), np.float32) if none else history[at]
            if "newer" in self.reads:
                newer = np.zeros(1) if none else content.newer[at]
                with np.errstate(over="ignore"):
                    found["newer"] = newer.astype(np.float32)
        return found


def given(features: Features, columns: Sequence[str], lookup: Lookup | None) -> Inputs:
    """All that a model reads, by the names of its inputs.

    Args:
        features: the candidates, at least one.
        columns: which of NAMES it reads, in order.
        lookup: where it finds vectors; None: it reads columns only.

    Returns:
        `features` float32[n, len(columns)], and what `Lookup.of` says.

    Raises:
        ModelError: more candidates than a model is given, or as `Lookup.of`.
    """
    if len(features) > MAX_CANDIDATES:
        raise ModelError(f"{len(features)} candidates, a model takes {MAX_CANDIDATES}")
    places = [NAMES.index(name) for name in columns]
    found: Inputs = {"features": np.ascontiguousarray(features.values[:, places])}
    return found if lookup is None else found | lookup.of(features)
