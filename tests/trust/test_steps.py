import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import graph_of, graphs
from trust import Digraph
from trust.steps import Steps

SINGLE = np.dtype(np.float32)


def crowded(rng: np.random.Generator, n: int = 400) -> Digraph:
    """Some are trusted by all, some by many, most by few: every kind of row there is."""
    u, v = rng.integers(0, n, n), rng.integers(0, n, n)
    hubs = np.repeat([0, 1, 2], [n - 1, 64, 33])
    fans = np.concatenate([np.arange(1, n), np.arange(100, 164), np.arange(200, 233)])
    sources, targets = np.concatenate([u[u != v], fans]), np.concatenate([v[u != v], hubs])
    return Digraph.from_edges(n, sources, targets, rng.random(sources.size) + 0.1)


def test_a_step_by_hand() -> None:
    """0 sends half of what goes on to 1, half to 2; 1 sends all to 2."""
    steps = Steps.on(graph_of(3, [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)]), 0.2)
    assert steps.nodes.tolist() == [2, 1, 0]  # most trusted first
    assert steps.stops.tolist() == [1.0, 0.2, 0.2]
    walking = np.array([[1.0, 0.0], [10.0, 0.0], [100.0, 5.0]])
    moved = steps.pace(2).ahead(walking)
    np.testing.assert_allclose(moved, [[48.0, 2.0], [40.0, 2.0], [0.0, 0.0]])


@given(graphs(), st.sampled_from([1, 2, 4, 8]), st.integers(0, 2**32 - 1))
def test_a_step_is_a_product_of_matrices(graph: Digraph, width: int, seed: int) -> None:
    steps = Steps.on(graph, 0.15)
    walking = np.random.default_rng(seed).random((graph.n, width))
    expected = 0.85 * oracle.transition(graph).T @ walking[steps.lanes]
    moved = steps.pace(width).ahead(walking)
    np.testing.assert_allclose(moved[steps.lanes], expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(steps.lanes[steps.nodes], np.arange(graph.n))


@pytest.mark.parametrize(("width", "dtype", "rtol"), [(1, np.float64, 1e-12), (8, SINGLE, 1e-5)])
def test_the_much_trusted_get_all_their_in_edges(
    rng: np.random.Generator, width: int, dtype: np.dtype[np.floating], rtol: float
) -> None:
    graph = crowded(rng)
    assert np.bincount(graph.targets).max() > 2 * 32  # more than slots, and rows of the rest
    steps = Steps.on(graph, 0.15)
    walking = rng.random((graph.n, width)).astype(dtype)
    expected = 0.85 * oracle.transition(graph).T @ walking[steps.lanes]
    moved = steps.pace(width, np.dtype(dtype)).ahead(walking)
    assert moved.dtype == dtype
    np.testing.assert_allclose(moved[steps.lanes], expected, rtol=rtol)


def test_chunks_may_end_anywhere(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = crowded(rng)
    steps = Steps.on(graph, 0.15)
    walking = rng.random((graph.n, 2))
    whole = steps.pace(2).ahead(walking)
    monkeypatch.setattr("trust.steps._CHUNK_BYTES", 1)
    np.testing.assert_allclose(steps.pace(2).ahead(walking), whole, rtol=1e-14)


@given(graphs(), st.data())
def test_a_push_of_few_is_a_step(graph: Digraph, data: st.DataObject) -> None:
    steps = Steps.on(graph, 0.15)
    lanes = np.array(sorted(data.draw(st.sets(st.integers(0, graph.n - 1)))), np.intp)
    walking = np.zeros((graph.n, 2))
    walking[lanes] = [[1.0, -2.0]]
    reached, values = steps.push(lanes, walking[lanes])
    moved = np.zeros_like(walking)
    moved[reached] = values
    np.testing.assert_allclose(moved, steps.pace(2).ahead(walking), atol=1e-15)
    assert (np.diff(reached) > 0).all()
    degrees = np.diff(graph.starts)[steps.nodes[lanes]]
    assert steps.reach(lanes) == degrees.sum()
