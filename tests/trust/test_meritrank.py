import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import EGO, graph_of, graphs
from trust import Digraph, GraphError, TrustParamError, TrustParams, stop_mass

PARAMS = TrustParams()


def test_a_triangle_by_hand() -> None:
    """0 trusts 1 and 2 equally, 1 trusts 2, 2 nobody; alpha .2.

    Stops at 0: .2. At 1 arrives .8 / 2 = .4, stops .08, goes on .32. At 2 arrives .4 + .32, and all
    of it stops.
    """
    graph = graph_of(3, [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)])
    found = stop_mass(graph, 0, TrustParams(alpha=0.2))
    np.testing.assert_allclose(found.tau, [0.2, 0.08, 0.72], atol=1e-15)
    assert found.residual <= 1e-12
    assert found.rounds <= 10


def test_two_who_trust_each_other_by_hand() -> None:
    """Visits of the ego are 1 + c^2 + c^4 + … = 1 / (1 - c^2), of the other c times that."""
    found = stop_mass(graph_of(2, [(0, 1, 5.0), (1, 0, 0.1)]), 0, PARAMS)
    c = 0.85
    np.testing.assert_allclose(found.tau, np.array([1, c]) * 0.15 / (1 - c * c), atol=1e-9)


def test_an_ego_that_trusts_nobody_keeps_all() -> None:
    found = stop_mass(graph_of(3, [(1, 0, 1.0), (1, 2, 1.0)]), 0, PARAMS)
    assert found.tau.tolist() == [1, 0, 0]
    assert found.residual <= 1e-12


@given(graphs(), st.floats(0.03, 0.99))
def test_agrees_with_the_linear_solve(graph: Digraph, alpha: float) -> None:
    found = stop_mass(graph, EGO, TrustParams(alpha=alpha))
    exact = oracle.stops(graph, oracle.unit(graph, EGO), alpha)
    assert np.abs(found.tau - exact).sum() <= 1e-9 + 1e-12


@pytest.mark.slow
@given(graphs())
def test_agrees_with_networkx_where_nobody_is_a_dead_end(graph: Digraph) -> None:
    """Stop-mass is then personalised PageRank with damping 1 - alpha."""
    assume((np.diff(graph.starts) > 0).all())
    ranks = nx.pagerank(
        graph.to_networkx(), alpha=0.85, personalization={EGO: 1.0}, tol=1e-13, max_iter=1_000
    )
    tau = stop_mass(graph, EGO, PARAMS).tau
    np.testing.assert_allclose(tau, [ranks[node] for node in range(graph.n)], atol=2e-9)


@pytest.mark.slow
@given(graphs())
def test_agrees_with_networkx_where_dead_ends_are_loops(graph: Digraph) -> None:
    """A dead end that trusts itself alone is left only by stopping: so all of it stops there."""
    looped = graph.to_networkx()
    looped.add_weighted_edges_from((u, u, 1.0) for u in range(graph.n) if not graph.friends(u).size)
    ranks = nx.pagerank(looped, alpha=0.85, personalization={EGO: 1.0}, tol=1e-13, max_iter=1_000)
    tau = stop_mass(graph, EGO, PARAMS).tau
    np.testing.assert_allclose(tau, [ranks[node] for node in range(graph.n)], atol=2e-9)


def test_agrees_with_walks(rng: np.random.Generator) -> None:
    """Within 4 sigma of 40,000 walks walked one by one."""
    graph = graph_of(5, [(0, 1, 1), (0, 2, 3), (1, 3, 1), (2, 0, 1), (2, 4, 1), (4, 1, 2)])
    n_walks, stopped = 40_000, np.zeros(5)
    at = np.zeros(n_walks, np.int64)
    reach = np.cumsum(oracle.transition(graph), axis=1)
    while at.size:
        ends = (rng.random(at.size) < PARAMS.alpha) | (np.diff(graph.starts)[at] == 0)
        stopped += np.bincount(at[ends], minlength=5)
        at = at[~ends]
        at = (rng.random(at.size)[:, None] >= reach[at]).sum(axis=1)
    tau = stop_mass(graph, 0, PARAMS).tau
    sigma = np.sqrt(tau * (1 - tau) / n_walks)
    assert (np.abs(stopped / n_walks - tau) <= 4 * sigma + 1e-9).all()


@given(graphs(), st.floats(1e-6, 0.9), st.integers(1, 12))
def test_the_residual_bounds_the_error(graph: Digraph, tol: float, max_rounds: int) -> None:
    params = TrustParams(tol=tol, max_rounds=max_rounds)
    found = stop_mass(graph, EGO, params)
    exact = oracle.stops(graph, oracle.unit(graph, EGO), params.alpha)
    assert np.abs(found.tau - exact).sum() <= found.residual + 1e-12
    assert found.residual <= tol or found.rounds == max_rounds
    assert found.tau.sum() == pytest.approx(1, abs=1e-12)
    assert (found.tau >= 0).all()


@pytest.mark.parametrize("tol", [0.1, 0.03, 0.01, 1e-3])
def test_a_slow_leak_is_not_mistaken_for_the_end(tol: float) -> None:
    """Two circles of four, joined by one thin edge: the walk looks settled in the first long before
    it is, and the little that leaks each round adds up. Hence the 1 / (1 - ratio) in the bound."""
    pairs = [(u, v) for u in range(4) for v in range(4) if u != v]
    circles = [(u + k, v + k, 1.0) for u, v in pairs for k in (0, 4)]
    graph = graph_of(8, [*circles, (3, 4, 0.01)])
    found = stop_mass(graph, 0, TrustParams(alpha=0.05, tol=tol))
    exact = oracle.stops(graph, oracle.unit(graph, 0), 0.05)
    assert np.abs(found.tau - exact).sum() <= found.residual <= tol


def test_no_graph_needs_more_rounds_than_promised() -> None:
    """A ring is the worst case: the walking mass never takes on a lasting shape."""
    ring = graph_of(200, [(u, (u + 1) % 200, 1.0) for u in range(200)])
    assert stop_mass(ring, 0, PARAMS).rounds <= 140
    assert math.ceil(math.log(PARAMS.tol / 2) / math.log(1 - PARAMS.alpha)) == 137


@given(graphs())
def test_the_same_graph_gives_the_same_bits(graph: Digraph) -> None:
    once, again = stop_mass(graph, EGO, PARAMS), stop_mass(graph, EGO, PARAMS)
    np.testing.assert_array_equal(once.tau, again.tau)
    assert not once.tau.flags.writeable


@pytest.mark.parametrize("ego", [-1, 3])
def test_an_ego_that_is_not_there_is_refused(ego: int) -> None:
    with pytest.raises(GraphError, match=r"in \[0, 3\)"):
        stop_mass(graph_of(3, []), ego, PARAMS)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, math.nan])
def test_parameters_cannot_be_wrong(value: float) -> None:
    with pytest.raises(TrustParamError, match="alpha must be"):
        TrustParams(alpha=value)
    with pytest.raises(TrustParamError, match="tol must be"):
        TrustParams(tol=value)
    with pytest.raises(TrustParamError, match="friend_cap must be"):
        TrustParams(friend_cap=value if value != 1 else 1.5)
    with pytest.raises(TrustParamError, match="max_rounds must be"):
        TrustParams(max_rounds=0)
    with pytest.raises(TrustParamError, match="max_sponsors must be"):
        TrustParams(max_sponsors=0)
