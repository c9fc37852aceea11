"""Decay by age and by connectivity: what they do, and what they do not protect from."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import EGO, edges_of, graph_of, graphs
from trust import (
    Digraph,
    GraphError,
    TrustParamError,
    TrustParams,
    attribution,
    faded,
    renewed,
    standing,
)
from trust.decay import MOST_REACHED, bridged

PARAMS = TrustParams()
BRIDGED = TrustParams(beta=0.5)


def test_fading_by_hand() -> None:
    """Source 0 drew edges on days 0 and 60, source 1 on day 30 alone; half-life 30 days."""
    weights = faded([0, 0, 1], [1.0, 1.0, 5.0], [0, 60, 30], 30.0)
    assert weights.tolist() == [0.25, 1.0, 5.0]


times = st.lists(st.integers(0, 2**40), min_size=1, max_size=8)


@given(times, st.integers(0, 2**40), st.floats(1e-3, 1e9))
def test_time_that_passes_for_all_changes_nothing(
    drawn: list[int], later: int, half_life: float
) -> None:
    sources, weights = np.zeros(len(drawn), int), np.ones(len(drawn))
    now = faded(sources, weights, drawn, half_life)
    then = faded(sources, weights, [t + later for t in drawn], half_life)
    np.testing.assert_array_equal(now, then)


@given(times, st.floats(1e-300, 1e9))
def test_an_edge_fades_with_age_and_never_to_nothing(drawn: list[int], half_life: float) -> None:
    weights = faded(np.zeros(len(drawn), int), np.ones(len(drawn)), drawn, half_life)
    assert (weights >= 2.0**-60).all()
    assert weights.max() == 1
    assert (np.diff(weights[np.argsort(drawn)]) >= 0).all()


def test_without_a_half_life_nothing_fades() -> None:
    assert faded([0, 0], [2.0, 3.0], [0, 10**9], math.inf).tolist() == [2.0, 3.0]
    assert faded([], [], [], 1.0).tolist() == []


def test_fading_that_cannot_be_is_refused() -> None:
    for half_life in (0.0, -1.0, math.nan):
        with pytest.raises(TrustParamError, match="half_life"):
            faded([0], [1.0], [0], half_life)
    with pytest.raises(GraphError, match="finite time"):
        faded([0], [1.0], [math.nan], 1.0)
    with pytest.raises(GraphError, match="finite time"):
        faded([0], [1.0], [0, 1], 1.0)


def test_a_bridge_by_hand() -> None:
    """0 trusts 1 and 2, both trust 3, and 3 alone trusts 4: 4 hangs on 3; 3 on nobody."""
    graph = graph_of(5, [(0, 1, 1.0), (0, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0), (3, 4, 1.0)])
    assert bridged(graph, EGO, PARAMS).tolist() == [False, False, False, False, True]
    plain, decayed = attribution(graph, EGO, PARAMS), attribution(graph, EGO, BRIDGED)
    np.testing.assert_allclose(decayed.tau, plain.tau * [1, 1, 1, 1, 0.5], rtol=1e-12)
    np.testing.assert_allclose(decayed.phi[4], plain.phi[4] / 2, rtol=1e-12)


def through(graph: Digraph, x: int, alpha: float) -> np.ndarray:
    """Visits that come after x: all of them, less those of walks that end when they come to x."""
    everyone = oracle.visits(graph, oracle.unit(graph, EGO), alpha)
    kept = graph_of(graph.n, [edge for edge in edges_of(graph) if edge[0] != x])
    without = oracle.visits(kept, oracle.unit(graph, EGO), alpha)
    return everyone - without


@given(graphs(), st.floats(0.05, 0.95))
def test_who_is_bridged_agrees_with_taking_the_bridge_away(graph: Digraph, theta: float) -> None:
    params = TrustParams(theta=theta)
    everyone = oracle.visits(graph, oracle.unit(graph, EGO), PARAMS.alpha)
    found = bridged(graph, EGO, params)
    for j in range(graph.n):
        if j == EGO or everyone[j] < 1e-12:
            assert not found[j]
            continue
        kappas = [
            through(graph, x, PARAMS.alpha)[j] / everyone[j]
            for x in range(graph.n)
            if x not in (EGO, j)
        ]
        if all(abs(kappa - theta) > 1e-9 for kappa in kappas):
            assert found[j] == any(kappa > theta for kappa in kappas)


def test_a_second_bridge_with_one_percent_of_the_flow_switches_it_off() -> None:
    """Why connectivity decay is no defence. 1 turned bad and sells all its trust to Sybils 3 to 5.

    Alone it is punished; once a little over a hundredth of what they get comes by way of 2, they
    all have all their trust back, and what honest 6 had is less.
    """
    sold = [(0, 1, 1.0), (0, 2, 1.0), (1, 3, 1.0), (1, 4, 1.0), (1, 5, 1.0)]
    one = graph_of(7, [*sold, (2, 6, 1.0)])
    two = graph_of(7, [*sold, (2, 6, 1 - 0.0102), *((2, s, 0.0102 / 3) for s in (3, 4, 5))])
    assert bridged(one, EGO, PARAMS).tolist() == [False] * 3 + [True] * 4
    assert bridged(two, EGO, PARAMS).tolist() == [False] * 6 + [True]  # the honest one is left
    plain = attribution(one, EGO, PARAMS).tau[3:6]
    punished, avoided = (attribution(g, EGO, BRIDGED).tau[3:6] for g in (one, two))
    np.testing.assert_allclose(punished, plain / 2, rtol=1e-9)
    assert (avoided > plain).all()


@given(graphs(), graphs())
def test_what_is_kept_is_decayed_the_same(graph: Digraph, other: Digraph) -> None:
    """Twice in a row: what was punished before does not count twice."""
    n = max(graph.n, other.n)
    graph, other = graph_of(n, edges_of(graph)), graph_of(n, edges_of(other))
    known = standing(graph, EGO, BRIDGED)
    for now in (other, graph, graph):
        known = renewed(known, now, EGO, BRIDGED)
        anew = attribution(now, EGO, BRIDGED)
        assert np.abs(known.attribution.tau - anew.tau).sum() <= 1e-9
        assert np.abs(known.attribution.phi - anew.phi).sum() <= 1e-9


def test_connectivity_of_many_is_refused() -> None:
    star = graph_of(MOST_REACHED + 1, [(0, v, 1.0) for v in range(1, MOST_REACHED + 1)])
    with pytest.raises(GraphError, match="leave beta at 0"):
        attribution(star, EGO, BRIDGED)
    assert attribution(star, EGO, PARAMS).tau.sum() == pytest.approx(1)


def test_decay_parameters_cannot_be_wrong() -> None:
    for value in (-0.1, 1.1, math.nan):
        with pytest.raises(TrustParamError, match="beta must be"):
            TrustParams(beta=value)
        with pytest.raises(TrustParamError, match="theta must be"):
            TrustParams(theta=value)
        with pytest.raises(TrustParamError, match="drift must be"):
            TrustParams(drift=value)
