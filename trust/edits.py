"""Graphs that differ a little: one made from another, and what the difference is.

All of it is array work: a batch of a thousand edits costs two copies of the edges, not a thousand.
"""

import numpy as np
import numpy.typing as npt

from trust.digraph import Digraph, Indices, Weights
from trust.errors import GraphError

Rows = npt.NDArray[np.intp]


def edited(
    graph: Digraph,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    removed: tuple[npt.ArrayLike, npt.ArrayLike] = ((), ()),
    n: int | None = None,
) -> Digraph:
    """The graph with some edges set, others removed, and perhaps more nodes.

    Args:
        graph: stays as it is.
        sources: int[n_set], who trusts; in [0, n).
        targets: int[n_set], who is trusted; in [0, n), never the source itself.
        weights: float[n_set], how much from now on, whatever it was; finite and > 0. Of a pair
            named twice the last counts.
        removed: sources and targets of edges to leave out; those that are not there are no error.
            Removed before the others are set.
        n: number of nodes from now on, not fewer than before; None: as before.

    Raises:
        GraphError: as `Digraph.from_edges`; or n is less than before.

    Cost: O(n + n_edges) to copy, O(e log e) for e edits.
    """
    n = graph.n if n is None else n
    if n < graph.n:
        raise GraphError(f"a graph of {graph.n} nodes cannot shrink to {n}: remove their edges")
    # The edits as a graph of their own: that checks them.
    told = np.arange(np.size(sources))
    order = np.lexsort((told, np.asarray(targets), np.asarray(sources))) if told.size else told
    wanted, gone = _last_told(n, sources, targets, weights, order), _pairs(n, *removed)
    starts = np.concatenate([graph.starts, np.full(n - graph.n, graph.n_edges)])
    places, there = _places(starts, graph.targets, *gone)
    kept = np.ones(graph.n_edges, np.bool_)
    kept[places[there]] = False

    new_sources, new_targets, new_weights = wanted.edges()
    places, there = _places(starts, graph.targets, new_sources, new_targets)
    kept[places[there]] = False  # replaced: left out here, put in below
    counts = np.diff(starts) + np.diff(wanted.starts)
    lost = np.flatnonzero(~kept)
    if lost.size:
        counts -= np.bincount(_rows_of(starts, lost), minlength=n)
        places -= np.searchsorted(lost, places)
    return Digraph.unchecked(
        np.concatenate([[0], np.cumsum(counts)]),
        np.insert(graph.targets[kept] if lost.size else graph.targets, places, new_targets),
        np.insert(graph.weights[kept] if lost.size else graph.weights, places, new_weights),
        n,
    )


def row_changes(old: Digraph, new: Digraph, numbers: Indices | None = None) -> tuple[Rows, Weights]:
    """Whose trust is spread otherwise than before, and by how much.

    Args:
        old: a graph.
        new: another.
        numbers: int[old.n], the node of new that each node of old is, rising; -1 where it is no
            more (that is no change of its own row). None: the same, and new may have more.

    Returns:
        intp[k], the nodes (of old) whose rows differ in anything, rising; float64[k], the L1
        distance of the shares of the two rows, in [0, 2]; 1 where one of them is empty.

    Cost: O(n + n_edges).
    """
    if numbers is None:
        numbers = np.arange(old.n, dtype=np.int32)
        old_targets = old.targets
    else:
        old_targets = numbers[old.targets]
    kept = numbers >= 0
    counts, new_counts = np.diff(old.starts), np.diff(new.starts)
    there = np.zeros(old.n, np.int64)
    there[kept] = new_counts[numbers[kept]]
    alike = kept & (there == counts)
    alike_there = np.zeros(new.n, np.bool_)
    alike_there[numbers[alike]] = True
    ours, theirs = np.repeat(alike, counts), np.repeat(alike_there, new_counts)
    differ = old_targets[ours] != new.targets[theirs]
    differ |= old.weights[ours] != new.weights[theirs]
    ends = np.cumsum(counts[alike])
    touched = np.searchsorted(ends, np.flatnonzero(differ), side="right")
    changed = kept & ~alike
    changed[np.flatnonzero(alike)[touched]] = True
    rows = np.flatnonzero(changed)

    which, edges, shares = _shares_of(old, rows)
    new_which, new_edges, new_shares = _shares_of(new, numbers[rows])
    keys = np.concatenate(
        [
            which * (new.n + 1) + old_targets[edges] + 1,  # 0: a target that is no more
            new_which * (new.n + 1) + new.targets[new_edges] + 1,
        ]
    )
    order = np.argsort(keys)
    keys, moved = keys[order], np.concatenate([-shares, new_shares])[order]
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    if not firsts.size:
        return rows, np.zeros(rows.size)
    distances = np.zeros(rows.size)
    np.add.at(distances, keys[firsts] // (new.n + 1), np.abs(np.add.reduceat(moved, firsts)))
    return rows, distances


def reached(graph: Digraph, start: int, steps: int) -> npt.NDArray[np.bool_]:
    """bool[n]: whom a walk from start can reach in so many steps. Cost: O(steps + n_edges)."""
    graph.check_node(start)
    seen = np.zeros(graph.n, np.bool_)
    seen[start] = True
    frontier: Rows = np.array([start])
    for _ in range(steps):
        _, edges = edges_of(graph, frontier)
        met = graph.targets[edges]
        met = met[~seen[met]]
        if not met.size:
            break
        seen[met] = True
        frontier = np.unique(met)
    return seen


def edges_of(graph: Digraph, rows: npt.NDArray[np.integer]) -> tuple[Rows, Rows]:
    """(which of the rows, place in `graph.targets`) of each edge of some rows, in their order."""
    begins, counts = graph.starts[rows], graph.starts[rows + 1] - graph.starts[rows]
    which = np.repeat(np.arange(len(rows)), counts)
    edges = np.arange(which.size) + np.repeat(begins - np.cumsum(counts) + counts, counts)
    return which, edges


def _shares_of(graph: Digraph, rows: npt.NDArray[np.integer]) -> tuple[Rows, Rows, Weights]:
    which, edges = edges_of(graph, rows)
    weights = graph.weights[edges]
    largest = np.zeros(len(rows))
    np.maximum.at(largest, which, weights)
    scaled = weights / largest[which]  # first, so that no sum overflows
    sums = np.bincount(which, scaled, minlength=len(rows))
    return which, edges, scaled / sums[which]


def _last_told(
    n: int,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    order: Rows,
) -> Digraph:
    """The edits as a graph in which a later word on a pair replaces an earlier one."""
    told = Digraph.from_edges  # checks shapes, ranges and weights, each edit by itself
    sources, targets, weights = (np.asarray(a) for a in (sources, targets, weights))
    if not sources.shape == targets.shape == weights.shape or not order.size:
        return told(n, sources, targets, weights)
    sources, targets, weights = sources[order], targets[order], weights[order]
    last = np.ones(order.size, np.bool_)
    last[:-1] = (sources[1:] != sources[:-1]) | (targets[1:] != targets[:-1])
    told(n, sources[~last], targets[~last], weights[~last])
    return told(n, sources[last], targets[last], weights[last])


def _pairs(n: int, sources: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Indices, Indices]:
    """Pairs, checked and each once."""
    pairs = Digraph.from_edges(n, sources, targets, np.ones(np.size(sources)))
    return pairs.sources(), pairs.targets


def _places(
    starts: npt.NDArray[np.int64],
    targets: Indices,
    sources: npt.NDArray[np.integer],
    wanted: Indices,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """(where each pair stands or would stand, whether it is there): bisection of all at once."""
    low, high = starts[sources], starts[sources + 1]
    ends = high
    while (open_ := low < high).any():
        middle = (low + high) // 2
        before = open_ & (targets[np.minimum(middle, targets.size - 1)] < wanted)
        low = np.where(before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    there = low < ends
    there[there] = targets[low[there]] == wanted[there]
    return low, there


def _rows_of(starts: npt.NDArray[np.int64], edges: Rows) -> Rows:
    return np.searchsorted(starts, edges, side="right") - 1
