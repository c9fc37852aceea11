"""What one voter is asked about every setting: would it have named what they went on to do?

All settings are judged on the same few hundred items, those that any of them could put to the top;
an item's score is the blend that a list would give it.
"""

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.params import Params
from web3rec.rank.admission import FAINTEST
from web3rec.rank.candidates import best
from web3rec.rank.replay import Answers, Past, Walk
from web3rec.rank.salsa import discount
from web3rec.types import Indices, Weights

DEPTHS: Final = (20, 50)
"""Lists of these lengths are judged, and the verdicts averaged: 20 is what is shown, 50 is less
a matter of luck."""
FINALISTS: Final = 60
"""Best items by each extreme of the grid that stay in the race: an item that is not among them at
either end is not among the first 50 in between, but for a few."""


class Setting(NamedTuple):
    """One point of the grid."""

    rounds: int
    social: float
    eta: float
    popular: float
    alike: float
    recency: float
    span: int

    @property
    def walk(self) -> Walk:
        return Walk(self.rounds, self.social, (self.recency, self.span))

    def of(self, params: Params) -> Params:
        """The params with this setting."""
        rank = replace(
            params.rank,
            rounds=self.rounds,
            social=self.social,
            eta=self.eta,
            popular=self.popular,
            recency=self.recency,
            recency_span=self.span,
        )
        return replace(params, rank=rank, sources=replace(params.sources, alike=self.alike))


def served(
    told: Answers,
    then: Past,
    grid: Sequence[Setting],
    walks: Sequence[Walk],
    popular: Indices,
) -> Weights:
    """float64[len(grid)]: how well each setting names what was hidden; mean NDCG at DEPTHS."""
    etas = np.array(sorted({setting.eta for setting in grid}))
    places = _finalists(told, then, walks, (float(etas[0]), float(etas[-1])), popular)
    is_hidden = np.isin(places, then.hidden)
    if not is_hidden.any():
        return np.zeros(len(grid))
    faded = np.array([discount(told.degree[places], eta) for eta in etas.tolist()])
    taste = _shares(told.reached[:, None, places] * faded)
    walk = [walks.index(setting.walk) for setting in grid]
    eta = np.searchsorted(etas, [setting.eta for setting in grid])
    pi, alike = (np.array([getattr(s, name) for s in grid]) for name in ("popular", "alike"))
    plain = _shares(told.degree[places])
    scores = taste[walk, eta] + np.outer(alike, _shares(told.cosine[places]))
    scores *= (1 - pi)[:, None]
    scores += np.outer(pi, plain)
    # Where nothing else is said, lists go on with what many hold; what nobody holds is nowhere.
    scores = np.where(scores > 0, scores, plain - 2)
    scores[:, told.degree[places] < FAINTEST] = -np.inf
    return mean_ndcg(scores, is_hidden, then.hidden.size)


def _shares(scores: Weights) -> Weights:
    """Each source's best counts as 1, as in `rank.blend`."""
    most = scores.max(axis=-1, keepdims=True)
    shares: Weights = np.divide(scores, most, out=np.zeros_like(scores), where=most > 0)
    return shares


def mean_ndcg(scores: npt.NDArray[np.float64], is_hidden: npt.NDArray[np.bool_], n: int) -> Weights:
    """float64[rows of scores]: mean NDCG at DEPTHS of each row's order, for n hidden items."""
    deepest = min(max(DEPTHS), scores.shape[1])
    top = np.argpartition(-scores, deepest - 1, axis=1)[:, :deepest]
    top.sort(axis=1)  # so that ties are by item number, as in the list
    first = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    top = np.take_along_axis(top, first, 1)
    hits = is_hidden[top] & np.isfinite(np.take_along_axis(scores, top, 1))
    attention = 1 / np.log2(np.arange(max(DEPTHS)) + 2.0)
    worth = np.zeros(deepest)
    for depth in DEPTHS:
        worth[:depth] += attention[:deepest][:depth] / attention[: min(depth, n)].sum()
    mean: Weights = hits @ worth / len(DEPTHS)
    return mean


def _finalists(
    told: Answers,
    then: Past,
    walks: Sequence[Walk],
    etas: tuple[float, float],
    popular: Indices,
) -> Indices:
    """The items that any setting could put to the top, rising: the best at the grid's corners."""
    allowed = np.ones(told.degree.size, np.bool_)
    allowed[then.shown] = False
    found = [popular[allowed[popular]], best(told.cosine, allowed, FINALISTS)]
    corners = {max(walks, key=itemgetter(n)) for n in range(3)} | {walks[0]}
    for eta in (etas[0], sum(etas) / 2, etas[1]):
        by = discount(told.degree, eta)
        found += [best(told.reached[walks.index(at)] * by, allowed, FINALISTS) for at in corners]
    return np.unique(np.concatenate(found))
