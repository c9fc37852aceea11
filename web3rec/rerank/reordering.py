"""From an order to scores: how a reranker's word reaches the budgets without touching who pays.

The k-th item of the new order gets the k-th of the scores that stood there before. So scores are
the same numbers and only change places; every voice's part of an item is louder or softer by one
factor, so the shares that sponsors pay are what they were, parts still sum to the score (M4), and
budgets, which come after, bind the list as ever (B1 to B4).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError
from web3rec.params import SourceParams
from web3rec.rank.candidates import best
from web3rec.rank.sources.voices import Chorus, Voices
from web3rec.rerank.features import Said, Seen, features
from web3rec.rerank.history import own_past
from web3rec.rerank.model import Allowance, Reranker, ranked
from web3rec.types import Indices, Weights

FAINTEST: Final = 1e-9
"""Share of the best score below which an item stays where it is: its factor would be too large."""

HAIR: Final = 1 + 2.0**-40


def reordered(said: Chorus, items: Indices, order: npt.NDArray[np.int64]) -> Chorus:
    """The same word on everything, with some items' scores changing places.

    Args:
        said: what the sources say.
        items: int32[n], some items with scores > 0, none twice, best first.
        order: int64[n], a permutation: which of them comes first, second, and so on.

    Returns:
        A chorus whose scores are those of `said` but for these items, which hold the same scores
        among them (to 1e-9), falling in the new order.

    Cost: O(items of the graph) a voice.
    """
    moved = items[order]
    given = _untied(said.scores[items], moved)
    factor = np.ones(len(said.scores))
    factor[moved] = given / said.scores[moved]
    voices = tuple(
        Voices(v.name, v.speakers, v.scores * factor, v.factor * factor, v.held)
        for v in said.voices
    )
    scores = said.scores.copy()
    scores[moved] = given
    return Chorus(voices, scores)


def _untied(scores: Weights, items: Indices) -> Weights:
    """Falling scores; where two are one and the item numbers, which decide ties, would turn their
    items round, the upper ones are a hair higher.
    """
    found = scores.copy()
    for k in range(len(found) - 2, -1, -1):
        if found[k] < found[k + 1] or (found[k] == found[k + 1] and items[k] > items[k + 1]):
            found[k] = found[k + 1] * HAIR
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Reordering:
    """Reranks what is said to the ego: what `pipeline.listing` takes as `reorder`."""

    seen: Seen
    reranker: Reranker
    candidates: int = 200
    """How many of the best are reranked; >= 1"""
    allowance: Allowance | None = None
    sources: SourceParams | None = None
    """How sources were asked, as `features` wants it"""

    def __post_init__(self) -> None:
        if not self.candidates >= 1:
            raise ParamError("candidates", self.candidates, "at least 1")

    def __call__(self, said: Chorus, allowed: npt.NDArray[np.bool_]) -> Chorus:
        """Rerank the best of what may be proposed; the rest stays below, as it was.

        Cost: that of `features` and of the reranker.
        """
        return self.told(said, allowed)[0]

    def told(self, said: Chorus, allowed: npt.NDArray[np.bool_]) -> tuple[Chorus, str | None]:
        """The same, and why the model was not heeded, if it was not."""
        items = best(said.scores, allowed, self.candidates)
        items = items[said.scores[items] >= FAINTEST * said.scores[items].max(initial=0.0)]
        table = features(self.seen, own_past(self.seen), Said.of(said), items, self.sources)
        found = ranked(self.reranker, table, self.allowance)
        return reordered(said, items, found.order), found.reason
