"""Merit follows replies; lifetime spam stays within the bound that is proven in the docs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import peer
from web3rec.errors import ParamError
from web3rec.params import BudgetParams, EarnedParams
from web3rec.rank.budget import hard_budget
from web3rec.rank.earned import Paid, lifetime_bound, merit, of_sponsors
from web3rec.types import PeerId

ANN, BOB = peer(1), peer(2)
PARAMS = EarnedParams(gain=0.5, loss=0.5, most=2.0, muted=0.2)


def params() -> st.SearchStrategy[EarnedParams]:
    return st.builds(
        EarnedParams,
        gain=st.floats(0, 1),
        loss=st.floats(0.01, 0.9),
        most=st.floats(1, 10),
        muted=st.floats(0.001, 0.9),
    )


def replies() -> st.SearchStrategy[list[Paid]]:
    one = st.builds(Paid, st.sampled_from([ANN, BOB]), st.booleans(), st.floats(0, 1))
    return st.lists(one, max_size=40)


def test_a_case_by_hand() -> None:
    told = [Paid(ANN, True, 1.0), Paid(BOB, False, 1.0), Paid(ANN, False, 0.5), Paid(BOB, True, 0)]
    found = merit(told, PARAMS)
    assert found[ANN] == pytest.approx(1.5 * 0.5**0.5)
    assert found[BOB] == 0.5


def test_standing_cannot_be_banked_beyond_the_most() -> None:
    told = [Paid(ANN, True, 1.0)] * 50 + [Paid(ANN, False, 1.0)]
    assert merit(told, PARAMS)[ANN] == 1.0


def test_whoever_no_reply_names_keeps_its_share_and_pools_have_no_name() -> None:
    found = merit([Paid(ANN, False, 1.0)] * 3, PARAMS)
    assert of_sponsors(found, [ANN, BOB, None], PARAMS).tolist() == [0.0, 1.0, 1.0]


@given(replies(), params())
def test_standing_lies_between_nothing_and_the_most(
    told: list[Paid], numbers: EarnedParams
) -> None:
    assert all(0 < m <= numbers.most for m in merit(told, numbers).values())


@given(replies(), params())
def test_a_reply_on_one_friend_leaves_the_others_alone(
    told: list[Paid], numbers: EarnedParams
) -> None:
    alone = merit([paid for paid in told if paid.payer == ANN], numbers)
    assert alone.get(ANN) == merit(told, numbers).get(ANN)


@given(replies(), params(), st.sampled_from([ANN, BOB]), st.floats(0, 1))
def test_accepting_never_lowers_and_rejecting_never_raises(
    told: list[Paid], numbers: EarnedParams, payer: PeerId, part: float
) -> None:
    known = merit(told, numbers).get(payer, 1.0)
    up = merit([*told, Paid(payer, True, part)], numbers)[payer]
    down = merit([*told, Paid(payer, False, part)], numbers)[payer]
    assert down <= known <= up + 1e-12


@given(
    params(),
    st.floats(0.01, 1),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=200),
)
def test_B1_spam_of_a_lifetime_stays_within_the_bound_however_the_sponsor_times_it(
    numbers: EarnedParams, share: float, plan: list[tuple[float, float]]
) -> None:
    """A sponsor who may accept-farm and spam in any pattern; the ego judges each list it sees."""
    hard = float(hard_budget(np.array([share]), 20, BudgetParams())[0])
    told: list[Paid] = []
    spam = earned = 0.0
    for greed, charm in plan:
        budget = hard * of_sponsors(merit(told, numbers), [ANN], numbers)[0]
        good = charm * (1 - greed) * min(budget, 20)
        bad = greed * budget
        earned, spam = earned + good, spam + bad
        for part, accepted in ((good, True), (bad, False)):
            told += [Paid(ANN, accepted, 1.0)] * int(part) + [Paid(ANN, accepted, part % 1)]
        assert spam <= lifetime_bound(hard, earned, numbers) + 1e-6


def test_the_bound_is_reached_to_within_a_list() -> None:
    """Not vacuous: a sponsor that spends its whole budget gets at least half of the bound."""
    numbers, hard = EarnedParams(loss=0.05), 2.0
    told: list[Paid] = []
    while (m := of_sponsors(merit(told, numbers), [ANN], numbers)[0]) > 0:
        told += [Paid(ANN, False, 1.0)] * int(hard * m) + [Paid(ANN, False, hard * m % 1)]
    spent = sum(paid.part for paid in told)
    assert 0.5 * lifetime_bound(hard, 0, numbers) < spent <= lifetime_bound(hard, 0, numbers)


@pytest.mark.parametrize(
    "wrong",
    [{"gain": -0.1}, {"gain": 1.1}, {"loss": 0.0}, {"loss": 1.0}, {"most": 0.9}, {"most": 11.0},
     {"muted": 0.0}, {"muted": 1.0}, {"loss": float("nan")}],
    ids=str,
)  # fmt: skip
def test_numbers_out_of_range_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        EarnedParams(**wrong)
