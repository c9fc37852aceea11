"""Web3Recommend as published, on our arrays: for comparison only.

    trusted   whoever a MeritRank walk from the ego visits (chance alpha of stopping at each step)
    walk      user -> item by weight, not the item it came from; item -> user by weight among the
              trusted; before every step it stops with chance alpha
    decay     an item loses beta * f of its score if a share f > threshold of the walks that visit
              it had passed through one and the same user or item before (the ego does not count)
    score     visits of all walks, times the decay

Source: Madhwal & Pouwelse, "Web3Recommend: Decentralised recommendations with trust and
relevance", 2023 (arXiv 2307.01411), with the numbers of its open implementation: 1,000 walks of at
most 100 steps, alpha .1, beta .8, threshold .99. It is a port of the rules, not of the code, and
departs from the code in one thing: there an item leads back only to friends of the user the walk
came from, here to anyone trusted, which is kinder to it where friendships are few.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.methods.engine import need_trust
from web3rec.eval.methods.method import Ranker, Scored, Settings
from web3rec.types import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """What the walks do."""

    walks: int = 1_000
    """Of trust, and again of taste; >= 1."""
    longest: int = 100
    """Steps of one walk at most; >= 1."""
    alpha: float = 0.1
    """Chance of stopping before each step; in (0, 1)."""
    beta: float = 0.8
    """Share of its score that an item loses which all walks reach through one other; in [0, 1]."""
    threshold: float = 0.99
    """Share of walks above which it loses anything; in [0, 1]."""

    def __post_init__(self) -> None:
        for name in ("walks", "longest"):
            if not getattr(self, name) >= 1:
                raise ParamError(name, getattr(self, name), "at least 1")
        if not 0 < self.alpha < 1:
            raise ParamError("alpha", self.alpha, "in (0, 1)")
        for name in ("beta", "threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParamError(name, getattr(self, name), "in [0, 1]")


def web3recommend(arena: Arena, settings: Settings, *, params: Walks | None = None) -> Ranker:
    """The ranker; every ego has walks of its own. Cost: O(nnz + walks / alpha^2) for an ego."""
    need_trust(arena, "web3recommend")
    numbers = params or Walks()
    graph = arena.graph
    leaving = np.concatenate([[0.0], np.cumsum(graph.rows.weights)])
    # Where each entry of the transpose stands among the rows' entries.
    place = np.argsort(graph.rows.cols, kind="stable")

    def scores(user: int) -> Weights:
        rng = settings.rng(user)
        trusted = trusted_by(arena, user, numbers, rng)
        visits = _visits(arena, user, trusted, leaving, place, numbers, rng)
        return _decayed(visits, user, len(graph.users), len(graph.items), numbers)

    return Scored(arena, scores)


def trusted_by(
    arena: Arena, ego: int, params: Walks, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """bool[users]: whom at least one walk of trust visits, the ego included."""
    trust = arena.graph.trust
    along = np.concatenate([[0.0], np.cumsum(trust.weights)])
    seen = np.zeros(trust.n, bool)
    at = np.full(params.walks, ego, np.int64)
    for _ in range(params.longest):
        seen[at] = True
        at = at[rng.random(at.size) >= params.alpha]
        at = at[trust.starts[at] < trust.starts[at + 1]]
        if not at.size:
            break
        edge = _drawn(along, trust.starts[at], trust.starts[at + 1], rng)
        at = trust.targets[edge].astype(np.int64)
    return seen


def _drawn(
    total: Weights,
    first: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    rng: np.random.Generator,
    without: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.int64]:
    """One entry from each run [first, last), in proportion to the weights; -1 where there is none.

    `total` is the weights' running sum from 0; `without` is an entry of each run that cannot be
    drawn, -1 for none of them.
    """
    low, high = total[first], total[last]
    gap = np.zeros(len(first))
    if without is not None:
        gap = np.where(without >= 0, total[without + 1] - total[without], 0.0)
    mass = high - low - gap
    point = low + rng.random(len(first)) * mass
    if without is not None:
        point = np.where((without >= 0) & (point >= total[without]), point + gap, point)
    point = np.minimum(point, np.nextafter(high, -np.inf))  # the sum of two may round up to high
    entry = np.searchsorted(total, point, side="right") - 1
    none = mass <= 1e-12 * np.maximum(high, 1)
    if without is not None:
        none |= entry == without
    return np.where(none, -1, entry)


@dataclass(frozen=True, slots=True, eq=False)
class _Visits:
    """Every visit of every walk, users first, items counted on from there."""

    walk: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    vertex: npt.NDArray[np.int64]


def _visits(
    arena: Arena,
    ego: int,
    trusted: npt.NDArray[np.bool_],
    leaving: Weights,
    place: npt.NDArray[np.int64],
    params: Walks,
    rng: np.random.Generator,
) -> _Visits:
    rows, cols, n_users = arena.graph.rows, arena.graph.cols, len(arena.graph.users)
    coming = np.concatenate([[0.0], np.cumsum(cols.weights * trusted[cols.cols])])
    walk = np.arange(params.walks)
    user, back = np.full(params.walks, ego, np.int64), np.full(params.walks, -1, np.int64)
    walks, steps, vertices = [walk], [np.zeros_like(walk)], [user]

    def going(n: int) -> npt.NDArray[np.bool_]:
        return rng.random(n) >= params.alpha

    for step in range(1, params.longest, 2):
        on = going(len(walk))
        walk, user, back = walk[on], user[on], back[on]
        entry = _drawn(leaving, rows.starts[user], rows.starts[user + 1], rng, back)
        walk, entry = walk[entry >= 0], entry[entry >= 0]
        item = rows.cols[entry].astype(np.int64)
        walks, steps = [*walks, walk], [*steps, np.full(len(walk), step)]
        vertices = [*vertices, n_users + item]
        on = going(len(walk))
        walk, item = walk[on], item[on]
        entry = _drawn(coming, cols.starts[item], cols.starts[item + 1], rng)
        walk, entry = walk[entry >= 0], entry[entry >= 0]
        user, back = cols.cols[entry].astype(np.int64), place[entry]
        walks, steps = [*walks, walk], [*steps, np.full(len(walk), step + 1)]
        vertices = [*vertices, user]
        if not walk.size:
            break
    return _Visits(np.concatenate(walks), np.concatenate(steps), np.concatenate(vertices))


def _decayed(visits: _Visits, ego: int, n_users: int, n_items: int, params: Walks) -> Weights:
    """Visits of each item, less what connectivity decay takes."""
    items = visits.vertex >= n_users
    score = np.bincount(visits.vertex[items] - n_users, minlength=n_items).astype(np.float64)

    # Every vertex once a walk, at its first visit; walks end to end.
    order = np.lexsort((visits.step, visits.vertex, visits.walk))
    walk, vertex, step = visits.walk[order], visits.vertex[order], visits.step[order]
    new = np.concatenate([[True], (walk[1:] != walk[:-1]) | (vertex[1:] != vertex[:-1])])
    order = np.flatnonzero(new)[np.lexsort((step[new], walk[new]))]
    walk, vertex = walk[order], vertex[order]
    begins = np.concatenate([[True], walk[1:] != walk[:-1]])
    start = np.flatnonzero(begins)[np.cumsum(begins) - 1]

    at = np.flatnonzero(vertex >= n_users)
    walked = np.bincount(vertex[at] - n_users, minlength=n_items)
    before = at - start[at]
    owner = np.repeat(vertex[at] - n_users, before)
    flat = np.arange(before.sum()) - np.repeat(np.cumsum(before) - before - start[at], before)
    earlier = vertex[flat]
    counted = earlier != ego
    pairs = owner[counted] * (n_users + n_items) + earlier[counted]
    pair, together = np.unique(pairs, return_counts=True)
    most = np.zeros(n_items)
    np.maximum.at(most, pair // (n_users + n_items), together)
    share = np.divide(most, walked, out=np.zeros(n_items), where=walked > 0)
    decay: Weights = np.where(share > params.threshold, 1 - params.beta * share, 1.0)
    return score * decay
