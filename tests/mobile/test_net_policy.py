"""The network is used only as allowed, and no clock opens or locks it for long."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.day import DAY, Moment, Ration, elapsed, fresh, heard, said
from mobile.net_policy import LONGEST_BURST, Conditions, Link, NetPolicy
from web3rec.errors import ParamError

NOON = Moment(1_700_000_000.0, 5_000.0)
HOME = Conditions("unmetered", charging=True)
LIMIT = 1_000.0


def later(moment: Moment, seconds: float, *, set_by: float = 0.0) -> Moment:
    """So many seconds later, the wall clock set by somebody on the way."""
    return Moment(moment.wall + seconds + set_by, moment.boot + seconds)


# -- the day ------------------------------------------------------------------------------------


def test_a_day_by_hand() -> None:
    day = fresh(NOON).plus(400, later(NOON, 3_600)).plus(100, later(NOON, 7_200))
    assert day == Ration(500, 7_200, later(NOON, 7_200))
    assert day.until_over(later(NOON, 7_200)) == DAY - 7_200
    assert day.at(later(NOON, DAY - 1)).spent == 500
    assert day.at(later(NOON, DAY)) == fresh(later(NOON, DAY))


@pytest.mark.parametrize("years", [-30, -1, 1, 30])
def test_setting_the_clock_neither_refills_nor_locks_a_day(years: int) -> None:
    jump = years * 365 * DAY
    spent = fresh(NOON).plus(LIMIT, NOON).at(later(NOON, 60, set_by=jump))
    assert spent.spent == LIMIT
    assert spent.at(later(NOON, DAY, set_by=jump)).spent == 0


def test_over_a_restart_the_wall_clock_counts_but_never_backwards() -> None:
    assert elapsed(NOON, Moment(NOON.wall + 7_200, 60)) == 7_200
    assert elapsed(NOON, Moment(NOON.wall - 10 * DAY, 60)) == 60
    spent = fresh(NOON).plus(LIMIT, NOON)
    assert spent.at(Moment(NOON.wall - 10 * DAY, 60)).spent == LIMIT
    assert spent.at(Moment(NOON.wall - 10 * DAY, 60)).at(Moment(0, DAY + 60)).spent == 0


JUMPS = st.sampled_from([-(10**9), -DAY, -1.0, 0.0, 1.0, DAY, 10.0**9])


@given(steps=st.lists(st.tuples(st.floats(0, DAY / 2), JUMPS, st.booleans()), max_size=40))
def test_law_of_rations_no_clock_change_gives_more_than_one_a_day(
    steps: list[tuple[float, float, bool]],
) -> None:
    """Whoever spends whatever is left at each look, whatever the clock says, gets one ration for
    each day begun, and one for each restart."""
    now, passed, restarts, total = NOON, 0.0, 0, LIMIT
    day = fresh(now).plus(LIMIT, now)
    for seconds, jump, restarted in steps:
        now, passed = later(now, seconds, set_by=jump), passed + seconds
        if restarted:
            now, restarts = Moment(now.wall, seconds / 2), restarts + 1
        left = LIMIT - day.at(now).spent
        day, total = day.plus(left, now), total + left
    assert total <= LIMIT * (1 + math.floor(passed / DAY + 1e-9) + restarts)


@given(jumps=st.lists(JUMPS, min_size=1, max_size=30))
def test_law_of_rations_a_day_ends_after_a_day_of_uptime(jumps: list[float]) -> None:
    now = Moment(NOON.wall, 10.0)
    day = fresh(NOON).plus(LIMIT, NOON).at(now)
    for jump in jumps:
        now = later(now, DAY / len(jumps) + 1e-3, set_by=jump)
        day = day.at(now)
    assert day.spent == 0


@given(spent=st.floats(0, 1e12), age=st.floats(0, DAY, exclude_max=True))
def test_a_ration_comes_back_from_its_file(spent: float, age: float) -> None:
    ration = Ration(spent, age, NOON)
    assert heard(json.loads(json.dumps(said(ration))), NOON) == ration


NAMES = st.sampled_from(["spent", "age", "wall", "boot", "else"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(said=st.dictionaries(NAMES, VALUES))
def test_no_file_locks_the_network_for_more_than_a_day(said: dict[str, object]) -> None:
    ration = heard(said, NOON)
    assert ration.spent >= 0
    assert 0 < ration.until_over(NOON) <= DAY
    assert ration.at(later(NOON, DAY)).spent == 0


# -- the policy ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "conditions", "used", "why"),
    [
        (NetPolicy(), HOME, 0, ""),
        (NetPolicy(on=False), HOME, 0, "switched off"),
        (NetPolicy(), Conditions("unmetered", airplane=True), 0, "airplane mode"),
        (NetPolicy(), Conditions(), 0, "no network"),
        (NetPolicy(), Conditions("metered"), 0, "on a metered network"),
        (NetPolicy(unmetered_only=False), Conditions("metered"), 0, ""),
        (NetPolicy(charging_only=True), Conditions("unmetered"), 0, "waiting for the charger"),
        (NetPolicy(charging_only=True), HOME, 0, ""),
        (NetPolicy(), HOME, 5e7 - 1, ""),
        (NetPolicy(), HOME, 5e7, "today's 50 MB are used up; again in 24 h"),
        (NetPolicy(max_bytes_day=10), HOME, 10, "today's 10 bytes are used up; again in 24 h"),
    ],
)
def test_the_verdict_in_words(
    policy: NetPolicy, conditions: Conditions, used: float, why: str
) -> None:
    assert policy.verdict(conditions, fresh(NOON).plus(used, NOON), NOON) == why


def test_a_used_up_day_says_when_it_ends() -> None:
    used = fresh(NOON).plus(5e7, NOON)
    assert NetPolicy().verdict(HOME, used, later(NOON, DAY - 7_200)).endswith("again in 2 h")
    soon = NetPolicy().verdict(HOME, used, later(NOON, DAY - 60))
    assert soon.endswith("again within the hour")
    assert NetPolicy().verdict(HOME, used, later(NOON, DAY)) == ""


LINKS: st.SearchStrategy[Link] = st.sampled_from(["none", "metered", "unmetered"])


@given(
    conditions=st.builds(Conditions, LINKS, charging=st.booleans(), airplane=st.booleans()),
    on=st.booleans(),
    unmetered=st.booleans(),
    charging=st.booleans(),
    used=st.floats(0, 100),
)
def test_law_of_policies_allowing_less_never_opens_the_network(
    conditions: Conditions, on: bool, unmetered: bool, charging: bool, used: float
) -> None:
    free = NetPolicy(unmetered_only=False, max_bytes_day=50)
    strict = NetPolicy(on=on, unmetered_only=unmetered, charging_only=charging, max_bytes_day=50)
    day = fresh(NOON).plus(used, NOON)
    if free.verdict(conditions, day, NOON):
        assert strict.verdict(conditions, day, NOON)


def test_bursts_by_hand() -> None:
    policy = NetPolicy(min_interval=900, burst=300)
    assert policy.may_begin(None, NOON)
    assert not policy.may_begin(NOON, later(NOON, 899, set_by=10**9))
    assert policy.may_begin(NOON, later(NOON, 900, set_by=-(10**9)))
    assert not policy.is_over(NOON, later(NOON, 299, set_by=10**9))
    assert policy.is_over(NOON, later(NOON, 300, set_by=-(10**9)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_bytes_day": 0},
        {"max_bytes_day": math.nan},
        {"max_bytes_day": True},
        {"burst": 0},
        {"burst": LONGEST_BURST + 1},
        {"burst": math.nan},
        {"min_interval": 299},
        {"min_interval": math.inf},
    ],
)
def test_a_wrong_policy_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        NetPolicy(**wrong)  # type: ignore[arg-type]  # on purpose
