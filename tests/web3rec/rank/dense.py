"""Personalised SALSA said again from its definition, with dense matrices and no gathering.

And with it the whole list of the walk alone: everything is offered to the budgets at once, every
item's parts are computed, nothing is cached.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from web3rec.graph import Csr, Snapshot
from web3rec.params import Params, RankParams
from web3rec.rank.budget import fill, shares_of
from web3rec.types import Weights
from web3rec.view import View


def full(matrix: Csr) -> Weights:
    a: Weights = np.zeros((matrix.n_rows, matrix.n_cols))
    for u in range(matrix.n_rows):
        cols, weights = matrix.row(u)
        a[u, cols] = weights
    return a


def start(graph: Snapshot, tau: Weights, w: Weights, params: RankParams) -> Weights:
    """(1 - mu) own taste by recency + mu the tastes of the trusted, by trust."""
    a = full(graph.rows)
    ego = graph.ego
    own: Weights = np.where(
        graph.recency < params.recency_span, a[ego] * params.recency**graph.recency, 0
    )
    mu = max(params.social, 1 / (1 + np.count_nonzero(own)) ** 2)
    voice = np.where((w > 0) & (a.sum(axis=1) > 0), tau, 0)
    voice[ego] = 0
    social: Weights = voice @ a
    if social.sum() == 0:
        own /= own.sum() or 1
        return own
    if own.sum() == 0:
        social /= social.sum()
        return social
    mixed: Weights = (1 - mu) * own / own.sum() + mu * social / social.sum()
    return mixed


def round_trips(
    a: Weights, y: Weights, w: Weights, params: RankParams
) -> tuple[list[Weights], list[Weights]]:
    """-> (x(1..K) over users, y(1..K) over items)."""
    z = w @ a
    users, items = [], []
    for _ in range(params.rounds):
        per_item = np.divide(y, np.maximum(params.floor, z), out=np.zeros_like(y), where=z > 0)
        x = w * (a @ per_item)
        y = x @ a
        users.append(x)
        items.append(y)
    return users, items


def scores(graph: Snapshot, tau: Weights, w: Weights, params: RankParams) -> Weights:
    """s_i = sum_k (1 - rho)^(k - 1) rho y(k)_i / max(1, d_i)^eta."""
    a = full(graph.rows)
    _, items = round_trips(a, start(graph, tau, w, params), w, params)
    rho = params.restart
    mixed = sum((1 - rho) ** k * rho * y for k, y in enumerate(items))
    degree = w @ (a > 0)
    found: Weights = mixed / np.maximum(1, degree) ** params.eta
    return found


class Listed(NamedTuple):
    items: list[int]
    scores: Weights
    """float64[items listed]"""
    parts: npt.NDArray[np.float64]
    """float64[items listed, sponsors]"""
    closest: float
    """Least difference of two candidates' scores, relative: where this is rounding, the order is"""


def listed(view: View, a: Any, start: Weights, limit: int, params: Params) -> Listed:
    """The list of a walk from `start`: no other sources, no request but for its length.

    a: float64[users, items], a dense or a scipy.sparse matrix of the snapshot's rows.
    """
    rank, w = params.rank, view.admission.weights
    z, y, x = w @ a, start, np.zeros(len(w))
    for k in range(rank.rounds):
        per_item = np.divide(y, np.maximum(rank.floor, z), out=np.zeros_like(y), where=z > 0)
        listeners = w * (a @ per_item)
        x += rank.restart * (1 - rank.restart) ** k * listeners
        y = listeners @ a
    fade = np.maximum(1, w @ (a > 0).astype(float)) ** -rank.eta
    score, part = (x @ a) * fade, (a.T @ (x[:, None] * view.sponsor_share)) * fade[:, None]
    new = np.ones(len(fade), bool)
    new[view.snapshot.rows.row(view.snapshot.ego)[0]] = False
    order = ordered(score, new)
    closest = _closest(score[order])
    found = fill(score[order], shares_of(part[order]), view.budgets, limit, params.budget)
    if len(found.taken) < limit:  # below them, what the admitted hold
        voice = w.copy()
        voice[view.snapshot.ego] = 0
        told, paid = voice @ a, a.T @ (voice[:, None] * view.sponsor_share)
        more = ordered(told, new & (score == 0))
        closest = min(closest, _closest(told[more]))
        if more.size and order.size and told[more[0]] > score[order[-1]]:
            scale = score[order[-1]] / told[more[0]] / 2
            told, paid = told * scale, paid * scale
        score[more], part[more] = told[more], paid[more]
        order = np.concatenate((order, more))
        found = fill(score[order], shares_of(part[order]), view.budgets, limit, params.budget)
    items = order[found.taken]
    return Listed(items.tolist(), score[items], part[items], closest)


def ordered(score: Weights, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    at = np.flatnonzero(allowed & (score > 0))
    return at[np.argsort(-score[at], kind="stable")]


def _closest(falling: Weights) -> float:
    return float(np.min(-np.diff(falling) / falling[1:], initial=np.inf))
