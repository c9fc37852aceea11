"""The same walk walked: seeded random walks, all in lock-step, as oracle and as explanation.

    ego -> own item -> listener -> item -> listener -> item ...

From an item to one of its listeners in proportion to w(u) a(u,i), from a listener to one of its
items in proportion to a(u,i); after each round trip the walk stops with chance rho. The chance to
stop at an item is its SALSA score before the discount, so counting converges to `rank.salsa`,
slowly. Never the score: a list is solved for, not sampled.

Two ways to count. Plainly, by where a walk stops. Or by its expected last hop: a walk adds the
exact item chances of every user it met, each times the chance to stop right after, and what is
left to chance is only whom it met. Where people hold fifty items each, 10,000 such walks are
worth some 500,000 plain ones. Source of the scheme: Sharma et al., "GraphJet", VLDB 9(13), 2016;
of the last hop: Rao-Blackwell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.graph import Csr, Snapshot
from web3rec.params import RankParams
from web3rec.rank.reasons import Path, vouched_by
from web3rec.rank.steps import step
from web3rec.rank.vouching import Vouching
from web3rec.types import Indices, ItemKey, PeerId, Weights

NOWHERE = -1
"""Where a walk is after it stopped, or that came to an item without a listener."""


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Where each node leads, as running sums of chances; good for any number of walks."""

    to_users: Weights
    """float64[nnz + 1]: over the entries of `cols`, w(u) a(u,i) / Z_i; a row adds 1 (or 0)."""
    to_items: Weights
    """float64[nnz + 1]: over the entries of `rows`, a(u,i); a row adds 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """What each walk met."""

    began: Indices
    """int32[n]: its first item"""
    users: Indices
    """int32[rounds, n]: whom it met in each round trip; -1 where it had stopped"""
    items: Indices
    """int32[rounds, n]: what it came to from there"""
    stopped: npt.NDArray[np.bool_]
    """bool[rounds, n]: whether it stopped there; those that never did count nowhere"""


def roads(snapshot: Snapshot, weights: Weights) -> Roads:
    """Lay the roads for walkers among the admitted. Cost: O(nnz).

    Running sums over the whole graph know a chance to about 1e-11: rarer turns are never taken.
    """
    cols = snapshot.cols
    voice = weights.take(cols.cols) * cols.weights
    return Roads(_upto(cols, voice), _upto(snapshot.rows, snapshot.rows.weights))


def walked(
    snapshot: Snapshot,
    along: Roads,
    start: Weights,
    n: int,
    params: RankParams,
    rng: np.random.Generator,
) -> Walks:
    """Walk.

    Args:
        snapshot: the graph.
        along: its `roads`.
        start: float64[items], the chances of each item to be the first; `Salsa.start`.
        n: how many walks.
        params: rounds and restart are used.
        rng: where they turn.

    Raises:
        ValueError: there is nowhere to start from.

    Cost: O(rounds n log nnz), and O(items).
    """
    upto = np.concatenate(([0.0], np.cumsum(start)))
    if not upto[-1] > 0:
        raise ValueError("walks need somewhere to start: the start is all zeros")
    began = _found(upto, rng.random(n) * upto[-1], np.full(n, upto[-1]))
    users, items = (np.full((params.rounds, n), NOWHERE, np.int32) for _ in range(2))
    stopped = np.zeros((params.rounds, n), np.bool_)
    walking, at = np.arange(n), began
    for k in range(params.rounds):
        met = _turned(snapshot.cols, along.to_users, at, rng)
        walking, met = walking[met != NOWHERE], met[met != NOWHERE]
        at = _turned(snapshot.rows, along.to_items, met, rng)
        users[k, walking], items[k, walking] = met, at
        stops = rng.random(at.size) < params.restart
        stopped[k, walking] = stops
        walking, at = walking[~stops], at[~stops]
    return Walks(began, users, items, stopped)


def stops(walks: Walks, n_items: int) -> npt.NDArray[np.intp]:
    """How many walks stopped at each item; int[n_items]. Over n: `Salsa.said`, in expectation."""
    return np.bincount(walks.items[walks.stopped], minlength=n_items)


def expected_stops(snapshot: Snapshot, walks: Walks, params: RankParams) -> Weights:
    """The same with expected last hops; float64[items]. Over n: `Salsa.said`, in expectation.

    A walk that got to round k had escaped the stops before, so each user it met counts rho alone.

    Cost: that of one `step`.
    """
    met = walks.users[walks.users != NOWHERE]
    mass: Weights = params.restart * np.bincount(met, minlength=len(snapshot.users)).astype(float)
    return step(snapshot.rows, snapshot.cols, mass)


def most_walked_path(
    snapshot: Snapshot,
    walks: Walks,
    item: int,
    weights: Weights,
    vouching: Vouching,
    sponsors: Sequence[PeerId | None],
) -> Path | None:
    """The line ego -> own item -> user -> item that most walks took in their first round trip.

    Converges to `strongest_path`. So it too leaves out those that came back to the ego, for whom
    the others of the same own item stand in; and the last hop counts by its chance.

    Cost: O(n), and O(listeners of the own items and of the item).
    """
    own = snapshot.rows.row(snapshot.ego)[0]
    users, held = snapshot.cols.row(item)
    first = walks.users[0]
    lines = np.isin(walks.began, own) & np.isin(first, users) & (first != snapshot.ego)
    pair = walks.began[lines].astype(np.int64) * len(snapshot.users) + first[lines]
    pair, count = np.unique(pair, return_counts=True)
    if not pair.size:
        return None
    began, user = pair // len(snapshot.users), pair % len(snapshot.users)
    carried = count * held[np.searchsorted(users, user)]
    for j in np.unique(began):
        listeners, said = snapshot.cols.row(int(j))
        voice = weights[listeners] * said
        carried[began == j] *= voice.sum() / voice[listeners != snapshot.ego].sum()
    most = int(np.argmax(carried))
    met = int(user[most])
    return Path(
        own=ItemKey(snapshot.items.terms[int(began[most])]),
        user=PeerId(snapshot.users.terms[met]),
        via=vouched_by(snapshot, met, vouching, sponsors),
    )


def _upto(matrix: Csr, chances: npt.NDArray[np.floating]) -> Weights:
    """Running sums of the chances, each row's divided by their sum."""
    lengths = np.diff(matrix.starts)
    filled = np.flatnonzero(lengths)
    total = np.zeros(matrix.n_rows)
    total[filled] = np.add.reduceat(chances, matrix.starts[filled], dtype=np.float64)
    share = np.repeat(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0), lengths)
    share *= chances
    upto: Weights = np.concatenate(([0.0], np.cumsum(share)))
    return upto


def _turned(matrix: Csr, upto: Weights, at: Indices, rng: np.random.Generator) -> Indices:
    """One turn of every walker: from row `at` to a column, -1 where no column has a chance."""
    low, high = upto[matrix.starts[at]], upto[matrix.starts[at + 1]]
    entry = _found(upto, low + rng.random(at.size) * (high - low), high)
    to: Indices = np.where(high > low, matrix.cols.take(entry, mode="clip"), NOWHERE)
    return to.astype(np.int32, copy=False)


def _found(upto: Weights, drawn: Weights, ends: Weights) -> Indices:
    """The entries whose stretches the drawn numbers lie in, below the ends.

    Rounding may put a number on the end itself, which is the next row's, or nobody's.
    """
    inside = np.minimum(drawn, np.nextafter(ends, -np.inf))
    order = np.argsort(inside)  # searching in order stays in cache
    found = np.empty(len(inside), np.int32)
    found[order] = np.searchsorted(upto, inside[order], side="right") - 1
    return found
