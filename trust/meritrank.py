"""MeritRank's transitivity decay, exactly: where does a walk of trust from the ego stop?

The walk starts at the ego. At each node it stops with chance alpha, else it follows an out-edge in
proportion to the weights; a node that trusts nobody stops it. tau(u) is the chance that it stops at
u. Whatever strangers do among themselves, together they can hold no more of tau than the chance C
that the walk ever enters their region, and C is written on edges that honest nodes drew.

Source: Nasrulin, Ishmaev & Pouwelse, "MeritRank: Sybil Tolerant Reputation for Merit-based
Tokenomics", 2022 (arXiv 2207.09950). We depart from it in three things: chances are solved for, not
sampled; a walk is counted where it stops, not where it passes, so the scores of all nodes sum to 1;
and we split them by the ego's friend through whom the walk left, so that each friend can be held to
account for what came through. Its other two decays are in `trust.decay`.

Knows arrays and numbers only; no ids, no clock, no files, no randomness.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from trust.columns import Columns
from trust.decay import bridged
from trust.digraph import Digraph, Indices, Weights
from trust.errors import GraphError
from trust.params import TrustParams
from trust.settling import Settled, Settler
from trust.steps import Steps


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
        tau: float64[n], >= 0, sum 1 (less what `TrustParams.beta` takes); 0 for blocked and
            unreachable nodes.
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

    Cost: O(n + n_edges) a round. Rounds by default: about 30 on a random graph, 80 on a clustered
    one, 140 at the very most.
    """
    graph.check_node(ego)
    settler = Settler(Steps.on(graph, params.alpha), 1)
    start = np.zeros((graph.n, 1))
    start[settler.steps.lanes[ego]] = 1
    settled = settler.finished(start, settler.settle(start, _aim(params.tol), params.max_rounds))
    tau = (settled.visits[:, 0] * settler.steps.stops)[settler.steps.lanes]
    tau.flags.writeable = False
    return StopMass(tau, float(settled.missing[0]), settled.rounds)


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
        GraphError: ego or a blocked node is out of range, or the ego blocks itself; or beta is not
            0 and the graph is too large for it.

    Cost: that of `stop_mass` for each column; memory 8 n n_columns bytes for phi.
    """
    graph = heard(graph, ego, params, blocked)
    columns = Columns.of(graph, ego, params.max_sponsors)
    phi, missing = walked(graph, columns, params)
    residual = float((1 - params.alpha) * (columns.shares @ missing))
    return decayed(published(ego, params, columns, phi, residual), graph, ego, params)


def walked(graph: Digraph, columns: Columns, params: TrustParams) -> tuple[Weights, Weights]:
    """(phi, what each column's walk fails to explain), from nothing, on the graph as it is."""
    phi, missing = np.empty((graph.n, len(columns))), np.zeros(len(columns))
    if columns:
        steps = Steps.on(graph, params.alpha)
        settler = Settler(steps, len(columns))
        for block in columns.blocks(settler.width):
            start = columns.start(block, steps.lanes, settler.width)
            settled = settler.settle(start, _aim(params.tol), params.max_rounds)
            settled = settler.finished(start, settled)
            missing[block] = stopped(steps, settled, columns.shares[block], phi[:, block])
    return phi, missing


def heard(graph: Digraph, ego: int, params: TrustParams, blocked: Iterable[int]) -> Digraph:
    """The graph that is walked: without the blocked, and with the ego's row capped.

    Raises:
        GraphError: as `attribution`.
    """
    graph.check_node(ego)
    gone = list(blocked)
    if ego in gone:
        raise GraphError(f"the ego ({ego}) cannot be blocked: leave it out of blocked")
    return (graph.without(gone) if gone else graph).capped(ego, params.friend_cap)


def stopped(steps: Steps, settled: Settled, shares: Weights, phi: Weights) -> Weights:
    """Write where a block of walks stops into its columns of phi; what each walk misses."""
    n_columns = shares.size
    visits = settled.visits[steps.lanes, :n_columns]
    np.multiply(visits, steps.stops[steps.lanes, None], out=visits)
    np.multiply(visits, (1 - steps.alpha) * shares, out=phi)
    return settled.missing[:n_columns]


def _aim(tol: float) -> float:
    """What may be missing before `Settler.finished`, for tol after it."""
    return tol / (2 + tol)


def decayed(found: Attribution, graph: Digraph, ego: int, params: TrustParams) -> Attribution:
    """What is told, after connectivity decay; the same if beta is 0."""
    if not params.beta:
        return found
    left = np.where(bridged(graph, ego, params), 1 - params.beta, 1.0)
    tau, phi = left * found.tau, left[:, None] * found.phi
    tau.flags.writeable = phi.flags.writeable = False
    return replace(found, tau=tau, phi=phi)


def published(
    ego: int, params: TrustParams, columns: Columns, phi: Weights, residual: float
) -> Attribution:
    """Put phi and its columns together; all of it is read-only from here on."""
    tau = phi.sum(axis=1)
    tau[ego] += params.alpha if columns else 1.0
    for array in (tau, columns.friends, columns.columns, columns.shares, phi):
        array.flags.writeable = False
    return Attribution(tau, residual, columns.friends, columns.columns, columns.shares, phi)
