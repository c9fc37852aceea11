"""Who trusts whom, and how much: a weighted digraph whose edges cannot be wrong.

Knows arrays and numbers only: a node is an int in [0, n), an edge u -> v of weight w says that u
trusts v. Edges lie in one canonical order, so two graphs with the same edges are equal bit for bit
whatever order they were told in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trust.errors import GraphError, TrustParamError

if TYPE_CHECKING:
    import networkx as nx

Indices = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]

MAX_NODES = 2**31 - 1
"""Nodes are int32."""


@dataclass(frozen=True, slots=True, eq=False)
class Digraph:  # noqa: PLW1641 - equal by content, which is too large to hash
    """Rows of (target, weight) pairs; row u is `[starts[u]:starts[u + 1]]` of both arrays.

    Valid by construction, so no holder checks again. Takes ownership: the arrays become read-only,
    and threads may share a graph without copying. Make one with `Digraph.from_edges`.

    Attributes:
        starts: int64[n + 1], 0 first, never decreasing.
        targets: int32[n_edges], in [0, n), strictly rising within a row, never the row itself.
        weights: float64[n_edges], finite and > 0; any unit, because only shares of a row matter.
        n: how many nodes, at most 2^31 - 1.
    """

    starts: Starts
    targets: Indices
    weights: Weights
    n: int

    def __post_init__(self) -> None:
        _check_n(self.n)
        starts, targets, weights = self.starts, self.targets, self.weights
        dtypes = [np.dtype(kind) for kind in (np.int64, np.int32, np.float64)]
        if [array.dtype for array in (starts, targets, weights)] != dtypes:
            raise GraphError("want int64 starts, int32 targets and float64 weights")
        if starts.shape != (self.n + 1,) or starts[0] != 0 or np.any(np.diff(starts) < 0):
            raise GraphError(f"starts must be {self.n + 1} numbers from 0 that never decrease")
        if not (starts[-1],) == targets.shape == weights.shape:
            raise GraphError(
                f"want {starts[-1]} targets and weights, got {targets.shape}, {weights.shape}"
            )
        sources = self.sources()
        _check_edges(self.n, sources, targets, weights)
        if np.any(np.diff(_keys(self.n, sources, targets)) <= 0):
            raise GraphError(
                "targets must rise strictly within a row: use Digraph.from_edges, which sorts"
            )
        for array in (starts, targets, weights):
            array.flags.writeable = False

    @staticmethod
    def from_edges(
        n: int, sources: npt.ArrayLike, targets: npt.ArrayLike, weights: npt.ArrayLike
    ) -> "Digraph":
        """Build a graph of n nodes from parallel lists of edges, in any order.

        Args:
            n: number of nodes; always said, never inferred from the largest index.
            sources: int[n_edges], who trusts; in [0, n).
            targets: int[n_edges], who is trusted; in [0, n), never the source itself.
            weights: float[n_edges], how much; finite and > 0. Weights of a pair named twice add up.

        Returns:
            The graph; it shares no memory with the arguments.

        Raises:
            GraphError: lists of unequal length, indices that are no integers or out of range, a
                self-edge, a weight that is zero, negative, NaN or infinite (also after adding up).

        Cost: O(n + n_edges log n_edges); O(n + n_edges) if already in order.
        """
        _check_n(n)
        raw_sources, raw_targets = _integers("sources", sources), _integers("targets", targets)
        summed = _numbers("weights", weights)
        if not raw_sources.shape == raw_targets.shape == summed.shape:
            raise GraphError(
                "want one source, target and weight per edge, got "
                f"{raw_sources.size}, {raw_targets.size} and {summed.size}"
            )
        _check_edges(n, raw_sources, raw_targets, summed)
        keys = _keys(n, raw_sources, raw_targets)
        if np.any(np.diff(keys) <= 0):
            order = np.argsort(keys)
            keys, summed = keys[order], summed[order]
            firsts = np.flatnonzero(np.diff(keys, prepend=-1))
            if firsts.size < keys.size:
                # Sorted by weight as well: the sum must not depend on the order of telling.
                summed = summed[np.lexsort((summed, keys))]
                with np.errstate(over="ignore"):  # a sum of inf is refused below, by __post_init__
                    summed = np.add.reduceat(summed, firsts)
                keys = keys[firsts]
        rows, columns = np.divmod(keys, max(n, 1))
        return _compressed(n, rows, columns.astype(np.int32), summed)

    @staticmethod
    def unchecked(starts: Starts, targets: Indices, weights: Weights, n: int) -> "Digraph":
        """A graph of rows that follow from valid rows; checking a million edges costs 20 ms.

        Takes ownership, like the constructor; does not look. For code that can prove what the
        constructor would check.
        """
        graph = object.__new__(Digraph)
        for name, value in (("starts", starts), ("targets", targets), ("weights", weights)):
            value.flags.writeable = False
            object.__setattr__(graph, name, value)
        object.__setattr__(graph, "n", n)
        return graph

    @property
    def n_edges(self) -> int:
        return self.targets.size

    def __eq__(self, other: object) -> bool:
        """The same nodes and edges, weights equal bit for bit."""
        if not isinstance(other, Digraph):
            return NotImplemented
        return (
            self.n == other.n
            and np.array_equal(self.starts, other.starts)
            and np.array_equal(self.targets, other.targets)
            and np.array_equal(self.weights, other.weights)
        )

    def check_node(self, node: int) -> None:
        """Raise GraphError unless node is in [0, n)."""
        if not 0 <= node < self.n:
            raise GraphError(f"a node must be in [0, {self.n}), got {node!r}")

    def sources(self) -> Indices:
        """int32[n_edges], the source of each edge, in the order of `targets`. Cost: O(n_edges)."""
        return np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.starts))

    def edges(self) -> tuple[Indices, Indices, Weights]:
        """(sources, targets, weights), each of n_edges, sorted by source, then target."""
        return self.sources(), self.targets, self.weights

    def friends(self, ego: int) -> Indices:
        """int32[n_friends], the nodes that ego trusts, rising; a read-only view. Cost: O(1)."""
        return self.targets[self._row(ego)]

    def row_shares(self, ego: int) -> Weights:
        """T_rb: what part of ego's trust each of `friends(ego)` holds.

        float64[n_friends], in [0, 1], sum 1 (no entries if ego trusts nobody).
        """
        weights = self.weights[self._row(ego)]
        return _proportions(weights) if weights.size else weights.copy()

    def shares(self) -> Weights:
        """T: float64[n_edges], each edge's part of its row; every non-empty row sums to 1.

        A share below 1e-308 of the row's largest weight counts as 0. Cost: O(n_edges).
        """
        starts, counts = self.starts[:-1], np.diff(self.starts)
        begins = starts[counts > 0]
        if not begins.size:
            return np.zeros(0)
        counts = counts[counts > 0]
        # By the largest first, so that no sum overflows.
        scaled = self.weights / np.repeat(np.maximum.reduceat(self.weights, begins), counts)
        shares: Weights = scaled / np.repeat(np.add.reduceat(scaled, begins), counts)
        return shares

    def without(self, blocked: Iterable[int]) -> "Digraph":
        """The graph in which nobody trusts the blocked nodes, and they trust nobody.

        Their columns go before rows are normalised, so their part of a row falls to the row's
        other targets, as if they had never been there. Their own edges could not matter any more;
        they go too, so that blocking a node equals never having met it. Numbering stays.

        Raises:
            GraphError: a blocked node is out of range.

        Cost: O(n_edges).
        """
        gone = np.zeros(self.n, np.bool_)
        nodes = _integers("blocked", list(blocked))
        _check_range(self.n, "blocked", nodes)
        gone[nodes] = True
        sources = self.sources()
        kept = ~(gone[self.targets] | gone[sources])
        starts = np.zeros(self.n + 1, np.int64)
        np.cumsum(np.bincount(sources[kept], minlength=self.n), out=starts[1:])
        return Digraph.unchecked(starts, self.targets[kept], self.weights[kept], self.n)

    def capped(self, ego: int, share: float = 0.25) -> "Digraph":
        """The graph with no friend of ego above `share` of ego's trust; ego's row sums to 1.

        What a friend has above the share is spread over the others in proportion to their weights,
        again and again until all are within it. An ego with too few friends for that (fewer than
        1 / share: with 0.25, fewer than 4) keeps its proportions. Other rows are untouched. The cap
        counts nodes: a person whom the ego trusts under two keys is two friends.

        Args:
            ego: whose row to cap; in [0, n).
            share: largest part one friend may hold; in (0, 1].

        Raises:
            GraphError: ego is out of range.
            TrustParamError: share is outside (0, 1].

        Cost: O(n_edges) to copy, O(n_friends / share) to spread.
        """
        if not 0 < share <= 1:
            raise TrustParamError("share", share, "in (0, 1]")
        row = self._row(ego)
        weights = self.weights.copy()
        if weights[row].size:
            # Never 0, which would be no edge: the smallest normal number instead.
            tiny = np.finfo(np.float64).tiny
            weights[row] = np.maximum(_spread(weights[row], share), tiny)
        return Digraph.unchecked(self.starts, self.targets, weights, self.n)

    def to_networkx(self) -> "nx.DiGraph":
        """A networkx.DiGraph with nodes 0 … n - 1 and edge attribute `weight`; for study.

        Raises:
            ImportError: networkx, which nothing else here needs, is not installed.
        """
        import networkx as nx  # noqa: PLC0415 - the core needs NumPy only

        graph = nx.DiGraph()
        graph.add_nodes_from(range(self.n))
        graph.add_weighted_edges_from(zip(*(a.tolist() for a in self.edges()), strict=True))
        return graph

    def _row(self, node: int) -> slice:
        self.check_node(node)
        return slice(int(self.starts[node]), int(self.starts[node + 1]))


def _compressed(n: int, sources: npt.NDArray[np.integer], targets: Indices, w: Weights) -> Digraph:
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(sources, minlength=n), out=starts[1:])
    # Own copies: read-only from here on, and nobody else may hold a writable view.
    return Digraph(starts, targets, w.copy(), n)


def _proportions(weights: Weights) -> Weights:
    scaled = weights / weights.max()  # first, so that the sum cannot overflow
    proportions: Weights = scaled / scaled.sum()
    return proportions


def _spread(weights: Weights, share: float) -> Weights:
    """Proportions of weights with none above share; unchanged if there are too few for that."""
    proportions = _proportions(weights)
    if weights.size * share < 1 - 1e-9:
        return proportions
    full = proportions > share
    capped = proportions.copy()
    # Each pass fills at least one entry, and no more than 1 / share can be full.
    while True:
        capped[full] = share
        rest = ~full
        if not rest.any():
            return capped
        capped[rest] = (1 - share * np.count_nonzero(full)) * _proportions(weights[rest])
        over = rest & (capped > share)
        if not over.any():
            return capped
        full |= over


def _check_n(n: int) -> None:
    if not 0 <= n <= MAX_NODES:
        raise GraphError(f"n must be in [0, {MAX_NODES}], got {n!r}")


def _integers(name: str, values: npt.ArrayLike) -> npt.NDArray[np.integer]:
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise GraphError(f"{name} must be a list of integers, got {array.dtype} {array.shape}")
    return array


def _numbers(name: str, values: npt.ArrayLike) -> Weights:
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(0)
    if array.ndim != 1 or array.dtype.kind not in "fiu":
        raise GraphError(f"{name} must be a list of numbers, got {array.dtype} {array.shape}")
    return array.astype(np.float64)


def _keys(
    n: int, sources: npt.NDArray[np.integer], targets: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """One int64 per edge, in the order of (source, target)."""
    keys: npt.NDArray[np.int64] = sources.astype(np.int64) * n + targets.astype(np.int64)
    return keys


def _check_range(n: int, name: str, nodes: npt.NDArray[np.integer]) -> None:
    if nodes.size and not 0 <= int(nodes.min()) <= int(nodes.max()) < n:
        raise GraphError(f"{name} must lie in [0, {n}), got {nodes.min()} to {nodes.max()}")


def _check_edges(
    n: int,
    sources: npt.NDArray[np.integer],
    targets: npt.NDArray[np.integer],
    weights: Weights,
) -> None:
    _check_range(n, "sources", sources)
    _check_range(n, "targets", targets)
    selfish = sources == targets
    if selfish.any():
        node = sources[np.argmax(selfish)]
        raise GraphError(f"an edge must join two nodes, got {node} -> {node}: leave it out")
    bad = ~(np.isfinite(weights) & (weights > 0))
    if bad.any():
        edge = int(np.argmax(bad))
        raise GraphError(
            f"a weight must be finite and > 0, got {weights[edge]} on "
            f"{sources[edge]} -> {targets[edge]}: leave the edge out to say no trust"
        )
