"""From records to a list: what may stand in it, in which order, and where it continues."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from tests.web3rec.worlds import (
    PARAMS,
    TRUST,
    Siege,
    World,
    item,
    listens,
    peer,
    sieges,
    trusting,
    worlds,
)
from web3rec.params import Params, RankParams, SourceParams
from web3rec.pipeline import Entry, Listing, Request, listing
from web3rec.rank.admission import Mode
from web3rec.types import Item, ItemKey, PeerId
from web3rec.view import seen_as

NOTHING: Mapping[ItemKey, Item] = {}
SHELF = {
    item(n): Item(f"shelf:{n}", f"Book {n}", tags=("jazz",) if n % 2 else ("rock",))
    for n in range(20, 30)
}
modes = st.sampled_from(list(Mode))


def asked(
    world: World,
    limit: int = 20,
    *,
    mode: Mode = Mode.CLOSED,
    excluded: frozenset[ItemKey] = frozenset(),
    only: frozenset[ItemKey] | None = None,
    catalogue: Mapping[ItemKey, Item] = NOTHING,
    blocked: frozenset[PeerId] = frozenset(),
    params: Params = PARAMS,
) -> Listing:
    view = world.view(mode, params, blocked=blocked)
    return listing(view, Request(limit, excluded, only), catalogue, params)


def keys(found: Listing) -> list[ItemKey]:
    return [entry.key for entry in found.entries]


# -- by hand ----------------------------------------------------------------------------------


def friends_world(n_friends: int, each: int) -> World:
    """Friend f shares the ego's item 0 and holds `each` items of its own, 100 f + k."""
    pairs = [(0, 0)]
    for friend in range(1, n_friends + 1):
        pairs += [(friend, 0), *((friend, 100 * friend + k) for k in range(each))]
    return World(listens(pairs), trusting([(0, f, 8) for f in range(1, n_friends + 1)]))


def test_four_friends_share_a_list_by_hand() -> None:
    """K = 8, T = 1/4 each: hard budget 3, so none of four friends gets more than three places.

    What each has is its word alone, and .3 * 8 / 3 + .05 = .85 of a place is for one's word alone.
    """
    found = asked(friends_world(4, 10), 8)
    by = [int.from_bytes(entry.key) // 100 for entry in found.entries]
    assert len(by) == found.overruns == 8
    assert max(by.count(friend) for friend in range(1, 5)) <= 3


def test_where_budgets_stop_the_own_catalogue_continues() -> None:
    """Ten friends, one of whom alone has anything new: it pays for 3 of 20 places."""
    world = friends_world(10, 0)
    world = replace(world, acts=world.acts + listens([(1, 100 + k) for k in range(10)]))
    found = asked(world, catalogue=SHELF)
    sources = [entry.source for entry in found.entries]
    assert sources == ["taste"] * 3 + ["catalogue"] * 10
    assert all(
        [c.role for c in e.contributions] == ["self"] and e.path is None for e in found.entries[3:]
    )
    assert len(asked(world).entries) == 3


def test_whoever_trusts_nobody_gets_its_own_catalogue_alone() -> None:
    world = World(listens([(0, 20), (1, 20), (1, 7), (2, 8)]))
    found = asked(world, catalogue=SHELF)
    assert {entry.source for entry in found.entries} == {"catalogue"}
    assert set(keys(found)) == set(SHELF) - {item(20)}
    best = [SHELF[key].tags for key in keys(found)[:4]]
    assert best == [("rock",)] * 4  # what item 20 is
    assert not asked(world).entries


def test_open_mode_asks_nobody_and_protects_nobody() -> None:
    world = World(listens([(0, 0), (1, 0), *((1, n) for n in range(1, 19))]))
    view = world.view(Mode.OPEN)
    assert view.sponsors == ()
    assert view.budgets.size == 0
    assert view.bound([peer(1)], 20, PARAMS) == 20
    assert len(asked(world, mode=Mode.OPEN).entries) == 18


def test_what_the_walk_does_not_reach_is_offered_below_it() -> None:
    """Friend 2 shares nothing with the ego: its items come from popularity, below the walk's."""
    own = [(0, n) for n in range(8)]
    world = World(
        listens([*own, (1, 0), (1, 50), (2, 60), (2, 61)]), trusting([(0, 1, 8), (0, 2, 8)])
    )
    found = asked(world, params=Params(rank=RankParams(social_speakers=1)))
    assert [(e.source, e.key) for e in found.entries] == [
        ("taste", item(50)),
        ("popular", item(60)),
        ("popular", item(61)),
    ]
    assert found.entries[0].score > found.entries[1].score >= found.entries[2].score


def test_the_bound_counts_a_pooled_friend_as_the_pool() -> None:
    world = World([], trusting([(0, 1, 8), (0, 2, 4), (0, 3, 4)]))
    view = world.view(trust=replace(TRUST, friend_cap=1.0, max_sponsors=2))
    assert view.sponsors == (peer(1), None)
    assert view.bound([peer(1)], 20, PARAMS) == pytest.approx(15)
    assert view.bound([peer(2)], 20, PARAMS) == pytest.approx(15)
    assert view.bound([peer(1), peer(2)], 20, PARAMS) == 20  # never more than there are places
    assert view.bound([], 20, PARAMS) == 0


# -- laws -------------------------------------------------------------------------------------


@given(sieges(), modes, st.data())
def test_M2_nothing_seen_excluded_or_blocked_is_listed(
    siege: Siege, mode: Mode, data: st.DataObject
) -> None:
    world = siege.world
    everything = [item(n) for n in range(14)] + list(SHELF)
    excluded = frozenset(data.draw(st.sets(st.sampled_from(everything))))
    only = data.draw(st.none() | st.frozensets(st.sampled_from(everything)))
    blocked = frozenset(data.draw(st.sets(st.sampled_from([peer(n) for n in range(1, 9)]))))
    found = asked(world, mode=mode, excluded=excluded, only=only, catalogue=SHELF, blocked=blocked)
    listed = keys(found)
    heard = {act.key for act in world.acts if act.author not in blocked}
    assert len(listed) == len(set(listed)) <= 20
    assert not set(listed) & (excluded | world.own())
    assert set(listed) <= heard | set(SHELF)  # what only the blocked hold is not there
    assert only is None or set(listed) <= only
    assert all(entry.path is None or entry.path.user not in blocked for entry in found.entries)
    assert all(c.sponsor not in blocked for e in found.entries for c in e.contributions)


@given(sieges(), modes, st.integers(1, 30))
def test_M3_a_list_is_no_longer_than_asked_and_names_nothing_twice(
    siege: Siege, mode: Mode, limit: int
) -> None:
    listed = keys(asked(siege.world, mode=mode, limit=limit, catalogue=SHELF))
    assert len(listed) == len(set(listed)) <= limit


@given(sieges(), modes, st.data())
def test_M1_the_same_records_give_the_same_list(
    siege: Siege, mode: Mode, data: st.DataObject
) -> None:
    """In whatever order they came in, and however often."""
    world = siege.world
    told = World(
        data.draw(st.permutations(world.acts + world.acts[:5])),
        data.draw(st.permutations(world.edges)),
        dict(reversed(world.touched.items())),
    )
    assert asked(told, mode=mode, catalogue=SHELF) == asked(world, mode=mode, catalogue=SHELF)


@given(sieges(), st.data())
def test_a_blocked_person_is_one_who_never_was(siege: Siege, data: st.DataObject) -> None:
    """Scores to rounding: people are numbered otherwise, so some sums run in another order."""
    gone = frozenset(data.draw(st.sets(st.sampled_from([peer(n) for n in range(1, 12)]))))
    blocked, absent = asked(siege.world, blocked=gone), asked(siege.world.without(gone))
    assert blocked.overruns == absent.overruns
    assert in_ranks(blocked) == in_ranks(absent)


def in_ranks(found: Listing) -> list[tuple[float, list[ItemKey]]]:
    """Scores to nine digits, with all the items that share each, wherever they stand."""
    ranks: dict[float, list[ItemKey]] = {}
    for entry in found.entries:
        ranks.setdefault(float(f"{entry.score:.9g}"), []).append(entry.key)
    return [(score, sorted(ranks[score])) for score in sorted(ranks)]


@given(worlds(), st.sampled_from([Mode.OPEN, Mode.FRIENDS]))
def test_scores_fall_where_no_budget_makes_an_item_wait(world: World, mode: Mode) -> None:
    found = asked(world, mode=mode, catalogue=SHELF)
    scores = [entry.score for entry in found.entries]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert not found.overruns


@given(sieges())
def test_scores_fall_among_items_of_the_same_sponsors(siege: Siege) -> None:
    """In closed mode a budget may make an item wait, but never behind a lesser one like it."""
    found = asked(siege.world, catalogue=SHELF).entries
    for n, first in enumerate(found):
        for later in found[n + 1 :]:
            if later.score > first.score:
                assert not found_alike(first, later)
    shelved = [entry.source == "catalogue" for entry in found]
    assert shelved == sorted(shelved)
    told, own = [[e.score for e in found if (e.source == "catalogue") is c] for c in (False, True)]
    assert not told or not own or min(told) > max(own)


def found_alike(one: Entry, other: Entry) -> bool:
    """The same sponsors with the same shares."""
    ours, theirs = (
        {c.sponsor: c.amount / entry.score for c in entry.contributions} for entry in (one, other)
    )
    return ours.keys() == theirs.keys() and all(
        abs(share - theirs[sponsor]) < 1e-12 for sponsor, share in ours.items()
    )


@given(worlds(), modes, st.integers(1, 6))
def test_a_short_list_opens_as_an_open_long_one_does(world: World, mode: Mode, limit: int) -> None:
    """Without budgets, asking for fewer changes nothing of what is asked for."""
    if mode is Mode.CLOSED:
        assert len(asked(world, limit).entries) <= limit
        return
    assert keys(asked(world, limit, mode=mode)) == keys(asked(world, mode=mode))[:limit]


@given(worlds())
def test_the_own_catalogue_never_repeats_what_stands_above(world: World) -> None:
    known = {item(n): Item(f"known:{n}") for n in range(9)}
    listed = keys(asked(world, catalogue=known))
    assert len(listed) == len(set(listed))
    assert set(known) - world.own() <= set(listed)


@given(sieges(), modes, modes)
def test_another_mode_is_seen_as_if_it_had_been_looked_at(
    siege: Siege, first: Mode, second: Mode
) -> None:
    looked = siege.world.view(second)
    seen = seen_as(siege.world.view(first), second, PARAMS)
    assert (seen.mode, seen.sponsors) == (looked.mode, looked.sponsors)
    np.testing.assert_array_equal(seen.admission.weights, looked.admission.weights)
    np.testing.assert_array_equal(seen.sponsor_share, looked.sponsor_share)


WALK_ALONE = SourceParams(alike=0.0)


@given(sieges(), modes, st.sampled_from([1, 3]), st.sampled_from([1, 4, 48]), st.integers(1, 20))
def test_the_list_is_the_one_of_the_dense_definition(
    siege: Siege, mode: Mode, rounds: int, candidates: int, limit: int
) -> None:
    """Keys, order, scores and parts; wherever it is not rounding that decides the order."""
    rank = RankParams(rounds=rounds, candidates=candidates)
    params = Params(rank=rank, sources=WALK_ALONE)
    view = siege.world.view(mode, params)
    graph, tau, w = view.snapshot, view.trust.tau, view.admission.weights
    start = dense.start(graph, tau, w, rank)
    expected = dense.listed(view, dense.full(graph.rows), start, limit, params)
    assume(expected.closest > 1e-9)
    found = listing(view, Request(limit, frozenset()), NOTHING, params).entries
    assert graph.items.numbers(e.key for e in found).tolist() == expected.items
    np.testing.assert_allclose([e.score for e in found], expected.scores, atol=1e-12)
    for entry, parts in zip(found, expected.parts, strict=True):
        paid = {c.sponsor: c.amount for c in entry.contributions}
        for sponsor, part in zip(view.sponsors, parts, strict=True):
            assert paid.get(sponsor, 0.0) == pytest.approx(part, abs=1e-12)
