"""What a source proposes: items, scores, and through whom each score arrived."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.rank.steps import pulled_at
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Proposed items, best first, ties by item number.

    `by_sponsor` rows sum to the score for whatever other people supported; a row of zeros means
    that nobody but the ego stands behind the item, and budgets do not bind it.
    """

    items: Indices
    """int32[c]"""
    scores: Weights
    """float64[c], > 0, falling"""
    by_sponsor: npt.NDArray[np.float64]
    """float64[c, sponsors]: s_ib, the part of the score that arrived through sponsor b"""
    source: str
    """Which source proposed them, for the reason's wording"""

    def __len__(self) -> int:
        return self.items.size


def best(scores: Weights, allowed: npt.NDArray[np.bool_], limit: int) -> Indices:
    """The allowed items with the highest positive scores; ties by item number. Cost: O(items)."""
    possible = np.flatnonzero(allowed & (scores > 0))
    if possible.size > limit:  # keep everything that ties with the last one in
        cut = np.partition(scores[possible], possible.size - limit)[possible.size - limit]
        possible = possible[scores[possible] >= cut]
    order = np.argsort(-scores[possible], kind="stable")[:limit]
    top: Indices = possible[order].astype(np.int32)
    return top


def attributed(
    snapshot: Snapshot, items: Indices, speakers: Weights, vouching: Vouching
) -> npt.NDArray[np.float64]:
    """s_ib before any discount: sum over listeners u of X_u a(u,i) Phi_ub / tau(u).

    Args:
        snapshot: the graph.
        items: int32[c], the items asked about.
        speakers: float64[users], X.
        vouching: through whom their trust arrives.

    Returns:
        float64[c, sponsors].

    Cost: O(listeners of those items * sponsors), and O(users) once.
    """
    total = np.zeros((len(items), vouching.n_sponsors))
    if not vouching.n_sponsors:
        return total
    per_trust = vouching.per_trust(speakers)
    for at, item in enumerate(items.tolist()):
        users, weights = snapshot.cols.row(item)
        # Item by item: its listeners' rows of Phi stay in cache until they are added up.
        total[at] = (per_trust.take(users) * weights) @ vouching.phi.take(users, axis=0)
    return total


def affordable(
    snapshot: Snapshot,
    items: Indices,
    speakers: Weights,
    said: Weights,
    vouching: Vouching,
    left: Weights,
) -> Indices:
    """Those items of which every sponsor can still pay its share.

    Args:
        snapshot: the graph.
        items: int32[c], the items asked about.
        speakers: float64[users], X, through whom the scores arrive.
        said: float64[items], sum_u X_u a(u,i).
        vouching: through whom the speakers' trust arrives.
        left: float64[sponsors], positions that each may still pay for.

    Returns:
        int32[<= c], in the order given; those as well for whom nobody speaks.

    Cost: O(listeners of the items) for the poorest sponsor, then of those that are left; far less
        than `attributed` where most items are turned away at once.
    """
    per_trust = vouching.per_trust(speakers)
    for sponsor in np.argsort(left, kind="stable"):
        if not items.size:
            break
        part = pulled_at(snapshot.cols, items, per_trust * vouching.phi[:, sponsor])
        items = items[part <= max(left[sponsor], 0.0) * said[items]]
    return items
