"""Baselines that walk from the ego's items to their listeners and on to what those hold.

Nothing is trained: with x the 0/1 matrix users x items, |u| items of user u, d_i listeners of i

    popular   s_i = d_i
    cosine    s_i = sum_j in own  (items' common listeners) / sqrt(d_i d_j)
    rp3beta   s_i = sum_j in own  sum_u x_uj / d_j  x_ui / |u|  / d_i^beta

Sources: Sarwar et al., "Item-based collaborative filtering", WWW 2001 (no shrinkage, all
neighbours); Paudel et al., "Updatable, accurate, diverse, and scalable recommendations", ACM TiiS
7(1), 2016 (alpha 1, no cut to k neighbours).
"""

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.methods.method import Ranker, Scored, Settings, degrees, own_items
from web3rec.graph import Csr
from web3rec.types import Weights


def popular(arena: Arena, _settings: Settings) -> Ranker:
    """What most people have; the same for everyone but for what one has already."""
    listeners = degrees(arena.graph.cols)
    return Scored(arena, lambda _user: listeners)


def cosine(arena: Arena, _settings: Settings) -> Ranker:
    """Items that share listeners with the ego's. Cost: O(what its items' listeners hold)."""
    listeners = np.maximum(degrees(arena.graph.cols), 1)
    users = np.ones(len(arena.graph.users))

    def scores(user: int) -> Weights:
        return _there_and_back(arena, user, listeners**-0.5, users) * listeners**-0.5

    return Scored(arena, scores)


def rp3beta(arena: Arena, _settings: Settings, *, beta: float = 0.3) -> Ranker:
    """Where a walk of three steps ends, popularity discounted; `beta` in [0, 1]. Cost as cosine."""
    if not 0 <= beta <= 1:
        raise ParamError("beta", beta, "in [0, 1]")
    listeners = np.maximum(degrees(arena.graph.cols), 1)
    held = np.maximum(degrees(arena.graph.rows), 1)

    def scores(user: int) -> Weights:
        return _there_and_back(arena, user, 1 / listeners, 1 / held) * listeners**-beta

    return Scored(arena, scores)


def _there_and_back(arena: Arena, user: int, leaving: Weights, arriving: Weights) -> Weights:
    """sum_j in own  leaving_j  sum_u x_uj arriving_u x_ui; the ego's own row left out.

    (The own row reaches only own items, which are never ranked.)
    """
    rows, cols = arena.graph.rows, arena.graph.cols
    own = own_items(arena, user)
    mass = _pushed(cols, own, leaving[own], len(arena.graph.users)) * arriving
    mass[user] = 0
    reached = np.flatnonzero(mass).astype(np.int32)
    return _pushed(rows, reached, mass[reached], len(arena.graph.items))


def _pushed(matrix: Csr, rows: np.ndarray, mass: Weights, size: int) -> Weights:
    edges = matrix.gather(rows)
    return np.bincount(edges.cols, weights=mass[edges.owner], minlength=size).astype(np.float64)
