"""What a head learns from: replays of others, dated where times are known, told as lists are."""

import numpy as np
import pytest
from hypothesis import assume, given
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.rank.test_replay import voters_of
from tests.web3rec.worlds import PARAMS, World, item, listens, peer, trusting, worlds
from web3rec.errors import ParamError
from web3rec.params import Params, RankParams
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.candidates import best
from web3rec.rank.replay import past
from web3rec.rerank.features import NAMES, Seen
from web3rec.rerank.following import Paces
from web3rec.rerank.history import ReplayParams, dated_past, examples, own_past, told
from web3rec.rerank.linear import learnt
from web3rec.types import Millis

REPLAYS = ReplayParams(least_items=2, share=0.5)


def test_where_times_are_known_the_newest_items_are_hidden_and_the_next_shown() -> None:
    """Person 1 turned to 3, 1, 4, 0, 2 in turn: 2 is hidden; of the others 4, 0 are shown."""
    world = World(
        listens([*((1, i) for i in range(5)), (0, 5), (0, 6)]),
        touched={item(5): Millis(1), item(6): Millis(2)},
    )
    view = world.view(Mode.OPEN)
    at = {item(i): Millis(n) for n, i in enumerate([3, 1, 4, 0, 2])}
    seen = Seen.of(view, Paces.of(view.snapshot, {peer(1): at}))
    then = dated_past(seen, 1, np.array([0.0, 1.0]), 0.2)
    assert then.hidden.tolist() == [2]
    assert then.shown.tolist() == [0, 4]
    assert then.newer.tolist() == [0, 1]
    assert_allclose(then.row, [0.5, 0.5])


@given(worlds())
def test_without_times_a_past_is_the_one_that_tuning_asks_about(world: World) -> None:
    view = world.view(Mode.OPEN)
    voters = voters_of(view)
    assume(voters)
    newer = np.zeros(2)
    ours, theirs = (
        dated_past(Seen.of(view), voters[0], newer, 0.3),
        past(view.snapshot, voters[0], newer, 0.3),
    )
    assert_array_equal(ours.shown, theirs.shown)
    assert_array_equal(ours.hidden, theirs.hidden)


@given(worlds())
def test_the_ego_is_told_what_its_list_says(world: World) -> None:
    """Same order and scores as the pipeline's, where nobody is trusted and nothing budgets."""
    params = Params(rank=RankParams(social=0.0))
    view = World(world.acts, [], world.touched).view(Mode.OPEN, params)
    seen = Seen.of(view)
    asker = own_past(seen)
    assume(asker.shown.size > 0)
    said = told(seen, asker, params)
    allowed = np.ones(len(view.snapshot.items), bool)
    allowed[asker.shown] = False
    listed = listing(view, Request(20, frozenset()), {}, params).entries
    spoken = [e for e in listed if e.source != "popular"]
    at = view.snapshot.items.numbers(e.key for e in spoken)
    scores, most = np.array([e.score for e in spoken]), said.blended.max(initial=0.0)
    if scores.size:
        assert_allclose(said.blended[at] / most, scores / scores.max(), atol=1e-9)
    reached = best(said.blended, allowed, 20)
    assert set(reached.tolist()) == set(at.tolist())


def test_a_head_learns_from_others_what_they_went_on_to_do() -> None:
    """Whoever has 0 and 1 went on to 9, though 8 is what most hold: after learning, 9 is first."""
    twins = [(u, i) for u in range(1, 9) for i in (0, 1, 8, 9)]
    crowd = [(u, 8) for u in range(9, 16)] + [(u, 0) for u in range(9, 16)]
    world = World(
        listens([*twins, *crowd, (0, 0), (0, 1)]),
        touched={item(0): Millis(1), item(1): Millis(2)},
    )
    view = world.view(Mode.OPEN)
    order = {i: n for n, i in enumerate([8, 0, 1, 9])}
    times = {peer(u): {item(i): Millis(order[i]) for i in order} for u in range(1, 9)}
    seen = Seen.of(view, Paces.of(view.snapshot, times))
    found = examples(seen, view.budgets, PARAMS, ReplayParams(share=0.25))
    assert found
    assert sum(example.vote for example in found) == pytest.approx(len(found))
    head = learnt(found)
    assert head.weights[NAMES.index("next")] > 0
    again = examples(seen, view.budgets, PARAMS, ReplayParams(share=0.25))
    assert_array_equal(learnt(again).weights, head.weights)


def test_V1_replays_by_way_of_one_friend_share_that_friends_vote() -> None:
    """Friend 1 vouches for four more like it, friend 2 stands alone: half of the vote each."""
    people = {1: (0, 1, 2), 2: (0, 1, 3), **dict.fromkeys(range(3, 7), (0, 1, 2))}
    acts = listens([*((u, i) for u, own in people.items() for i in own), (0, 0), (0, 1)])
    edges = trusting([(0, 1, 8), (0, 2, 8), *((1, u, 8) for u in range(3, 7))])
    view = World(acts, edges).view()
    found = examples(Seen.of(view), view.budgets, PARAMS, REPLAYS)
    assert len(found) >= 2
    assert max(example.vote for example in found) == pytest.approx(len(found) / 2)


def test_where_nobody_may_vote_there_is_nothing_to_learn_from() -> None:
    view = World(listens([(0, 0), (1, 0), (1, 1)])).view()
    assert examples(Seen.of(view), view.budgets, PARAMS, REPLAYS) == []


@pytest.mark.parametrize(
    ("name", "value"), [("voters", 0), ("candidates", 0), ("least_items", 1), ("share", 1.0)]
)
def test_numbers_outside_their_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParamError, match=name):
        ReplayParams(**{name: value})  # type: ignore[arg-type]
