"""Random graphs, and random attacks on them, for the laws of trust."""

from dataclasses import dataclass

from hypothesis import strategies as st

from trust import Digraph

Edge = tuple[int, int, float]

EGO = 0
weights = st.one_of(st.sampled_from([1.0, 2.0]), st.floats(1e-3, 1e3))


def graph_of(n: int, edges: list[Edge]) -> Digraph:
    return Digraph.from_edges(n, *([edge[part] for edge in edges] for part in range(3)))


def edges_of(graph: Digraph) -> list[Edge]:
    return list(zip(*(array.tolist() for array in graph.edges()), strict=True))


@st.composite
def edge_lists(draw: st.DrawFn, sources: list[int], targets: list[int]) -> list[Edge]:
    """Weighted edges, no self-edges, each pair at most once; as often dense as sparse."""
    pairs = [(u, v) for u in sources for v in targets if u != v]
    if not pairs:
        return []
    # The size first: left to itself, Hypothesis seldom draws a list long enough for four friends.
    size = draw(st.integers(0, min(len(pairs), 2 * len(sources) + 4)))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=size, max_size=size))
    return [(u, v, draw(weights)) for u, v in chosen]


@st.composite
def graphs(draw: st.DrawFn, max_nodes: int = 9) -> Digraph:
    n = draw(st.integers(1, max_nodes))
    return graph_of(n, draw(edge_lists(list(range(n)), list(range(n)))))


@dataclass(frozen=True)
class Attack:
    """One honest world, and two things that its Sybils could make of it.

    Honest nodes are 0 … n_honest - 1, the ego among them; from n_honest on, all are Sybils. The
    edges that honest nodes drew (`honest`, some to the first Sybils) are the same in all three.
    """

    n_honest: int
    honest: list[Edge]
    absorbing: Digraph  # Sybils trust nobody
    before: Digraph
    after: Digraph  # other edges inside the Sybils and from them to anyone, and more of them

    def sybils(self, graph: Digraph) -> list[int]:
        return list(range(self.n_honest, graph.n))


@st.composite
def attacks(draw: st.DrawFn) -> Attack:
    n_honest = draw(st.integers(1, 6))
    known = draw(st.integers(1, 4))
    n = n_honest + known
    everyone = list(range(n))
    honest = draw(edge_lists(everyone[:n_honest], everyone))

    def attacked(more: int) -> Digraph:
        all_nodes = list(range(n + more))
        return graph_of(n + more, honest + draw(edge_lists(all_nodes[n_honest:], all_nodes)))

    return Attack(
        n_honest,
        honest,
        graph_of(n, honest),
        attacked(draw(st.integers(0, 3))),
        attacked(draw(st.integers(0, 6))),
    )
