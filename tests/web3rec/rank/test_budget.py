"""Sponsor budgets: by hand, laws B1 to B4 for any ranker, and the rule word for word as oracle."""

from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.web3rec.rank.test_corroboration import largest
from web3rec.eval.metrics import discount
from web3rec.params import BudgetParams
from web3rec.rank.budget import TOLERANCE, Filled, fill, hard_budget, odds, shares_of
from web3rec.types import Weights

Shares = npt.NDArray[np.float64]
BUDGET = BudgetParams()
NEAR = 1e-6
"""Sums of 20 roundings, and cubes and eighth powers of what is within `TOLERANCE` of its room."""
parameters = st.builds(
    BudgetParams,
    kappa=st.sampled_from([1.0, 1.5, 3.0]),
    slack=st.sampled_from([0.0, 0.3, 1.0]),
    alone=st.sampled_from([0.0, 0.3, 1.0]),
    alone_slack=st.sampled_from([0.0, 0.05, 1.0]),
    pair=st.sampled_from([0.0, 0.5, 2.0]),
    pair_slack=st.sampled_from([0.0, 0.1, 1.0]),
    quorum=st.sampled_from([0.3, 0.75, 1.0]),
)


def distributions(n: int) -> st.SearchStrategy[list[float]]:
    """n numbers >= 0 that sum to 1: spread out, or all on one."""
    spread = st.lists(st.floats(0, 1), min_size=n, max_size=n).filter(lambda xs: sum(xs) > 1e-3)
    alone = st.integers(0, n - 1).map(lambda at: [float(at == k) for k in range(n)])
    return st.one_of(spread, alone).map(lambda xs: [x / sum(xs) for x in xs])


class Ranking(NamedTuple):
    """Items in an order that any ranker, an attacker's too, could have chosen."""

    scores: Weights
    shares: Shares
    trust: Weights
    limit: int

    def filled(self, params: BudgetParams) -> Filled:
        return fill(self.scores, self.shares, self.trust, self.limit, params)


@st.composite
def rankings(draw: st.DrawFn, max_items: int = 24) -> Ranking:
    n = draw(st.integers(1, 5))
    trust = np.array(draw(distributions(n)))
    row = st.one_of(distributions(n), st.just([0.0] * n))
    rows = draw(st.lists(row, max_size=max_items))
    steps = draw(st.lists(st.floats(0.05, 1), min_size=len(rows), max_size=len(rows)))
    shares = np.array(rows, float).reshape(len(rows), n)
    return Ranking(np.cumprod(np.array(steps)), shares, trust, draw(st.integers(1, 20)))


def by_rank(shares: Shares, trust: Weights, limit: int, params: BudgetParams = BUDGET) -> Filled:
    """Scores of .9, .81, and so on."""
    scores: Weights = np.cumprod(np.full(len(shares), 0.9))
    return fill(scores, shares, trust, limit, params)


class Told(NamedTuple):
    taken: list[int]
    overruns: int
    closest: float
    """Least distance by which anything was decided: where it is rounding, so is the list"""


class Teller:
    """The rule, word for word: position after position, item after item, room after room."""

    def __init__(self, ranking: Ranking, params: BudgetParams) -> None:
        self.scores, self.shares, self.trust, self.limit = ranking
        self.params, self.closest = params, np.inf
        self.hard = [max(1.0, params.kappa * self.limit * t) for t in self.trust]
        self.pays: list[Weights] = []

    def told(self) -> Told:
        taken: list[int] = []
        overruns = 0
        while len(taken) < self.limit:
            left = [item for item in range(len(self.shares)) if item not in taken]
            found = self.best(left, self.rooms(), seated=True)
            if found is None:
                found = self.best(left, np.maximum(0, self.hard - self.used()), seated=False)
                overruns += found is not None
            if found is None:
                break
            taken.append(found[0])
            self.pays.append(found[1])
        return Told(taken, overruns, self.closest)

    def used(self) -> Weights:
        return np.array([sum(p[b] for p in self.pays) for b in range(len(self.trust))])

    def expected(self, rate: float, trust: float) -> float:
        others = float(self.trust.sum()) - trust
        odd = trust / others if others > TOLERANCE else np.inf
        return rate * (len(self.pays) + 1) * odd if rate else 0.0

    def rooms(self) -> Weights:
        rooms, used = [], self.used()
        for b, trust in enumerate(self.trust.tolist()):
            prefix = self.params.kappa * (len(self.pays) + 1) * trust + self.params.slack
            alone = self.expected(self.params.alone, trust) + self.params.alone_slack
            alone -= sum(p[b] ** 3 for p in self.pays)
            rooms.append(min(self.hard[b] - used[b], prefix - used[b], np.cbrt(alone), 1.0))
        return np.maximum(rooms, 0)

    def best(self, left: list[int], rooms: Weights, *, seated: bool) -> tuple[int, Weights] | None:
        found = []
        for item in left:
            value, part = self.worth(item, np.minimum(rooms, 1.0))
            if value > 0 and (not seated or self.seat(part)):
                found.append((value, item, part))
        found.sort(key=lambda one: (-one[0], one[1]))
        if len(found) > 1:
            self.closest = min(self.closest, 1 - found[1][0] / found[0][0])
        return found[0][1:] if found else None

    def worth(self, item: int, rooms: Weights) -> tuple[float, Weights]:
        share = self.shares[item]
        if not share.any():
            return float(self.scores[item]), share
        x = largest(share, rooms)
        self.closest = min(self.closest, abs(x - self.params.quorum))
        if x < self.params.quorum:
            return 0.0, share
        return float(self.scores[item]) * x, np.minimum(share, rooms * x) / x

    def seat(self, part: Weights) -> bool:
        for b, c in combinations(range(len(part)), 2):
            room = self.expected(self.params.pair, float(self.trust[b] + self.trust[c]))
            room += self.params.pair_slack - sum((p[b] + p[c]) ** 8 for p in self.pays)
            cost = float(part[b] + part[c]) ** 8
            self.closest = min(self.closest, abs(room - cost))
            if cost > room:
                return False
        return True


# -- by hand ----------------------------------------------------------------------------------


def test_two_friends_by_hand() -> None:
    """T = (1/2, 1/2), K = 4: odds 1, so each alone may stand behind .3 k + .05; hard 3 each.

    Items 0 of friend 0, 1 of both, 2 of friend 1, 3 of both. At k = 1 nobody has room for an item
    of its own (.35): item 1, of which each pays half, is 1/8 of it. So is item 3 at k = 2 (.525).
    At k = 3 only lone items are left, and .65 of one is not there yet: an overrun, by item 0. At
    k = 4 friend 1 has room for 1.25 - 2/8 = 1: item 2.
    """
    shares = np.array([[1, 0], [0.5, 0.5], [0, 1], [0.5, 0.5]], float)
    found = by_rank(shares, np.array([0.5, 0.5]), 4)
    assert found.taken.tolist() == [1, 3, 0, 2]
    assert found.overruns == 1
    np.testing.assert_allclose(found.used, np.array([2.0, 2.0]))
    np.testing.assert_allclose(found.least, 0.9**4)


def test_what_a_friend_has_no_room_for_is_not_counted_by_hand() -> None:
    """T = 1/4 each: alone k O + slack = .15 at k = 1, so nobody pays more than .15 ** (1/3) = .531.

    Of item 0 friend 0 says .6: the other .4 carry .4 / (1 - .531) = .853 of it. So it counts less
    than item 1, which scores .9 of it; and item 2, of which friend 0 says .7, counts .64: it waits.
    """
    shares = np.array([[0.6, 0.2, 0.2, 0], [0, 0.4, 0.3, 0.3], [0.7, 0.1, 0.1, 0.1]])
    found = by_rank(shares, np.full(4, 0.25), 1)
    assert found.taken.tolist() == [1]
    cut = by_rank(shares[[0, 2]], np.full(4, 0.25), 1)
    assert (cut.taken.tolist(), cut.overruns) == ([0], 0)
    room = 0.15 ** (1 / 3)
    np.testing.assert_allclose(cut.least, 0.9 * 0.4 / (1 - room))
    np.testing.assert_allclose(cut.paid[0], np.array([room, (1 - room) / 2, (1 - room) / 2, 0]))


def test_the_list_ends_where_the_hard_budget_does() -> None:
    """T = (1/10, 9/10), K = 10: friend 0 pays for 1.5 positions, and all that is left is its."""
    found = by_rank(np.array([[1.0, 0.0]] * 5), np.array([0.1, 0.9]), 10)
    assert found.taken.tolist() == [0]
    assert found.overruns == 1


def test_a_friend_can_always_pay_for_one_position() -> None:
    hard = hard_budget(np.array([0.001, 0.25, 0.749]), 20, BUDGET)
    np.testing.assert_allclose(hard, np.array([1, 7.5, 22.47]))


def test_odds_are_against_everyone_else() -> None:
    found = odds(np.array([0.2, 0.5, 1.0]), 1.0)
    np.testing.assert_allclose(found, np.array([0.25, 1, np.inf]))


def test_whom_alone_the_ego_trusts_fills_the_list() -> None:
    found = by_rank(np.ones((9, 1)), np.ones(1), 8)
    assert found.taken.tolist() == list(range(8))
    assert not found.overruns


def test_what_nobody_sponsors_is_not_bounded() -> None:
    found = by_rank(np.zeros((5, 2)), np.array([0.5, 0.5]), 4)
    assert found.taken.tolist() == [0, 1, 2, 3]
    assert not found.overruns
    assert by_rank(np.zeros((5, 0)), np.zeros(0), 4).taken.tolist() == [0, 1, 2, 3]


def test_whole_numbers_will_do() -> None:
    whole = BudgetParams(kappa=2, slack=1, alone=1, alone_slack=1, pair=1, pair_slack=1, quorum=1)
    same = BudgetParams(
        kappa=2.0, slack=1.0, alone=1.0, alone_slack=1.0, pair=1.0, pair_slack=1.0, quorum=1.0
    )
    shares = np.array([[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]])
    found = by_rank(shares, np.array([0.4, 0.6]), 2, whole)
    assert found.taken.tolist() == by_rank(shares, np.array([0.4, 0.6]), 2, same).taken.tolist()


def test_no_candidates_no_list() -> None:
    found = by_rank(np.zeros((0, 2)), np.array([0.5, 0.5]), 4)
    assert found.taken.size == 0
    assert found.used.tolist() == [0, 0]
    assert found.least == np.inf


def test_shares_are_parts_of_what_arrived() -> None:
    found = shares_of(np.array([[1.0, 3.0], [0.0, 0.0], [0.0, 5e-324]]))
    assert found.tolist() == [[0.25, 0.75], [0, 0], [0, 1]]


# -- laws -------------------------------------------------------------------------------------


def behind(shares: Shares, friends: list[int]) -> npt.NDArray[np.bool_]:
    """bool[c]: the items that these friends alone support."""
    others = np.delete(shares, friends, axis=1).sum(axis=1)
    alone: npt.NDArray[np.bool_] = (others == 0) & (shares.sum(axis=1) > 0)
    return alone


@given(rankings(), parameters, st.data())
def test_B1_items_of_a_few_friends_fill_no_more_than_these_can_pay(
    ranking: Ranking, params: BudgetParams, data: st.DataObject
) -> None:
    trust = ranking.trust
    bad = sorted(data.draw(st.sets(st.integers(0, len(trust) - 1), min_size=1)))
    found = ranking.filled(params)
    theirs = behind(ranking.shares[found.taken], bad)
    assert theirs.sum() <= np.maximum(1, params.kappa * ranking.limit * trust[bad]).sum() + NEAR


@given(rankings(), parameters)
def test_B2_no_prefix_costs_a_sponsor_more_than_its_budget(
    ranking: Ranking, params: BudgetParams
) -> None:
    """But for overruns, each of which costs one position."""
    found = ranking.filled(params)
    k = np.arange(1, found.taken.size + 1)[:, None]
    most = params.kappa * k * ranking.trust + params.slack + found.overruns
    assert (found.paid.cumsum(axis=0) <= most + NEAR).all()


@given(rankings(), parameters, st.data())
def test_B3_items_that_one_or_two_alone_support_stay_few_in_every_prefix(
    ranking: Ranking, params: BudgetParams, data: st.DataObject
) -> None:
    """Each of them costs one position of the room of one, or of these two."""
    sponsors = st.integers(0, len(ranking.trust) - 1)
    bad = sorted(data.draw(st.sets(sponsors, min_size=1, max_size=2)))
    rate, slack = (
        (params.alone, params.alone_slack) if len(bad) == 1 else (params.pair, params.pair_slack)
    )
    expected = odds(np.array([ranking.trust[bad].sum()]), float(ranking.trust.sum()))[0]
    found = ranking.filled(params)
    theirs = behind(ranking.shares[found.taken], bad).cumsum()
    for k, count in enumerate(theirs, start=1):
        room = rate * k * expected if rate else 0.0
        assert count <= room + slack + found.overruns + NEAR


@given(rankings(), parameters)
def test_B4_the_attention_that_one_friend_alone_can_buy_is_bounded(
    ranking: Ranking, params: BudgetParams
) -> None:
    """Summed by parts: of any first k, at most min(k, alone k O + slack) are its, and the weights
    of positions fall, so exposure is at most the same sum with those counts.
    """
    found = ranking.filled(params)
    assume(found.taken.size and not found.overruns)
    weight = discount(found.taken.size)
    falls = weight - np.append(weight[1:], 0.0)
    k = np.arange(1, weight.size + 1)
    for b, expected in enumerate(odds(ranking.trust, float(ranking.trust.sum()))):
        rate = params.alone * expected if params.alone else 0.0
        most = np.minimum(k, rate * k + params.alone_slack)
        theirs = behind(ranking.shares[found.taken], [b])
        assert weight[theirs].sum() <= falls @ most + NEAR


@given(rankings(), parameters)
def test_the_hard_budget_is_never_exceeded(ranking: Ranking, params: BudgetParams) -> None:
    found = ranking.filled(params)
    assert (found.used <= hard_budget(ranking.trust, ranking.limit, params) + NEAR).all()
    np.testing.assert_allclose(found.used, found.paid.sum(axis=0), atol=1e-12)
    assert len(found.taken) <= ranking.limit
    assert len(set(found.taken.tolist())) == len(found.taken)


@given(rankings(), parameters)
def test_whoever_pays_supports_and_no_more_than_the_quorum_lets_it(
    ranking: Ranking, params: BudgetParams
) -> None:
    found = ranking.filled(params)
    shares = ranking.shares[found.taken]
    assert (found.paid <= shares / params.quorum + NEAR).all()
    np.testing.assert_allclose(found.paid.sum(axis=1), shares.sum(axis=1), atol=1e-9)


@given(rankings(max_items=9), parameters)
def test_it_is_the_rule_word_for_word(ranking: Ranking, params: BudgetParams) -> None:
    """Wherever it is not rounding that decides."""
    found, expected = ranking.filled(params), Teller(ranking, params).told()
    if found.taken.tolist() != expected.taken or found.overruns != expected.overruns:
        assume(expected.closest > NEAR)
    assert found.taken.tolist() == expected.taken
    assert found.overruns == expected.overruns


@given(rankings(), st.integers(1, 4), st.sampled_from([0.3, 0.75]))
def test_what_scores_less_than_the_least_taken_has_no_say(
    ranking: Ranking, limit: int, quorum: float
) -> None:
    """So a list can be made of few candidates, and be that of all."""
    params = BudgetParams(alone=0.5, alone_slack=0.3, pair=2.0, pair_slack=1.0, quorum=quorum)
    ranking = ranking._replace(limit=limit)
    found = ranking.filled(params)
    assume(not found.overruns and len(found.taken) == limit)
    kept = int((ranking.scores >= found.least).sum())
    fewer = ranking._replace(scores=ranking.scores[:kept], shares=ranking.shares[:kept])
    assert fewer.filled(params).taken.tolist() == found.taken.tolist()


@given(rankings(), st.data())
def test_zero_share_items_always_fit(ranking: Ranking, data: st.DataObject) -> None:
    """As many of them as there are positions fill the list, whatever stands around them."""
    mixed = np.vstack([ranking.shares, np.zeros((ranking.limit, len(ranking.trust)))])
    order = data.draw(st.permutations(range(len(mixed))))
    assert len(by_rank(mixed[order], ranking.trust, ranking.limit).taken) == ranking.limit


@given(rankings(), parameters, st.data())
def test_B1_a_pool_of_friends_pays_as_one(
    ranking: Ranking, params: BudgetParams, data: st.DataObject
) -> None:
    """Pooling sums columns of shares and of T: the pool's budget is never more than theirs."""
    shares, trust = ranking.shares, ranking.trust
    assume(len(trust) > 1)
    kept = data.draw(st.integers(0, len(trust) - 1))
    pooled = np.column_stack([shares[:, :kept], shares[:, kept:].sum(axis=1)])
    summed = np.append(trust[:kept], trust[kept:].sum())
    found = ranking._replace(shares=pooled, trust=summed).filled(params)
    budget = max(1.0, params.kappa * ranking.limit * summed[-1])
    assert found.used[-1] <= budget + NEAR
    assert budget <= hard_budget(trust[kept:], ranking.limit, params).sum() + 1e-9


@pytest.mark.parametrize("n_spam", [1, 20, 400, 5_000])
@pytest.mark.parametrize("loud", [1.0, 1e9])
def test_B1_does_not_depend_on_how_much_is_pushed_or_how_loudly(n_spam: int, loud: float) -> None:
    """Every spam item ranks above every honest one; one friend of eight let them in.

    It alone may stand behind .3 * 20 / 7 + .05 = .91 positions: none, and the list is full.
    """
    trust = np.full(8, 1 / 8)
    spam = np.tile(np.eye(8)[0], (n_spam, 1))
    honest = np.tile(np.r_[0, np.full(7, 1 / 7)], (40, 1))
    scores = np.append(loud * np.ones(n_spam), np.linspace(1, 0.5, 40))
    found = fill(scores, np.vstack([spam, honest]), trust, 20, BUDGET)
    assert (found.taken < n_spam).sum() == 0
    assert len(found.taken) == 20
    assert not found.overruns
    two = fill(scores, np.vstack([spam, honest]), trust, 20, replace(BUDGET, alone=0.7))
    assert (two.taken < n_spam).sum() == min(n_spam, int(0.7 * 20 / 7 + 0.05))
