"""How alike items are by what they are called: words, tags and creators, no vectors.

Each item is the unit vector of what its terms would add to a BM25 search (`rank.sources.bm25`), so
rare words count for more; two items are as alike as the cosine of their vectors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.graph import Csr, Vocab
from web3rec.params import SourceParams
from web3rec.rank.sources import WordIndex
from web3rec.types import Indices, Item, ItemKey, Weights

NEWEST: Final = 20
"""Own items that a candidate is compared with, newest first; the span that the walk starts from."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Items as vectors of words."""

    vectors: Csr
    """Items by terms; rows are unit vectors, or empty where nothing is known of an item"""

    @staticmethod
    def of(
        catalogue: Mapping[ItemKey, Item], items: Vocab, index: WordIndex | None = None
    ) -> "Texts | None":
        """The vectors of these items.

        Args:
            catalogue: what items are called.
            items: the items of a snapshot.
            index: of that catalogue, by the default params, if it is there.

        Returns:
            None if the catalogue names none of them.

        Cost: that of `WordIndex.of`, and O(words log words).
        """
        index = index or WordIndex.of(catalogue, SourceParams())
        by_item = index.impact.transpose()
        length = np.sqrt(
            np.bincount(by_item.row_of(), by_item.weights.astype(np.float64) ** 2, by_item.n_rows)
        )
        scaled = by_item.weights / np.repeat(length, np.diff(by_item.starts))
        at = items.found(index.packed)
        if not (at >= 0).any():
            return None
        known = np.flatnonzero(at >= 0).astype(np.int32)
        edges = Csr(by_item.starts, by_item.cols, scaled.astype(np.float32), by_item.n_cols).gather(
            known
        )
        owner = at[known][edges.owner]  # both ascend by key
        return Texts(Csr.from_sorted(len(items), by_item.n_cols, owner, edges.cols, edges.weights))

    def likeness(self, own: Indices, recent: Weights, items: Indices) -> tuple[Weights, Weights]:
        """How alike each candidate is to the newest own items.

        Args:
            own: int32[m], what the asker has.
            recent: float64[m], > 0, how much each counts; the NEWEST largest are looked at.
            items: int32[n], the candidates.

        Returns:
            (float64[n], float64[n]) in [0, 1]: the mean cosine by `recent`, and the largest.

        Cost: O(NEWEST * (terms + words of the candidates)).
        """
        newest = np.argsort(-recent, kind="stable")[:NEWEST]
        if not newest.size or not len(items):
            return np.zeros(len(items)), np.zeros(len(items))
        mine = self.vectors.gather(own[newest])
        dense = np.zeros((newest.size, self.vectors.n_cols))
        dense[mine.owner, mine.cols] = mine.weights
        theirs = self.vectors.gather(items)
        cosine = np.zeros((len(items), newest.size))
        np.add.at(cosine, theirs.owner, dense[:, theirs.cols].T * theirs.weights[:, None])
        cosine = np.minimum(1.0, cosine)
        share = recent[newest] / recent[newest].sum()
        mean: Weights = cosine @ share
        most: Weights = cosine.max(axis=1)
        return mean, most
