"""Reasons: paths that exist, contributions that sum, only living records named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import (
    EGO,
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
from trust import TrustParams
from web3rec.pipeline import Listing, Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.reasons import contributions, echo, strongest_path
from web3rec.view import View

ALL = Request(20, frozenset())


def listed(world: World, mode: Mode = Mode.CLOSED, trust: TrustParams = TRUST) -> Listing:
    return listing(world.view(mode, trust=trust), ALL, {}, PARAMS)


# -- by hand ----------------------------------------------------------------------------------


def test_a_path_by_hand() -> None:
    """The ego and friend 1 hold item 0; 2, whom 1 trusts, holds item 0 too, and alone item 7."""
    world = World(
        listens([(0, 0), (1, 0), (1, 5), (2, 0), (2, 7)]), trusting([(0, 1, 8), (1, 2, 8)])
    )
    found = {entry.key: entry for entry in listed(world).entries}
    assert set(found) == {item(5), item(7)}
    friends = found[item(5)].path
    assert friends is not None
    assert (friends.own, friends.user, friends.via) == (item(0), peer(1), peer(1))
    friends_friends = found[item(7)].path
    assert friends_friends is not None
    assert (friends_friends.own, friends_friends.user) == (item(0), peer(2))
    assert friends_friends.via == peer(1)
    assert [c.sponsor for c in found[item(7)].contributions] == [peer(1)]


def test_a_friend_speaks_for_itself_though_others_vouch_for_it_more() -> None:
    """The ego trusts 2 a little and 1 much, 1 trusts 2: most of 2's trust arrives through 1.

    What 2 says is its own word all the same, and nobody else has to answer for it.
    """
    world = World(listens([(0, 0), (2, 0), (2, 7)]), trusting([(0, 1, 8), (0, 2, 1), (1, 2, 8)]))
    [entry] = listed(world).entries
    assert entry.path is not None
    assert entry.path.via == entry.path.user == peer(2)
    assert [c.sponsor for c in entry.contributions] == [peer(2)]


def test_the_strongest_line_is_named() -> None:
    """Item 1 is the ego's favourite by far; 1 shares it, 2 shares the other: 1 carries more."""
    world = World(
        [
            *listens([(0, 0), (1, 1), (1, 7), (2, 0), (2, 7)]),
            *(act._replace(weight=8) for act in listens([(0, 1)])),
        ],
        trusting([(0, 1, 8), (0, 2, 8)]),
    )
    [entry] = listed(world).entries
    assert entry.path is not None
    assert (entry.path.own, entry.path.user) == (item(1), peer(1))


def test_smaller_friends_are_pooled_and_said_to_be() -> None:
    world = World(listens([(0, 0), (3, 0), (3, 7)]), trusting([(0, 1, 8), (0, 2, 4), (2, 3, 8)]))
    [entry] = listed(world, trust=TrustParams(max_sponsors=1)).entries
    assert [(c.sponsor, c.role) for c in entry.contributions] == [(None, "pool")]
    assert entry.path is not None
    assert (entry.path.user, entry.path.via) == (peer(3), None)


def test_nobody_vouches_in_an_open_list() -> None:
    [entry] = listed(World(listens([(0, 0), (1, 0), (1, 7)])), Mode.OPEN).entries
    assert [(c.sponsor, c.role) for c in entry.contributions] == [(None, "everyone")]
    assert entry.path is not None
    assert entry.path.via is None


def test_a_cold_start_has_contributions_but_no_path() -> None:
    [entry] = listed(World(listens([(1, 7)]), trusting([(0, 1, 8)]))).entries
    assert entry.path is None
    assert [c.sponsor for c in entry.contributions] == [peer(1)]


def test_contributions_come_most_first_and_ties_by_key() -> None:
    parts = np.array([0.25, 0.5, 0.25, 0.0])
    found = contributions(1.0, parts, [peer(9), None, peer(2), peer(1)], "taste")
    assert [(c.sponsor, c.role) for c in found] == [
        (None, "pool"),
        (peer(2), "friend"),
        (peer(9), "friend"),
    ]
    [own] = contributions(0.5, np.zeros(0), [], "catalogue")
    assert (own.role, own.amount) == ("self", 0.5)


# -- laws -------------------------------------------------------------------------------------


@given(sieges(), st.sampled_from(list(Mode)), st.sampled_from([1, 2, 32]))
def test_M4_contributions_sum_to_the_score(siege: Siege, mode: Mode, sponsors: int) -> None:
    for entry in listed(siege.world, mode, TrustParams(max_sponsors=sponsors)).entries:
        total = sum(part.amount for part in entry.contributions)
        assert total == pytest.approx(entry.score, rel=1e-9)
        amounts = [part.amount for part in entry.contributions]
        assert amounts == sorted(amounts, reverse=True)
        assert all(amount > 0 for amount in amounts)


@given(sieges(), st.sampled_from(list(Mode)))
def test_M4_every_path_is_made_of_living_records(siege: Siege, mode: Mode) -> None:
    """The ego did the one, the person did both, and is reached through whom is named."""
    world = siege.world
    holds = {(act.author, act.key) for act in world.acts}
    friends = {e.peer for e in world.edges if e.author == EGO}
    for entry in listed(world, mode).entries:
        assert all(c.sponsor is None or c.sponsor in friends for c in entry.contributions)
        if entry.path is None:
            continue
        assert (EGO, entry.path.own) in holds
        assert (entry.path.user, entry.path.own) in holds
        assert (entry.path.user, entry.key) in holds
        assert entry.path.user != EGO
        assert entry.path.via is None or entry.path.via in friends
        if entry.path.user in friends:
            assert entry.path.via == entry.path.user
        elif mode is Mode.CLOSED:
            assert entry.path.via is not None
            assert reached(world.view(), entry.path.via, entry.path.user)


def reached(view: View, friend: bytes, person: bytes) -> bool:
    """Does any trust arrive at the person through this friend?"""
    column = [s for s, sponsor in enumerate(view.sponsors) if sponsor == friend]
    user = view.snapshot.users.number(person)
    return bool(view.trust.phi[user][column].sum() > 0)


@given(worlds())
def test_M4_the_path_named_is_the_strongest_there_is(world: World) -> None:
    """Oracle: try every own item and every person: y_j w(u) a(u,j) / Z_j times a(u,i)."""
    view = world.view(Mode.OPEN)
    graph, w = view.snapshot, view.admission.weights
    a = np.zeros((len(graph.users), len(graph.items)))
    for u in range(len(graph.users)):
        cols, weights = graph.rows.row(u)
        a[u, cols] = weights
    start = np.where(a[graph.ego] > 0, a[graph.ego], 0)
    others = w.copy()
    others[graph.ego] = 0
    heard = others @ a
    rate = np.divide(start, heard, out=np.zeros_like(start), where=heard > 0)
    flow = others[:, None] * a * rate  # (person, own item)
    best = flow.max(axis=1, initial=0)
    said = echo(graph, start, w)
    np.testing.assert_allclose(said.strength, best, atol=1e-12)
    for number in np.flatnonzero(a[graph.ego] == 0):
        path = strongest_path(graph, said, int(number), view.vouching, view.sponsors)
        strongest = (best * a[:, number]).max()
        if path is None:
            assert strongest == 0
        else:
            user, own = graph.users.number(path.user), graph.items.number(path.own)
            assert user is not None
            assert flow[user, own] * a[user, number] == pytest.approx(strongest)


@given(worlds(), st.data())
def test_M4_a_forgotten_act_is_named_nowhere(world: World, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(sorted(world.own()) or [item(0)]))
    kept = [a for a in world.acts if (a.author, a.key) != (EGO, gone)]
    touched = {key: at for key, at in world.touched.items() if key != gone}
    for mode in Mode:
        for entry in listed(World(kept, world.edges, touched), mode).entries:
            assert entry.path is None or entry.path.own != gone
