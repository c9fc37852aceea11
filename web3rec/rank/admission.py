"""Admission: trust decides who may speak, not how loudly.

    w(u) = min(1, tau(u) / tau0),   w(ego) = 1,   tau0 = c / n_active

Law A1: the admission of any set S of Sybils sums to at most C / tau0, C being the chance that a
trust walk ever enters S, however many identities S has. For that to hold, tau0 itself must not
be theirs to move: n_active counts speakers only up to a cap.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from web3rec.graph import Snapshot
from web3rec.params import RankParams
from web3rec.types import Indices, Weights

FAINTEST: Final = 1e-9
"""Admission below this is none: a voice of 1e-300, which a long line of Sybils can have, would make
scores whose shares drown in rounding, and nobody would pay."""
LEAST: Final = 1e-7
"""Trust below this admits nobody. It is known to 1e-9, and Phi with it; where it is no larger than
that, deep in a long line of Sybils, Phi / tau is noise, and so is who would have to pay."""


class Mode(Enum):
    """Who may speak."""

    CLOSED = "closed"
    """Those whom the ego's trust reaches; nobody, if it trusts nobody."""
    OPEN = "open"
    """Everyone. No bound holds: for data sets without a friend graph, and for comparison."""
    FRIENDS = "friends"
    """The ego's direct friends only; for comparison."""


@dataclass(frozen=True, slots=True, eq=False)
class Admission:
    """Who may speak, and how popular that makes each item."""

    weights: Weights
    """float64[users] in [0, 1]; the ego's is 1."""
    tau0: float
    """Trust from which one is fully admitted."""
    degree: Weights
    """float64[items]: admitted degree, the sum of the weights of those who hold the item."""


def admission(
    snapshot: Snapshot, tau: Weights, blocked: Indices, mode: Mode, params: RankParams
) -> Admission:
    """Admit speakers.

    Args:
        snapshot: users and what they hold.
        tau: float64[users], stop-mass from `trust.attribution`.
        blocked: users who never speak, in any mode.
        mode: see `Mode`.
        params: `admission` is c, `active_cap` bounds n_active.

    Cost: O(nnz), once per snapshot; a list only reads it.
    """
    ego, n_users = snapshot.ego, len(snapshot.users)
    holds = np.diff(snapshot.rows.starts) > 0
    active = int(np.count_nonzero(holds & (tau > 0) & (np.arange(n_users) != ego)))
    tau0 = params.admission / max(1, min(active, params.active_cap))
    weights: Weights
    if mode is Mode.OPEN:
        weights = np.ones(n_users)
    elif mode is Mode.FRIENDS:
        weights = np.zeros(n_users)
        weights[snapshot.trust.friends(ego)] = 1
    else:
        weights = np.minimum(1, tau / tau0)
        weights[(weights < FAINTEST) | (tau < LEAST)] = 0
    weights[blocked] = 0
    weights[ego] = 1
    row_of = np.repeat(np.arange(n_users), np.diff(snapshot.rows.starts))
    degree: Weights = np.bincount(
        snapshot.rows.cols, weights=weights[row_of], minlength=len(snapshot.items)
    ).astype(np.float64)
    return Admission(weights, tau0, degree)
