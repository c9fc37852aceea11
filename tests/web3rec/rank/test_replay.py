"""Replays: what is shown and hidden, and that the patched walk is the walk on the graph built anew."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.web3rec.rank.dense import full
from tests.web3rec.worlds import PARAMS, World, listens, trusting, worlds
from web3rec.graph import Csr, Snapshot
from web3rec.params import RankParams
from web3rec.pipeline import View
from web3rec.rank.admission import Admission, Mode
from web3rec.rank.replay import Past, answers, friends_start, past
from web3rec.rank.salsa import Social, reach_of, salsa
from web3rec.rank.steps import step

RANK = PARAMS.rank
WALKS = [(1, 0.0), (1, 0.3), (2, 0.02), (3, 0.02)]


def voters_of(view: View) -> list[int]:
    held = np.diff(view.snapshot.rows.starts)
    full_voice = view.admission.weights >= 1
    return [u for u in np.flatnonzero((held >= 2) & full_voice) if u != view.snapshot.ego]


def as_if(graph: Snapshot, then: Past) -> Snapshot:
    """The snapshot of the voter's device had it only done what is shown."""
    a = full(graph.rows)
    a[then.voter] = 0
    a[then.voter, then.shown] = then.row
    row, col = np.nonzero(a)
    rows = Csr.from_sorted(*a.shape, row.astype(np.int32), col.astype(np.int32), a[row, col])
    return replace(graph, ego=then.voter, rows=rows, cols=rows.transpose())


# -- what is hidden ------------------------------------------------------------------------------


def test_without_times_a_fifth_is_hidden_whatever_it_weighs() -> None:
    """Ten items of one weight, and of an ego that has three: two hidden, three shown."""
    graph = World(listens([(1, i) for i in range(10)] + [(0, i) for i in range(3)])).snapshot()
    then = past(graph, 1, np.zeros(3), 0.2, RANK)
    assert then.hidden.size == 2
    assert then.shown.size == 3
    np.testing.assert_allclose(then.start, [1 / 3] * 3)


def test_where_the_egos_acts_have_times_the_heaviest_are_taken_for_the_newest() -> None:
    """Weights fall with the item's number: 0 is hidden, 1 starts fully, 2 at .8, 3 not (span)."""
    world = World(
        [act._replace(weight=8 - n) for n, act in enumerate(listens([(1, i) for i in range(5)]))]
    )
    graph = world.snapshot()
    weights = graph.rows.row(1)[1]
    then = past(graph, 1, np.array([0.0, 1.0, 2.0]), 0.2, replace(RANK, recency_span=2))
    assert then.hidden.tolist() == [0]
    assert then.shown.tolist() == [1, 2, 3]
    np.testing.assert_allclose(
        then.start, np.array([weights[1], 0.8 * weights[2], 0]) / (weights[1] + 0.8 * weights[2])
    )


@given(worlds(), st.floats(0.01, 0.99), st.lists(st.integers(0, 5), max_size=5))
def test_hidden_and_shown_are_some_of_the_voters_items_and_never_the_same(
    world: World, share: float, newer: list[int]
) -> None:
    view = world.view(Mode.OPEN)
    for voter in voters_of(view):
        then = past(view.snapshot, voter, np.sort(np.array(newer, float)), share, RANK)
        own = view.snapshot.rows.row(voter)[0]
        assert then.hidden.size
        assert not np.intersect1d(then.hidden, then.shown).size
        assert set(then.hidden) | set(then.shown) <= set(own)
        assert then.shown.size == min(len(newer), own.size - then.hidden.size)
        assert then.row.sum() == pytest.approx(1 if then.shown.size else 0)


# -- what is answered ----------------------------------------------------------------------------


@given(
    worlds(), st.sampled_from([Mode.OPEN, Mode.CLOSED]), st.integers(0, 6), st.booleans(), st.data()
)
def test_the_patched_walk_is_salsa_on_the_graph_built_anew(
    world: World, mode: Mode, n_own: int, timed: bool, data: st.DataObject
) -> None:
    view = world.view(mode)
    graph, voters = view.snapshot, voters_of(view)
    assume(voters)
    newer = np.arange(n_own) * float(timed)
    heard = step(graph.rows, graph.cols, view.admission.weights)
    voter = data.draw(st.sampled_from(voters))
    then = past(graph, voter, newer, 0.2, RANK)
    told = answers(graph, view.admission, heard, then, RANK, WALKS)
    alone = as_if(graph, then)
    # The ego's numbers come from its acts' order; here it is the voter's by construction.
    recency = np.zeros(len(graph.items))
    order = np.argsort(-then.row, kind="stable")
    recency[then.shown[order]] = newer[: order.size]
    alone = replace(alone, recency=recency)
    degree = view.admission.weights @ (full(alone.rows) > 0)
    admitted = Admission(view.admission.weights, 1.0, degree)
    fresh = step(alone.rows, alone.cols, view.admission.weights)
    friends = friends_start(graph, view.admission, voter, RANK)
    for k, (rounds, mu) in enumerate(WALKS):
        rank = RankParams(rounds=rounds, social=mu)
        beside = Social(fresh, friends, reach_of(alone, friends, admitted.weights, fresh, rank))
        walk = salsa(alone, admitted, view.trust.tau, rank, beside)
        np.testing.assert_allclose(told.reached[k], walk.said, rtol=1e-5, atol=1e-9)
        assert told.mass[k] == pytest.approx(walk.speakers.sum(), rel=1e-5, abs=1e-9)
    others = np.setdiff1d(np.arange(len(graph.items)), then.shown)
    np.testing.assert_allclose(told.degree[others], degree[others], atol=1e-9)


def test_a_voters_friends_count_by_its_trust_in_them_and_only_if_admitted() -> None:
    world = World(
        listens([(0, 0), (1, 1), (1, 2), (2, 3), (3, 4), (3, 5)]),
        trusting([(0, 1, 8), (1, 2, 2), (1, 3, 6)]),
    )
    view = world.view(Mode.OPEN)
    start = friends_start(view.snapshot, view.admission, 1, RANK)
    np.testing.assert_allclose(start, [0, 0, 0, 0.25, 0.375, 0.375])
    quiet = replace(view.admission, weights=np.array([1.0, 1, 0, 1]))
    np.testing.assert_allclose(friends_start(view.snapshot, quiet, 1, RANK), [0, 0, 0, 0, 0.5, 0.5])


def test_who_shows_nothing_and_has_no_friends_is_told_nothing() -> None:
    view = World(listens([(0, 0), (1, 0), (1, 1)])).view(Mode.OPEN)
    then = past(view.snapshot, 1, np.zeros(0), 0.2, RANK)
    heard = step(view.snapshot.rows, view.snapshot.cols, view.admission.weights)
    told = answers(view.snapshot, view.admission, heard, then, RANK, WALKS)
    assert not told.reached.any()
    assert not told.mass.any()
