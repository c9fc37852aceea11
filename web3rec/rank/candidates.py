"""What a source proposes: items, scores, and through whom each score arrived."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
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
    snapshot: Snapshot, items: Indices, speakers: Weights, sponsor_share: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """s_ib before any discount: sum over listeners u of X_u a(u,i) Phi_ub / tau(u).

    Args:
        snapshot: the graph.
        items: int32[c], the items asked about.
        speakers: float64[users], X.
        sponsor_share: float64[users, sponsors], Phi / tau; rows sum to at most 1.

    Returns:
        float64[c, sponsors].

    Cost: O(listeners of those items * sponsors).
    """
    edges = snapshot.cols.gather(items)
    said = speakers[edges.cols] * edges.weights
    spoke = said > 0
    owner, user, mass = edges.owner[spoke], edges.cols[spoke], said[spoke]
    total = np.zeros((len(items), sponsor_share.shape[1]))
    for sponsor in range(sponsor_share.shape[1]):
        total[:, sponsor] = np.bincount(
            owner, weights=mass * sponsor_share[user, sponsor], minlength=len(items)
        )
    return total


def affordable(
    snapshot: Snapshot, speakers: Weights, sponsor_share: npt.NDArray[np.float64], left: Weights
) -> npt.NDArray[np.bool_]:
    """The items of which every sponsor can still pay its share.

    Args:
        snapshot: the graph.
        speakers: float64[users], through whom the scores arrive.
        sponsor_share: float64[users, sponsors], Phi / tau; rows sum to at most 1.
        left: float64[sponsors], positions that each may still pay for.

    Returns:
        bool[items]; true as well where nobody speaks for the item.

    Cost: O(what the speakers hold) for each sponsor that still turns items away, poorest first;
        far less than `attributed` where most items are turned away at once.
    """
    spoke = np.flatnonzero(speakers).astype(np.int32)
    edges = snapshot.rows.gather(spoke)
    items, said = edges.cols, speakers[spoke][edges.owner] * edges.weights
    owner, fits = edges.owner, np.ones(len(snapshot.items), np.bool_)
    total = np.bincount(items, weights=said, minlength=fits.size)
    for sponsor in np.argsort(left, kind="stable"):
        paid = said * sponsor_share[spoke, sponsor][owner]
        part = np.bincount(items, weights=paid, minlength=fits.size)
        fits &= part <= max(left[sponsor], 0.0) * total
        kept = fits[items]
        items, said, owner = items[kept], said[kept], owner[kept]
        if not items.size:
            break
    return fits
