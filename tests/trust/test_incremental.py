"""Incremental = rebuild, whatever the history: laws E1-E4, and the cases that others got wrong."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import EGO, Edge, edge_lists, edges_of, graph_of, graphs
from trust import (
    Attribution,
    Digraph,
    GraphError,
    Indices,
    Standing,
    TrustParams,
    Weights,
    attribution,
    edited,
    renewed,
    standing,
)

PARAMS = TrustParams()
SLACK = 1e-9


def assert_same(known: Attribution, anew: Attribution, slack: float = SLACK) -> None:
    """All of it, in L1."""
    np.testing.assert_array_equal(known.friends, anew.friends)
    np.testing.assert_array_equal(known.columns, anew.columns)
    np.testing.assert_allclose(known.shares, anew.shares, atol=1e-15)
    assert known.phi.shape == anew.phi.shape
    assert np.abs(known.tau - anew.tau).sum() <= slack
    assert np.abs(known.phi - anew.phi).sum() <= slack


def kept(old: Standing, graph: Digraph) -> Standing:
    return renewed(old, graph, EGO, PARAMS)


def with_edges(graph: Digraph, edges: list[Edge]) -> Digraph:
    return edited(graph, *([edge[part] for edge in edges] for part in range(3)))


def without_edges(graph: Digraph, edges: list[Edge]) -> Digraph:
    pairs = [u for u, _, _ in edges], [v for _, v, _ in edges]
    return edited(graph, [], [], [], removed=pairs)


@given(graphs(), st.data())
def test_E1_add_then_remove_is_never_added(graph: Digraph, data: st.DataObject) -> None:
    everyone = list(range(graph.n))
    pairs = {(u, v) for u, v, _ in edges_of(graph)}
    told = [e for e in data.draw(edge_lists(everyone, everyone)) if e[:2] not in pairs]
    before = standing(graph, EGO, PARAMS)
    more = with_edges(graph, told)
    after = kept(kept(before, more), without_edges(more, told))
    assert_same(after.attribution, before.attribution)


@given(graphs(), st.data())
def test_E2_edits_in_any_order_are_a_rebuild(graph: Digraph, data: st.DataObject) -> None:
    everyone = list(range(graph.n))
    told = data.draw(edge_lists(everyone, everyone))
    known = standing(graph, EGO, PARAMS)
    for edge in data.draw(st.permutations(told)):
        graph = with_edges(graph, [edge])
        known = kept(known, graph)
    assert_same(known.attribution, attribution(graph, EGO, PARAMS))


@given(graphs(), st.data())
def test_E2_holds_for_whole_scripts(graph: Digraph, data: st.DataObject) -> None:
    """Edges set and removed, people met, blocked and forgiven, pools, and whatever is left undone
    by choice is counted in the residual."""
    params = TrustParams(
        max_sponsors=data.draw(st.integers(1, 5)), drift=data.draw(st.sampled_from([0, 0.01, 0.3]))
    )
    known = standing(graph, EGO, params)
    for _ in range(data.draw(st.integers(1, 4))):
        n = graph.n + data.draw(st.integers(0, 1))
        everyone = list(range(n))
        told = data.draw(edge_lists(everyone, everyone))
        lost = data.draw(st.lists(st.sampled_from(edges_of(graph)))) if graph.n_edges else []
        pairs = [u for u, _, _ in lost], [v for _, v, _ in lost]
        graph = edited(graph, *([e[part] for e in told] for part in range(3)), removed=pairs, n=n)
        blocked = data.draw(st.sets(st.sampled_from(everyone[1:]))) if n > 1 else set()
        known = renewed(known, graph, EGO, params, blocked)
        anew = attribution(graph, EGO, params, blocked)
        found = known.attribution
        assert found.residual <= max(params.tol, params.drift)
        assert_same(found, anew, found.residual + anew.residual + 1e-13)
        assert params.drift > 0 or found.residual + anew.residual <= SLACK
        assert not found.tau[list(blocked)].any()
        assert (found.phi >= 0).all()


@given(graphs(), st.data())
def test_E2_holds_where_numbers_change(graph: Digraph, data: st.DataObject) -> None:
    """People come between others and go, edges with them; the ego stays."""
    stay = np.array([u == EGO or data.draw(st.booleans()) for u in range(graph.n)])
    gaps = [data.draw(st.integers(0, 1)) for _ in range(graph.n)]
    numbers = np.where(stay, np.cumsum(gaps) + np.cumsum(stay) - 1, -1).astype(np.int32)
    ego, n = int(numbers[EGO]), int(numbers.max()) + 1 + data.draw(st.integers(0, 1))
    old = [(int(numbers[u]), int(numbers[v]), w) for u, v, w in edges_of(graph)]
    told = data.draw(edge_lists(list(range(n)), list(range(n))))
    edges = {(u, v): w for u, v, w in [*old, *told] if u >= 0 and v >= 0}
    moved = graph_of(n, [(u, v, w) for (u, v), w in edges.items()])
    known = renewed(standing(graph, EGO, PARAMS), moved, ego, PARAMS, numbers=numbers)
    assert_same(known.attribution, attribution(moved, ego, PARAMS))


@given(graphs())
def test_E3_delete_all_is_the_ego_alone(graph: Digraph) -> None:
    known = kept(standing(graph, EGO, PARAMS), without_edges(graph, edges_of(graph)))
    assert known.attribution.tau.tolist() == [1, *[0] * (graph.n - 1)]
    assert known.attribution.phi.shape == (graph.n, 0)
    again = kept(known, graph)
    assert_same(again.attribution, attribution(graph, EGO, PARAMS))


@given(graphs(), st.data())
def test_E3_one_by_one_too(graph: Digraph, data: st.DataObject) -> None:
    known = standing(graph, EGO, PARAMS)
    for edge in data.draw(st.permutations(edges_of(graph))):
        graph = without_edges(graph, [edge])
        known = kept(known, graph)
    assert known.attribution.tau.tolist() == [1, *[0] * (graph.n - 1)]


def transitions(n: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Every graph of n nodes as a bit for each pair, and every pair to switch on or off in it."""
    n_pairs = n * (n - 1)
    for bits in product((0, 1), repeat=n_pairs):
        for pair in range(n_pairs):
            yield bits, pair


def check_transition(n: int, bits: tuple[int, ...], switched: int) -> None:
    pairs = [(u, v) for u in range(n) for v in range(n) if u != v]
    edges = [(u, v, 1.0 + u + 2 * v) for (u, v), bit in zip(pairs, bits, strict=True) if bit]
    graph = graph_of(n, edges)
    u, v = pairs[switched]
    edge = [(u, v, 1.0 + u + 2 * v)]
    other = without_edges(graph, edge) if bits[switched] else with_edges(graph, edge)
    known = kept(standing(graph, EGO, PARAMS), other).attribution
    np.testing.assert_allclose(known.phi.sum(axis=0), 0.85 * known.shares, atol=1e-12)
    exact = oracle.stops(other.capped(EGO), oracle.unit(other, EGO), PARAMS.alpha)
    assert np.abs(known.tau - exact).sum() <= SLACK
    assert_same(known, attribution(other, EGO, PARAMS))


@pytest.mark.slow
def test_E4_every_graph_of_three_and_every_switch_of_one_edge() -> None:
    n_checked = 0
    for bits, switched in transitions(3):
        check_transition(3, bits, switched)
        n_checked += 1
    assert n_checked == 2**6 * 6


@pytest.mark.slow
@given(st.lists(st.integers(0, 1), min_size=12, max_size=12), st.integers(0, 11))
def test_E4_graphs_of_four_sampled(bits: list[int], switched: int) -> None:
    check_transition(4, tuple(bits), switched)


@pytest.mark.nightly
def test_E4_every_graph_of_four_and_every_switch_of_one_edge() -> None:
    n_checked = 0
    for bits, switched in transitions(4):
        check_transition(4, bits, switched)
        n_checked += 1
    assert n_checked == 2**12 * 12


@pytest.mark.parametrize(("weight", "ratio"), [(2.0, 2.0), (0.25, 0.25)])
def test_a_changed_weight_changes_the_scores_in_its_ratio(weight: float, ratio: float) -> None:
    """1 -> 2 must give 2.00, and 1 -> .25 must give .25: a change is not an addition."""
    params = TrustParams(friend_cap=1.0)
    graph = graph_of(3, [(0, 1, 1.0), (0, 2, 1.0)])
    known = renewed(standing(graph, EGO, params), with_edges(graph, [(0, 2, weight)]), EGO, params)
    assert known.attribution.tau[2] / known.attribution.tau[1] == pytest.approx(ratio, abs=1e-12)


@given(graphs(), graphs())
def test_renewing_twice_is_renewing_once(graph: Digraph, other: Digraph) -> None:
    other = edited(graph, *other.edges(), n=max(graph.n, other.n))
    once = kept(standing(graph, EGO, PARAMS), other)
    twice = kept(once, other)
    assert_same(twice.attribution, once.attribution, slack=0.0)
    assert twice.attribution.residual == once.attribution.residual
    if once.missing.size:
        assert twice.attribution.phi is once.attribution.phi  # nothing was done


def test_an_edge_into_a_circle_that_comes_back_to_the_changed_node() -> None:
    """1 now trusts 4 as well, which leads back to 1: what leaves by the new edge returns to it."""
    circle = graph_of(5, [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 1, 1.0), (4, 1, 1.0)])
    more = with_edges(circle, [(1, 4, 3.0)])
    known = kept(standing(circle, EGO, PARAMS), more).attribution
    exact = oracle.stops(more, oracle.unit(more, EGO), PARAMS.alpha)
    assert np.abs(known.tau - exact).sum() <= SLACK


def test_whoever_was_cut_off_has_nothing_left() -> None:
    """Two who only trust each other would else pass what they have left back and forth."""
    graph = graph_of(4, [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 2, 1.0)])
    known = kept(standing(graph, EGO, PARAMS), without_edges(graph, [(1, 2, 1.0)])).attribution
    assert known.tau[2:].tolist() == [0, 0]
    assert known.tau[1] == pytest.approx(0.85, abs=1e-12)


def test_gossip_about_strangers_costs_nothing() -> None:
    """Node 3 is visited with chance .85^3: what it says matters less than the drift allowed."""
    params = TrustParams(drift=0.6, friend_cap=1.0)
    path = graph_of(6, [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0)])
    before = standing(path, EGO, params)
    after = renewed(before, with_edges(path, [(3, 5, 1.0)]), EGO, params)
    assert after.attribution.phi is before.attribution.phi
    # Half of its row went elsewhere: 2 * .85 * n(3) / 2.
    assert after.attribution.residual == pytest.approx(0.85**4, abs=1e-9)
    strict = renewed(before, with_edges(path, [(3, 5, 1.0)]), EGO, PARAMS)
    assert strict.attribution.tau[5] > 0.2


@given(graphs(), st.data())
def test_P7_newcomers_whom_nobody_trusts_cost_nothing(graph: Digraph, data: st.DataObject) -> None:
    """Whatever they say among themselves and of others: not one bit of what was known changes."""
    n = graph.n + 3
    theirs = data.draw(edge_lists(list(range(graph.n, n)), list(range(n))))
    before = standing(graph, EGO, PARAMS).attribution
    crowded = edited(graph, *([edge[part] for edge in theirs] for part in range(3)), n=n)
    after = kept(standing(graph, EGO, PARAMS), crowded).attribution
    np.testing.assert_array_equal(after.tau[: graph.n], before.tau)
    np.testing.assert_array_equal(after.phi[: graph.n], before.phi)
    assert not after.tau[graph.n :].any()
    assert after.residual == pytest.approx(before.residual, rel=1e-12)


@given(graphs(max_nodes=12), st.floats(0.0, 0.99), st.data())
def test_what_was_left_undone_is_known(graph: Digraph, drift: float, data: st.DataObject) -> None:
    """Dead ends that come alive and the reverse, included."""
    params = TrustParams(drift=drift)
    known = standing(graph, EGO, params)
    for _ in range(3):
        row = data.draw(st.integers(0, graph.n - 1))
        others = [e for e in edges_of(graph) if e[0] != row]
        graph = graph_of(graph.n, others + data.draw(edge_lists([row], list(range(graph.n)))))
        known = renewed(known, graph, EGO, params)
        exact = attribution(graph, EGO, TrustParams(tol=1e-13))
        found = known.attribution
        assert np.abs(found.phi - exact.phi).sum() <= found.residual + 1e-12
        assert np.abs(found.tau - exact.tau).sum() <= found.residual + 1e-12


def test_other_params_or_another_ego_mean_all_anew() -> None:
    graph = graph_of(4, [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0)])
    known = standing(graph, EGO, PARAMS)
    other = TrustParams(alpha=0.3)
    assert_same(renewed(known, graph, EGO, other).attribution, attribution(graph, EGO, other))
    assert_same(renewed(known, graph, 2, PARAMS).attribution, attribution(graph, 2, PARAMS))


@pytest.mark.parametrize("numbers", [[0, 1], [1, 0, 2], [0, 0, 1], [0, 1, 3]])
def test_numbers_that_do_not_fit_are_refused(numbers: list[int]) -> None:
    graph = graph_of(3, [(0, 1, 1.0)])
    known = standing(graph, EGO, PARAMS)
    with pytest.raises(GraphError, match="numbers must be 3 numbers below 3"):
        renewed(known, graph, EGO, PARAMS, numbers=np.array(numbers, np.int32))
    with pytest.raises(GraphError, match="say their numbers"):
        renewed(known, graph_of(2, []), EGO, PARAMS)


@pytest.mark.slow
def test_a_large_graph_is_kept_in_single_precision_too(rng: np.random.Generator) -> None:
    """40,000 edges: the walking is in float32, what it must explain in float64."""
    n = 4_000

    def drawn(size: int) -> tuple[Indices, Indices, Weights]:
        u, v = rng.integers(0, n, (2, size), dtype=np.int32)
        return u[u != v], v[u != v], rng.random(np.count_nonzero(u != v)) + 0.1

    graph = Digraph.from_edges(n, *drawn(40_000))
    known = standing(graph, EGO, PARAMS)
    for _ in range(3):
        graph = edited(graph, *drawn(50))
        known = renewed(known, graph, EGO, PARAMS)
    exact = attribution(graph, EGO, TrustParams(tol=1e-12))
    assert known.attribution.residual <= PARAMS.tol
    assert_same(known.attribution, exact)
