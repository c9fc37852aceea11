"""Budgets follow what each sponsor earned: its rooms are multiplied by its merit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank.test_budget import NEAR, Ranking, parameters, rankings
from web3rec.params import BudgetParams
from web3rec.rank.budget import fill, hard_budget


@given(rankings(), parameters, st.data())
def test_B1_nobody_pays_more_than_its_merit_allows(
    ranking: Ranking, params: BudgetParams, data: st.DataObject
) -> None:
    n = len(ranking.trust)
    merit = np.array(data.draw(st.lists(st.sampled_from([0, 0.3, 1, 1.5]), min_size=n, max_size=n)))
    found = fill(ranking.scores, ranking.shares, ranking.trust, ranking.limit, params, merit)
    hard = hard_budget(ranking.trust, ranking.limit, params)
    assert (found.used <= merit * hard + NEAR).all()


@given(rankings(), parameters)
def test_merit_of_one_changes_nothing(ranking: Ranking, params: BudgetParams) -> None:
    plain = ranking.filled(params)
    ones = np.ones(len(ranking.trust))
    found = fill(ranking.scores, ranking.shares, ranking.trust, ranking.limit, params, ones)
    assert found.taken.tolist() == plain.taken.tolist()
    assert found.overruns == plain.overruns


def test_who_earned_nothing_pays_for_nothing_by_hand() -> None:
    """Of two friends with an item each the second is muted; a third item is three quarters ours."""
    shares = np.array([[0.0, 1.0], [1.0, 0.0], [0.75, 0.25], [0.7, 0.3]])
    scores = np.array([4.0, 3.0, 2.0, 1.0])
    params = BudgetParams(kappa=10, slack=20, alone_slack=20, pair_slack=20, quorum=0.75)
    found = fill(scores, shares, np.array([0.5, 0.5]), 4, params, np.array([1.0, 0.0]))
    assert found.taken.tolist() == [1, 2]
    assert found.used.tolist() == [2.0, 0.0]
