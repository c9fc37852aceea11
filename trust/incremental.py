"""Trust that is kept: after a change of the graph only what changed is computed anew, if anything.

What is known are guesses N at the expected visits of the walks through each friend, and a bound on
what they fail to explain (`trust.settling`). When the graph changes, N stays a guess, and what it
fails to explain grows by `(1 - alpha) n(u) |T'_u - T_u|_1` for each changed row u, n(u) its visits:
nearly nothing for most gossip, which is about people whom the ego's walks seldom visit. While the
bound stays below `TrustParams.drift`, nothing is done. Then N is mended: one step finds what it
fails to explain now, and only that is followed, from where it lies.

    standing(graph, ego, params)  ─►  Standing  ─ renewed(…, another graph) ─►  Standing  ─► …

Law: whatever the graphs in between, `attribution` of the last one is that of the last graph alone,
within the two residuals: 1e-9 by default. A Standing never changes, so readers may share it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from trust.columns import Columns
from trust.digraph import Digraph, Indices, Weights
from trust.edits import reached, row_changes
from trust.errors import GraphError
from trust.meritrank import Attribution, decayed, heard, published, stopped, walked
from trust.params import TrustParams
from trust.settling import Settler
from trust.steps import Steps


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What is known of an ego's trust, and on which graph: enough to go on from. Immutable.

    Attributes:
        attribution: as of `trust.attribution`; its residual counts what was left undone too.
        walked: the same before connectivity decay; the same object if beta is 0.
        ego: whose it is.
        params: with which it was made.
        graph: what was walked: without blocked nodes, the ego's row capped.
        missing: float64[n_columns], bound on what each column's walks fail to explain.
    """

    attribution: Attribution
    walked: Attribution
    ego: int
    params: TrustParams
    graph: Digraph
    missing: Weights


def standing(
    graph: Digraph, ego: int, params: TrustParams, blocked: Iterable[int] = ()
) -> Standing:
    """Compute all of it, as `trust.attribution` does, and keep what is needed to go on.

    Raises:
        GraphError: as `attribution`.

    Cost: that of `attribution`, whose memory it shares; it also keeps the graph.
    """
    graph = heard(graph, ego, params, blocked)
    columns = Columns.of(graph, ego, params.max_sponsors)
    phi, missing = walked(graph, columns, params)
    return _standing(graph, ego, params, columns, phi, missing)


def renewed(
    old: Standing,
    graph: Digraph,
    ego: int,
    params: TrustParams,
    blocked: Iterable[int] = (),
    numbers: Indices | None = None,
) -> Standing:
    """What is known once the graph is another; equal to `standing` of it, but cheaper.

    Args:
        old: what was known.
        graph: all of the graph as it is now; what differs is found by comparison.
        ego: the same person as before, under its present number.
        params: if they are others than before, all is computed anew.
        blocked: all nodes that are blocked now.
        numbers: int32[nodes before], the present number of each node, rising; -1 if it is no more.
            None: nobody was renumbered, and new nodes have the highest numbers.

    Raises:
        GraphError: as `attribution`; or numbers do not fit.

    Cost: O(n + n_edges) array work to compare: 9 ms at a million edges; and a copy of phi where
    nodes were added. Where there is something to mend, up to that of `standing`: a step of all
    columns for each factor of 3 (random graph) or 1.4 (clustered) between what changed and the
    tolerance. What counts is how often the ego's walks visit those who changed, not how many did.
    """
    blocked = list(blocked)
    numbers = _checked(old, graph, numbers)
    graph = heard(graph, ego, params, blocked)
    columns = Columns.of(graph, ego, params.max_sponsors)
    present = numbers[old.ego] if numbers is not None else old.ego
    if params != old.params or present != ego or not columns or not old.missing.size:
        phi, missing = walked(graph, columns, params)
        return _standing(graph, ego, params, columns, phi, missing)

    moved = _moved(old, graph.n, numbers)
    rows, distances = row_changes(old.graph, graph, numbers)
    haunted = _haunted(old, numbers, moved, blocked)
    # A pool may keep its share while its friends change theirs: then its walk begins otherwise.
    dealt_anew = not _same(moved, columns) or (moved.pooled and old.ego in rows)
    if not haunted and not dealt_anew:
        added = (distances * _turns(old, graph, rows, numbers)) @ _visits(old, rows)
        missing = old.missing + (1 - params.alpha) * added
        residual = float((1 - params.alpha) * (columns.shares @ missing))
        if residual <= max(params.tol, params.drift):
            found = replace(moved, residual=residual)
            told = decayed(found, graph, ego, params)
            return Standing(told, found, ego, params, graph, missing)
    return _mended(old, moved, graph, ego, columns, numbers)


def _standing(
    graph: Digraph,
    ego: int,
    params: TrustParams,
    columns: Columns,
    phi: Weights,
    missing: Weights,
) -> Standing:
    residual = float((1 - params.alpha) * (columns.shares @ missing))
    missing.flags.writeable = False
    found = published(ego, params, columns, phi, residual)
    return Standing(decayed(found, graph, ego, params), found, ego, params, graph, missing)


def _checked(old: Standing, graph: Digraph, numbers: Indices | None) -> Indices | None:
    if numbers is None:
        if graph.n < old.graph.n:
            raise GraphError(
                f"nodes went from {old.graph.n} to {graph.n}: say their numbers (-1: no more)"
            )
        return None
    numbers = np.asarray(numbers)
    kept = numbers[numbers >= 0]
    fits = numbers.shape == (old.graph.n,) and bool(np.all(np.diff(kept) > 0))
    if not fits or (kept.size and kept[-1] >= graph.n):
        raise GraphError(f"numbers must be {old.graph.n} numbers below {graph.n} that rise, or -1")
    if numbers.size <= graph.n and np.array_equal(numbers, np.arange(numbers.size)):
        return None
    return numbers.astype(np.int32)


def _moved(old: Standing, n: int, numbers: Indices | None) -> Attribution:
    """What was known, under the present numbers; a friend who is no more is -1."""
    known = old.walked
    if numbers is None and n == old.graph.n:
        return known
    tau, phi = np.zeros(n), np.zeros((n, known.shares.size))
    friends = known.friends
    if numbers is None:
        tau[: old.graph.n], phi[: old.graph.n] = known.tau, known.phi
    else:
        kept = numbers >= 0
        tau[numbers[kept]], phi[numbers[kept]] = known.tau[kept], known.phi[kept]
        friends = numbers[friends]
    for array in (tau, phi, friends):
        array.flags.writeable = False
    return replace(known, tau=tau, phi=phi, friends=friends)


def _same(known: Attribution, columns: Columns) -> bool:
    """Whether the columns stand for the same friends with the same shares."""
    return (
        np.array_equal(known.friends, columns.friends)
        and np.array_equal(known.columns, columns.columns)
        and np.array_equal(known.shares, columns.shares)
    )


def _haunted(old: Standing, numbers: Indices | None, moved: Attribution, gone: list[int]) -> bool:
    """Whether somebody who is no more, or blocked, still has trust: that is never left undone."""
    if moved.tau[gone].any():
        return True
    return numbers is not None and bool(old.walked.tau[numbers < 0].any())


def _visits(old: Standing, rows: npt.NDArray[np.intp]) -> Weights:
    """float64[k, n_columns]: expected visits of some nodes (old numbers), by a walk a column."""
    leaving = (1 - old.params.alpha) * old.walked.shares
    starts = old.graph.starts
    stops = np.where(starts[rows + 1] > starts[rows], old.params.alpha, 1.0)
    return _divided(old.walked.phi[rows], leaving) / stops[:, None]


def _turns(
    old: Standing, graph: Digraph, rows: npt.NDArray[np.intp], numbers: Indices | None
) -> Weights:
    """How much more it matters where a row became empty, or is no longer.

    phi is kept, not visits: then stops and visits must be read differently there. All that goes on
    from a dead end counts once where it stopped and once where it should have gone.
    """
    present = rows if numbers is None else numbers[rows]
    was = old.graph.starts[rows + 1] > old.graph.starts[rows]
    is_ = graph.starts[present + 1] > graph.starts[present]
    return np.where(was == is_, 1.0, np.where(was, 2.0, 2 / old.params.alpha))


def _divided(phi: Weights, leaving: Weights) -> Weights:
    """Columns of phi per walk. A share so small that it has no inverse is as good as none."""
    usual = leaving > 1e-100
    return np.where(usual, phi / np.where(usual, leaving, 1.0), 0.0)


def _mended(
    old: Standing,
    moved: Attribution,
    graph: Digraph,
    ego: int,
    columns: Columns,
    numbers: Indices | None,
) -> Standing:
    params = old.params
    steps = Steps.on(graph, params.alpha)
    settler = Settler(steps, len(columns))
    stops = np.ones(graph.n)  # of nodes as they were, under the present numbers
    present = np.arange(old.graph.n) if numbers is None else numbers
    alive = np.flatnonzero((np.diff(old.graph.starts) > 0) & (present >= 0))
    stops[present[alive]] = params.alpha
    weak = steps.lanes[~reached(graph, ego, _horizon(params.alpha))]
    origins = _origins(moved, columns)
    aim = max(params.tol, params.drift) / 4  # `finished` may double it
    phi, missing = np.empty((graph.n, len(columns))), np.empty(len(columns))
    for block in columns.blocks(settler.width):
        start = columns.start(block, steps.lanes, settler.width)
        visits = np.zeros_like(start)
        from_ = origins[block]
        known = np.flatnonzero(from_ >= 0)
        leaving = (1 - params.alpha) * moved.shares[from_[known]]
        guess = _divided(moved.phi[:, from_[known]], leaving) / stops[:, None]
        visits[:, known] = guess[steps.nodes]
        visits[weak] = 0
        left = settler.step(visits)
        left += start
        left -= visits
        worse = np.abs(left).sum(axis=0) > 1  # than nothing at all
        visits[:, worse], left[:, worse] = 0, start[:, worse]
        found = settler.settle(left, aim, params.max_rounds)
        settled = settler.finished(start, found._replace(visits=visits + found.visits))
        missing[block] = stopped(steps, settled, columns.shares[block], phi[:, block])
    return _standing(graph, ego, params, columns, phi, missing)


def _origins(known: Attribution, columns: Columns) -> npt.NDArray[np.intp]:
    """Which known column is a first guess at each column: that of its largest friend, or -1."""
    column_of = dict(zip(known.friends.tolist(), known.columns.tolist(), strict=True))
    taken: set[int] = set()
    origins = np.full(len(columns), -1, np.intp)
    for column, friend in enumerate(columns.leading.tolist()):
        origin = column_of.get(friend, -1)
        if origin not in taken:
            origins[column] = origin
            taken.add(origin)
    return origins


def _horizon(alpha: float) -> int:
    """Steps after which less than 1e-15 of a walk is left."""
    return int(np.ceil(np.log(1e-15) / np.log1p(-alpha)))
