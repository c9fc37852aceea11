"""Who votes: the law that bounds Sybils' part, and a queue whose every beginning is fair."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import PARAMS, Siege, World, listens, sieges, trusting
from trust import TrustParams
from web3rec.rank.admission import Mode
from web3rec.rank.voters import eligible, likeness, queue, van_der_corput, votes
from web3rec.types import Indices


def test_only_the_fully_admitted_with_enough_items_vote_and_never_the_ego() -> None:
    """Ego 0 trusts 1 and 2, 2 trusts 3: 3 is barely admitted at c = 10; 2 holds too little."""
    world = World(
        listens([(u, i) for u in (0, 1, 3) for i in range(3)] + [(2, 0)]),
        trusting([(0, 1, 8), (0, 2, 1), (2, 3, 8)]),
    )
    view = world.view()
    assert eligible(view.snapshot, view.admission, 3).tolist() == [1, 3]
    strict = world.view(params=replace(PARAMS, rank=replace(PARAMS.rank, admission=2.0)))
    assert eligible(strict.snapshot, strict.admission, 3).tolist() == [1]


def test_likeness_by_hand() -> None:
    """Three doublings longer and one and a half shorter are alike strange; far off: the least."""
    near = likeness(np.array([7, 63, 0, 0]), 7)
    np.testing.assert_allclose(near, [1, np.exp(-0.5), np.exp(-2), np.exp(-2)])
    assert likeness(np.array([0]), 199)[0] == 0.05


def test_votes_by_hand() -> None:
    """Two friends, each trusted half, share .5 each: of the three voters behind friend 1 each
    has a third of it, friend 2 alone has all of hers."""
    world = World(
        listens([(u, i) for u in range(5) for i in range(3)]),
        trusting([(0, 1, 8), (0, 2, 8), (1, 3, 8), (1, 4, 8)]),
    )
    view = world.view(trust=TrustParams(friend_cap=1.0))
    users: Indices = np.array([1, 2, 3, 4], np.int32)
    found = votes(np.ones(4), users, view.vouching, view.budgets)
    np.testing.assert_allclose(found, [1 / 6, 1 / 2, 1 / 6, 1 / 6])
    np.testing.assert_allclose(
        votes(np.ones(3), users[[0, 2, 3]], view.vouching, view.budgets).sum(), 0.5
    )
    np.testing.assert_allclose(
        votes(np.array([1.0, 3]), users[:2], view.vouching, np.zeros(0)), [0.25, 0.75]
    )


@given(sieges(), st.integers(0, 2**32))
def test_V1_sybils_have_no_more_of_the_vote_than_the_friends_they_came_through(
    siege: Siege, seed: int
) -> None:
    """Whoever is asked, and however like the ego they are."""
    view = siege.world.view()
    if not view.budgets.size:
        return
    users = eligible(view.snapshot, view.admission, 1)
    draw = np.random.default_rng(seed)
    users = users[draw.random(len(users)) < 0.8]
    vote = votes(0.05 + 0.95 * draw.random(len(users)), users, view.vouching, view.budgets)
    assert (vote >= 0).all()
    assert vote.sum() <= 1 + 1e-9
    false = np.isin(users, view.snapshot.users.numbers(siege.sybils))
    ways = view.vouching.shares(users[false]).sum(0) > 0
    assert vote[false].sum() <= view.budgets[ways].sum() + 1e-9


def test_the_bits_of_the_count_mirrored() -> None:
    np.testing.assert_allclose(van_der_corput(5), [1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8])


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=40), st.integers(1, 40))
def test_the_queue_holds_nobody_twice_and_no_more_than_asked(
    weights: list[float], most: int
) -> None:
    found = queue(np.array(weights), most)
    assert len(set(found.tolist())) == len(found) <= most
    assert len(found) >= 1
    assert ((found >= 0) & (found < len(weights))).all()


def test_every_beginning_of_the_queue_is_spread_by_vote() -> None:
    """Half the vote on the first hundred of a thousand: half of any beginning is theirs."""
    weights = np.r_[np.full(100, 9.0), np.full(900, 1.0)]
    found = queue(weights, 64)
    for n in (8, 16, 32):
        assert (found[:n] < 100).sum() == pytest.approx(n / 2, abs=1)


def test_nobody_to_ask() -> None:
    assert queue(np.zeros(0), 5).size == 0
    assert queue(np.zeros(3), 5).size == 0
    view = World(listens([(0, 0)])).view(Mode.OPEN)
    assert votes(np.zeros(0), np.zeros(0, np.int32), view.vouching, view.budgets).size == 0
