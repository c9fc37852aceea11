import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import Edge, edge_lists, edges_of, graph_of, graphs
from trust import Digraph, GraphError, edited
from trust.edits import reached, row_changes

SIMPLE = graph_of(4, [(0, 1, 1.0), (0, 2, 3.0), (2, 3, 5.0)])


def by_hand(graph: Digraph, told: list[Edge], removed: list[tuple[int, int]], n: int) -> Digraph:
    """What `edited` says, one edit after another in a dictionary."""
    edges = {(u, v): w for u, v, w in edges_of(graph)}
    for pair in removed:
        edges.pop(pair, None)
    for u, v, w in told:
        edges[u, v] = w
    return graph_of(n, [(u, v, w) for (u, v), w in edges.items()])


def test_edges_are_set_added_and_removed_by_hand() -> None:
    graph = edited(SIMPLE, [0, 3, 0], [2, 0, 3], [7.0, 2.0, 1.0], removed=([0, 1], [1, 3]), n=5)
    assert graph.n == 5
    assert edges_of(graph) == [(0, 2, 7.0), (0, 3, 1.0), (2, 3, 5.0), (3, 0, 2.0)]
    assert SIMPLE.n_edges == 3  # stays as it was


@given(graphs(), st.data())
def test_a_batch_is_its_edits_one_by_one(graph: Digraph, data: st.DataObject) -> None:
    n = graph.n + data.draw(st.integers(0, 3))
    everyone = list(range(n))
    told = data.draw(edge_lists(everyone, everyone))
    told += [(u, v, 2 * w) for u, v, w in told[::2]]  # the later word on a pair counts
    removed = data.draw(
        st.lists(
            st.sampled_from([(u, v) for u in everyone for v in everyone if u != v] or [(0, 1)])
        )
    )
    if n == 1:
        removed = []
    sources, targets = [u for u, _ in removed], [v for _, v in removed]
    batch = edited(
        graph,
        *([edge[part] for edge in told] for part in range(3)),
        removed=(sources, targets),
        n=n,
    )
    assert batch == by_hand(graph, told, removed, n)
    checked = Digraph(batch.starts.copy(), batch.targets.copy(), batch.weights.copy(), batch.n)
    assert checked == batch  # what was not checked would have passed


def test_an_edit_that_is_wrong_is_refused() -> None:
    with pytest.raises(GraphError, match="cannot shrink"):
        edited(SIMPLE, [], [], [], n=3)
    with pytest.raises(GraphError, match=r"must lie in \[0, 4\)"):
        edited(SIMPLE, [0], [4], [1.0])
    with pytest.raises(GraphError, match="must join two nodes"):
        edited(SIMPLE, [1], [1], [1.0])
    for weight in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(GraphError, match="finite and > 0"):
            edited(SIMPLE, [0, 0], [1, 1], [weight, 1.0])  # even if a later word is good


def test_rows_that_changed_by_hand() -> None:
    """Row 0 goes from 1/4, 3/4 to 1/2, 1/2; row 2 is twice as loud, which says the same."""
    now = graph_of(5, [(0, 1, 2.0), (0, 2, 2.0), (2, 3, 10.0), (3, 4, 1.0)])
    rows, distances = row_changes(SIMPLE, now)
    assert rows.tolist() == [0, 2, 3]
    np.testing.assert_allclose(distances, [0.5, 0.0, 1.0], atol=1e-15)


@given(graphs(), graphs(), st.data())
def test_the_rows_that_changed_are_those_that_differ(
    old: Digraph, new: Digraph, data: st.DataObject
) -> None:
    """Under new numbers too, and with people who are no more."""
    size = min(old.n, new.n)
    kept = sorted(data.draw(st.sets(st.integers(0, old.n - 1), min_size=0, max_size=size)))
    there = sorted(data.draw(st.permutations(range(new.n)))[: len(kept)])
    numbers = np.full(old.n, -1, np.int32)
    numbers[kept] = there
    rows, distances = row_changes(old, new, numbers)
    before, after = oracle.transition(old), oracle.transition(new)
    for u in range(old.n):
        if numbers[u] < 0:
            assert u not in rows
            continue
        moved = after[numbers[u]].copy()
        lost = np.delete(before[u], kept).sum()  # to people who are no more
        moved[there] -= before[u][kept]
        expected = np.abs(moved).sum() + lost
        found = distances[rows == u].sum()
        assert found == pytest.approx(expected, abs=1e-12)


@given(graphs(), st.integers(0, 12))
def test_whom_a_walk_can_reach_in_so_many_steps(graph: Digraph, steps: int) -> None:
    shares, at = oracle.transition(graph), oracle.unit(graph, 0)
    seen = at > 0
    for _ in range(steps):
        at = at @ shares
        seen |= at > 0
    np.testing.assert_array_equal(reached(graph, 0, steps), seen)
