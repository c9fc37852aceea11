"""Personalised SALSA said again from its definition, with dense matrices and no gathering."""

import numpy as np

from web3rec.graph import Csr, Snapshot
from web3rec.params import RankParams
from web3rec.types import Weights


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
