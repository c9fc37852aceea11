"""Personalised SALSA among the admitted: taste ranks.

One round trip from the ego's items to their listeners and on to what those hold:

    back     x_u  = sum_i y_i w(u) a(u,i) / max(lambda, Z_i)     Z_i = sum_v w(v) a(v,i)
    forward  y'_i = sum_u x_u a(u,i)

Knows arrays only. Work is local: the rows and columns the walk touches are gathered, the rest of
the graph is never read. Source: Lempel & Moran, "SALSA", ACM TOIS 19(2), 2001. We depart from
it in the admission weight w, in the start (own row by recency, a little trust), and in the
division by admitted degree ** eta, which at one round trip makes it RP3beta
(Paudel et al., ACM TiiS 7(1), 2016).
"""

from dataclasses import dataclass

import numpy as np

from web3rec.graph import Csr, Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Salsa:
    """Where the walk went."""

    start: Weights
    """float64[items]: y(0), sums to 1 (or 0 if there was nothing to start from)."""
    speakers: Weights
    """float64[users]: X, listener mass of all rounds, each by its weight rho (1 - rho)^(k-1)."""
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
    most: Indices = np.argsort(-voice, kind="stable")[: params.social_speakers].astype(np.int32)
    most = most[voice[most] > 0]
    start = _forward(snapshot.rows, most, voice[most], len(snapshot.items))
    total = start.sum()
    return start / total if total > 0 else start


def salsa(snapshot: Snapshot, admission: Admission, tau: Weights, params: RankParams) -> Salsa:
    """Score every item the walk reaches.

    Args:
        snapshot: the graph, both directions.
        admission: who may speak.
        tau: float64[users]: trust, for the social part of the start.
        params: rounds, restart, eta, floor, social mix, recency.

    Returns:
        scores over all items, the ego's own included (the caller leaves those out).

    Cost: O(edges of the touched neighbourhood) a round trip, plus O(users + items) to lay it out.
    """
    own = own_start(snapshot, params)
    mu = social_share(int(np.count_nonzero(own)), params)
    social = (
        social_start(snapshot, tau, admission.weights, params) if mu > 0 else np.zeros_like(own)
    )
    if not own.any():
        start = social
    elif not social.any():
        start = own
    else:
        start = (1 - mu) * own + mu * social
    rho = params.restart
    items, speakers = start, np.zeros(len(snapshot.users))
    for k in range(params.rounds):
        listeners = back(snapshot.cols, items, admission.weights, params.floor)
        speakers += rho * (1 - rho) ** k * listeners
        heard = np.flatnonzero(listeners).astype(np.int32)
        if k + 1 < params.rounds:
            items = _forward(snapshot.rows, heard, listeners[heard], len(snapshot.items))
    spoke = np.flatnonzero(speakers).astype(np.int32)
    reach = _forward(snapshot.rows, spoke, speakers[spoke], len(snapshot.items))
    return Salsa(start, speakers, reach * discount(admission.degree, params.eta))


def back(cols: Csr, items: Weights, weights: Weights, floor: float) -> Weights:
    """Item mass to its admitted listeners; float64[users].

    Mass of items without an admitted listener is lost; with floor 0 all other mass is kept.
    """
    at = np.flatnonzero(items).astype(np.int32)
    edges = cols.gather(at)
    voice = weights[edges.cols] * edges.weights
    listened = np.bincount(edges.owner, weights=voice, minlength=len(at))
    bound = np.maximum(floor, listened)[edges.owner]
    # A quotient of the two first: at most 1 however small both are, where 1 / bound could overflow.
    part = np.divide(voice, bound, out=np.zeros(len(voice)), where=voice > 0)
    mass: Weights = np.bincount(
        edges.cols, weights=items[at][edges.owner] * part, minlength=len(weights)
    ).astype(np.float64)
    return mass


def discount(degree: Weights, eta: float) -> Weights:
    """1 / max(1, d) ** eta. Below one full listener there is no bonus: else an item that only
    the barely admitted hold would be lifted for being unknown, and Sybils' items are just that.
    """
    divided: Weights = np.maximum(1.0, degree) ** -eta
    return divided


def _forward(rows: Csr, users: Indices, mass: Weights, n_items: int) -> Weights:
    edges = rows.gather(users)
    pushed: Weights = np.bincount(
        edges.cols, weights=mass[edges.owner] * edges.weights, minlength=n_items
    ).astype(np.float64)
    return pushed
