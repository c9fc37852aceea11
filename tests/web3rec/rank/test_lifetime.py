"""Lists and replies in turn: what a spammer can show in a lifetime, by the rule itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.worlds import peer
from web3rec.params import BudgetParams, EarnedParams
from web3rec.rank.budget import fill, hard_budget
from web3rec.rank.earned import Paid, lifetime_bound, merit, of_sponsors

FRIENDS = (peer(1), peer(2), peer(3))
SPAMMER, LISTS, LIMIT = 0, 40, 20
TRUST = np.array([0.4, 0.3, 0.3])
WIDE = BudgetParams(kappa=1.25, slack=20, alone_slack=20, pair_slack=20)


def paid_for_spam(
    mixes: list[float], liked: list[bool], budget: BudgetParams, numbers: EarnedParams
) -> tuple[float, float]:
    """-> (positions of spam, accepted positions) that the spammer paid for in all of the lists.

    Above in every list stand 30 spam items, of which the spammer's share is `mix` (the rest is put
    down to honest friends, who thereby pay for spam too); below them 30 honest items, in which the
    spammer joins by a tenth. The ego rejects all spam it sees, and honest items unless it likes
    them.
    """
    told: list[Paid] = []
    spam = earned = 0.0
    for mix, likes in zip(mixes, liked, strict=True):
        bad = np.tile([mix, (1 - mix) / 2, (1 - mix) / 2], (30, 1))
        good = np.tile([0.1, 0.45, 0.45], (30, 1))
        scores = np.linspace(2, 1, 60)
        standing = of_sponsors(merit(told, numbers), FRIENDS, numbers)
        found = fill(scores, np.r_[bad, good], TRUST, LIMIT, budget, standing)
        for item, parts in zip(found.taken, found.paid, strict=True):
            if item >= 30 and not likes:
                continue  # seen, and neither liked nor disliked
            told += [Paid(who, item >= 30, part) for who, part in zip(FRIENDS, parts, strict=True)]
            spam += parts[SPAMMER] * (item < 30)
            earned += parts[SPAMMER] * (item >= 30)
    return spam, earned


@pytest.mark.slow
@settings(max_examples=10)
@given(
    st.lists(st.sampled_from([1.0, 0.8, 0.5]), min_size=LISTS, max_size=LISTS),
    st.lists(st.booleans(), min_size=LISTS, max_size=LISTS),
    st.sampled_from([WIDE, BudgetParams()]),
    st.builds(EarnedParams, loss=st.sampled_from([0.1, 0.25, 0.5]), gain=st.sampled_from([0, 0.1])),
)
def test_B1_what_a_spammer_pays_for_in_a_lifetime_is_bounded(
    mixes: list[float], liked: list[bool], budget: BudgetParams, numbers: EarnedParams
) -> None:
    spam, earned = paid_for_spam(mixes, liked, budget, numbers)
    hard = float(hard_budget(TRUST, LIMIT, budget)[SPAMMER])
    assert spam <= lifetime_bound(hard, earned, numbers) + 1e-6


def test_without_replies_it_would_have_gone_on_in_every_list() -> None:
    """The bound is worth having: forty lists at full budget show far more than a lifetime may."""
    numbers = EarnedParams()
    spam, _ = paid_for_spam([1.0] * LISTS, [False] * LISTS, WIDE, numbers)
    hard = float(hard_budget(TRUST, LIMIT, WIDE)[SPAMMER])
    assert hard == pytest.approx(10)
    assert 0 < spam <= lifetime_bound(hard, 0, numbers) < 0.1 * LISTS * hard
