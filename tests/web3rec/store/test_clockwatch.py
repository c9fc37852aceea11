"""A clock that was set erases nothing until it is believed again; a clock that runs always does."""

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.store.logs import (
    ANN,
    BOB,
    DAY_MS,
    ME,
    MIDNIGHT,
    HandClock,
    dead,
    live,
    record,
    rows,
    scratch,
)
from web3rec.clock import since_boot, system_clock
from web3rec.records import Kind, Signed
from web3rec.records.model import DAY, MAX_LIFETIME, MAX_SKEW
from web3rec.store import Log
from web3rec.store.clockwatch import STEADY, STEP, ClockWatch
from web3rec.types import Millis, Verdict

HOUR_S = 3_600


@dataclass
class Clocks:
    """A clock that can be set, and one that cannot; time passes on both."""

    wall: HandClock
    other: float = 1_000.0

    def monotonic(self) -> float:
        return self.other

    def pass_seconds(self, seconds: float) -> None:
        self.wall.now = Millis(self.wall.now + round(seconds * 1000))
        self.other += seconds

    def put(self, seconds: float) -> None:
        """Set the clock by so much."""
        self.wall.now = Millis(self.wall.now + round(seconds * 1000))


@pytest.fixture
def clocks() -> Clocks:
    return Clocks(HandClock())


def watch(clocks: Clocks, at_least: int = 0) -> ClockWatch:
    return ClockWatch(clocks.wall, clocks.monotonic, Millis(at_least))


def test_a_step_by_hand(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    """Set an hour ahead, it is doubted for an hour; then it is as right as any other."""
    caplog.set_level(logging.INFO, "web3rec.store.clockwatch")
    seen = watch(clocks)
    assert seen.is_steady()
    clocks.put(HOUR_S)
    assert not seen.is_steady()
    assert "set by +60 minutes" in caplog.text
    clocks.pass_seconds(STEADY - 1)
    assert not seen.is_steady()
    clocks.pass_seconds(1)
    assert seen.is_steady()
    assert caplog.messages[1:] == ["the clock is believed again; expiry goes on"]


def test_a_clock_that_is_set_back_right_is_believed_at_once(clocks: Clocks) -> None:
    seen = watch(clocks)
    clocks.put(40 * DAY)
    assert not seen.is_steady()
    clocks.pass_seconds(60)
    clocks.put(-40 * DAY)
    assert seen.is_steady()


def test_a_clock_that_is_set_again_and_again_is_not_believed(clocks: Clocks) -> None:
    seen = watch(clocks)
    for step in (400, 400, -2_000, 3_000):
        clocks.put(step)
        assert not seen.is_steady()
        clocks.pass_seconds(STEADY / 2)
        assert not seen.is_steady()
    clocks.pass_seconds(STEADY / 2)
    assert seen.is_steady()


def test_many_small_steps_are_one_large_one(clocks: Clocks) -> None:
    seen = watch(clocks)
    for _ in range(2):
        clocks.put(120)
        assert seen.is_steady()
    clocks.put(120)
    assert not seen.is_steady()


def test_a_clock_that_drifts_a_little_is_believed_for_ever(clocks: Clocks) -> None:
    """Ten seconds a day, asked once a day or every two weeks."""
    seen = watch(clocks)
    for days in [1] * 60 + [14] * 5:
        clocks.pass_seconds(days * DAY)
        clocks.put(10 * days)
        assert seen.is_steady()


def test_a_clock_that_shows_less_than_it_did_is_doubted_from_the_start(clocks: Clocks) -> None:
    shown = clocks.wall.now
    assert watch(clocks, shown).is_steady()
    clocks.put(-STEP - 1)
    seen = watch(clocks, shown)
    assert not seen.is_steady()
    clocks.put(STEP + 1)
    assert seen.is_steady()


def test_a_clock_without_another_beside_it_is_always_believed() -> None:
    wall = HandClock()
    seen = ClockWatch(wall, None, Millis(NOW + 10 * DAY_MS))
    wall.pass_days(-1_000)
    assert seen.is_steady()


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("pass"), st.integers(0, 3 * DAY)),
            st.tuples(st.just("put"), st.integers(-2 * DAY, 2 * DAY)),
        ),
        max_size=20,
    )
)
def test_the_rule_read_aloud(story: list[tuple[str, int]]) -> None:
    """A set clock is doubted, and an hour without a step is enough to be believed."""
    clocks = Clocks(HandClock())
    seen = watch(clocks)
    for what, seconds in story:
        steady = seen.is_steady()
        if what == "put":
            clocks.put(seconds)
            if steady and abs(seconds) > 2 * STEP:
                assert not seen.is_steady()
        else:
            clocks.pass_seconds(seconds)
            if seconds >= STEADY or steady:
                assert seen.is_steady()


def test_the_machines_own_other_clock_goes_on() -> None:
    first, second = since_boot(), since_boot()
    assert 0 < first <= second


# -- in the log ----------------------------------------------------------------------------------


def watched(path: Path, clocks: Clocks) -> Log:
    return Log(path, ME, clocks.wall, monotonic=clocks.monotonic, window=4)


def test_a_clock_set_ahead_by_mistake_erases_nothing(tmp_path: Path, clocks: Clocks) -> None:
    """The day is set to next year, for ten minutes: all is there when it is set right."""
    log = watched(tmp_path, clocks)
    log.ingest([one := record(ANN, 1)])
    clocks.put(365 * DAY)
    assert (log.expire(), log.clock_is_steady) == (0, False)
    assert log.interactions() == []  # it is not shown, either
    clocks.pass_seconds(600)
    clocks.put(-365 * DAY)
    assert (log.expire(), log.clock_is_steady) == (0, True)
    assert live(log) == {one.id}
    assert len(log.interactions()) == 1
    log.close()


def test_expiry_goes_on_once_the_clock_is_believed(tmp_path: Path, clocks: Clocks) -> None:
    log = watched(tmp_path, clocks)
    log.ingest([record(ANN, 1)])
    clocks.put(40 * DAY)
    assert log.expire() == 0
    clocks.pass_seconds(STEADY)
    assert log.expire() == 1
    log.close()


def test_time_that_passes_needs_no_confirmation(tmp_path: Path, clocks: Clocks) -> None:
    """Asleep for forty days, as both clocks say."""
    log = watched(tmp_path, clocks)
    log.ingest([record(ANN, 1)])
    clocks.pass_seconds(40 * DAY)
    assert log.expire() == 1
    log.close()


def test_a_clock_set_back_while_the_log_was_closed_is_doubted(
    tmp_path: Path, clocks: Clocks
) -> None:
    log = watched(tmp_path, clocks)
    log.ingest([record(ANN, 1), record(BOB, 1, lifetime=3 * DAY)])
    log.close()
    clocks.put(-2 * DAY)
    log = watched(tmp_path, clocks)
    assert not log.clock_is_steady
    log.close()


def test_only_the_machines_own_clock_is_watched_unasked(tmp_path: Path) -> None:
    hand = HandClock()
    log = Log(tmp_path / "hand", ME, hand)
    hand.pass_days(400)
    assert log.clock_is_steady
    log.close()
    log = Log(tmp_path / "machine", ME, system_clock)
    assert log.clock_is_steady
    assert log._watch._monotonic is since_boot
    log.close()


offers = [
    record(key, 1 + n, kind, t=MIDNIGHT + day * DAY, lifetime=days * DAY)
    for n, (key, kind, day, days) in enumerate(
        [
            (ANN, Kind.LIKE, 0, 1),
            (ANN, Kind.LIKE, 0, 30),
            (ANN, Kind.RETRACT, 0, 90),
            (ANN, Kind.LIKE, -20, 30),
            (ANN, Kind.LIKE, 1, 90),
            (ANN, Kind.RETRACT, 40, 90),
            (BOB, Kind.LIKE, 0, 90),
            (BOB, Kind.LIKE, 100, 2),
            (BOB, Kind.RETRACT, -60, 90),
        ]
    )
]
moves = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(-120 * DAY, 120 * DAY)),
        st.tuples(st.just("pass"), st.sampled_from([60, HOUR_S, DAY, 20 * DAY])),
        st.tuples(st.just("hear"), st.integers(0, len(offers) - 1)),
        st.just(("expire", 0)),
        st.just(("reopen", 0)),
        st.tuples(st.just("apportion"), st.integers(0, 4)),
    ),
    max_size=25,
)


def hear(log: Log, offer: Signed, now: Millis) -> None:
    judged = log.judge(offer.envelope)
    if judged.verdict is Verdict.ACCEPT:
        assert now - MAX_LIFETIME * 1000 <= offer.record.t * 1000 <= now + MAX_SKEW * 1000
        assert offer.record.x * 1000 > now
    log.ingest([judged.signed] if judged.signed else [])


@pytest.mark.slow
@given(moves)
def test_R4_R5_under_any_clock_schedule_with_steps_and_quotas(
    story: list[tuple[str, int]],
) -> None:
    """Nothing is taken out of its time, nothing erased while the clock is in doubt, and nothing
    that was dead, or erased because it was over, lives again.
    """
    clocks = Clocks(HandClock())
    over: set[bytes] = set()
    with scratch() as path:
        log = watched(path, clocks)
        for what, number in story:
            before = live(log) | dead(log)
            match what:
                case "put":
                    clocks.put(number)
                case "pass":
                    clocks.pass_seconds(number)
                case "hear":
                    hear(log, offers[number], clocks.wall.now)
                case "apportion":
                    log.apportion({ANN.peer: number} if number else {}, 1)
                case "expire":
                    log.expire()
                    gone = before - live(log) - dead(log)
                    assert log.clock_is_steady or not gone
                    over |= gone
                    if log.clock_is_steady:
                        ends = rows(log, "SELECT x FROM records")
                        assert all(x * 1000 > clocks.wall.now for (x,) in ends)
                case _:
                    log.close()
                    log = watched(path, clocks)
            over |= dead(log)
            assert not over & live(log)
        log.close()
