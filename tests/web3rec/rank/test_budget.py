"""Sponsor budgets: by hand, laws B1 and B2 for any ranker, and an obvious greedy as oracle."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from web3rec.params import BudgetParams
from web3rec.rank.budget import TOLERANCE, Filled, fill, hard_budget, shares_of
from web3rec.types import Weights

Shares = npt.NDArray[np.float64]
BUDGET = BudgetParams()
parameters = st.builds(
    BudgetParams, kappa=st.sampled_from([1.0, 1.25, 2.0]), slack=st.sampled_from([0.0, 0.3, 1.0])
)


def distributions(n: int) -> st.SearchStrategy[list[float]]:
    """n numbers >= 0 that sum to 1: spread out, or all on one."""
    spread = st.lists(st.floats(0, 1), min_size=n, max_size=n).filter(lambda xs: sum(xs) > 1e-3)
    alone = st.integers(0, n - 1).map(lambda at: [float(at == k) for k in range(n)])
    return st.one_of(spread, alone).map(lambda xs: [x / sum(xs) for x in xs])


@st.composite
def rankings(draw: st.DrawFn, max_items: int = 24) -> tuple[Shares, Weights, int]:
    """Shares of items in an order that any ranker, an attacker's too, could have chosen; T; K."""
    n = draw(st.integers(1, 5))
    trust = np.array(draw(distributions(n)))
    row = st.one_of(distributions(n), st.just([0.0] * n))
    rows = draw(st.lists(row, max_size=max_items))
    return np.array(rows, float).reshape(len(rows), n), trust, draw(st.integers(1, 20))


def greedy(
    shares: Shares, trust: Weights, limit: int, params: BudgetParams
) -> tuple[list[int], int]:
    """The rule, word for word: position after position, item after item."""
    used, left, overruns = [0.0] * len(trust), list(range(len(shares))), 0
    taken: list[int] = []
    hard = [max(1.0, params.kappa * limit * t) for t in trust]
    while len(taken) < limit:
        k = len(taken) + 1
        legal, best = [], None
        for item in left:
            paid = [u + share for u, share in zip(used, shares[item], strict=True)]
            if any(p > h + TOLERANCE for p, h in zip(paid, hard, strict=True)):
                continue
            legal.append(item)
            prefix = [
                min(h, params.kappa * k * t + params.slack)
                for h, t in zip(hard, trust, strict=True)
            ]
            over = max(p - b for p, b in zip(paid, prefix, strict=True))
            if over <= TOLERANCE:
                best = item
                break
        if best is None:
            if not legal:
                break
            overruns += 1
            over_by = [overrun(used, shares[item], hard, trust, k, params) for item in legal]
            least = min(over_by) + TOLERANCE
            best = next(item for item, by in zip(legal, over_by, strict=True) if by <= least)
        used = [u + share for u, share in zip(used, shares[best], strict=True)]
        taken.append(best)
        left.remove(best)
    return taken, overruns


def overrun(
    used: list[float],
    share: Weights,
    hard: list[float],
    trust: Weights,
    k: int,
    params: BudgetParams,
) -> float:
    return max(
        float(u + s - min(h, params.kappa * k * t + params.slack))
        for u, s, h, t in zip(used, share, hard, trust, strict=True)
    )


# -- by hand ----------------------------------------------------------------------------------


def test_two_friends_take_turns_by_hand() -> None:
    """T = (1/2, 1/2), K = 4: hard 2.5 each; the prefix allows .625 k + .3 = .925 at k = 1.

    Items 0 to 3 are all of friend 0, items 4 and 5 all of friend 1. Nobody may pay for a whole
    first position: the least overrun is item 0. At k = 2 (1.55) friend 0 would be at 2: item 4.
    At k = 3 (2.175) both could pay a second: item 1. At k = 4 (2.5): friend 0 at 3, no: item 5.
    """
    shares = np.array([[1, 0]] * 4 + [[0, 1]] * 2, float)
    found = fill(shares, np.array([0.5, 0.5]), 4, BUDGET)
    assert found.taken.tolist() == [0, 4, 1, 5]
    assert found.overruns == 1
    assert found.used.tolist() == [2, 2]


def test_the_list_ends_where_the_hard_budget_does() -> None:
    """T = (1/10, 9/10), K = 10: friend 0 pays for 1.25 positions, and all that is left is its."""
    found = fill(np.array([[1.0, 0.0]] * 5), np.array([0.1, 0.9]), 10, BUDGET)
    assert found.taken.tolist() == [0]
    assert found.overruns == 1


def test_a_friend_can_always_pay_for_one_position() -> None:
    hard = hard_budget(np.array([0.001, 0.25, 0.749]), 20, BUDGET)
    np.testing.assert_allclose(hard, [1, 6.25, 18.725])


def test_what_nobody_sponsors_is_not_bounded() -> None:
    found = fill(np.zeros((5, 2)), np.array([0.5, 0.5]), 4, BUDGET)
    assert found.taken.tolist() == [0, 1, 2, 3]
    assert not found.overruns
    assert fill(np.zeros((5, 0)), np.zeros(0), 4, BUDGET).taken.tolist() == [0, 1, 2, 3]


def test_no_candidates_no_list() -> None:
    found = fill(np.zeros((0, 2)), np.array([0.5, 0.5]), 4, BUDGET)
    assert found.taken.size == 0
    assert found.used.tolist() == [0, 0]


def test_shares_are_parts_of_what_arrived() -> None:
    found = shares_of(np.array([[1.0, 3.0], [0.0, 0.0], [0.0, 5e-324]]))
    assert found.tolist() == [[0.25, 0.75], [0, 0], [0, 1]]


def test_of_equal_overruns_the_better_ranked_is_taken() -> None:
    """The same shares but for the last bit, the second's a little less: rank decides, not noise."""
    shares = np.array([[0.7, 0.3], [np.nextafter(0.7, 0), 0.3]])
    found = fill(shares, np.array([0.2, 0.8]), 2, BudgetParams(slack=0.0))
    assert found.taken[0] == 0
    assert found.overruns > 0


# -- laws -------------------------------------------------------------------------------------


@given(rankings(), parameters, st.data())
def test_B1_items_of_a_few_friends_fill_no_more_than_these_can_pay(
    ranking: tuple[Shares, Weights, int], params: BudgetParams, data: st.DataObject
) -> None:
    shares, trust, limit = ranking
    bad = sorted(data.draw(st.sets(st.integers(0, len(trust) - 1), min_size=1)))
    found = fill(shares, trust, limit, params)
    total = shares[found.taken]
    theirs = (total.sum(axis=1) > 0) & (total[:, bad].sum(axis=1) >= total.sum(axis=1) - 1e-12)
    bound = np.maximum(1, params.kappa * limit * trust[bad]).sum()
    assert theirs.sum() <= bound + len(bad) * TOLERANCE + 1e-9


@given(rankings(), parameters)
def test_B2_no_prefix_without_overrun_holds_more_than_its_budget(
    ranking: tuple[Shares, Weights, int], params: BudgetParams
) -> None:
    """Wherever this position needed no overrun: before it there may have been some."""
    shares, trust, limit = ranking
    used, overruns = np.zeros(len(trust)), 0
    found = fill(shares, trust, limit, params)
    for k, at in enumerate(found.taken, start=1):
        used += shares[at]
        within = used <= params.kappa * k * trust + params.slack + 2 * TOLERANCE
        overruns += not within.all()
    assert overruns <= found.overruns
    if not found.overruns:
        assert overruns == 0


@given(rankings(), parameters)
def test_the_hard_budget_is_never_exceeded(
    ranking: tuple[Shares, Weights, int], params: BudgetParams
) -> None:
    shares, trust, limit = ranking
    found = fill(shares, trust, limit, params)
    assert (found.used <= hard_budget(trust, limit, params) + TOLERANCE).all()
    np.testing.assert_allclose(found.used, shares[found.taken].sum(axis=0), atol=1e-12)
    assert len(found.taken) <= limit
    assert len(set(found.taken.tolist())) == len(found.taken)


@given(rankings(), parameters)
def test_it_is_the_obvious_greedy(
    ranking: tuple[Shares, Weights, int], params: BudgetParams
) -> None:
    """Where rounding decides (two least overruns that tie), any of the tied may come first."""
    shares, trust, limit = ranking
    found = fill(shares, trust, limit, params)
    taken, overruns = greedy(shares, trust, limit, params)
    if taken != found.taken.tolist():
        assume(not ties(shares, trust, limit, params, found))
    assert found.taken.tolist() == taken
    assert found.overruns == overruns


def ties(shares: Shares, trust: Weights, limit: int, params: BudgetParams, found: Filled) -> bool:
    """Did some position have two overruns, or an overrun and a budget, within rounding?"""
    hard = hard_budget(trust, limit, params)
    used, left = np.zeros(len(trust)), set(range(len(shares)))
    for k, at in enumerate(found.taken, start=1):
        prefix = np.minimum(hard, params.kappa * k * trust + params.slack)
        over = np.sort([(used + shares[i] - prefix).max() for i in left])
        slack = [(used + shares[i] - hard).max() for i in left]
        if (np.diff(over) < 1e-8).any() or np.isclose([*over, *slack], TOLERANCE, atol=1e-8).any():
            return True
        used = used + shares[at]
        left.discard(int(at))
    return False


@given(rankings(), st.data())
def test_zero_share_items_always_fit(
    ranking: tuple[Shares, Weights, int], data: st.DataObject
) -> None:
    """As many of them as there are positions fill the list, whatever stands around them."""
    shares, trust, limit = ranking
    mixed = np.vstack([shares, np.zeros((limit, len(trust)))])
    order = data.draw(st.permutations(range(len(mixed))))
    assert len(fill(mixed[order], trust, limit, BUDGET).taken) == limit


@given(rankings(), parameters, st.data())
def test_B1_a_pool_of_friends_pays_as_one(
    ranking: tuple[Shares, Weights, int], params: BudgetParams, data: st.DataObject
) -> None:
    """Pooling sums columns of shares and of T: the pool's budget is never more than theirs."""
    shares, trust, limit = ranking
    assume(len(trust) > 1)
    kept = data.draw(st.integers(0, len(trust) - 1))
    pooled = np.column_stack([shares[:, :kept], shares[:, kept:].sum(axis=1)])
    summed = np.append(trust[:kept], trust[kept:].sum())
    found = fill(pooled, summed, limit, params)
    of_pool = pooled[found.taken][:, -1]
    budget = max(1.0, params.kappa * limit * summed[-1])
    assert of_pool.sum() <= budget + TOLERANCE + 1e-12
    assert budget <= hard_budget(trust[kept:], limit, params).sum() + 1e-9


@pytest.mark.parametrize("n_spam", [1, 20, 400, 5_000])
def test_B1_does_not_depend_on_how_much_is_pushed(n_spam: int) -> None:
    """Every spam item ranks above every honest one; one friend of eight let them in."""
    trust = np.full(8, 1 / 8)
    spam = np.tile(np.eye(8)[0], (n_spam, 1))
    honest = np.tile(np.r_[0, np.full(7, 1 / 7)], (40, 1))
    found = fill(np.vstack([spam, honest]), trust, 20, BUDGET)
    slots = (found.taken < n_spam).sum()
    assert slots <= 20 * 1.25 / 8
    assert len(found.taken) == 20
