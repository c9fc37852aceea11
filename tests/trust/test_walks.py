from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.graphs import EGO, edges_of, graph_of, graphs
from trust import (
    Digraph,
    GraphError,
    TrustParamError,
    TrustParams,
    attribution,
    estimated,
    sampled_walks,
    usual_path,
)
from trust.walks import BATCHES

PARAMS = TrustParams(friend_cap=1.0)
seeds = st.integers(0, 2**32 - 1)


@given(graphs(), seeds)
def test_walks_follow_edges_from_the_ego_until_they_stop(graph: Digraph, seed: int) -> None:
    nodes = sampled_walks(graph, EGO, PARAMS, 40, np.random.default_rng(seed)).nodes
    pairs = {(u, v) for u, v, _ in edges_of(graph)} | {(-1, -1)}
    pairs |= {(u, -1) for u in range(graph.n)}
    assert (nodes[0] == EGO).all()
    for here, there in pairwise(nodes):
        assert set(zip(here.tolist(), there.tolist(), strict=True)) <= pairs


@given(graphs(), seeds)
def test_the_same_seed_gives_the_same_walks(graph: Digraph, seed: int) -> None:
    once, again = (
        sampled_walks(graph, EGO, PARAMS, 40, np.random.default_rng(seed)) for _ in range(2)
    )
    np.testing.assert_array_equal(once.nodes, again.nodes)


def drawn(rng: np.random.Generator, n: int = 60, n_edges: int = 240) -> Digraph:
    u, v = rng.integers(0, n, (2, n_edges))
    return Digraph.from_edges(n, u[u != v], v[u != v], rng.random(np.count_nonzero(u != v)) + 0.1)


def test_estimates_agree_with_what_is_solved(rng: np.random.Generator) -> None:
    """Within 4 sigma, as the estimate itself says, for all of 60 nodes; so does each column."""
    graph = drawn(rng)
    exact = attribution(graph, EGO, PARAMS)
    walked = sampled_walks(graph, EGO, PARAMS, 20_000, rng)
    found = estimated(walked, graph, PARAMS)
    assert found.columns.friends.tolist() == exact.friends.tolist()
    assert (np.abs(found.tau - exact.tau) <= 4 * found.sigma + 1e-12).all()
    plain = np.sqrt(
        exact.tau * (1 - exact.tau) / walked.n_walks
    )  # of walks that say where they end
    assert found.sigma.mean() < plain.mean() / 2
    sigma = np.sqrt(exact.phi * (1 - exact.phi) / walked.n_walks)
    assert (np.abs(found.phi - exact.phi) <= 4 * sigma + 1e-12).all()


@given(graphs(), seeds, st.integers(1, 4))
def test_estimates_are_consistent_in_themselves(
    graph: Digraph, seed: int, max_sponsors: int
) -> None:
    params = TrustParams(friend_cap=1.0, max_sponsors=max_sponsors)
    walked = sampled_walks(graph, EGO, params, 64, np.random.default_rng(seed))
    found = estimated(walked, graph, params)
    never_left = np.zeros(graph.n)
    never_left[EGO] = params.alpha if graph.friends(EGO).size else 1.0
    np.testing.assert_allclose(found.phi.sum(axis=1) + never_left, found.tau, atol=1e-12)
    unreached = attribution(graph, EGO, params).tau == 0
    assert not found.tau[unreached].any()


def test_the_usual_path_by_hand(rng: np.random.Generator) -> None:
    """To 3 by way of 1 (nine parts of ten) or of 2; nobody comes to 4."""
    graph = graph_of(5, [(0, 1, 9.0), (0, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0), (3, 0, 1.0)])
    walked = sampled_walks(graph, EGO, PARAMS, 1_000, rng)
    assert usual_path(walked, 3) == (0, 1, 3)
    assert usual_path(walked, 2) == (0, 2)
    assert usual_path(walked, EGO) == (0,)
    assert usual_path(walked, 4) == ()


@given(graphs(), seeds, st.integers(0, 8))
def test_a_path_exists_in_the_graph(graph: Digraph, seed: int, user: int) -> None:
    walked = sampled_walks(graph, EGO, PARAMS, 64, np.random.default_rng(seed))
    path = usual_path(walked, user)
    if not path:
        assert not (walked.nodes == user).any()
        return
    assert path[0] == EGO
    assert path[-1] == user
    assert user not in path[:-1]
    assert set(pairwise(path)) <= {(u, v) for u, v, _ in edges_of(graph)}


def test_walks_that_cannot_be_are_refused(rng: np.random.Generator) -> None:
    graph = graph_of(2, [(0, 1, 1.0)])
    with pytest.raises(TrustParamError, match="n_walks must be"):
        sampled_walks(graph, EGO, PARAMS, BATCHES - 1, rng)
    with pytest.raises(GraphError, match=r"in \[0, 2\)"):
        sampled_walks(graph, 2, PARAMS, BATCHES, rng)
