import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import EGO, edges_of, graph_of, graphs
from trust import Digraph, GraphError, TrustParams, attribution, stop_mass

PARAMS = TrustParams()


def test_two_friends_by_hand() -> None:
    """0 trusts 1 (3 parts) and 2 (1 part), 1 trusts 2, 2 nobody; alpha .2, no cap.

    Through 1 leaves .6: .12 stops at 1, .48 at 2. Through 2 leaves .2, and stops there.
    """
    graph = graph_of(3, [(0, 1, 3.0), (0, 2, 1.0), (1, 2, 1.0)])
    found = attribution(graph, 0, TrustParams(alpha=0.2, friend_cap=1.0))
    assert found.sponsors.tolist() == [1, 2]
    assert found.shares.tolist() == [0.75, 0.25]
    np.testing.assert_allclose(found.phi, [[0.0, 0.0], [0.12, 0.0], [0.48, 0.2]], atol=1e-15)
    np.testing.assert_allclose(found.tau, [0.2, 0.12, 0.68], atol=1e-15)
    assert not found.pooled


def test_an_ego_that_trusts_nobody_has_no_sponsors() -> None:
    found = attribution(graph_of(2, [(1, 0, 1.0)]), 0, PARAMS)
    assert found.tau.tolist() == [1, 0]
    assert found.phi.shape == (2, 0)
    assert (found.sponsors.size, found.shares.size, found.pooled) == (0, 0, False)
    assert found.residual == 0


def test_an_ego_that_blocked_all_its_friends_has_no_sponsors() -> None:
    found = attribution(graph_of(3, [(0, 1, 1.0), (1, 2, 1.0)]), 0, PARAMS, blocked=[1])
    assert found.tau.tolist() == [1, 0, 0]


@given(graphs(), st.integers(1, 6))
def test_rows_of_phi_sum_to_tau_but_for_the_walk_that_never_left(
    graph: Digraph, max_sponsors: int
) -> None:
    found = attribution(graph, EGO, TrustParams(max_sponsors=max_sponsors))
    never_left = np.zeros(graph.n)
    never_left[EGO] = PARAMS.alpha if graph.friends(EGO).size else 1.0
    np.testing.assert_allclose(found.tau, found.phi.sum(axis=1) + never_left, atol=1e-15)
    np.testing.assert_allclose(found.phi.sum(axis=0), (1 - PARAMS.alpha) * found.shares, atol=1e-12)
    assert found.phi.shape == (graph.n, min(max_sponsors, graph.friends(EGO).size))
    assert found.residual <= PARAMS.tol
    assert (found.phi >= 0).all()


@given(graphs())
def test_tau_is_the_stop_mass_of_the_capped_graph(graph: Digraph) -> None:
    found = attribution(graph, EGO, PARAMS)
    expected = stop_mass(graph.capped(EGO), EGO, PARAMS)
    assert np.abs(found.tau - expected.tau).sum() <= found.residual + expected.residual + 1e-12


@given(graphs())
def test_phi_agrees_with_the_linear_solve(graph: Digraph) -> None:
    """Column b is what stops of a walk that starts at b with mass (1 - alpha) T_rb."""
    found = attribution(graph, EGO, PARAMS)
    capped = graph.capped(EGO)
    for column, friend in enumerate(found.sponsors):
        start = oracle.unit(graph, int(friend)) * (1 - PARAMS.alpha) * found.shares[column]
        exact = oracle.stops(capped, start, PARAMS.alpha)
        assert np.abs(found.phi[:, column] - exact).sum() <= PARAMS.tol + 1e-12


@given(graphs(max_nodes=12), st.integers(1, 6))
def test_a_column_is_the_sum_of_the_friends_dealt_into_it(
    graph: Digraph, max_sponsors: int
) -> None:
    apart = attribution(graph, EGO, PARAMS)
    found = attribution(graph, EGO, TrustParams(max_sponsors=max_sponsors))
    n_friends = graph.friends(EGO).size
    assert found.pooled == (n_friends > max_sponsors)
    assert found.shares.size == min(max_sponsors, n_friends)
    np.testing.assert_array_equal(found.friends, apart.friends)
    np.testing.assert_allclose(found.tau, apart.tau, atol=2e-9)
    for column, sponsor in enumerate(found.sponsors.tolist()):
        held = np.flatnonzero(found.columns == column)
        np.testing.assert_allclose(found.shares[column], apart.shares[held].sum())
        np.testing.assert_allclose(found.phi[:, column], apart.phi[:, held].sum(axis=1), atol=2e-9)
        assert sponsor == (found.friends[held[0]] if held.size == 1 else -1)


@given(graphs(max_nodes=12), st.integers(1, 6))
def test_no_pool_grows_much_larger_than_the_others(graph: Digraph, max_sponsors: int) -> None:
    """Graham's bound for dealing in falling order: 4/3 - 1/3m of the best possible largest."""
    apart = attribution(graph, EGO, PARAMS)
    found = attribution(graph, EGO, TrustParams(max_sponsors=max_sponsors))
    if found.shares.size:
        m = found.shares.size
        least_possible = max(1 / m, float(apart.shares[0]))
        if apart.shares.size > m:  # two of the m + 1 largest must share a column
            least_possible = max(least_possible, float(apart.shares[m - 1] + apart.shares[m]))
        assert found.shares.max() <= (4 / 3 - 1 / (3 * m)) * least_possible + 1e-12


def test_five_friends_in_three_columns_by_hand() -> None:
    """Shares .4 .2 .2 .1 .1: the two small ones join the two middle ones, lowest column first."""
    graph = graph_of(6, [(0, 1, 4.0), (0, 2, 2.0), (0, 3, 2.0), (0, 4, 1.0), (0, 5, 1.0)])
    found = attribution(graph, 0, TrustParams(friend_cap=1.0, max_sponsors=3))
    assert found.friends.tolist() == [1, 2, 3, 4, 5]
    assert found.columns.tolist() == [0, 1, 2, 1, 2]
    np.testing.assert_allclose(found.shares, [0.4, 0.3, 0.3])
    assert found.sponsors.tolist() == [1, -1, -1]


@given(graphs(max_nodes=12))
def test_sponsors_stand_by_share_then_by_number(graph: Digraph) -> None:
    found = attribution(graph, EGO, PARAMS)
    ranked = list(zip((-found.shares).tolist(), found.sponsors.tolist(), strict=True))
    assert ranked == sorted(ranked)
    assert sorted(found.sponsors.tolist()) == graph.friends(EGO).tolist()


@given(graphs(max_nodes=12))
def test_no_sponsor_of_four_or_more_lets_more_than_a_quarter_through(graph: Digraph) -> None:
    found = attribution(graph, EGO, PARAMS)
    if found.sponsors.size >= 4:
        assert (found.shares <= 0.25 + 1e-12).all()
        assert (found.phi.sum(axis=0) <= 0.85 * 0.25 + 1e-12).all()


@given(graphs(), st.data())
def test_a_blocked_node_never_existed(graph: Digraph, data: st.DataObject) -> None:
    """Not one bit differs from the graph that never had its edges."""
    gone = data.draw(st.sets(st.integers(1, graph.n - 1))) if graph.n > 1 else set()
    blocking = attribution(graph, EGO, PARAMS, blocked=gone)
    innocent = graph_of(graph.n, [e for e in edges_of(graph) if not {e[0], e[1]} & gone])
    unmet = attribution(innocent, EGO, PARAMS)
    np.testing.assert_array_equal(blocking.tau, unmet.tau)
    np.testing.assert_array_equal(blocking.phi, unmet.phi)
    np.testing.assert_array_equal(blocking.sponsors, unmet.sponsors)
    np.testing.assert_array_equal(blocking.shares, unmet.shares)
    assert not blocking.tau[list(gone)].any()


def test_others_blocks_and_wishes_do_not_reach_the_ego() -> None:
    """There is no way to say distrust in a graph: only to leave an edge out of one's own row."""
    with pytest.raises(GraphError, match="cannot be blocked"):
        attribution(graph_of(2, [(0, 1, 1.0)]), 0, PARAMS, blocked=[0])
    with pytest.raises(GraphError, match="blocked must lie"):
        attribution(graph_of(2, [(0, 1, 1.0)]), 0, PARAMS, blocked=[2])
    with pytest.raises(GraphError, match="a node must be"):
        attribution(graph_of(2, [(0, 1, 1.0)]), 2, PARAMS)


@given(graphs())
def test_an_attribution_cannot_be_changed(graph: Digraph) -> None:
    found = attribution(graph, EGO, PARAMS)
    for array in (found.tau, found.phi, found.shares, found.friends, found.columns):
        assert not array.flags.writeable


@given(graphs(max_nodes=12), st.integers(1, 4))
def test_a_rough_attribution_knows_how_rough_it_is(graph: Digraph, max_rounds: int) -> None:
    rough = attribution(graph, EGO, TrustParams(max_rounds=max_rounds))
    fine = attribution(graph, EGO, TrustParams(tol=1e-13))
    assert np.abs(rough.phi - fine.phi).sum() <= rough.residual + 1e-12
    assert np.abs(rough.tau - fine.tau).sum() <= rough.residual + 1e-12
