"""One person's past as a question: what would a list have told them, had they stopped earlier?

Some of a voter's items are hidden, the rest starts the walk as the ego's own items start the
ego's. What is answered is exactly what `salsa` and item to item answer on a snapshot in which the
voter is the ego and never did what is hidden; only, no such snapshot is built: the few numbers
that differ are patched. That costs a walk or a few over the voter's neighbourhood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
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
    row: Weights
    """float64[len(shown)], sum 1 or empty: what the voter's row would be"""
    newer: Weights
    """float64[len(shown)]: what `Snapshot.recency` would say of each"""
    hidden: Indices
    """int32, rising: what a good list would name"""


class Walk(NamedTuple):
    """One way to walk."""

    rounds: int
    """1 to 3"""
    social: float
    """mu"""
    fading: tuple[float, int]
    """recency and its span"""


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


def past(snapshot: Snapshot, voter: int, newer: Weights, share: float, fold: int = 0) -> Past:
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
    rising = np.argsort(shown)  # a row's items rise
    newer, shown = newer[: shown.size][rising], shown[rising]
    return Past(voter, items[shown], _normed(weights[shown]), newer, np.sort(items[hidden]))


def answers(
    window: Window,
    past: Past,
    params: Params,
    walks: Sequence[Walk],
    *,
    social: bool = True,
) -> Answers:
    """Walk once for each walk asked for; they share what they have in common.

    Args:
        window: the graph, and who may speak; the voter fully.
        past: what the voter had done.
        params: restart, floor and social_speakers; item to item's. All else is asked for.
        walks: what to answer.
        social: whether friends have a part in the start at all; without, mu is taken for 0.

    Cost: two steps for the voter's own items at each recency, two for item to item, two for its
    friends' items where it has any, two for each further round; each O(nnz) at most.
    """
    rank, nothing = params.rank, np.zeros(len(window.snapshot.items))
    graph = _Patched(window, past, rank.floor)
    friends = friends_start(window, past.voter, rank) if social else nothing
    to_theirs = graph.round_trip(friends)
    own: dict[tuple[float, int], Weights] = {}
    chains: dict[object, list[Weights]] = {}
    reached = []
    for walk in walks:
        if walk.fading not in own:
            start = nothing.copy()
            start[past.shown] = _normed(past.row * _recent(past.newer, *walk.fading))
            own[walk.fading] = graph.round_trip(start)
        to_mine = own[walk.fading]
        n_own = int(np.count_nonzero(past.newer < walk.fading[1]))
        mu = social_share(n_own, replace(rank, social=walk.social))
        mu = 0.0 if not to_theirs.any() else mu if n_own else 1.0
        chain = chains.setdefault((mu, walk.fading), [(1 - mu) * to_mine + mu * to_theirs])
        while len(chain) < walk.rounds:
            chain.append(graph.round_trip(chain[-1]))
        total = nothing.copy()
        for k in range(walk.rounds):
            total += rank.restart * (1 - rank.restart) ** k * chain[k]
        reached.append(total)
    beside = params.sources
    cosine = graph.alike(_recent(past.newer, beside.fading, beside.last))
    return Answers(np.array(reached), cosine, graph.degree, graph.work)


def _recent(newer: Weights, fading: float, span: int) -> Weights:
    faded: Weights = np.where(newer < span, fading**newer, 0.0)
    return faded


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

    def round_trip(self, items: Weights) -> Weights:
        """Item mass to its listeners and on to what they hold."""
        return self.items(self.listeners(items))

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

    def alike(self, recent: Weights) -> Weights:
        """What item to item says of every item, from the shown ones; float64[items]."""
        window, shown = self.window, self.past.shown
        start = np.zeros(len(self.heard))
        start[shown] = recent / np.sqrt(np.maximum(1.0, self.degree[shown] + 1))
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
