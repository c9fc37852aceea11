"""MeritRank's transitivity decay, exactly: where does a walk of trust from the ego stop?

The walk starts at the ego. At each node it stops with chance alpha, else it follows an out-edge in
proportion to the weights; a node that trusts nobody stops it. tau(u) is the chance that it stops at
u. Whatever strangers do among themselves, together they can hold no more of tau than the chance C
that the walk ever enters their region, and C is written on edges that honest nodes drew.

Source: Nasrulin, Ishmaev & Pouwelse, "MeritRank: Sybil Tolerant Reputation for Merit-based
Tokenomics", 2022 (arXiv 2207.09950). We depart from it in three things: chances are solved for, not
sampled; a walk is counted where it stops, not where it passes, so the scores of all nodes sum to 1;
and we split them by the ego's friend through whom the walk left, so that each friend can be held to
account for what came through. Connectivity and epoch decay are not here.

Knows arrays and numbers only; no ids, no clock, no files, no randomness.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trust.digraph import Digraph, Indices, Weights
from trust.errors import GraphError, TrustParamError


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustParams:
    """What the walk does, and how exactly we want to know it."""

    alpha: float = 0.15
    """Chance of stopping at each node; in (0, 1). Higher trusts strangers of strangers less, and
    lowers C. Guess, to be measured; PageRank's customary value."""

    tol: float = 1e-9
    """Largest L1 error of tau; in (0, 1). An error of this size moves no admission at a million
    users; ten times less costs about ten rounds."""

    max_rounds: int = 1_000
    """Most steps of one walk before we settle for a larger residual, which is then reported;
    >= 1. A walk needs at most ln(tol / 2) / ln(1 - alpha) steps: 132 by default. So the ceiling
    only bites where alpha is small: below about 0.021 at the default tol."""

    max_sponsors: int = 64
    """Columns of the attribution; >= 1. An ego with more friends has the smaller ones dealt into
    shared columns as evenly as they go. Memory and time grow in proportion. One pool for all beyond
    32 handed 15 of 20 places to one friend of an ego with 76 (docs/decisions/0006)."""

    friend_cap: float = 0.25
    """Largest part of the ego's trust that one friend may hold; in (0, 1]. An ego with fewer than
    1 / friend_cap friends keeps its own proportions. So that one friend who turned bad cannot fill
    a list: 0.25 of 20 places, with a sponsor budget of 1.25, is 6.25."""

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:  # written so that NaN is refused too
            raise TrustParamError("alpha", self.alpha, "in (0, 1)")
        if not 0 < self.tol < 1:
            raise TrustParamError("tol", self.tol, "in (0, 1)")
        if not self.max_rounds >= 1:
            raise TrustParamError("max_rounds", self.max_rounds, "at least 1")
        if not self.max_sponsors >= 1:
            raise TrustParamError("max_sponsors", self.max_sponsors, "at least 1")
        if not 0 < self.friend_cap <= 1:
            raise TrustParamError("friend_cap", self.friend_cap, "in (0, 1]")


@dataclass(frozen=True, slots=True, eq=False)
class StopMass:
    """Where the walk stops.

    Attributes:
        tau: float64[n], >= 0, sum 1; 0 where no walk arrives. Read-only.
        residual: L1 distance to the exact tau is at most this (and rounding, about 1e-15).
        rounds: steps of the walk that were followed.
    """

    tau: Weights
    residual: float
    rounds: int


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Where the walk stops, split by the friend through whom it left the ego.

    `tau - phi.sum(axis=1)` is alpha at the ego (1 if the ego trusts nobody), 0 elsewhere: the walk
    that never left. All arrays are read-only.

    Attributes:
        tau: float64[n], >= 0, sum 1; 0 for blocked and unreachable nodes.
        residual: L1 distance of tau, and of phi over all its entries, to the exact ones is at most
            this.
        friends: int32[n_friends], all of them: largest share first, then lowest index.
        columns: int32[n_friends], the column that each friend's part is in.
        shares: float64[n_columns], T_rb of each column after blocks and cap, summed over the
            friends in it; sum 1 (or empty).
        phi: float64[n, n_columns], chance that the walk left through a friend of the column and
            stopped at the row's node; column b sums to (1 - alpha) * shares[b].
    """

    tau: Weights
    residual: float
    friends: Indices
    columns: Indices
    shares: Weights
    phi: Weights

    @property
    def sponsors(self) -> Indices:
        """int32[n_columns]: the friend a column stands for, -1 where it stands for several."""
        alone: Indices = np.full(self.shares.size, -1, np.int32)
        alone[self.columns[::-1]] = self.friends[::-1]
        crowd = np.bincount(self.columns, minlength=self.shares.size) > 1
        alone[crowd] = -1
        return alone

    @property
    def pooled(self) -> bool:
        """True if some column stands for several friends."""
        return self.friends.size > self.shares.size


def stop_mass(graph: Digraph, ego: int, params: TrustParams) -> StopMass:
    """Find where the ego's walk stops, on the graph as it is (no blocks, no cap).

    Args:
        graph: who trusts whom.
        ego: where the walk starts; in [0, n).
        params: alpha, tol and max_rounds are used.

    Raises:
        GraphError: ego is out of range.

    Cost: O(n + n_edges) a round. Rounds at tol 1e-9, alpha 0.15: about 25 on a random graph, 75 on
    a clustered one, 132 at the very most.
    """
    graph.check_node(ego)
    start = np.zeros(graph.n)
    start[ego] = 1
    tau, residual, rounds = _Walk.on(graph, params.alpha).settle(start, params)
    tau.flags.writeable = False
    return StopMass(tau, residual, rounds)


def attribution(
    graph: Digraph, ego: int, params: TrustParams, blocked: Iterable[int] = ()
) -> Attribution:
    """Say whom the ego may hear, and through which friend. The main entry.

    Removes blocked nodes, caps the ego's friends, then follows the walks of each friend.

    Args:
        graph: who trusts whom.
        ego: whose device this is; in [0, n).
        params: all of them are used.
        blocked: nodes the ego never wants to hear; in [0, n), not the ego. Local to this ego:
            nobody else's blocks lower a score.

    Raises:
        GraphError: ego or a blocked node is out of range, or the ego blocks itself.

    Cost: that of `stop_mass` for each column; memory 8 n n_columns bytes for phi.
    """
    graph.check_node(ego)
    gone = list(blocked)
    if ego in gone:
        raise GraphError(f"the ego ({ego}) cannot be blocked: leave it out of blocked")
    graph = graph.without(gone) if gone else graph
    graph = graph.capped(ego, params.friend_cap)
    friends, shares = graph.friends(ego), graph.row_shares(ego)
    tau = np.zeros(graph.n)
    if not friends.size:
        tau[ego] = 1
        nothing = np.zeros(0, np.int32)
        return _published(tau, 0.0, friends, nothing, shares, np.zeros((graph.n, 0)))

    order = np.lexsort((friends, -shares))
    friends, shares = friends[order], shares[order]
    columns, loads = _dealt(shares, params.max_sponsors)
    walk, residual = _Walk.on(graph, params.alpha), 0.0
    phi = np.empty((graph.n, loads.size))
    for column in range(loads.size):
        those = columns == column
        start = np.zeros(graph.n)
        start[friends[those]] = (1 - params.alpha) * shares[those]
        phi[:, column], missing, _ = walk.settle(start, params)
        residual += missing
    tau[ego] = params.alpha
    tau += phi.sum(axis=1)
    return _published(tau, residual, friends, columns, loads, phi)


def _dealt(shares: Weights, n_columns: int) -> tuple[Indices, Weights]:
    """Deal friends, largest share first, into columns: each into the least loaded, ties leftmost.

    Returns:
        int32[n_friends], each one's column; float64[<= n_columns], each column's summed share.

    No column ends above the mean load plus one of the dealt shares (Graham, "Bounds on
    multiprocessing timing anomalies", SIAM J. Appl. Math. 17(2), 1969), so no pool can become a
    sponsor much larger than the others. Cost: O(n_friends log n_columns).
    """
    heap = [(0.0, column) for column in range(min(n_columns, shares.size))]
    columns: Indices = np.zeros(shares.size, np.int32)
    loads: Weights = np.zeros(len(heap))
    for friend, share in enumerate(shares.tolist()):
        load, column = heap[0]
        columns[friend] = column
        loads[column] = load + share
        heapq.heapreplace(heap, (load + share, column))
    return columns, loads


def _published(
    tau: Weights,
    residual: float,
    friends: Indices,
    columns: Indices,
    shares: Weights,
    phi: Weights,
) -> Attribution:
    for array in (tau, friends, columns, shares, phi):
        array.flags.writeable = False
    return Attribution(tau, residual, friends, columns, shares, phi)


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """The walk's step as flat arrays of native integers, which NumPy gathers by without a copy."""

    sources: npt.NDArray[np.intp]  # [n_edges], rising: the gather reads in order
    targets: npt.NDArray[np.intp]
    chances: Weights  # [n_edges], (1 - alpha) T_uv
    stops: Weights  # [n], alpha; 1 where nobody is trusted

    @staticmethod
    def on(graph: Digraph, alpha: float) -> "_Walk":
        stops = np.where(np.diff(graph.starts) > 0, alpha, 1.0)
        return _Walk(
            graph.sources().astype(np.intp),
            graph.targets.astype(np.intp),
            (1 - alpha) * graph.shares(),
            stops,
        )

    def settle(self, start: Weights, params: TrustParams) -> tuple[Weights, float, int]:
        """Follow the mass at `start` until where it stops is known to `tol` of that mass.

        Returns (float64[n] summing to start's mass, bound on its L1 error, rounds).

        Plain power iteration loses only a factor 1 - alpha a round. But the mass still walking
        takes on a lasting shape x long before it is gone: M x = r x + d with d small (M: one step).
        Were d = 0, the rest would be a geometric series and would stop as stops * x / (1 - r). What
        that misses is where d, spread by all later steps, stops: at most |d|_1 / (1 - r), which is
        the bound. It is also at most 2 |x|_1, as both have that mass.
        """
        walking, stopped = start, np.zeros(start.size)
        mass = total = float(start.sum())
        along = np.empty(self.targets.size)
        for rounds in range(1, params.max_rounds + 1):
            # "clip" only spares NumPy a buffer: no index is out of range
            np.take(walking, self.sources, out=along, mode="clip")
            along *= self.chances
            moved = np.bincount(self.targets, along, minlength=start.size).astype(float, copy=False)
            left = float(moved.sum())
            ratio = left / mass if mass else 0.0
            drift = float(np.abs(moved - ratio * walking).sum())
            residual = min(2 * mass, drift / (1 - ratio))
            stopping = self.stops * walking
            if residual <= params.tol * total or rounds == params.max_rounds:
                stopped += stopping / (1 - ratio)
                break
            stopped += stopping
            walking, mass = moved, left
        return stopped, residual, rounds
