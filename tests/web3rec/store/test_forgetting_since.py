"""Forgetting a span of time: what is earlier stays, and reaches others behind the retraction."""

from pathlib import Path

import pytest

from tests.strategies import NOW
from tests.web3rec.store.logs import (
    ANN,
    DAY_MS,
    FOLK,
    JAZZ,
    ROCK,
    HandClock,
    act,
    heard,
    open_log,
    peer_log,
    rows,
)
from web3rec.records import Kind
from web3rec.store import key_of
from web3rec.store.ladder import NEVER
from web3rec.store.own import told
from web3rec.store.receipt import LATELY
from web3rec.types import Event, Millis

# -- a span of time -------------------------------------------------------------------------------


def test_since_takes_what_is_later_and_keeps_what_is_earlier(tmp_path: Path) -> None:
    """Jazz was liked yesterday and today, folk today, rock yesterday; only trust outlasts all."""
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    yesterday = NOW - DAY_MS
    log.write_acts([act(JAZZ, at=yesterday), act(ROCK, at=yesterday)])
    log.write_acts([act(JAZZ), act(FOLK), act(FOLK, Event.SKIP), act(ROCK, Event.VIEW, at=5)])
    log.write_trust(ANN.peer, 8, "Ann")
    log.release()
    heard(log, other)
    receipt = log.forget_since(Millis(NOW))
    assert receipt.removed == {"records": 2, "feedback": 1, "payments": 0, "items": 1}
    assert receipt.retractions == 2
    assert [(item, at) for item, _, _, at in log.history()] == [
        (ROCK, 5), (JAZZ, yesterday), (ROCK, yesterday),
    ]  # fmt: skip
    assert log.names() == {ANN.peer: "Ann"}
    sent = [told(envelope) for envelope in log.release()]
    assert [one.kind for one in sent] == [Kind.RETRACT, Kind.RETRACT, Kind.LIKE]
    heard(log, other)
    assert {row[2] for row in other.interactions()} == {key_of(JAZZ), key_of(ROCK)}
    assert len(other.endorsements()) == 1
    log.close()
    other.close()


def test_since_on_one_item_takes_one_act_back_and_nothing_else(tmp_path: Path) -> None:
    """Jazz was liked yesterday and now, folk and a skip of rock now: only the like of now goes."""
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    log.write_acts([act(JAZZ, at=NOW - DAY_MS), act(FOLK), act(ROCK, Event.SKIP)])
    log.write_acts([act(JAZZ), act(JAZZ, Event.VIEW)])
    log.release()
    heard(log, other)
    receipt = log.forget_since(Millis(NOW), key_of(JAZZ))
    assert receipt.wish == LATELY
    assert receipt.removed == {"records": 1, "feedback": 1, "payments": 0, "items": 0}
    assert receipt.retractions == 1
    assert [(item, at) for item, _, _, at in log.history()] == [
        (JAZZ, NOW - DAY_MS), (FOLK, NOW), (ROCK, NOW),
    ]  # fmt: skip
    sent = [told(envelope) for envelope in log.release()]
    assert [one.kind for one in sent] == [Kind.RETRACT, Kind.LIKE]
    heard(log, other)
    assert {row[2] for row in other.interactions()} == {key_of(JAZZ), key_of(FOLK)}
    gone = log.forget_since(Millis(NOW), key_of(ROCK))
    assert gone.removed == {"records": 0, "feedback": 1, "payments": 0, "items": 1}
    assert gone.retractions == 0
    log.close()
    other.close()


@pytest.mark.parametrize(("level", "later"), [(1, 3), (3, 1), (3, 3), (2, 0), (0, 1)])
def test_what_is_written_anew_says_what_it_said_at_its_own_level(
    tmp_path: Path, level: int, later: int
) -> None:
    """Only the sequence may change: not the time, not the form, not the level, not the delay.

    What can never leave is not even written anew, for no retraction covers it.
    """
    clock = HandClock()
    log = open_log(tmp_path, clock, level=level)
    log.write_acts([act(JAZZ), act(JAZZ, Event.PLAY, weight=3)])
    log.release()
    clock.pass_days(20)
    log.level = max(level, 1)
    log.write_acts([act(JAZZ, at=clock.now)])
    log.release()
    log.level = later
    said = (
        "SELECT envelope, touched, level, due FROM records WHERE kind != 'retract' "
        "ORDER BY touched, n"
    )
    before = rows(log, said)[:2]
    log.forget_since(Millis(clock.now))
    after = rows(log, said)
    assert len(after) == 2
    for (old, *rest), (new, *same) in zip(before, after, strict=True):
        was, now = told(old), told(new)
        assert same == rest
        stays = rest[1] == NEVER
        assert now.n == was.n if stays else now.n > was.n
        assert (now.t, now.x, now.item, now.weight, now.kind) == (
            was.t, was.x, was.item, was.weight, was.kind,
        )  # fmt: skip
    log.close()


def test_an_act_that_has_not_left_keeps_its_delay_when_written_anew(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.release()
    log.delays = lambda count: (Millis(DAY_MS),)
    log.write_acts([act(JAZZ, Event.SHARE, at=NOW - 1)])
    log.delays = lambda count: ()
    log.write_acts([act(JAZZ, Event.COLLECT)])
    log.release()
    log.forget_since(Millis(NOW))  # the like and the collection; the share of just before stays
    assert [told(envelope).kind for envelope in log.release()] == [Kind.RETRACT]
    (waiting,) = log.outbox()
    assert (told(waiting.envelope).kind, waiting.due) == (Kind.SHARE, NOW + DAY_MS)
    log.close()


def test_since_the_beginning_is_everything_but_trust(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ), act(FOLK, Event.SKIP)])
    log.write_trust(ANN.peer, 8, "")
    gone = log.forget_since(Millis(0)).removed
    assert gone == {"records": 1, "feedback": 1, "payments": 0, "items": 2}
    assert (log.history(), len(log.endorsements())) == ([], 1)
    log.close()
