"""B1 where friends know each other: by hand, by law, and against B1 itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.web3rec.worlds import PARAMS, Siege, World, item, listens, peer, sieges, trusting
from trust import TrustParams
from web3rec.eval.bound import packing_bound, positions_bound
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode

KAPPA = PARAMS.budget.kappa
OPEN_CAP = TrustParams(friend_cap=1.0)
SLACK = 1e-6


def test_a_friend_nobody_else_vouches_for_pays_alone_and_the_bound_is_b1() -> None:
    """0 trusts 1 and 2 alike, only 1 trusts Sybil 3: kappa * 20 / 2 positions."""
    world = World([], trusting([(0, 1, 8), (0, 2, 8), (1, 3, 8)]))
    view = world.view(trust=OPEN_CAP)
    assert positions_bound(view, [peer(3)], 20, PARAMS) == pytest.approx(10 * KAPPA)
    assert positions_bound(view, [peer(3)], 20, PARAMS) == view.bound([peer(1)], 20, PARAMS)


def test_friends_who_trust_the_fallen_one_add_nothing_to_its_bound() -> None:
    """Of ten friends alike 2 trusts 1 as well; what 1 lets in is 1's word all the same."""
    ten = [(0, n, 8) for n in range(1, 11)]
    view = World([], trusting([*ten, (2, 1, 8), (1, 30, 8)])).view()
    assert positions_bound(view, [peer(30)], 20, PARAMS) == pytest.approx(2 * KAPPA)


def test_who_shares_in_vouching_shares_in_paying() -> None:
    """2 gives a ninth of its trust to Sybil 30, 1 all of it: shares .9 and .1.

    1 pays for 2 kappa positions, 2 for .1 / quorum of each: 2 kappa / (1 - .1 / quorum) in all.
    """
    ten = [(0, n, 8) for n in range(1, 11)]
    view = World([], trusting([*ten, (1, 30, 8), (2, 30, 1), (2, 40, 8)])).view()
    most = 2 * KAPPA / (1 - 0.1 / PARAMS.budget.quorum)
    assert positions_bound(view, [peer(30)], 20, PARAMS) == pytest.approx(most)


def test_sybils_out_of_reach_take_nothing() -> None:
    view = World([], trusting([(0, 1, 8), (3, 4, 8)])).view()
    assert positions_bound(view, [peer(3), peer(4)], 20, PARAMS) == 0
    assert positions_bound(view, [peer(99)], 20, PARAMS) == 0


def test_without_budgets_there_is_no_bound_but_the_list() -> None:
    world = World(listens([(3, 0)]), trusting([(0, 1, 8), (1, 3, 8)]))
    assert positions_bound(world.view(Mode.OPEN), [peer(3)], 20, PARAMS) == 20


@given(sieges(), st.integers(1, 20))
def test_B1_items_of_sybils_alone_fill_no_more_than_the_bound(siege: Siege, limit: int) -> None:
    """Whoever trusts whom, inside and across: the honest may have been fooled many times over."""
    world, sybils = siege.world, set(siege.sybils)
    view = world.view()
    honest = {act.key for act in world.acts if act.author not in sybils}
    spam = {act.key for act in world.acts} - honest
    found = listing(view, Request(limit, frozenset()), {}, PARAMS)
    taken = sum(entry.key in spam for entry in found.entries)
    assert taken <= positions_bound(view, sybils, limit, PARAMS) + SLACK


def test_the_law_has_teeth_an_open_list_is_all_spam() -> None:
    acts = listens([(0, 0), *((n, i) for n in range(3, 9) for i in (0, *range(10, 30)))])
    world = World(acts, trusting([(0, 1, 8), (1, 3, 8)]))
    found = listing(world.view(Mode.OPEN), Request(20, frozenset()), {}, PARAMS)
    assert {entry.key for entry in found.entries} == {item(n) for n in range(10, 30)}


def test_friends_whom_nobody_else_vouches_for_pay_together() -> None:
    """Ten friends alike, two fallen, each with Sybils of its own: kappa * 2 positions each."""
    ten = [(0, n, 8) for n in range(1, 11)]
    view = World([], trusting([*ten, (1, 30, 8), (2, 31, 8)])).view()
    assert positions_bound(view, [peer(30)], 20, PARAMS) == pytest.approx(2 * KAPPA)
    assert positions_bound(view, [peer(30), peer(31)], 20, PARAMS) == pytest.approx(4 * KAPPA)
    assert view.bound([peer(1), peer(2)], 20, PARAMS) == pytest.approx(4 * KAPPA)


def test_among_friends_only_a_sybil_who_is_none_takes_nothing() -> None:
    world = World(listens([(3, 0)]), trusting([(0, 1, 8), (1, 3, 8)]))
    view = world.view(Mode.FRIENDS)
    assert positions_bound(view, [peer(3)], 20, PARAMS) == 0
    assert positions_bound(view, [peer(1)], 20, PARAMS) == 20


@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.floats(0.1, 1),
    st.sampled_from([1.0, 0.75, 0.3]),
    st.integers(0, 2**32 - 1),
)
def test_the_bound_is_the_optimum_of_the_packing_problem(
    goods: int, payers: int, density: float, quorum: float, seed: int
) -> None:
    """Against scipy's solver; never below it, whatever rounding does."""
    rng = np.random.default_rng(seed)
    costs = rng.random((goods, payers)) * (rng.random((goods, payers)) < density)
    costs[np.arange(goods), rng.integers(payers, size=goods)] += 0.05
    costs /= costs.sum(axis=1, keepdims=True)
    budgets = np.maximum(1.0, 5 * rng.random(payers))
    found = packing_bound(costs, budgets, quorum)
    none, eye = np.zeros((payers, goods)), np.eye(payers)
    limits = np.vstack(
        (
            np.hstack((none, eye)),
            np.hstack((-costs.T / quorum, eye)),
            np.hstack((np.ones((1, goods)), -np.ones((1, payers)))),
        )
    )
    wanted = np.concatenate((-np.ones(goods), np.zeros(payers)))
    best = -linprog(wanted, A_ub=limits, b_ub=np.concatenate((budgets, np.zeros(payers + 1)))).fun
    assert best * (1 - 1e-9) <= found <= best * (1 + 1e-6)


def test_a_thousand_goods_that_cost_alike_are_solved_by_the_few_that_do_not() -> None:
    ends = np.array([[1.0, 0, 0], [0, 0.5, 0.5]])
    part = np.linspace(0, 1, 1_000)[:, None]
    budgets = np.array([2.0, 3.0, 1.0])
    mixed = part * ends[0] + (1 - part) * ends[1]
    assert packing_bound(mixed, budgets) == pytest.approx(2 + 1 / 0.5)
