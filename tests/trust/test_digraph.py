import math
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.graphs import Edge, edges_of, graph_of, graphs
from trust import Digraph, GraphError, TrustError, TrustParamError

SIMPLE = graph_of(4, [(0, 1, 1.0), (0, 2, 3.0), (2, 3, 5.0)])


def test_edges_lie_in_rows_by_hand() -> None:
    graph = graph_of(4, [(2, 3, 5.0), (0, 2, 3.0), (0, 1, 1.0)])
    assert graph.starts.tolist() == [0, 2, 2, 3, 3]
    assert graph.targets.tolist() == [1, 2, 3]
    assert graph.weights.tolist() == [1.0, 3.0, 5.0]
    assert graph.friends(0).tolist() == [1, 2]
    assert graph.row_shares(0).tolist() == [0.25, 0.75]
    assert graph.row_shares(1).tolist() == []
    assert graph.n_edges == 3


def test_weights_of_a_pair_told_twice_add_up() -> None:
    assert edges_of(graph_of(2, [(0, 1, 1.5), (1, 0, 1.0), (0, 1, 2.0)])) == [
        (0, 1, 3.5),
        (1, 0, 1.0),
    ]


@given(graphs(), st.data())
def test_order_of_telling_does_not_change_a_bit(graph: Digraph, data: st.DataObject) -> None:
    told = edges_of(graph)
    told += [(u, v, 0.1 * w) for u, v, w in told] + [(u, v, 0.7 * w) for u, v, w in told]
    shuffled = data.draw(st.permutations(told))
    assert graph_of(graph.n, told) == graph_of(graph.n, shuffled)


@given(graphs())
def test_edges_give_back_what_was_told(graph: Digraph) -> None:
    assert graph_of(graph.n, edges_of(graph)) == graph


def test_graphs_that_differ_in_anything_are_unequal() -> None:
    others = [
        graph_of(5, edges_of(SIMPLE)),
        graph_of(4, edges_of(SIMPLE)[1:]),
        graph_of(4, [(0, 1, 1.0), (0, 2, 3.0), (2, 3, np.nextafter(5.0, 6.0))]),
        graph_of(4, [(0, 1, 1.0), (0, 3, 3.0), (2, 3, 5.0)]),
    ]
    assert all(other != SIMPLE for other in others)
    assert SIMPLE != "SIMPLE"


@pytest.mark.parametrize("weight", [0.0, -0.0, -1.0, math.nan, math.inf, -math.inf])
def test_E5_bad_weights_are_refused(weight: float) -> None:
    with pytest.raises(GraphError, match=r"finite and > 0.* on 0 -> 1"):
        graph_of(2, [(1, 0, 1.0), (0, 1, weight)])


def test_E5_self_edges_are_refused() -> None:
    with pytest.raises(GraphError, match="1 -> 1"):
        graph_of(2, [(0, 1, 1.0), (1, 1, 1.0)])


@pytest.mark.parametrize("edge", [(0, 2, 1.0), (2, 0, 1.0), (-1, 0, 1.0), (0, 2**40, 1.0)])
def test_E5_nodes_out_of_range_are_refused(edge: Edge) -> None:
    with pytest.raises(GraphError, match=r"must lie in \[0, 2\)"):
        graph_of(2, [edge])


def test_E5_a_sum_that_overflows_is_refused() -> None:
    with pytest.raises(GraphError, match="finite"):
        graph_of(2, [(0, 1, 1.7e308), (0, 1, 1.7e308)])


def test_lists_that_are_no_edges_are_refused() -> None:
    with pytest.raises(GraphError, match="got 2, 1 and 1"):
        Digraph.from_edges(3, [0, 1], [1], [1.0])
    with pytest.raises(GraphError, match="integers"):
        Digraph.from_edges(3, [0.5], [1], [1.0])
    with pytest.raises(GraphError, match="integers"):
        Digraph.from_edges(3, [[0]], [1], [1.0])
    with pytest.raises(GraphError, match="numbers"):
        Digraph.from_edges(3, [0], [1], ["much"])
    with pytest.raises(GraphError, match="n must be"):
        Digraph.from_edges(-1, [], [], [])
    with pytest.raises(GraphError, match="n must be"):
        Digraph.from_edges(2**31, [], [], [])


def test_arrays_that_are_not_in_order_are_refused() -> None:
    def digraph(starts: list[int], targets: list[int], weights: list[float]) -> Digraph:
        return Digraph(np.array(starts), np.array(targets, np.int32), np.array(weights), 3)

    assert digraph([0, 2, 2, 2], [1, 2], [1.0, 1.0]).n_edges == 2
    for bad in [[1, 2, 2, 2], [0, 2, 1, 2], [0, 2, 2], [0, 1, 1, 1]]:
        with pytest.raises(GraphError, match=r"starts must|want 1 targets"):
            digraph(bad, [1, 2], [1.0, 1.0])
    for unsorted in [[2, 1], [1, 1]]:
        with pytest.raises(GraphError, match="from_edges"):
            digraph([0, 2, 2, 2], unsorted, [1.0, 1.0])
    with pytest.raises(GraphError, match="int32"):
        Digraph(np.array([0, 0]), np.zeros(0, np.int64), np.zeros(0), 1)


def test_a_graph_cannot_be_changed_through_its_arrays() -> None:
    weights = np.ones(1)
    graph = Digraph.from_edges(2, np.array([0]), np.array([1]), weights)
    weights[0] = 7  # ours still, and not the graph's
    assert graph.weights[0] == 1
    for array in (graph.starts, graph.targets, graph.weights, graph.friends(0)):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_no_nodes_and_no_edges_are_graphs() -> None:
    assert graph_of(0, []).n_edges == 0
    assert graph_of(3, []).shares().tolist() == []


@pytest.mark.parametrize("node", [-1, 4])
def test_a_row_that_is_not_there_is_refused(node: int) -> None:
    with pytest.raises(GraphError, match=r"in \[0, 4\)"):
        SIMPLE.row_shares(node)


@given(graphs())
def test_shares_of_a_row_sum_to_one(graph: Digraph) -> None:
    totals = np.bincount(graph.sources(), graph.shares(), minlength=graph.n)
    np.testing.assert_allclose(totals, np.diff(graph.starts) > 0, atol=1e-12)
    rows = [graph.row_shares(node) for node in range(graph.n)]
    np.testing.assert_allclose(graph.shares(), np.concatenate(rows), atol=1e-15)


def test_shares_survive_the_largest_and_the_smallest_weights() -> None:
    huge, smallest = sys.float_info.max, 5e-324
    graph = graph_of(4, [(0, 1, huge), (0, 2, huge), (0, 3, smallest), (1, 0, smallest)])
    assert graph.shares().tolist() == [0.5, 0.5, 0.0, 1.0]
    assert graph.row_shares(0).tolist() == [0.5, 0.5, 0.0]
    for share in (0.4, 0.5, 1.0):
        capped = graph.capped(0, share)
        assert capped.row_shares(0).sum() == pytest.approx(1)
        assert capped.n_edges == 4


def test_a_blocked_node_leaves_its_part_to_the_others() -> None:
    graph = SIMPLE.without([1])
    assert edges_of(graph) == [(0, 2, 3.0), (2, 3, 5.0)]
    assert graph.row_shares(0).tolist() == [1.0]
    assert edges_of(SIMPLE.without([2])) == [(0, 1, 1.0)]
    assert SIMPLE.without([]) == SIMPLE


@given(graphs(), st.data())
def test_blocking_equals_never_having_met(graph: Digraph, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(0, graph.n - 1)))
    innocent = [e for e in edges_of(graph) if not {e[0], e[1]} & gone]
    assert graph.without(gone) == graph_of(graph.n, innocent)


def test_a_block_out_of_range_is_refused() -> None:
    with pytest.raises(GraphError, match="blocked"):
        SIMPLE.without([4])


def star(*weights: float) -> Digraph:
    return graph_of(len(weights) + 1, [(0, i + 1, w) for i, w in enumerate(weights)])


@pytest.mark.parametrize(
    ("weights", "capped"),
    [
        ([60, 10, 10, 10, 10], [0.25, 0.1875, 0.1875, 0.1875, 0.1875]),
        ([6, 1, 1], [0.75, 0.125, 0.125]),  # too few friends: as they were
        ([97, 1, 1, 1], [0.25, 0.25, 0.25, 0.25]),
        # .5 .3 .1 .1 -> .25 .25 .25 .25 ; a second pass fills those whom the first lifted too high
        ([50, 24, 13, 13], [0.25, 0.25, 0.25, 0.25]),
        ([50, 20, 10, 10, 10], [0.25, 0.25, 1 / 6, 1 / 6, 1 / 6]),
        ([1, 1, 1, 1, 1], [0.2, 0.2, 0.2, 0.2, 0.2]),
        ([7], [1.0]),
    ],
)
def test_the_cap_by_hand(weights: list[float], capped: list[float]) -> None:
    np.testing.assert_allclose(star(*weights).capped(0).row_shares(0), capped, atol=1e-15)


def test_a_cap_that_leaves_no_choice_shares_evenly() -> None:
    """Rounding lifts the last of these three a hair above a third; nobody is left to spread to."""
    capped = star(14, 15, 22).capped(0, 1 / 3)
    np.testing.assert_allclose(capped.row_shares(0), [1 / 3] * 3, atol=1e-15)


@given(graphs(max_nodes=12), st.sampled_from([0.1, 0.2, 0.25, 1 / 3, 0.5, 1.0]))
def test_no_friend_holds_more_than_the_cap(graph: Digraph, share: float) -> None:
    """And the order of friends is kept, whoever is below it only gains, nobody else is touched."""
    capped = graph.capped(0, share)
    before, after = graph.row_shares(0), capped.row_shares(0)
    if before.size:
        assert after.sum() == pytest.approx(1)
        assert capped.weights[: before.size].sum() == pytest.approx(1)
    if before.size * share < 1 - 1e-9:
        np.testing.assert_allclose(after, before, atol=1e-15)
    else:
        assert (after <= share + 1e-12).all()
        assert (np.diff(after[np.argsort(before)]) >= -1e-12).all()
        below = before <= share
        assert (after[below] >= before[below] - 1e-12).all()
        np.testing.assert_allclose(  # below the cap, still in proportion
            np.outer(after[after < share - 1e-9], before[after < share - 1e-9]),
            np.outer(before[after < share - 1e-9], after[after < share - 1e-9]),
            atol=1e-12,
        )
    assert edges_of(capped)[before.size :] == edges_of(graph)[before.size :]


@given(graphs(max_nodes=12))
def test_capping_twice_is_capping_once(graph: Digraph) -> None:
    once = graph.capped(0)
    np.testing.assert_allclose(once.capped(0).weights, once.weights, rtol=1e-12)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, math.nan])
def test_a_cap_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(TrustParamError, match=r"share must be in \(0, 1\]"):
        SIMPLE.capped(0, share)


def test_networkx_sees_the_same_graph() -> None:
    graph = SIMPLE.to_networkx()
    assert isinstance(graph, nx.DiGraph)
    assert sorted(graph) == [0, 1, 2, 3]
    assert sorted(graph.edges(data="weight")) == edges_of(SIMPLE)


def test_errors_are_value_errors_of_one_family() -> None:
    assert issubclass(TrustError, ValueError)
    assert issubclass(GraphError, TrustError)
    assert issubclass(TrustParamError, TrustError)
