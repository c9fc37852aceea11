"""Ask the costlier model about some lists only: where the cheap one is unsure, or where it is sure,
or where little is known of somebody. Which of these pays is for evidence to say.

    doubt = - sum over its 20 best  p ln p / ln 20        p = softmax of the cheap model's scores

Scores have to be logits, as those of heads and students are that learn by softmax over a list.
Measured (docs/decisions/0033): where the cheap model is most in doubt, the dear one knows no better
either, and asking by chance keeps more. Pure NumPy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.rerank.features import HISTORY, Features
from web3rec.rerank.gate import gain
from web3rec.rerank.linear import Example
from web3rec.rerank.model import Reranker, ranked
from web3rec.types import Weights

DEPTH: Final = 20
"""Best scores whose spread tells how sure a model is: what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationParams:
    """Whom the dear model is asked about."""

    sure: float = 1.0
    """Doubt above which the dear model is asked; in [0, 1]. 1: never."""
    unsure: float = 0.0
    """Doubt below which it is asked; in [0, 1]. 0: never."""
    thin: int = 0
    """Own items below which the dear model is asked whatever the cheap one says; 0 to HISTORY.
    0: for nobody."""

    def __post_init__(self) -> None:
        for name in ("sure", "unsure"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParamError(name, getattr(self, name), "in [0, 1]")
        if not 0 <= self.thin <= HISTORY:
            raise ParamError("thin", self.thin, f"from 0 to {HISTORY}")


@dataclass(frozen=True, slots=True)
class Allocated:
    """Two models as one `Reranker`."""

    cheap: Reranker
    dear: Reranker
    params: AllocationParams

    def scores(self, features: Features) -> Weights:
        """The cheap model's scores, or places by the dear one's where that is asked.

        Where the dear model's answer is no good the cheap one's stands.

        Returns:
            float64[n].

        Raises:
            ModelError: the cheap model cannot answer.

        Cost: the cheap model's, and the dear one's on some lists.
        """
        first = self.cheap.scores(features)
        if not self.asks(features, first):
            return first
        found = ranked(self.dear, features)
        if found.reason is not None:
            return first
        places = np.empty(len(features))
        places[found.order] = np.arange(len(features), 0, -1)
        return places

    def asks(self, features: Features, first: Weights) -> bool:
        """Whether the dear model is asked about this list, of which the cheap one says `first`."""
        content = features.content
        if content is not None and len(content.history) < self.params.thin:
            return True
        own = doubt(first)
        return own > self.params.sure or own < self.params.unsure


def doubt(scores: Weights) -> float:
    """How unsure a model is of its first places.

    Args:
        scores: float[n], logits.

    Returns:
        In [0, 1]: 0 if one candidate is sure to be first, or there are fewer than two; 1 if the
        best are all alike, or the scores are no finite numbers.
    """
    scores = np.asarray(scores, np.float64)
    if scores.size < 2:
        return 0.0
    if not np.isfinite(scores).all():
        return 1.0
    best = np.sort(scores)[-DEPTH:]
    chance = np.exp(best - best[-1])
    chance /= chance.sum()
    entropy = -float(np.sum(chance * np.log(np.maximum(chance, 1e-300))))
    return min(1.0, max(0.0, entropy / float(np.log(best.size))))


def by_doubt(cheap: Reranker, lists: Sequence[Features], share: float) -> AllocationParams:
    """Ask the dear model about those lists of which the cheap one is least sure.

    Args:
        cheap: the model whose doubt decides.
        lists: such as those it learnt from; not empty.
        share: of lists like these, in [0, 1].

    Raises:
        ParamError: no lists, or a share out of range.
    """
    falling = np.sort([doubt(cheap.scores(features)) for features in lists])[::-1]
    asked = _asked(len(falling), share)
    sure = 1.0 if asked == 0 else 0.0 if asked == len(falling) else float(falling[asked])
    return AllocationParams(sure=sure)


def by_certainty(cheap: Reranker, lists: Sequence[Features], share: float) -> AllocationParams:
    """Ask about those lists of which the cheap model is surest. Arguments as of `by_doubt`."""
    rising = np.sort([doubt(cheap.scores(features)) for features in lists])
    asked = _asked(len(rising), share)
    if asked == len(rising):
        return by_doubt(cheap, lists, 1.0)
    return AllocationParams(unsure=float(rising[asked]))


def by_history(lists: Sequence[Features], share: float) -> AllocationParams:
    """Ask the dear model about those people of whom least is known.

    Args:
        lists: with `content`; not empty.
        share: of lists like these, in [0, 1]; people with one and the same number of items are
            asked about all or none, none if that would be more than the share. People with
            HISTORY items and more are never asked about.

    Raises:
        ParamError: no lists, lists that do not say whose they are, or a share out of range.
    """
    contents = [features.content for features in lists]
    known = np.sort([len(content.history) for content in contents if content is not None])
    asked = _asked(len(known), share)
    if len(known) < len(lists):
        raise ParamError("lists", "a list without content", "lists that tell of a history")
    return AllocationParams(thin=int(known[asked]) if asked < len(known) else HISTORY)


def chosen(
    cheap: Reranker, dear: Reranker, examples: Sequence[Example], share: float
) -> AllocationParams:
    """Whichever of the three keeps most of the dear model's gain on these lists.

    Args:
        cheap: asked about every list.
        dear: the same, now; later about some.
        examples: lists with hits that neither has learnt from.
        share: of lists, in [0, 1].

    Raises:
        ParamError: as of `by_history`.
    """
    lists = [example.features for example in examples]
    gains = np.array([gain(dear, example) - gain(cheap, example) for example in examples])
    best, kept = AllocationParams(), 0.0
    for params in (
        by_certainty(cheap, lists, share),
        by_doubt(cheap, lists, share),
        by_history(lists, share),
    ):
        both = Allocated(cheap, dear, params)
        asks = np.array([both.asks(features, cheap.scores(features)) for features in lists])
        if (found := float(gains @ asks)) > kept:
            best, kept = params, found
    return best


def _asked(lists: int, share: float) -> int:
    if not 0 <= share <= 1:
        raise ParamError("share", share, "in [0, 1]")
    if not lists:
        raise ParamError("lists", 0, "at least one list")
    return round(share * lists)
