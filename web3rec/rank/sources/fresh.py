"""Fresh items: held by few who may speak so far, tried where the ego's answers leave room for hope.

Diag-LinUCB (Yi et al., "Online Matching", RecSys 2023) over the ego's interests c as contexts, and
one context that all items share:

    x_ic   = interest c's part in what all interests say of item i;  x_i0 = 1
    D_c    = 1 + sum over answers t of x_tc^2        B_c = sum over accepted t of x_tc
    hope_i = sum_c x_ic B_c / D_c + bonus * sqrt(sum_c x_ic^2 / D_c)
    s_i    = hope_i sum_u X_u a(u,i)             where d_i <= few;  X: the walk's speakers

Nothing is stored: D and B are sums over the answers in the log, so an answer that was forgotten
was never given. Deterministic: the bonus explores, no chance does.

Exploring costs accuracy by its nature, and fresh is also what spam is; so its weight is 0 by
default. Budgets bind it like any source. See docs/decisions/0012.
"""

import numpy as np
import numpy.typing as npt

from web3rec.params import SourceParams
from web3rec.rank.sources.interests import interests_of
from web3rec.rank.sources.sight import Replies, Sight
from web3rec.rank.sources.voices import Chorus, alone, spoken
from web3rec.types import Weights


def fresh(sight: Sight, params: SourceParams) -> Chorus:
    """See the module. Cost: that of `interests_of`, and O(items * interests)."""
    degree = sight.admission.degree
    few = (degree > 0) & (degree <= params.few)
    hopes = hope(contexts(sight, params), sight.replies, params.bonus)
    speakers = np.where(sight.others > 0, sight.walk.speakers, 0.0)
    return alone(spoken("fresh", sight.snapshot, speakers, np.where(few, hopes, 0.0)))


def contexts(sight: Sight, params: SourceParams) -> npt.NDArray[np.float64]:
    """float64[items, 1 + interests] in [0, 1]: x."""
    groups = interests_of(sight, params)
    found = np.ones((len(sight.snapshot.items), 1 + len(groups)))
    for at, group in enumerate(groups, start=1):
        found[:, at] = group.said.scores
    total = found[:, 1:].sum(axis=1, keepdims=True)
    found[:, 1:] = np.divide(found[:, 1:], total, out=np.zeros_like(found[:, 1:]), where=total > 0)
    return found


def hope(x: npt.NDArray[np.float64], replies: Replies, bonus: float) -> Weights:
    """float64[items]: upper confidence bound of each item's chance to be accepted.

    Args:
        x: float64[items, contexts].
        replies: what the ego said to which items; their order does not matter.
        bonus: width of the confidence bound, >= 0.
    """
    given = x[replies.items]
    precision = 1 + (given**2).sum(axis=0)
    mean = given[replies.accepted].sum(axis=0) / precision
    bound: Weights = x @ mean + bonus * np.sqrt(x**2 @ (1 / precision))
    return bound
