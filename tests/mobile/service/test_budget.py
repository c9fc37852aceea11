"""The service never runs longer than Android allows, however often it is killed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.day import DAY, Moment, fresh
from mobile.service.budget import ANDROIDS, FILE, Budget, ServiceParams, load, save, spent_today
from web3rec.errors import ParamError

PARAMS = ServiceParams(most=600, claim=60)
LOOK = 10.0
"""Seconds between two looks, by which a claim may be outrun; a kill may hide it once"""
NOW = Moment(1_700_000_000.0, 1_000.0)


def later(seconds: float) -> Moment:
    return Moment(NOW.wall + seconds, NOW.boot + seconds)


def test_claims_by_hand() -> None:
    first = Budget(fresh(NOW)).more(NOW, PARAMS)
    assert first is not None
    assert first.day.spent == first.stretch == 60
    assert first.covers(later(59), PARAMS)
    assert not first.covers(later(60), PARAMS)
    second = first.more(later(60), PARAMS)
    assert second is not None
    assert second.day.spent == 120
    back = second.returned(later(70), PARAMS)
    assert (back.day.spent, back.claimed, back.stretch) == (70, None, 0)


def test_what_ran_past_a_claim_is_counted() -> None:
    first = Budget(fresh(NOW)).more(NOW, PARAMS)
    assert first is not None
    second = first.more(later(69), PARAMS)
    assert second is not None
    assert second.day.spent == second.stretch == 69 + 60
    assert first.returned(later(69), PARAMS).day.spent == 69


def test_the_last_claim_is_the_one_that_fits() -> None:
    budget: Budget | None = Budget(fresh(NOW))
    claims = 0
    while budget is not None and (budget := budget.more(later(claims * 60), PARAMS)):
        claims += 1
    assert claims == 10


def test_a_stretch_ends_though_a_new_day_begins_within_it() -> None:
    almost_over = fresh(NOW).at(later(DAY - 120))
    budget: Budget | None = Budget(almost_over)
    claims = 0
    while budget is not None:
        budget = budget.more(later(DAY - 120 + claims * 60), PARAMS)
        claims += budget is not None
    assert claims == 10


STEP = st.tuples(st.floats(0, 400), st.sampled_from(["run", "kill", "front"]))


@given(steps=st.lists(STEP, max_size=60))
def test_law_of_budgets_no_kill_gives_time_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, str]]
) -> None:
    """What really ran in a day is at most the budget, killed or not, in front between or not."""
    store = tmp_path_factory.getbasetemp() / "budget"
    store.mkdir(exist_ok=True)
    (store / FILE).unlink(missing_ok=True)
    budget, at, ran, kills = load(store, NOW), 0.0, 0.0, 0
    for seconds, what in steps:
        if at + seconds >= DAY:
            break
        if what == "kill":
            budget, kills = load(store, later(at)), kills + 1
        elif what == "front":
            budget = budget.returned(later(at), PARAMS)
            save(store, budget)
        else:
            end = at + seconds
            while at < end:
                if not budget.covers(later(at), PARAMS):
                    more = budget.more(later(at), PARAMS)
                    if more is None:
                        break
                    save(store, more)
                    budget = more
                step = min(end - at, 10.0)
                at, ran = at + step, ran + step
            at = max(at, end)
            continue
        at += seconds
    assert ran <= PARAMS.most + LOOK * (kills + 1)


def test_it_is_told_in_words(tmp_path: Path) -> None:
    assert spent_today(tmp_path, NOW) == ""
    save(tmp_path, Budget(fresh(NOW).plus(720, NOW)))
    assert spent_today(tmp_path, NOW) == "ran 12 min today, 5 h 18 min left"
    assert spent_today(tmp_path, later(DAY)) == ""


def test_a_damaged_file_is_a_new_day(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert load(tmp_path, NOW) == Budget(fresh(NOW))


def test_the_default_stays_below_androids_six_hours() -> None:
    assert ServiceParams().most < ANDROIDS == 6 * 3600


@pytest.mark.parametrize(
    "wrong", [{"most": ANDROIDS}, {"most": 0}, {"claim": 0}, {"round": 301}, {"interval": 299}]
)
def test_a_wrong_length_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        ServiceParams(**wrong)
