"""Which items of a catalogue some words mean: BM25 over titles, creators and tags.

    score(i, q) = sum over terms t of q:  idf(t) f (k1 + 1) / (f + k1 (1 - b + b len(i) / mean))
    idf(t)      = ln(1 + (N - n_t + 1/2) / (n_t + 1/2))

f counts t in item i, n_t the items that hold t. Besides its words, every title, creator and tag is
one term as a whole: who asks for "female vocalists" means the tag before its two words.
Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", FnTIR 3(4),
2009; the idf is the one that is never negative.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from web3rec.graph import Csr, Vocab
from web3rec.graph.packing import Packed
from web3rec.params import SourceParams
from web3rec.rank.sources.tokens import phrase_of, words_of
from web3rec.types import Indices, Item, ItemKey, Weights


@dataclass(frozen=True, slots=True, eq=False)
class WordIndex:
    """A catalogue by its words; made once, read by every request that has words."""

    keys: tuple[ItemKey, ...]
    """The items, ascending"""
    packed: Packed
    """The same, to be looked up in a vocabulary"""
    terms: Mapping[str, int]
    """Each term's row in `impact`"""
    impact: Csr
    """float32, shape (terms, items): what a term adds to an item's score"""

    @staticmethod
    def of(catalogue: Mapping[ItemKey, Item], params: SourceParams) -> "WordIndex":
        """Index a catalogue. Cost: O(words), about 20 µs an item."""
        keys = tuple(sorted(catalogue))
        counts = [Counter(_terms(catalogue[key])) for key in keys]
        terms = {term: n for n, term in enumerate(sorted({t for each in counts for t in each}))}
        item = np.repeat(np.arange(len(keys)), [len(each) for each in counts])
        term = np.array([terms[t] for each in counts for t in each], np.int64)
        often = np.array([f for each in counts for f in each.values()], np.float64)
        length = np.bincount(item, weights=often, minlength=len(keys))
        mean = length.mean() if keys else 1.0
        stretch = 1 - params.b + params.b * length / (mean or 1.0)
        holding = np.bincount(term, minlength=len(terms))
        idf = np.log1p((len(keys) - holding + 0.5) / (holding + 0.5))
        impact = idf[term] * often * (params.k1 + 1) / (often + params.k1 * stretch[item])
        order = np.lexsort((item, term))
        rows, cols = term[order].astype(np.int32), item[order].astype(np.int32)
        matrix = Csr.from_sorted(len(terms), len(keys), rows, cols, impact[order])
        return WordIndex(keys, Packed.of(keys), terms, matrix)

    def scores(self, wish: str) -> Weights:
        """float64[items]: BM25 of one wish, which is a word or several. Cost: O(items found)."""
        asked = sorted({*words_of(wish), _whole(wish)} & self.terms.keys())
        rows: Indices = np.array([self.terms[term] for term in asked], np.int32)
        edges = self.impact.gather(rows)
        total: Weights = np.bincount(
            edges.cols, weights=edges.weights, minlength=len(self.keys)
        ).astype(np.float64)
        return total

    def matches(self, wishes: Collection[str]) -> Weights:
        """float64[wishes, items] in [0, 1]: each wish's scores, as shares of its best one's."""
        found: Weights = np.zeros((len(wishes), len(self.keys)))
        for at, wish in enumerate(wishes):
            scores = self.scores(wish)
            if scores.size and (most := scores.max()) > 0:
                found[at] = scores / most
        return found

    def keyed(self, match: Weights) -> dict[ItemKey, float]:
        """The items that match at all, each with its match."""
        return {self.keys[at]: float(match[at]) for at in np.flatnonzero(match > 0).tolist()}

    def among(self, matches: Weights, items: Vocab) -> Weights:
        """float64[wishes, vocabulary]: the same by the numbers of another vocabulary.

        What the catalogue does not describe matches nothing. Cost: O(catalogue log vocabulary).
        """
        found: Weights = np.zeros((len(matches), len(items)))
        at = items.found(self.packed)
        found[:, at[at >= 0]] = matches[:, at >= 0]
        return found


def _terms(item: Item) -> list[str]:
    texts = [text for text in (item.title, item.creator, *item.tags) if text]
    return [word for text in texts for word in words_of(text)] + [_whole(text) for text in texts]


def _whole(text: str) -> str:
    return f"={phrase_of(text)}"  # no word holds "="
