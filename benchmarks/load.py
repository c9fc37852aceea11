"""A graph as plain arrays on disk, so that every contender starts from the same bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.graphs import item, peer
from trust import Digraph
from web3rec.graph import Csr, Snapshot, Vocab

Edges = tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """People x items with weights, and who trusts whom; nothing of ours in its form."""

    users: int
    items: int
    ego: int
    user: npt.NDArray[np.int32]
    """int32[edges], rising"""
    item: npt.NDArray[np.int32]
    """int32[edges], rising within a user"""
    weight: npt.NDArray[np.float64]
    """float64[edges]; a user's sum to 1"""
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    trust: npt.NDArray[np.float64]
    over_trust: bool
    """True if PageRank shall walk the trust graph, False for people and items"""

    @staticmethod
    def of(graph: Snapshot) -> "Load":
        users, items = len(graph.users), len(graph.items)
        user = np.repeat(np.arange(users, dtype=np.int32), np.diff(graph.rows.starts))
        edges = graph.trust.edges()
        weights = graph.rows.weights.astype(np.float64)
        return Load(users, items, graph.ego, user, graph.rows.cols, weights, *edges, False)

    def save(self, path: Path) -> None:
        arrays = {name: getattr(self, name) for name in self.__slots__}
        np.savez(path, **arrays)

    @staticmethod
    def read(path: Path, *, over_trust: bool) -> "Load":
        with np.load(path) as found:
            return Load(
                users=int(found["users"]),
                items=int(found["items"]),
                ego=int(found["ego"]),
                user=found["user"],
                item=found["item"],
                weight=found["weight"],
                source=found["source"],
                target=found["target"],
                trust=found["trust"],
                over_trust=over_trust,
            )

    def as_edges(self) -> Edges:
        """-> (nodes, sources, targets, weights, directed)."""
        if self.over_trust:
            return self.users, self.source, self.target, self.trust, True
        return self.users + self.items, self.user, self.users + self.item, self.weight, False

    def as_matrix(self) -> Any:
        """The adjacency as scipy.sparse.csr_matrix, both directions where it is undirected."""
        from scipy.sparse import csr_matrix

        n, sources, targets, weights, directed = self.as_edges()
        if not directed:
            both = np.r_[sources, targets], np.r_[targets, sources]
            return csr_matrix((np.r_[weights, weights], both), shape=(n, n))
        return csr_matrix((weights, (sources, targets)), shape=(n, n))

    def taste(self) -> Any:
        """People x items as scipy.sparse.csr_matrix of float32."""
        from scipy.sparse import csr_matrix

        shape = self.users, self.items
        return csr_matrix((self.weight.astype(np.float32), (self.user, self.item)), shape=shape)

    def snapshot(self) -> Snapshot:
        """The same graph in our own form."""
        rows = Csr.from_sorted(self.users, self.items, self.user, self.item, self.weight)
        return Snapshot(
            users=Vocab.of(peer(n) for n in range(self.users)),
            items=Vocab.of(item(n) for n in range(self.items)),
            ego=self.ego,
            rows=rows,
            cols=rows.transpose(),
            trust=self.digraph(),
            recency=np.zeros(self.items),
        )

    def digraph(self) -> Digraph:
        return Digraph.from_edges(self.users, self.source, self.target, self.trust)
