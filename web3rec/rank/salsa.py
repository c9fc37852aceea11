"""Personalised SALSA among the admitted: taste ranks.

One round trip from the ego's items to their listeners and on to what those hold:

    back     x_u  = sum_i y_i w(u) a(u,i) / max(lambda, Z_i)     Z_i = sum_v w(v) a(v,i)
    forward  y'_i = sum_u x_u a(u,i)

Knows arrays only. The walk is linear in its start, so the part that starts from what the trusted
hold (`Social`) is walked once per view; a request walks from the ego's own items alone, and what
it touches is all that is read as long as that is little (`rank.steps`).

Source: Lempel & Moran, "SALSA", ACM TOIS 19(2), 2001. We depart from it in the admission weight w,
in the start (own row by recency, a little trust), and in the division by admitted degree ** eta.
At one round trip it is RP3beta (Paudel et al., ACM TiiS 7(1), 2016) but for one thing: a(u,i) is
normalised by row on the way back, too, so whoever holds much is heard less there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.graph import Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.candidates import best
from web3rec.rank.steps import pushed, step
from web3rec.types import Weights

LIFT: Final = 2.0**500
"""A power of two, so without rounding, by which faint voices are lifted before anything is divided
by their sum: 1 / Z could overflow where w / Z, at most 1 / a, does not."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Where the walk from one start goes."""

    speakers: Weights
    """float64[users]: X, listener mass of all rounds, each by its weight rho (1 - rho)^(k-1)."""
    items: Weights
    """float64[items]: sum_u X_u a(u,i)."""

    def scaled(self, by: float) -> "Reach":
        return Reach(self.speakers * by, self.items * by)

    def __add__(self, other: "Reach") -> "Reach":
        return Reach(self.speakers + other.speakers, self.items + other.items)


@dataclass(frozen=True, slots=True, eq=False)
class Social:
    """The walk's part that no taste of the ego's has a share in: the same for all its requests."""

    heard: Weights
    """float64[items]: Z_i = sum_v w(v) a(v,i)."""
    start: Weights
    """float64[items]: what the trusted hold, by trust; sums to 1 or is empty."""
    reach: Reach


@dataclass(frozen=True, slots=True, eq=False)
class Salsa:
    """Where the walk went."""

    start: Weights
    """float64[items]: y(0), sums to 1 (or 0 if there was nothing to start from)."""
    speakers: Weights
    """float64[users]: X, listener mass of all rounds, each by its weight rho (1 - rho)^(k-1)."""
    said: Weights
    """float64[items]: sum_u X_u a(u,i), before the discount."""
    scores: Weights
    """float64[items]: s_i = sum_u X_u a(u,i) / max(1, d_i) ** eta."""


def social_share(n_own: int, params: RankParams) -> float:
    """mu: how much of the start is trust; 1 without history, falling to `params.social`.

    1 / (1 + n)^2 meets .02 at six acts: by then taste is better evidence than friendship.
    """
    return max(params.social, 1.0 / (1 + n_own) ** 2)


def own_start(snapshot: Snapshot, params: RankParams) -> Weights:
    """The ego's row, newer acts first: a(r,i) * recency^(newer acts), summing to 1 or empty."""
    start: Weights = np.zeros(len(snapshot.items))
    items, weights = snapshot.rows.row(snapshot.ego)
    newer = snapshot.recency[items]
    start[items] = np.where(newer < params.recency_span, weights * params.recency**newer, 0.0)
    total = start.sum()
    return start / total if total > 0 else start


def social_start(snapshot: Snapshot, tau: Weights, weights: Weights, params: RankParams) -> Weights:
    """What the most trusted admitted speakers hold, by trust; sums to 1 or is empty."""
    holds = np.diff(snapshot.rows.starts) > 0
    voice = np.where(holds & (weights > 0), tau, 0.0)
    voice[snapshot.ego] = 0
    most = best(voice, holds, params.social_speakers)
    start = pushed(snapshot.rows, most, voice[most])
    total = start.sum()
    return start / total if total > 0 else start


def social(snapshot: Snapshot, admission: Admission, tau: Weights, params: RankParams) -> Social:
    """Walk from what the trusted hold. The start's part of it, mu, comes in later.

    Cost: that of `reach_of`, over most of the graph as a rule; once per view.
    """
    heard = step(snapshot.rows, snapshot.cols, admission.weights)
    start = social_start(snapshot, tau, admission.weights, params)
    return Social(heard, start, reach_of(snapshot, start, admission.weights, heard, params))


def salsa(
    snapshot: Snapshot,
    admission: Admission,
    tau: Weights,
    params: RankParams,
    beside: Social | None = None,
) -> Salsa:
    """Score every item the walk reaches.

    Args:
        snapshot: the graph, both directions.
        admission: who may speak.
        tau: float64[users]: trust, for the social part of the start.
        params: rounds, restart, eta, floor, social mix, recency.
        beside: `social` of the same arguments, if it is known.

    Returns:
        scores over all items, the ego's own included (the caller leaves those out).

    Cost: O(edges of the touched neighbourhood) a round trip, plus O(users + items) to lay it out.
    """
    beside = beside or social(snapshot, admission, tau, params)
    own = own_start(snapshot, params)
    n_own = int(np.count_nonzero(own))
    mu = social_share(n_own, params) if beside.start.any() else 0.0
    start, reach = mu * beside.start, beside.reach.scaled(mu)
    if n_own:
        start = (1 - mu) * own + start
        mine = reach_of(snapshot, own, admission.weights, beside.heard, params)
        reach = mine.scaled(1 - mu) + reach
    scores = reach.items * discount(admission.degree, params.eta)
    return Salsa(start, reach.speakers, reach.items, scores)


def reach_of(
    snapshot: Snapshot, start: Weights, weights: Weights, heard: Weights, params: RankParams
) -> Reach:
    """Follow one start for all rounds. Cost: two `step`s a round."""
    rho, speakers, items = params.restart, np.zeros(len(weights)), start
    for k in range(params.rounds):
        listeners = back(snapshot, items, weights, heard, params.floor)
        speakers += rho * (1 - rho) ** k * listeners
        if k + 1 < params.rounds:
            items = step(snapshot.rows, snapshot.cols, listeners)
    return Reach(speakers, step(snapshot.rows, snapshot.cols, speakers))


def back(
    snapshot: Snapshot, items: Weights, weights: Weights, heard: Weights, floor: float
) -> Weights:
    """Item mass to its admitted listeners; float64[users].

    Mass of items without an admitted listener is lost; with floor 0 all other mass is kept.

    Args:
        snapshot: the graph.
        items: float64[items], mass to be shared out.
        weights: float64[users], w.
        heard: float64[items], Z, which is what all listeners of an item say of it together.
        floor: lambda, the least that Z is taken for.
    """
    bound = LIFT * np.maximum(floor, heard)
    rate = np.divide(items, bound, out=np.zeros(len(items)), where=heard > 0)
    mass: Weights = LIFT * weights * step(snapshot.cols, snapshot.rows, rate)
    return mass


def discount(degree: Weights, eta: float) -> Weights:
    """1 / max(1, d) ** eta. Below one full listener there is no bonus: else an item that only
    the barely admitted hold would be lifted for being unknown, and Sybils' items are just that.
    """
    divided: Weights = np.maximum(1.0, degree) ** -eta
    return divided
