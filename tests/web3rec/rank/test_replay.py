"""Replays: what is shown and hidden; the patched walk is the walk on the graph built anew."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.web3rec.rank.dense import full
from tests.web3rec.worlds import PARAMS, World, listens, trusting, worlds
from web3rec.graph import Csr, Snapshot
from web3rec.params import RankParams
from web3rec.rank.admission import Admission, Mode
from web3rec.rank.replay import Past, Walk, Window, answers, friends_start, past
from web3rec.rank.salsa import Social, reach_of, salsa
from web3rec.rank.sources import Replies, Sight, alike
from web3rec.rank.sources.voices import Voices
from web3rec.rank.steps import step
from web3rec.view import View

RANK = PARAMS.rank
FAST = (RANK.recency, RANK.recency_span)
WALKS = [
    Walk(1, 0.0, FAST),
    Walk(1, 0.3, FAST),
    Walk(2, 0.02, FAST),
    Walk(3, 0.02, FAST),
    Walk(2, 0.0, (1.0, 3)),
]


def window_of(view: View) -> Window:
    return Window.of(view.snapshot, view.admission)


def voters_of(view: View) -> list[int]:
    held = np.diff(view.snapshot.rows.starts)
    able = np.flatnonzero((held >= 2) & (view.admission.weights >= 1)).tolist()
    return [user for user in able if user != view.snapshot.ego]


def as_if(graph: Snapshot, then: Past, newer: list[float]) -> Snapshot:
    """The snapshot of the voter's device had it only done what is shown, heaviest last."""
    a = full(graph.rows)
    a[then.voter] = 0
    a[then.voter, then.shown] = then.row
    row, col = np.nonzero(a)
    n_users, n_items = a.shape
    ends = row.astype(np.int32), col.astype(np.int32)
    rows = Csr.from_sorted(n_users, n_items, *ends, a[row, col])
    recency = np.zeros(n_items)
    order = np.argsort(-then.row, kind="stable")
    recency[then.shown[order]] = newer[: order.size]
    return replace(graph, ego=then.voter, rows=rows, cols=rows.transpose(), recency=recency)


# -- what is hidden -------------------------------------------------------------------------------


def test_without_times_a_fifth_is_hidden_whatever_it_weighs() -> None:
    """Ten items of one weight, and of an ego that has three: two hidden, three shown."""
    graph = World(listens([(1, i) for i in range(10)] + [(0, i) for i in range(3)])).snapshot()
    then = past(graph, 1, np.zeros(3), 0.2)
    assert then.hidden.size == 2
    assert then.shown.size == 3
    np.testing.assert_allclose(then.row, [1 / 3] * 3)


def test_where_the_egos_acts_have_times_the_heaviest_are_taken_for_the_newest() -> None:
    """Weights fall with the item's number: 0 is hidden, and 1 is the newest that is shown.

    Asked again, 1 is hidden and 0 was never; the fifth time there is nobody to show anything to.
    """
    acts = [act._replace(weight=8 - act.n) for act in listens([(1, i) for i in range(5)])]
    graph = World(acts).snapshot()
    newer = np.array([0.0, 1.0, 2.0])
    then = past(graph, 1, newer, 0.2)
    assert (then.hidden.tolist(), then.shown.tolist()) == ([0], [1, 2, 3])
    assert then.newer.tolist() == [0, 1, 2]
    np.testing.assert_allclose(
        then.row * graph.rows.row(1)[1][1:4].sum(), graph.rows.row(1)[1][1:4]
    )
    again = past(graph, 1, newer, 0.2, fold=1)
    assert (again.hidden.tolist(), again.shown.tolist()) == ([1], [2, 3, 4])
    assert past(graph, 1, newer, 0.2, fold=4).hidden.tolist() == [0]


def test_asked_five_times_without_times_everything_was_hidden_once() -> None:
    graph = World(listens([(1, i) for i in range(10)])).snapshot()
    hidden = [past(graph, 1, np.zeros(2), 0.2, fold).hidden for fold in range(5)]
    assert sorted(np.concatenate(hidden).tolist()) == list(range(10))


@given(worlds(), st.floats(0.01, 0.99), st.lists(st.integers(0, 5), max_size=5))
def test_hidden_and_shown_are_some_of_the_voters_items_and_never_the_same(
    world: World, share: float, newer: list[int]
) -> None:
    view = world.view(Mode.OPEN)
    for voter in voters_of(view):
        then = past(view.snapshot, voter, np.array(sorted(newer), np.float64), share)
        own = view.snapshot.rows.row(voter)[0]
        assert then.hidden.size
        assert not np.intersect1d(then.hidden, then.shown).size
        assert {*then.hidden, *then.shown} <= {*own}
        assert then.shown.size == min(len(newer), own.size - then.hidden.size)
        assert then.row.sum() == pytest.approx(1 if then.shown.size else 0)


# -- what is answered -----------------------------------------------------------------------------


@given(
    worlds(), st.sampled_from([Mode.OPEN, Mode.CLOSED]), st.integers(0, 6), st.booleans(), st.data()
)
def test_the_patched_walk_is_salsa_on_the_graph_built_anew(
    world: World, mode: Mode, n_own: int, timed: bool, data: st.DataObject
) -> None:
    view = world.view(mode)
    graph, w, voters = view.snapshot, view.admission.weights, voters_of(view)
    assume(voters)
    newer = np.arange(n_own, dtype=np.float64) * timed
    then = past(graph, data.draw(st.sampled_from(voters)), newer, 0.2)
    told = answers(window_of(view), then, PARAMS, WALKS)

    alone = as_if(graph, then, newer.tolist())
    admitted = Admission(w, 1.0, w @ (full(alone.rows) > 0))
    heard = step(alone.rows, alone.cols, w)
    friends = friends_start(window_of(view), then.voter, RANK)
    for reached, (rounds, mu, (recency, span)) in zip(told.reached, WALKS, strict=True):
        rank = RankParams(rounds=rounds, social=mu, recency=recency, recency_span=span)
        beside = Social(heard, friends, reach_of(alone, friends, w, heard, rank))
        walk = salsa(alone, admitted, view.trust.tau, rank, beside)
        said = step(alone.rows, alone.cols, walk.speakers)
        np.testing.assert_allclose(reached, said, rtol=1e-5, atol=1e-9)

    others = np.setdiff1d(np.arange(len(graph.items)), then.shown)
    np.testing.assert_allclose(told.degree[others], admitted.degree[others], atol=1e-9)
    nothing = np.zeros(len(graph.items))
    idle = Voices("taste", w, nothing, nothing)
    anything = np.ones(len(graph.items), np.bool_)
    sight = Sight(alone, admitted, w, idle, anything, np.zeros((0, anything.size)), Replies.none())
    cosine = alike(sight, PARAMS.sources).scores
    np.testing.assert_allclose(told.cosine[others], cosine[others], rtol=1e-5, atol=1e-9)


def test_a_voters_friends_count_by_its_trust_in_them_and_only_if_admitted() -> None:
    world = World(
        listens([(0, 0), (1, 1), (1, 2), (2, 3), (3, 4), (3, 5)]),
        trusting([(0, 1, 8), (1, 2, 2), (1, 3, 6)]),
    )
    view = world.view(Mode.OPEN)
    start = friends_start(window_of(view), 1, RANK)
    np.testing.assert_allclose(start, [0, 0, 0, 0.25, 0.375, 0.375])
    quiet = replace(view.admission, weights=np.array([1.0, 1, 0, 1]))
    start = friends_start(Window.of(view.snapshot, quiet), 1, RANK)
    np.testing.assert_allclose(start, [0, 0, 0, 0, 0.5, 0.5])


def test_who_shows_nothing_and_has_no_friends_is_told_nothing() -> None:
    view = World(listens([(0, 0), (1, 0), (1, 1)])).view(Mode.OPEN)
    then = past(view.snapshot, 1, np.zeros(0), 0.2)
    told = answers(window_of(view), then, PARAMS, WALKS)
    assert not told.reached.any()
    assert not told.cosine.any()


def test_without_the_social_part_friends_do_not_count() -> None:
    world = World(
        listens([(0, 0), (1, 0), (1, 1), (1, 2), (2, 0), (2, 3), (3, 4)]), trusting([(1, 3, 8)])
    )
    view = world.view(Mode.OPEN)
    then = past(view.snapshot, 1, np.zeros(1), 0.2)
    with_friends = answers(window_of(view), then, PARAMS, WALKS[:1]).reached[0]
    alone = answers(window_of(view), then, PARAMS, WALKS[:1], social=False).reached[0]
    assert with_friends[4] > 0
    assert alone[4] == 0
