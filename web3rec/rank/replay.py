"""One person's past as a question: what would this walk have told them, had they stopped earlier?

Some of a voter's items are hidden, the rest starts the walk as the ego's own items start the
ego's. What is answered is exactly what `salsa` answers on a snapshot in which the voter is the ego
and never did what is hidden; only, no such snapshot is built: the few numbers that differ are
patched. That costs one walk over the voter's neighbourhood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.salsa import back, social_share
from web3rec.rank.steps import PUSHING, step
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A voter's items, told apart."""

    voter: int
    shown: Indices
    """int32: what the walk starts from and never proposes"""
    start: Weights
    """float64[len(shown)], sum 1 or empty: how much of it at each"""
    row: Weights
    """float64[len(shown)], sum 1 or empty: what the voter's row would be"""
    hidden: Indices
    """int32: what a good list would name"""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What several settings' walks reach, before discount and popularity."""

    reached: npt.NDArray[np.float64]
    """float64[walks, items]: sum_u X_u a(u,i)"""
    mass: Weights
    """float64[walks]: sum_u X_u"""
    degree: Weights
    """float64[items]: admitted degree without the voter"""
    work: int
    """Matrix entries read, weighed by what reading one costs"""


def past(snapshot: Snapshot, voter: int, newer: Weights, share: float, params: RankParams) -> Past:
    """Hide a share of what the voter holds, and show no more than the ego has.

    The rows carry no times. But where the ego's own acts have times, others' have them as well,
    and a row's weights fade with age: then the heaviest items are taken for the newest, are hidden,
    and the next ones start the walk as the ego's newest do. Where the ego's acts are all of one
    time, any items are hidden, told apart by a hash of the two keys.

    Args:
        snapshot: the graph; the voter holds at least 2 items.
        voter: whose past.
        newer: float64[ego's items], rising: how many newer acts there are to each of the ego's.
        share: part of the items to hide, rounded down, at least one and never all.
        params: recency and its span.
    """
    items, weights = snapshot.rows.row(voter)
    timed = newer.size > 0 and newer[-1] > 0
    if timed:
        order = np.argsort(-weights, kind="stable")
    else:
        key, terms = snapshot.users.terms[voter], snapshot.items.terms
        chance = [crc32(terms[item], crc32(key)) for item in items.tolist()]
        order = np.argsort(np.array(chance), kind="stable")
    count = max(1, int(share * len(items)))
    hidden, shown = order[:count], order[count : count + newer.size]
    fade = params.recency ** newer[: shown.size] * (newer[: shown.size] < params.recency_span)
    order = np.argsort(items[shown])
    start, row, shown = (weights[shown] * fade)[order], weights[shown][order], shown[order]
    return Past(voter, items[shown], _normed(start), _normed(row), np.sort(items[hidden]))


def answers(
    snapshot: Snapshot,
    admission: Admission,
    heard: Weights,
    past: Past,
    params: RankParams,
    walks: Sequence[tuple[int, float]],
    *,
    social: bool = True,
) -> Answers:
    """Walk once for each (rounds, mu) asked for; walks share what they have in common.

    Args:
        snapshot: the graph.
        admission: who may speak; the voter fully.
        heard: float64[items], Z of the graph as it is.
        past: what the voter had done.
        params: restart, floor and social_speakers; all else is asked for.
        walks: rounds 1 to 3 and mu.
        social: whether friends have a part in the start at all; without, mu is taken for 0.

    Cost: two steps for the voter's own items, two for its friends' where it has any, and four more
    for three rounds, each O(nnz) at most.
    """
    graph = _Patched(snapshot, admission, heard, past, params.floor)
    own = np.zeros(len(snapshot.items))
    own[past.shown] = past.start
    friends = friends_start(snapshot, admission, past.voter, params) if social else 0 * own
    mine, theirs = graph.listeners(own), graph.listeners(friends)
    to_mine, to_theirs = graph.items(mine), graph.items(theirs)

    reached, mass = [], []
    chains: dict[float, list[tuple[Weights, Weights]]] = {}
    for rounds, least in walks:
        mu = social_share(past.shown.size, replace(params, social=least))
        mu = 0.0 if not theirs.any() else mu if mine.any() else 1.0
        if mu not in chains:
            chains[mu] = [((1 - mu) * mine + mu * theirs, (1 - mu) * to_mine + mu * to_theirs)]
        chain = chains[mu]
        while len(chain) < rounds:
            speakers = graph.listeners(chain[-1][1])
            chain.append((speakers, graph.items(speakers)))
        kept = [params.restart * (1 - params.restart) ** k for k in range(rounds)]
        reached.append(sum(w * items for w, (_, items) in zip(kept, chain, strict=False)))
        mass.append(sum(w * float(x.sum()) for w, (x, _) in zip(kept, chain, strict=False)))
    return Answers(np.array(reached), np.array(mass), graph.degree, graph.work)


def _normed(weights: Weights) -> Weights:
    total = weights.sum()
    return weights / total if total > 0 else weights


def friends_start(
    snapshot: Snapshot, admission: Admission, voter: int, params: RankParams
) -> Weights:
    """What the voter's admitted friends hold, by how much it trusts each.

    The ego's own social start weighs everyone by tau; a voter's tau would cost a walk of trust
    over the whole graph. Its friends hold the largest parts of it.
    """
    first, last = snapshot.trust.starts[voter], snapshot.trust.starts[voter + 1]
    friends = snapshot.trust.targets[first:last]
    voice = snapshot.trust.weights[first:last] * (admission.weights[friends] > 0)
    most = np.argsort(-voice, kind="stable")[: params.social_speakers]
    mass = np.zeros(len(snapshot.users))
    mass[friends[most]] = voice[most]
    mass[voter] = 0
    if not mass.any():
        return np.zeros(len(snapshot.items))
    return _normed(step(snapshot.rows, snapshot.cols, mass))


class _Patched:
    """The graph with one voter's row exchanged for what is shown of it."""

    def __init__(
        self, snapshot: Snapshot, admission: Admission, heard: Weights, past: Past, floor: float
    ) -> None:
        self.snapshot, self.weights, self.past, self.floor = (
            snapshot,
            admission.weights,
            past,
            floor,
        )
        self.work = 0
        items, weights = snapshot.rows.row(past.voter)
        self.degree = admission.degree.copy()
        self.degree[items] -= 1
        self.heard = heard.copy()
        self.heard[items] = np.maximum(0.0, heard[items] - weights)
        self.heard[past.shown] += past.row

    def listeners(self, items: Weights) -> Weights:
        """Item mass to its listeners; float64[users]."""
        graph, shown = self.snapshot, self.past.shown
        if not items.any():
            return np.zeros(len(self.weights))
        self._count(graph.cols.starts, items)
        mass = back(graph, items, self.weights, self.heard, self.floor)
        bound = np.maximum(self.floor, self.heard[shown])
        mass[self.past.voter] = (items[shown] * self.past.row / bound).sum() if shown.size else 0.0
        return mass

    def items(self, listeners: Weights) -> Weights:
        """Listener mass to what they hold; float64[items]."""
        graph, others = self.snapshot, listeners.copy()
        if not listeners.any():
            return np.zeros(len(self.heard))
        others[self.past.voter] = 0
        self._count(graph.rows.starts, others)
        mass = step(graph.rows, graph.cols, others)
        mass[self.past.shown] += listeners[self.past.voter] * self.past.row
        return mass

    def _count(self, starts: npt.NDArray[np.int64], mass: Weights) -> None:
        at = np.flatnonzero(mass)
        entries = int((starts[at + 1] - starts[at]).sum())
        self.work += min(PUSHING * entries, int(starts[-1])) + mass.size
