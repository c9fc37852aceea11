"""One person's past as a question: what would a list have told them, had they stopped earlier?

Some of a voter's items are hidden, the rest starts the walk as the ego's own items start the
ego's. What is answered is exactly what `salsa` and item to item answer on a snapshot in which the
voter is the ego and never did what is hidden; only, no such snapshot is built: the few numbers
that differ are patched. That costs a walk or a few over the voter's neighbourhood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import numpy.typing as npt

from web3rec.graph import Csr, Snapshot
from web3rec.params import Params, RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.salsa import back, social_share
from web3rec.rank.steps import PUSHING, step
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The graph and who may speak in it, with what every replay needs of both."""

    snapshot: Snapshot
    admission: Admission
    heard: Weights
    """float64[items]: Z"""
    held: Csr
    """Users by items like `snapshot.rows`, every weight 1"""
    listed: Csr
    """Items by users like `snapshot.cols`, every weight 1"""

    @staticmethod
    def of(snapshot: Snapshot, admission: Admission) -> "Window":
        """Cost: O(nnz)."""
        heard = step(snapshot.rows, snapshot.cols, admission.weights)
        return Window(snapshot, admission, heard, _ones(snapshot.rows), _ones(snapshot.cols))


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A voter's items, told apart."""

    voter: int
    shown: Indices
    """int32, rising: what the walk starts from and never proposes"""
    start: Weights
    """float64[len(shown)], sum 1 or empty: how much of the walk at each"""
    row: Weights
    """float64[len(shown)], sum 1 or empty: what the voter's row would be"""
    fading: Weights
    """float64[len(shown)]: how much item to item starts at each"""
    hidden: Indices
    """int32, rising: what a good list would name"""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the walks asked for reach, before any discount; and what else is said."""

    reached: npt.NDArray[np.float64]
    """float64[walks, items]: sum_u X_u a(u,i)"""
    cosine: Weights
    """float64[items]: what item to item says (`sources.alike`)"""
    degree: Weights
    """float64[items]: admitted degree without the voter"""
    work: int
    """Matrix entries read, weighed by what reading one costs"""


def past(
    snapshot: Snapshot, voter: int, newer: Weights, share: float, params: Params, fold: int = 0
) -> Past:
    """Hide a share of what the voter holds, and show no more than the ego has.

    The rows carry no times. But where the ego's own acts have times, others' have them as well,
    and a row's weights fade with age: then the heaviest items are taken for the newest, are hidden,
    and the next ones start the walk as the ego's newest do. Where the ego's acts are all of one
    time, any items are hidden, told apart by a hash of the two keys. See docs/decisions/0011: with
    hashed items on timed data, the settings chosen lost up to a third.

    Args:
        snapshot: the graph; the voter holds at least 2 items.
        voter: whose past.
        newer: float64[ego's items], rising: how many newer acts there are to each of the ego's.
        share: part of the items to hide, rounded down, at least one and never all.
        params: recency and its span; the same of item to item.
        fold: which share, where one person is asked several times; with times, what is newer than
            the hidden items is left out altogether.
    """
    items, weights = snapshot.rows.row(voter)
    count = max(1, int(share * len(items)))
    if newer.size and newer[-1] > 0:
        order = np.argsort(-weights, kind="stable")
        order = order[fold * count :] if fold * count + 2 <= len(items) else order
    else:
        key, terms = snapshot.users.terms[voter], snapshot.items.terms
        chance = [crc32(terms[item], crc32(key)) for item in items.tolist()]
        order = np.roll(np.argsort(np.array(chance), kind="stable"), -fold * count)
    hidden, shown = order[:count], order[count : count + newer.size]
    rank, beside, newer = params.rank, params.sources, newer[: shown.size]
    recent = np.where(newer < rank.recency_span, rank.recency**newer, 0.0)
    fading = np.where(newer < beside.last, beside.fading**newer, 0.0)
    rising = np.argsort(shown)  # a row's items rise
    shown = shown[rising]
    return Past(
        voter,
        items[shown],
        _normed(weights[shown] * recent[rising]),
        _normed(weights[shown]),
        fading[rising],
        np.sort(items[hidden]),
    )


def answers(
    window: Window,
    past: Past,
    params: RankParams,
    walks: Sequence[tuple[int, float]],
    *,
    social: bool = True,
) -> Answers:
    """Walk once for each (rounds, mu) asked for; walks share what they have in common.

    Args:
        window: the graph, and who may speak; the voter fully.
        past: what the voter had done.
        params: restart, floor and social_speakers; all else is asked for.
        walks: rounds 1 to 3 and mu.
        social: whether friends have a part in the start at all; without, mu is taken for 0.

    Cost: four steps for the voter's own items, two for its friends' where it has any, and four more
    for three rounds, each O(nnz) at most.
    """
    graph = _Patched(window, past, params.floor)
    own = np.zeros(len(window.snapshot.items))
    own[past.shown] = past.start
    friends = friends_start(window, past.voter, params) if social else np.zeros(len(own))
    mine, theirs = graph.listeners(own), graph.listeners(friends)
    to_mine, to_theirs = graph.items(mine), graph.items(theirs)
    chains: dict[float, list[tuple[Weights, Weights]]] = {}
    reached = []
    for rounds, least in walks:
        mu = social_share(past.shown.size, replace(params, social=least))
        mu = 0.0 if not theirs.any() else mu if mine.any() else 1.0
        if mu not in chains:
            chains[mu] = [((1 - mu) * mine + mu * theirs, (1 - mu) * to_mine + mu * to_theirs)]
        chain = chains[mu]
        while len(chain) < rounds:
            speakers = graph.listeners(chain[-1][1])
            chain.append((speakers, graph.items(speakers)))
        total = np.zeros(len(own))
        for k in range(rounds):
            total += params.restart * (1 - params.restart) ** k * chain[k][1]
        reached.append(total)
    return Answers(np.array(reached), graph.alike(), graph.degree, graph.work)


def friends_start(window: Window, voter: int, params: RankParams) -> Weights:
    """What the voter's admitted friends hold, by how much it trusts each; sums to 1 or is empty.

    The ego's own social start weighs everyone by tau; a voter's tau would cost a walk of trust
    over the whole graph. Its friends hold the largest parts of it.
    """
    graph = window.snapshot
    first, last = graph.trust.starts[voter], graph.trust.starts[voter + 1]
    friends = graph.trust.targets[first:last]
    voice = graph.trust.weights[first:last] * (window.admission.weights[friends] > 0)
    most = np.argsort(-voice, kind="stable")[: params.social_speakers]
    mass = np.zeros(len(graph.users))
    mass[friends[most]] = voice[most]
    return _normed(step(graph.rows, graph.cols, mass)) if mass.any() else np.zeros(len(graph.items))


class _Patched:
    """The graph with one voter's row exchanged for what is shown of it."""

    def __init__(self, window: Window, past: Past, floor: float) -> None:
        self.window, self.past, self.floor = window, past, floor
        self.weights, self.work = window.admission.weights, 0
        items, weights = window.snapshot.rows.row(past.voter)
        self.degree = window.admission.degree.copy()
        self.degree[items] -= 1
        self.heard = window.heard.copy()
        self.heard[items] = np.maximum(0.0, self.heard[items] - weights)
        self.heard[past.shown] += past.row

    def listeners(self, items: Weights) -> Weights:
        """Item mass to its listeners; float64[users]."""
        graph, shown = self.window.snapshot, self.past.shown
        if not items.any():
            return np.zeros(len(self.weights))
        self._count(graph.cols, items)
        mass = back(graph, items, self.weights, self.heard, self.floor)
        bound = np.maximum(self.floor, self.heard[shown])
        mass[self.past.voter] = (items[shown] * self.past.row / bound).sum()
        return mass

    def items(self, listeners: Weights) -> Weights:
        """Listener mass to what they hold; float64[items]."""
        graph, others = self.window.snapshot, listeners.copy()
        others[self.past.voter] = 0
        mass = np.zeros(len(self.heard))
        if others.any():
            self._count(graph.rows, others)
            mass = step(graph.rows, graph.cols, others)
        mass[self.past.shown] += listeners[self.past.voter] * self.past.row
        return mass

    def alike(self) -> Weights:
        """What item to item says of every item; float64[items]."""
        window, shown = self.window, self.past.shown
        start = np.zeros(len(self.heard))
        start[shown] = self.past.fading / np.sqrt(np.maximum(1.0, self.degree[shown] + 1))
        self._count(window.listed, start)
        speakers = self.weights * step(window.listed, window.held, start)
        speakers[self.past.voter] = 0
        self._count(window.held, speakers)
        said: Weights = step(window.held, window.listed, speakers)
        said /= np.sqrt(np.maximum(1.0, self.degree))
        return said

    def _count(self, matrix: Csr, mass: Weights) -> None:
        at = np.flatnonzero(mass)
        entries = int((matrix.starts[at + 1] - matrix.starts[at]).sum())
        self.work += min(PUSHING * entries, matrix.nnz) + mass.size


def _ones(matrix: Csr) -> Csr:
    return Csr(matrix.starts, matrix.cols, np.ones(matrix.nnz, np.float32), matrix.n_cols)


def _normed(weights: Weights) -> Weights:
    total = weights.sum()
    return weights / total if total > 0 else weights
