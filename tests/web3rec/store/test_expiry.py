"""Time: what is over is neither kept, nor shown, nor welcome again, however the clock jumps."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.store.logs import (
    ANN,
    BOB,
    DAY_MS,
    FOLK,
    JAZZ,
    ME,
    MIDNIGHT,
    HandClock,
    act,
    dead,
    live,
    open_log,
    quarantined,
    record,
    rows,
    scratch,
)
from web3rec.records import Flaw, Kind, Signed
from web3rec.records.model import DAY, MAX_LIFETIME, MAX_SKEW
from web3rec.store import Log
from web3rec.types import Millis, Verdict


def arrive(log: Log, *records: Signed) -> int:
    """As the network does it: judge, then ingest what was accepted."""
    judged = [log.judge(one.envelope) for one in records]
    return log.ingest([j.signed for j in judged if j.signed])


def test_others_records_end_and_the_egos_stay(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.write_acts([act(JAZZ)])
    arrive(log, record(ANN, 1), record(ANN, 2, Kind.TRUST, BOB.peer))
    clock.pass_days(31)
    assert log.lapsed() == 2
    assert {row[0] for row in log.interactions()} == {ME.peer}  # reads do not wait for `expire`
    assert log.endorsements() == []
    assert log.expire() == 2
    assert (log.lapsed(), log.expire()) == (0, 0)
    assert {row[0] for row in log.interactions()} == {ME.peer}
    assert log.judge(record(ANN, 1).envelope).flaw is Flaw.EXPIRED
    log.close()


def test_what_expires_between_judging_and_keeping_is_left_out(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    late = record(ANN, 1, lifetime=DAY)
    signed = log.judge(late.envelope).signed
    assert signed is not None
    clock.pass_days(1)
    assert log.ingest([signed]) == 0
    assert live(log) == set()
    log.close()


def test_expired_records_are_neither_served_nor_counted(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=1)
    arrive(log, record(ANN, 1))
    clock.pass_days(31)
    assert log.since(0, 10).envelopes == ()
    assert log.digest()[0] == 0
    log.close()


def test_a_quarantine_ends_when_the_fork_expires(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    arrive(log, record(ANN, 1, lifetime=DAY), record(ANN, 1, item=FOLK), record(ANN, 2))
    assert quarantined(log) == {ANN.peer}
    clock.pass_days(2)
    log.expire()
    assert quarantined(log) == set()
    assert len(log.interactions()) == 2
    log.close()


def test_R5_a_retraction_outlives_what_it_covers(tmp_path: Path) -> None:
    """The like ends after 30 days, the retraction after 90; replays never find a gap."""
    clock = HandClock()
    log = open_log(tmp_path, clock)
    like, back = record(ANN, 1), record(ANN, 2, Kind.RETRACT)
    arrive(log, like, back)
    for _ in range(100):
        clock.pass_days(1)
        log.expire()
        arrive(log, like)
        assert like.id not in live(log)
    assert (live(log), dead(log)) == (set(), set())
    log.close()


@pytest.mark.parametrize("reopened", [False, True])
def test_R5_a_clock_that_jumps_ahead_and_back_revives_nothing(
    tmp_path: Path, *, reopened: bool
) -> None:
    """A year ahead everything is over, the tombstone of a retracted like too; then it is set right.

    What was there before the jump stays gone; what is made the next day is welcome.
    """
    clock = HandClock()
    log = open_log(tmp_path, clock)
    like, back, other = record(ANN, 1), record(ANN, 2, Kind.RETRACT), record(BOB, 1)
    arrive(log, like, back, other)
    clock.pass_days(365)
    log.expire()
    clock.now = NOW
    if reopened:
        log.close()
        log = open_log(tmp_path, clock)
    assert arrive(log, like, other) == 0
    assert log.ingest([like, other]) == 0
    assert log.judge(like.envelope).flaw is Flaw.EXPIRED
    clock.pass_days(1)
    assert arrive(log, record(BOB, 2, t=MIDNIGHT + DAY)) == 1
    log.close()


def test_a_full_history_is_not_slowed_by_the_floor_under_an_honest_clock(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    for day in range(60):
        assert arrive(log, record(ANN, day, t=MIDNIGHT + day * DAY, lifetime=5 * DAY)) == 1
        log.expire()
        clock.pass_days(1)
    assert len(live(log)) <= 6
    log.close()


moves = st.lists(
    st.one_of(
        st.tuples(st.just("clock"), st.integers(-120, 120)),
        st.tuples(st.just("hear"), st.integers(0, 11)),
        st.just(("expire", 0)),
        st.just(("reopen", 0)),
    ),
    max_size=25,
)
offers = [
    record(
        key,
        1 + n,
        kind,
        t=MIDNIGHT + day * DAY + (MAX_SKEW if skew else 0),
        lifetime=days * DAY,
    )
    for n, (key, kind, day, days, skew) in enumerate(
        [
            (ANN, Kind.LIKE, 0, 1, False),
            (ANN, Kind.LIKE, 0, 30, False),
            (ANN, Kind.RETRACT, 0, 90, False),
            (ANN, Kind.LIKE, -20, 30, False),
            (ANN, Kind.LIKE, 1, 90, False),
            (ANN, Kind.RETRACT, 40, 90, False),
            (BOB, Kind.LIKE, 0, 90, False),
            (BOB, Kind.LIKE, 100, 2, False),
            (BOB, Kind.LIKE, -100, 90, False),
            (BOB, Kind.RETRACT, -60, 90, False),
            (BOB, Kind.LIKE, 60, 30, True),
            (BOB, Kind.LIKE, 0, 1, True),
        ]
    )
]


@given(moves)
def test_R4_R5_under_any_clock_schedule(story: list[tuple[str, int]]) -> None:
    """Nothing is accepted out of its time, and nothing that was erased ever lives again."""
    clock = HandClock()
    over: set[bytes] = set()
    with scratch() as path:
        log = open_log(path, clock, window=4)
        for what, number in story:
            before = live(log) | dead(log)
            match what:
                case "clock":
                    clock.now = Millis(NOW + number * DAY_MS)
                case "hear":
                    offer = offers[number]
                    judged = log.judge(offer.envelope)
                    if judged.verdict is Verdict.ACCEPT:
                        assert offer.record.t * 1000 <= clock.now + MAX_SKEW * 1000
                        assert offer.record.t * 1000 >= clock.now - MAX_LIFETIME * 1000
                        assert offer.record.x * 1000 > clock.now
                    log.ingest([judged.signed] if judged.signed else [])
                case "expire":
                    log.expire()
                    over |= before - live(log) - dead(log)
                    assert all(x * 1000 > clock.now for (x,) in rows(log, "SELECT x FROM records"))
                case _:
                    log.close()
                    log = open_log(path, clock, window=4)
            assert not over & live(log)
            shown = log.interactions()
            now = clock.now // 1000
            assert all(t + MAX_LIFETIME > now for *_, t in shown)
        log.close()


def test_the_egos_own_times_are_never_later_than_now(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.write_acts([act(JAZZ)])
    clock.pass_days(-3)
    assert [row[5] for row in log.interactions()] == [clock.now // 1000]
    log.close()
