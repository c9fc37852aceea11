"""What was seen, as two devices compare it: complete, sorted, and the same whatever is private."""

import itertools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW, TODAY
from tests.web3rec.store.logs import (
    ANN,
    BOB,
    CAT,
    DAY_MS,
    FOLK,
    JAZZ,
    ME,
    HandClock,
    act,
    open_log,
    peer_log,
    readable,
    record,
    scratch,
)
from tests.web3rec.store.test_ingest import WINDOW, stories
from web3rec.clock import DAY_S
from web3rec.records import Kind, Signed
from web3rec.store import Log, Source, key_of
from web3rec.store.known import Known
from web3rec.types import Millis

Element = tuple[int, bytes]


def elements(known: Known) -> list[Element]:
    """As plain pairs; checks the form on the way."""
    assert known.days.dtype == np.uint32
    assert len(known.ids) == 16 * len(known)
    found = [(int(day), known.ids[16 * i : 16 * i + 16]) for i, day in enumerate(known.days)]
    assert found == sorted(set(found))
    return found


def element(one: Signed) -> Element:
    return one.record.x // DAY_S, one.id[:16]


def all_of(signed: Iterable[Signed]) -> list[Element]:
    return sorted({element(one) for one in signed})


def test_an_empty_log_knows_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    assert elements(log.known()) == []
    log.close()


def test_what_came_and_what_left_is_known_and_what_waits_is_not(tmp_path: Path) -> None:
    log = open_log(tmp_path / "mine", level=1)
    other = peer_log(tmp_path / "other")
    heard = [record(ANN, 1), record(BOB, 1, Kind.RETRACT)]
    log.ingest(heard)
    log.ingest([record(CAT, 1)], source=Source.HOSTED)
    log.write_acts([act(FOLK)])
    assert elements(log.known()) == all_of(heard)
    left = [other.judge(envelope).signed for envelope in log.release()]
    assert elements(log.known()) == all_of([*heard, *(one for one in left if one)])
    assert len(left) == 2
    log.close()
    other.close()


def test_a_forgotten_record_that_left_stays_known_and_one_that_did_not_leaves_no_trace(
    tmp_path: Path,
) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.release()
    before = elements(log.known())
    log.write_acts([act(FOLK)])
    log.forget_item(key_of(JAZZ))
    log.forget_item(key_of(FOLK))
    assert elements(log.known()) == before
    assert len(before) == 1
    log.close()
    again = readable(tmp_path)
    assert elements(again.known()) == before
    again.close()


def test_what_is_taken_back_before_it_left_was_never_seen(tmp_path: Path) -> None:
    """Another device of the ego's retracts what this one had only written down."""
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.ingest([record(ANN, 1)], source=Source.HOSTED)
    back = [record(ME, 1 << 50, Kind.RETRACT), record(ANN, 2, Kind.RETRACT)]
    log.ingest(back)
    assert elements(log.known()) == all_of(back)
    log.close()
    log = open_log(tmp_path)
    assert elements(log.known()) == all_of(back)
    log.close()


def test_what_is_covered_on_arrival_is_known(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([back := record(ANN, 3, Kind.RETRACT)])
    assert len(log.known()) == 1
    log.ingest([like := record(ANN, 1)])
    assert elements(log.known()) == all_of([like, back])
    log.close()


def test_what_ends_today_is_known_no_more(tmp_path: Path) -> None:
    """Of lifetimes 1 to 4 days from midnight, the days after today that they end on."""
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.ingest([record(ANN, days, lifetime=days * DAY_S) for days in range(1, 5)])
    assert [day - TODAY for day, _ in elements(log.known())] == [1, 2, 3, 4]
    clock.pass_days(2)
    assert [day - TODAY for day, _ in elements(log.known())] == [3, 4]
    clock.pass_days(-2)
    assert len(log.known()) == 4
    log.close()


def test_the_generation_changes_with_the_set_and_only_then(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.ingest([record(ANN, 1)])
    first = log.known()
    log.write_acts([act(JAZZ)])
    log.block(BOB.peer, blocked=True)
    assert log.known() is first
    log.ingest([record(ANN, 2)])
    second = log.known()
    clock.now = Millis(NOW + DAY_MS)
    third = log.known()
    assert len({first.generation, second.generation, third.generation}) == 3
    log.close()


@pytest.mark.slow
@given(st.lists(stories(max_size=8), min_size=1, max_size=4), st.booleans())
def test_keeping_it_in_step_equals_reading_it_anew(told: list[list[Signed]], asked: bool) -> None:
    with scratch() as path:
        log = open_log(path, window=WINDOW)
        for story in told:
            log.ingest(story)
            if asked:
                elements(log.known())
        kept = elements(log.known())
        log._kept.drop_seen()
        assert elements(log.known()) == kept
        log.close()


class BreakingError(Exception):
    """A crash, as far as a transaction can tell."""


def test_what_was_taken_back_with_its_transaction_is_not_known(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, 1)])
    before = elements(log.known())

    def broken() -> None:
        with log.together():
            log.ingest([record(ANN, 2)])
            log.known()
            raise BreakingError

    with pytest.raises(BreakingError):
        broken()
    assert elements(log.known()) == before
    log.close()


private = st.lists(
    st.one_of(
        st.tuples(st.just("act"), st.sampled_from([JAZZ, FOLK])),
        st.tuples(st.just("trust"), st.sampled_from([ANN.peer, BOB.peer])),
        st.tuples(st.just("block"), st.sampled_from([ANN.peer, BOB.peer])),
        st.tuples(st.just("forget"), st.sampled_from([JAZZ, FOLK])),
    ),
    max_size=6,
)


def live_privately(log: Log, doings: Iterable[tuple[str, object]]) -> None:
    for what, whom in doings:
        match what, whom:
            case "act", str(item):
                log.write_acts([act(item)])
            case "forget", str(item):
                log.forget_item(key_of(item))
            case "trust", bytes(peer):
                log.write_trust(type(ANN.peer)(peer), 8, "")
            case _, bytes(peer):
                log.block(type(ANN.peer)(peer), blocked=True)


@pytest.mark.slow
@given(private, private, stories(max_size=10))
def test_D5_two_private_histories_are_known_by_one_set(
    ours: list[tuple[str, object]], theirs: list[tuple[str, object]], told: list[Signed]
) -> None:
    shown = []
    for doings in (ours, theirs):
        with scratch() as path:
            log = open_log(path)
            live_privately(log, doings)
            log.ingest(told)
            live_privately(log, doings)
            shown.append(elements(log.known()))
            log.close()
    assert shown[0] == shown[1]


# -- what may leave, by id -------------------------------------------------------------------------


def test_envelopes_are_those_asked_for_retractions_first(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    told = [record(ANN, 1), record(BOB, 2, Kind.RETRACT), record(CAT, 3), record(CAT, 4)]
    log.ingest(told)
    asked = [told[2].id[:16], told[1].id[:16], told[0].id[:16], bytes(16)]
    wanted = (told[1].envelope, told[2].envelope, told[0].envelope)
    assert log.envelopes(asked) == wanted
    assert log.envelopes([]) == ()
    assert log.envelopes([b"", told[0].id[:15], told[0].id]) == ()  # no such bytes are asked for
    log.close()


def test_D1_no_envelope_leaves_at_level_0(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([one := record(ANN, 1)])
    assert log.envelopes([one.id[:16]]) == ()
    log.close()


def test_envelopes_of_what_is_over_dead_or_not_released_do_not_leave(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=1)
    told = [record(ANN, 1), record(ANN, 2, Kind.RETRACT), record(BOB, 1, lifetime=DAY_S)]
    log.ingest(told)
    log.ingest([hosted := record(CAT, 1)], source=Source.HOSTED)
    asked = [one.id[:16] for one in (*told, hosted)]
    assert log.envelopes(asked) == (told[1].envelope, told[2].envelope)
    log.release()
    assert log.envelopes(asked) == (told[1].envelope, told[2].envelope, hosted.envelope)
    clock.pass_days(2)
    assert log.envelopes(asked) == (told[1].envelope, hosted.envelope)
    log.close()


@pytest.mark.slow
@given(stories())
def test_all_that_since_shows_is_among_what_is_known_and_can_be_asked_for(
    told: list[Signed],
) -> None:
    with scratch() as path:
        log = open_log(path, level=1, window=WINDOW)
        log.ingest(told)
        shown = log.since(0, 1000).envelopes
        asked = [id_ for _, id_ in elements(log.known())]
        assert sorted(log.envelopes(asked)) == sorted(shown)
        log.close()


def test_the_same_day_sorts_by_id(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    told = [record(ANN, n, lifetime=(1 + n % 3) * DAY_S) for n in range(60)]
    log.ingest(told)
    found = elements(log.known())
    assert found == all_of(told)
    assert [len(list(group)) for _, group in itertools.groupby(day for day, _ in found)] == [20] * 3
    log.close()
