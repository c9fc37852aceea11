"""Words: what people hold who like what the words mean, those matches first. For the cold start.

Whoever holds much of what matches every wish w is a good guide; the ego's own guides, those whom
it trusts or (with a history) whose taste it shares, are better ones:

    p_w(u) = sum over firm matches i of a(u,i)
    X_u    = (1 - g) w(u) prod_w (p_w(u) + smooth)  +  g guide(u)       both sides summing to 1
    s_i    = (plain + mean_w match_wi) sum_u X_u a(u,i)

The words are the ego's, but which match comes first is what others hold; so all of a score is
theirs and their sponsors pay. An item that nobody holds is no candidate here: the ego's own
catalogue offers it below, where nobody has to pay. This is query likelihood (Ponte & Croft, SIGIR
1998) over people instead of documents; the words-first cold start follows KALM4Rec.
"""

import numpy as np
import numpy.typing as npt

from web3rec.params import SourceParams
from web3rec.rank.sources.sight import Sight
from web3rec.rank.sources.voices import Chorus, alone, spoken
from web3rec.types import Weights

FIRM = 0.5
"""A match firm enough to count as holding: half of the best one's score. With BM25, about: the
whole tag or title. Validation egos on HetRec: .4 to .6 are alike, any match at all is worse."""


def words(sight: Sight, params: SourceParams) -> Chorus:
    """See the module. Says nothing where no wish matches. Cost: O(nnz) for each wish."""
    graph = sight.snapshot
    wishes = sight.matches[sight.matches.any(axis=1)]
    if not len(wishes):
        return Chorus((), np.zeros(len(graph.items)))
    others = sight.others
    liking = others.copy()
    for wish in wishes:
        liking *= _held(sight, wish >= FIRM) + params.smooth
    guides = _guides(sight, others)
    speakers = (1 - params.guides) * _whole(liking) + params.guides * guides
    if not guides.any():
        speakers = _whole(liking)
    return alone(spoken("words", graph, speakers, params.plain + sight.matches.mean(axis=0)))


def _held(sight: Sight, items: npt.NDArray[np.bool_]) -> Weights:
    """float64[users]: how much of each person's row these items are. Cost: O(listeners)."""
    edges = sight.snapshot.cols.gather(np.flatnonzero(items).astype(np.int32))
    held: Weights = np.bincount(
        edges.cols, weights=edges.weights, minlength=len(sight.snapshot.users)
    ).astype(np.float64)
    return held


def _guides(sight: Sight, others: Weights) -> Weights:
    """Whom the ego trusts, as far as it has no history; whose taste it shares, as far as it has."""
    n_own = len(sight.snapshot.rows.row(sight.snapshot.ego)[0])
    trust = 1.0 / (1 + n_own)
    trusted = np.where(others > 0, sight.tau, 0.0)
    alike = np.where(others > 0, sight.walk.speakers, 0.0)
    return _whole(trust * _whole(trusted) + (1 - trust) * _whole(alike))


def _whole(mass: Weights) -> Weights:
    """Summing to 1, or nothing."""
    total = mass.sum()
    return mass / total if total > 0 else np.zeros(len(mass))
