"""B1 and A1 from end to end: records in, a list out, and Sybils who may say whatever they like."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import (
    EGO,
    PARAMS,
    Siege,
    World,
    acts,
    edges,
    item,
    listens,
    peer,
    sieges,
    touches,
    trusting,
)
from trust import TrustParams
from web3rec.params import BudgetParams, Params, RankParams, SourceParams
from web3rec.pipeline import Listing, Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.sources import WordIndex
from web3rec.types import Item, PeerId
from web3rec.view import View

SLACK = 1e-6
"""Shares are quotients of solved trust; 20 of them may miss a whole number by this."""


INDEX = WordIndex.of(
    {item(n): Item(f"x:{n}", tags=("jazz", "rock")[: 1 + n % 2]) for n in range(60)}, SourceParams()
)
"""What the words of a request may mean: everything, spam as well."""


def asked(view: View, params: Params, limit: int, words: tuple[str, ...] = ("jazz",)) -> Listing:
    """With words, so that every source speaks that has a weight."""
    return listing(view, Request(limit, frozenset(), words=words), {}, params, INDEX)


def paid_by(found: Listing, friends: set[PeerId], view: View) -> int:
    """Positions all of whose contributions come from these friends, or pools that each hold one."""
    pools = pools_of(view)
    bad_pools = bool(pools) and all(pool & friends for pool in pools)
    return sum(
        all(
            part.sponsor in friends or (part.role == "pool" and bad_pools)
            for part in entry.contributions
        )
        for entry in found.entries
    )


def pools_of(view: View) -> list[set[PeerId]]:
    """The friends behind each column that stands for several."""
    behind: dict[int, set[PeerId]] = {}
    for friend, column in zip(view.trust.friends, view.trust.columns, strict=True):
        behind.setdefault(int(column), set()).add(PeerId(view.snapshot.users.terms[friend]))
    return [friends for friends in behind.values() if len(friends) > 1]


settings = st.builds(
    Params,
    rank=st.builds(
        RankParams,
        rounds=st.sampled_from([1, 2, 3]),
        admission=st.sampled_from([0.1, 1.0]),
        candidates=st.sampled_from([1, 3, 400]),
    ),
    budget=st.builds(
        BudgetParams, kappa=st.sampled_from([1.0, 1.25]), slack=st.sampled_from([0.0, 0.3])
    ),
    sources=st.builds(
        SourceParams,
        alike=st.sampled_from([0.0, 1.0]),
        words=st.sampled_from([0.0, 1.0]),
        interests=st.sampled_from([0.0, 1.0]),
        fresh=st.sampled_from([0.0, 1.0]),
    ),
)


@given(sieges(max_sybils=8), settings, st.sampled_from([1, 2, 32]), st.integers(1, 20), st.data())
def test_B1_no_friends_pay_for_more_positions_than_their_bound(
    siege: Siege, params: Params, sponsors: int, limit: int, data: st.DataObject
) -> None:
    """Whichever friends these are: nobody needs to know who was compromised."""
    world = siege.world
    view = world.view(params=params, trust=TrustParams(max_sponsors=sponsors))
    friends = sorted({e.peer for e in world.edges if e.author == EGO and e.peer != EGO})
    bad = data.draw(st.sets(st.sampled_from(friends))) if friends else set()
    found = asked(view, params, limit)
    assert paid_by(found, bad, view) <= view.bound(bad, limit, params) + SLACK


@st.composite
def captured_friends(draw: st.DrawFn) -> tuple[World, set[PeerId], set[bytes]]:
    """Some of the ego's friends serve the attacker; honest friends may trust these as well.

    -> (the world, these friends, the items that only they and their Sybils hold).
    """
    n_good, n_bad, n_sybils = (draw(st.integers(1, k)) for k in (5, 3, 12))
    good = range(1, 1 + n_good)
    bad = range(10, 10 + n_bad)
    sybils = range(20, 20 + n_sybils)
    told = [(0, b, draw(st.integers(1, 8))) for b in (*good, *bad)]
    told += draw(edges(good, [*good, *bad], max_size=12))
    told += draw(edges([*bad, *sybils], [*good, *bad, *sybils], max_size=40))
    own = draw(acts([0], range(5), min_size=1, max_size=5))
    said = draw(acts(good, range(12), max_size=20))
    spam = range(20, 20 + draw(st.integers(1, 30)))
    pushed = draw(acts([*bad, *sybils], [*range(12), *spam], min_size=5, max_size=60))
    done = own + said + pushed
    world = World(done, trusting(told), draw(touches({act.key for act in own})))
    return world, {peer(b) for b in bad}, {item(n) for n in spam}


@given(captured_friends(), settings, st.integers(1, 20))
def test_B1_spam_fills_no_more_than_the_captured_friends_can_pay(
    captured: tuple[World, set[PeerId], set[bytes]], params: Params, limit: int
) -> None:
    """Sybils may trust honest people, and these the captured friends: that gives no honest friend a
    part in what Sybils say. Whom a friend lets in is that friend's word.
    """
    world, bad, spam = captured
    view = world.view(params=params)
    found = asked(view, params, limit)
    slots = sum(entry.key in spam for entry in found.entries)
    assert slots <= view.bound(bad, limit, params) + SLACK
    for entry in found.entries:
        if entry.key in spam:
            assert {part.sponsor for part in entry.contributions} <= bad


@given(captured_friends(), settings)
def test_B2_no_prefix_of_a_list_without_overrun_is_bought(
    captured: tuple[World, set[PeerId], set[bytes]], params: Params
) -> None:
    """Told by contributions, which are what is paid where a quorum asks for all of an item."""
    world, _, _ = captured
    params = replace(params, budget=replace(params.budget, quorum=1.0))
    view = world.view(params=params)
    found = asked(view, params, 20)
    if found.overruns:
        return
    used = dict.fromkeys(view.sponsors, 0.0)
    for k, entry in enumerate(found.entries, start=1):
        for part in entry.contributions:
            used[part.sponsor] += part.amount / entry.score
        for sponsor, share in zip(view.sponsors, view.budgets, strict=True):
            assert used[sponsor] <= params.budget.kappa * k * share + params.budget.slack + SLACK


def besieged(n_sybils: int, n_spam: int, each: int) -> World:
    """Eight friends with tastes of their own; the first is captured, and lets in Sybils who copy
    the ego and push spam.
    """
    own = [(0, n) for n in range(6)]
    tastes = [(f, n) for f in range(1, 9) for n in (f % 6, *range(10 * f, 10 * f + 8))]
    sybils = range(1_000, 1_000 + n_sybils)
    copies = [(s, n) for s in sybils for n in range(6)]
    spam = [
        (s, 100_000 + (s * each + k) % n_spam) for s in sybils for k in range(min(each, n_spam))
    ]
    told = [(0, f, 8) for f in range(1, 9)] + [(1, s, 8) for s in sybils]
    return World(listens(own + tastes + copies + spam), trusting(told))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_sybils", "n_spam", "each"),
    [(1, 30, 30), (10, 30, 3), (300, 30, 3), (300, 500, 5), (3_000, 500, 5), (3_000, 6_000, 2)],
)
def test_B1_and_a_full_list_however_many_sybils_push_however_much(
    n_sybils: int, n_spam: int, each: int
) -> None:
    """More spam than the budgets are first offered must not crowd honest items out of sight."""
    view = besieged(n_sybils, n_spam, each).view()
    found = asked(view, PARAMS, 20, words=())
    slots = sum(int.from_bytes(entry.key) >= 100_000 for entry in found.entries)
    assert slots <= view.bound([peer(1)], 20, PARAMS) + SLACK == 3.75 + SLACK
    assert len(found.entries) == 20


def test_without_budgets_the_same_attack_takes_the_list() -> None:
    """What B1 is worth: the open list of the same world."""
    world = besieged(300, 500, 5)
    found = asked(world.view(Mode.OPEN), PARAMS, 20, words=())
    slots = sum(int.from_bytes(entry.key) >= 100_000 for entry in found.entries)
    assert slots == 20
