"""What is certified is so: in float64 and in float32, from walks and from residuals of any sign."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import oracle
from tests.trust.graphs import graphs
from trust import Digraph, Weights
from trust.settling import Settled, Settler
from trust.steps import Steps


def exact(steps: Steps, residual: Weights, alpha: float) -> Weights:
    """By lane."""
    columns = [oracle.visits(steps.graph, column, alpha) for column in residual[steps.lanes].T]
    return np.stack(columns, axis=1)[steps.nodes]


@given(
    graphs(),
    st.booleans(),
    st.floats(0.02, 0.95),
    st.sampled_from([1e-3, 1e-9, 1e-13]),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
)
def test_no_column_misses_more_than_is_said(
    graph: Digraph, single: bool, alpha: float, aim: float, max_rounds: int, seed: int
) -> None:
    """Stop-mass is what counts: the visits that are off, each by its chance of stopping."""
    steps = Steps.on(graph, alpha)
    settler = Settler(steps, 4, single=single)
    residual = np.random.default_rng(seed).normal(size=(graph.n, settler.width))
    residual[:, -1] = 0
    found = settler.settle(residual, aim, max_rounds)
    off = np.abs(steps.stops @ np.abs(found.visits - exact(steps, residual, alpha)))
    rounding = 1e-12 * np.abs(residual).sum() / alpha
    assert (off <= found.missing + rounding).all()
    assert found.rounds <= max_rounds
    assert (found.missing <= aim + rounding).all() or found.rounds == max_rounds
    assert not found.visits[:, -1].any()


def test_two_passes_of_single_precision_reach_what_one_of_double_does(
    rng: np.random.Generator,
) -> None:
    u, v = rng.integers(0, 500, (2, 4_000))
    graph = Digraph.from_edges(500, u[u != v], v[u != v], rng.random(np.count_nonzero(u != v)) + 1)
    steps = Steps.on(graph, 0.15)
    start = np.zeros((500, 8))
    start[np.arange(8), np.arange(8)] = 1
    single = Settler(steps, 8, single=True).settle(start, 1e-10, 1_000)
    double = Settler(steps, 8, single=False).settle(start, 1e-10, 1_000)
    assert single.missing.max() <= 1e-10
    assert double.missing.max() <= 1e-10
    off = steps.stops @ np.abs(single.visits - double.visits)
    assert (off <= 2e-10).all()
    assert single.rounds <= 2 * double.rounds


@given(graphs(), st.integers(1, 20), st.floats(-0.1, 0.1), st.integers(0, 2**32 - 1))
def test_what_we_know_of_visits_is_put_in_and_paid_for(
    graph: Digraph, max_rounds: int, error: float, seed: int
) -> None:
    """Not one is negative and all walks stop; and the bound on what is missing still holds."""
    steps = Steps.on(graph, 0.15)
    settler = Settler(steps, 2)
    start = np.zeros((graph.n, 2))
    start[0, 0] = 1  # the second column is no walk
    found = settler.settle(start, 1e-9, max_rounds)
    visits = found.visits.copy()
    visits[:, 0] += error * np.random.default_rng(seed).random(graph.n)
    missing = np.abs(start + settler.step(visits) - visits).sum(axis=0)
    finished = settler.finished(start, Settled(visits, missing, found.rounds))
    assert (finished.visits >= 0).all()
    left = np.abs(start + settler.step(finished.visits) - finished.visits).sum(axis=0)
    assert (left <= finished.missing + 1e-12).all()
    if steps.stops @ np.maximum(visits[:, 0], 0) > 0:
        assert steps.stops @ finished.visits[:, 0] == pytest.approx(1, abs=1e-12)
    assert not finished.visits[:, 1].any()
