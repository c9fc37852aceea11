"""What follows what: which items people turned to soon after the asker's newest ones.

    s_i = sum over own items j  fading^(newer acts)  sum_u w(u) fading^(steps) / sqrt(d_i)

where u holds j and came to i not before it, steps lie between the two in u's history, and d_i are
the admitted others who hold i.

A step is one distinct moment of a person's history: what has one and the same time is one moment,
since half of some data sets' neighbouring acts share a second. Related: Rendle et al., "Factorizing
personalized Markov chains", WWW 2010; this counts instead of factorizing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.graph import Csr, Snapshot
from web3rec.rank.replay import Past, Window
from web3rec.types import Indices, ItemKey, Millis, PeerId, Weights

NEWEST: Final = 3
"""Own items that anything follows: those with fewer newer acts than this. A guess."""


@dataclass(frozen=True, slots=True, eq=False)
class Paces:
    """In which order people came to what they hold."""

    rows: Csr
    """Users by items like `Snapshot.rows`: 1 for the first moment of a person's history, 2 for the
    second distinct one, and so on"""
    cols: Csr
    """The same by item"""

    @staticmethod
    def of(snapshot: Snapshot, times: Mapping[PeerId, Mapping[ItemKey, Millis]]) -> "Paces | None":
        """Order everybody's items by when they last touched each.

        Args:
            snapshot: what people hold.
            times: when; what is missing counts as the first moment.

        Returns:
            None if nobody touched two items at different times.

        Cost: O(nnz log nnz).
        """
        rows = snapshot.rows
        at = np.zeros(rows.nnz, np.int64)
        for user, key in enumerate(snapshot.users.terms):
            if known := times.get(PeerId(key)):
                first, last = int(rows.starts[user]), int(rows.starts[user + 1])
                terms = snapshot.items.terms
                at[first:last] = [
                    known.get(ItemKey(terms[item]), 0) for item in rows.cols[first:last].tolist()
                ]
        owner = rows.row_of()
        order = np.lexsort((at, owner))
        new = np.ones(rows.nnz, np.int64)  # does a moment begin with this entry?
        new[1:] = (np.diff(owner[order]) > 0) | (np.diff(at[order]) > 0)
        count = np.cumsum(new)
        lengths = np.diff(rows.starts)
        before = np.repeat(count[rows.starts[:-1][lengths > 0]] - 1, lengths[lengths > 0])
        pace = np.empty(rows.nnz, np.float32)
        pace[order] = count - before
        if not (pace > 1).any():
            return None
        ordered = Csr(rows.starts, rows.cols, pace, rows.n_cols)
        return Paces(ordered, ordered.transpose())


def followers(window: Window, paces: Paces, asker: Past, items: Indices, fading: float) -> Weights:
    """Score candidates by what they follow.

    Args:
        window: who may speak.
        paces: of the window's snapshot.
        asker: whose newest items count; it does not speak itself.
        items: int32[n], the candidates.
        fading: weight ratio of one step, and of one newer own act; in (0, 1].

    Returns:
        float64[n], >= 0.

    Cost: O(what the listeners of NEWEST own items hold).
    """
    n_items = len(window.snapshot.items)
    voice = window.admission.weights.copy()
    voice[asker.voter] = 0
    total = np.zeros(n_items)
    newest = np.flatnonzero(asker.newer < NEWEST)
    newest = newest[np.argsort(asker.newer[newest], kind="stable")][:NEWEST]
    for at in newest.tolist():
        users, since = paces.cols.row(int(asker.shown[at]))
        heard = voice[users] > 0
        edges = paces.rows.gather(users[heard])
        steps = edges.weights - since[heard][edges.owner]
        said = np.where(steps >= 0, voice[users[heard]][edges.owner] * fading**steps, 0.0)
        total += fading ** asker.newer[at] * np.bincount(
            edges.cols, weights=said, minlength=n_items
        )
    holds = np.isin(items, window.snapshot.rows.row(asker.voter)[0])
    degree = window.admission.degree[items] - window.admission.weights[asker.voter] * holds
    found: Weights = total[items] / np.sqrt(np.maximum(1.0, degree))
    return found
