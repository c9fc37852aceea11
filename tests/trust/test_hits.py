import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import EGO, Edge, edges_of, graph_of, graphs
from trust import Digraph, GraphError, TrustParamError, hit_probabilities, hits_of

PATH = [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)]


@pytest.mark.parametrize(
    ("n", "edges", "scores"),
    [
        (3, PATH, [0.45223, 0.19220, 0.35557]),
        (4, [*PATH, (2, 3, 1.0)], [0.34727, 0.14759, 0.27304, 0.23209]),
        (
            9,
            [*((u, u + 1, 1.0) for u in range(8)), (8, 1, 1.0)],
            [0.19522, 0.16593, 0.14104, 0.11989, 0.10190, 0.08662, 0.07363, 0.06258, 0.05319],
        ),
        (3, [(0, 2, 1.0), (1, 0, 1.0), (2, 1, 1.0)], [0.38873, 0.28086, 0.33042]),
        (3, [(0, 2, 1.0), (2, 0, 1.0), (2, 1, 1.0)], [0.41398, 0.23413, 0.35189]),
        (1, [], [1.0]),
    ],
)
def test_conformance_values(n: int, edges: list[Edge], scores: list[float]) -> None:
    hits = hit_probabilities(graph_of(n, edges), EGO)
    np.testing.assert_allclose(hits / hits.sum(), scores, atol=5.1e-6)


@pytest.mark.parametrize(("weight", "ratio"), [(2.0, 2.0), (0.25, 0.25)])
def test_a_changed_weight_changes_the_scores_in_its_ratio(weight: float, ratio: float) -> None:
    hits = hit_probabilities(graph_of(3, [(0, 1, 1.0), (0, 2, weight)]), EGO)
    assert hits[2] / hits[1] == pytest.approx(ratio)


@given(graphs())
def test_a_hit_is_what_stops_at_a_node_that_keeps_all_walks(graph: Digraph) -> None:
    """Oracle: make j absorbing; the chance to arrive at j is then the mass that stops there."""
    hits = hit_probabilities(graph, EGO)
    for node in range(graph.n):
        absorbing = graph_of(graph.n, [edge for edge in edges_of(graph) if edge[0] != node])
        arrived = oracle.stops(absorbing, oracle.unit(graph, EGO), 0.15)[node]
        assert hits[node] == pytest.approx(arrived, abs=1e-12)
    assert hits[EGO] == 1
    assert ((hits >= 0) & (hits <= 1)).all()


@given(graphs())
def test_a_node_cannot_raise_its_hits_by_its_own_edges(graph: Digraph) -> None:
    hits = hit_probabilities(graph, EGO)
    for node in range(1, graph.n):
        kept = [edge for edge in edges_of(graph) if edge[0] != node]
        boast = [(node, other, 1.0) for other in range(graph.n) if other != node]
        other_way = hit_probabilities(graph_of(graph.n, kept + boast), EGO)
        assert other_way[node] == pytest.approx(hits[node], abs=1e-12)


def test_a_node_or_chance_that_cannot_be_is_refused() -> None:
    with pytest.raises(GraphError, match=r"in \[0, 3\)"):
        hit_probabilities(graph_of(3, PATH), 3)
    for chance in (0.0, 1.0, math.nan):
        with pytest.raises(TrustParamError, match="continuation must be"):
            hit_probabilities(graph_of(3, PATH), 0, chance)


@given(graphs(), st.data())
def test_hits_of_some_nodes_are_those_of_all(graph: Digraph, data: st.DataObject) -> None:
    nodes = data.draw(st.lists(st.integers(0, graph.n - 1), max_size=12))
    some = hits_of(graph, EGO, nodes)
    np.testing.assert_allclose(some, hit_probabilities(graph, EGO)[nodes], atol=1e-9)


def test_hits_of_nodes_that_are_not_there_are_refused() -> None:
    with pytest.raises(GraphError, match=r"in \[0, 3\)"):
        hits_of(graph_of(3, PATH), 0, [3])
    with pytest.raises(TrustParamError, match="continuation must be"):
        hits_of(graph_of(3, PATH), 0, [1], continuation=1.0)
    with pytest.raises(TrustParamError, match="tol must be"):
        hits_of(graph_of(3, PATH), 0, [1], tol=0.0)
