"""What the service does next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.day import Moment
from mobile.service.budget import ServiceParams
from mobile.service.turns import Round, Sight, Turn, turn

PARAMS = ServiceParams(round=300, interval=1_800)


def at(seconds: float, *, front: bool = False, why: str = "", budget: bool = True) -> Sight:
    moment = Moment(seconds, seconds)
    return Sight(now=moment, app_in_front=front, why_not=why, budget_left=budget)


def test_an_hour_in_the_background_by_hand() -> None:
    seen, last = [], None
    for seconds in range(0, 3_600, 100):
        now, last = turn(at(seconds), last, PARAMS)
        seen.append(now)
    work, rest = [Turn.WORK] * 3, [Turn.REST] * 15
    assert seen == work + rest + work + rest


def test_the_app_in_front_ends_a_round_and_the_next_background_begins_one() -> None:
    _work, last = turn(at(0), None, PARAMS)
    now, last = turn(at(10, front=True), last, PARAMS)
    assert (now, last) == (Turn.STAND_BY, None)
    assert turn(at(20), last, PARAMS)[0] is Turn.WORK


def test_a_network_that_may_not_be_used_pauses_a_round_and_does_not_lengthen_it() -> None:
    _work, last = turn(at(0), None, PARAMS)
    now, last = turn(at(100, why="airplane mode"), last, PARAMS)
    assert now is Turn.REST
    assert turn(at(299), last, PARAMS)[0] is Turn.WORK
    assert turn(at(300), last, PARAMS)[0] is Turn.REST


def test_a_round_that_broke_is_not_tried_again_before_its_time() -> None:
    broken = Round(Moment(0, 0), over=True)
    assert turn(at(10), broken, PARAMS)[0] is Turn.REST
    assert turn(at(1_800), broken, PARAMS)[0] is Turn.WORK


def test_a_round_over_does_not_last_while_the_network_is_forbidden() -> None:
    old = Round(Moment(0, 0), over=True)
    assert turn(at(1_800, why="no network"), old, PARAMS) == (Turn.REST, None)


@pytest.mark.parametrize("front", [False, True])
def test_told_to_end_or_switched_off_it_ends_whoever_is_in_front(front: bool) -> None:
    now = Moment(0, 0)
    assert turn(Sight(now, front, told_to_end=True), None, PARAMS)[0] is Turn.END
    assert turn(Sight(now, front, switched_on=False), None, PARAMS)[0] is Turn.END


ROUND = st.none() | st.builds(
    lambda began, over: Round(Moment(began, began), over), st.floats(0, 1e4), st.booleans()
)


@given(
    seconds=st.floats(0, 2e4),
    front=st.booleans(),
    why=st.sampled_from(["", "no network"]),
    budget=st.booleans(),
    last=ROUND,
)
def test_law_of_turns_it_works_only_alone_in_time_and_allowed(
    seconds: float, front: bool, why: str, budget: bool, last: Round | None
) -> None:
    now, after = turn(at(seconds, front=front, why=why, budget=budget), last, PARAMS)
    if now is Turn.WORK:
        assert not front
        assert not why
        assert budget
        assert after is not None
        assert not after.over
    if not front and not budget:
        assert now is Turn.END
