"""The privacy ladder over a real log: what leaves, when, and what never does."""

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
    HandClock,
    act,
    open_log,
    record,
    rows,
    scratch,
)
from web3rec.clock import DAY_S
from web3rec.errors import ParamError
from web3rec.records import Kind, Record, decode
from web3rec.records.envelope import unwrap
from web3rec.store import Log, Source, key_of
from web3rec.store.ladder import MAX_LIVE_LISTENS, NEVER, checked, level_of
from web3rec.types import Event, Millis

NOTHING = (0, bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
"""The digest of no record: sha256 of nothing."""


def read(envelopes: tuple[bytes, ...]) -> list[Record]:
    found = []
    for envelope in envelopes:
        parts = unwrap(envelope)
        assert parts is not None
        record = decode(parts[0])
        assert isinstance(record, Record)
        found.append(record)
    return found


def kinds(envelopes: tuple[bytes, ...]) -> list[str]:
    return [one.kind.value for one in read(envelopes)]


def everything(log: Log) -> None:
    """One act of each kind, and trust."""
    log.write_acts([act(event=event) for event in Event])
    log.write_trust(ANN.peer, 8, "")


def test_the_ladder_by_hand() -> None:
    table = {
        (kind, made_at): level_of(kind, made_at)
        for kind in (Kind.LISTEN, Kind.LIKE, Kind.TRUST, Kind.ITEM)
        for made_at in range(4)
    }
    assert table == {
        (Kind.LISTEN, 0): NEVER, (Kind.LISTEN, 1): NEVER, (Kind.LISTEN, 2): 2, (Kind.LISTEN, 3): 3,
        (Kind.LIKE, 0): NEVER, (Kind.LIKE, 1): 1, (Kind.LIKE, 2): 1, (Kind.LIKE, 3): 3,
        (Kind.TRUST, 0): NEVER, (Kind.TRUST, 1): 1, (Kind.TRUST, 2): 1, (Kind.TRUST, 3): 1,
        (Kind.ITEM, 0): NEVER, (Kind.ITEM, 1): NEVER, (Kind.ITEM, 2): NEVER, (Kind.ITEM, 3): 3,
    }  # fmt: skip


@pytest.mark.parametrize("level", [-1, 4, True, 1.0, "1", None])
def test_there_are_four_levels(tmp_path: Path, level: int) -> None:
    with pytest.raises(ParamError, match="level"):
        checked(level)
    log = open_log(tmp_path)
    with pytest.raises(ParamError, match="level"):
        log.level = level
    assert log.level == 0
    log.close()


def test_the_level_is_remembered(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    log.close()
    log = open_log(tmp_path)
    assert log.level == 2
    log.close()


def test_D1_level_0_sends_nothing_of_anybodys(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    everything(log)
    log.ingest([record(ANN, 1)])
    log.ingest([record(BOB, 1)], source=Source.HOSTED)
    log.forget_item(key_of(FOLK))
    assert log.release() == ()
    assert (log.since(0, 100).envelopes, log.since(0, 100).more) == ((), False)
    assert log.digest() == NOTHING
    assert log.outbox() == ()
    assert rows(log, "SELECT 1 FROM records WHERE source != 2 AND pos IS NOT NULL") == []
    log.close()


@given(st.integers(1, 3))
def test_D1_what_was_made_at_level_0_never_leaves(later: int) -> None:
    """Raising the level is consent for the future."""
    with scratch() as path:
        log = open_log(path)
        everything(log)
        log.level = later
        assert (log.release(), log.outbox(), log.digest()) == ((), (), NOTHING)
        log.write_acts([act(FOLK)])
        assert len(log.release()) == 1
        log.close()


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (1, ["like", "share", "collect", "trust"]),
        (2, ["listen", "like", "share", "collect", "trust"]),
        (3, ["listen", "like", "share", "collect", "trust"]),
    ],
)
def test_D2_each_level_releases_its_kinds_once(
    tmp_path: Path, level: int, expected: list[str]
) -> None:
    log = open_log(tmp_path, level=level)
    everything(log)
    assert len(log.outbox()) == len(expected)
    assert kinds(log.release()) == expected
    assert (log.release(), log.outbox()) == ((), ())
    assert kinds(log.since(0, 100).envelopes) == expected
    assert log.digest()[0] == len(expected)
    log.close()


def test_what_was_released_is_so_after_a_crash(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    everything(log)
    sent = log.release()
    log.close()
    log = open_log(tmp_path)
    assert log.release() == ()
    assert log.since(0, 100).envelopes == sent
    log.close()


def test_lowering_the_level_stops_serving_the_egos_and_not_others(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=3)
    everything(log)
    log.release()
    log.ingest([record(ANN, 1)])
    assert len(log.since(0, 100).envelopes) == 6
    log.level = 2  # what was made in exact form is no longer shown
    assert kinds(log.since(0, 100).envelopes) == ["trust", "like"]
    assert log.digest()[0] == 2
    log.level = 0
    assert log.since(0, 100).envelopes == ()
    log.level = 3
    assert len(log.since(0, 100).envelopes) == 6
    log.close()


def test_D3_records_of_level_3_do_not_leave_below_it(tmp_path: Path) -> None:
    """Made in exact form, not yet gone, then the level falls: only day-granular forms leave."""
    log = open_log(tmp_path, level=3)
    everything(log)
    log.release()
    log.write_acts([act("trk:later", at=NOW - 1)])
    log.write_trust(BOB.peer, 8, "")
    log.forget_item(key_of(JAZZ))
    for level in (1, 2):
        log.level = level
        for one in read(log.release()):
            assert one.t % DAY_S == 0
            assert isinstance(one.item, bytes)
    log.close()


# -- delays ---------------------------------------------------------------------------------------


def test_a_record_leaves_when_its_delay_is_over(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=1)
    log.delays = lambda count: tuple(Millis(1000 * (1 + place)) for place in range(count))
    log.write_acts([act("trk:a"), act("trk:b", Event.SKIP), act("trk:c")])
    assert [one.due - NOW for one in log.outbox()] == [1000, 3000]
    left = []
    for _ in range(4):
        left.append(len(log.release()))
        clock.now = Millis(clock.now + 1000)
    assert left == [0, 1, 0, 1]
    log.close()


def test_retractions_leave_at_once_and_first_and_only_for_what_had_left(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.release()
    log.delays = lambda count: (Millis(DAY_MS),)
    log.write_acts([act(FOLK), act("trk:new")])
    assert log.forget_item(key_of(FOLK)).retractions == 0  # it never left
    assert log.forget_item(key_of(JAZZ)).retractions == 1
    log.delays = lambda count: ()
    log.write_acts([act("trk:other")])
    sent = read(log.release())
    assert [one.kind for one in sent] == [Kind.RETRACT, Kind.LIKE]
    assert sent[0].item == key_of(JAZZ)
    log.close()


def test_a_retraction_made_at_level_0_waits_for_a_higher_level(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    log.write_acts([act(event=Event.LISTEN)])
    log.release()
    log.level = 0
    assert log.forget_item(key_of(JAZZ)).retractions == 1
    assert log.release() == ()
    log.level = 1
    assert kinds(log.release()) == ["retract"]
    log.close()


# -- listens --------------------------------------------------------------------------------------


def test_at_most_50_listens_of_level_2_are_out_at_a_time(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=2)
    listens = [act(f"trk:{n}", Event.LISTEN) for n in range(MAX_LIVE_LISTENS + 20)]
    log.write_acts([*listens, act("trk:like")])
    sent = read(log.release())
    assert len(sent) == MAX_LIVE_LISTENS + 1
    newest = {key_of(f"trk:{n}") for n in range(20, MAX_LIVE_LISTENS + 20)}
    assert {one.item for one in sent if one.kind is Kind.LISTEN} == newest
    assert log.release() == ()
    clock.pass_days(29)
    log.write_acts([act("trk:again", Event.LISTEN, at=clock.now)])
    assert log.release() == ()
    clock.pass_days(2)  # the first have expired: there is room again, for what has not
    assert [one.item for one in read(log.release())] == [key_of("trk:again")]
    log.close()


def test_forgetting_a_listen_makes_room_for_another(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    log.write_acts([act(f"trk:{n}", Event.LISTEN) for n in range(MAX_LIVE_LISTENS + 1)])
    log.release()
    log.forget_item(key_of("trk:50"))
    assert kinds(log.release()) == ["retract", "listen"]
    log.close()


# -- pages -----------------------------------------------------------------------------------------


@given(st.integers(1, 7), st.lists(st.integers(1, 5), max_size=6))
def test_pages_show_everything_once_whatever_comes_in_between(
    limit: int, arrivals: list[int]
) -> None:
    with scratch() as path:
        log = open_log(path, level=1)
        shown: list[bytes] = []
        cursor, n = 0, 0
        for count in [*arrivals, 0, 0]:
            fresh = [record(ANN, n + place, item=f"trk:{n + place}") for place in range(count)]
            n += count
            log.ingest(fresh)
            page = log.since(cursor, limit)
            assert len(page.envelopes) <= limit
            assert page.more == (len(log.since(page.cursor, 1).envelopes) == 1)
            shown += page.envelopes
            cursor = page.cursor
        while (page := log.since(cursor, limit)).envelopes:
            shown += page.envelopes
            cursor = page.cursor
        assert len(shown) == len(set(shown)) == n
        assert log.since(cursor, limit).cursor == cursor
        log.close()


def test_digests_agree_where_the_records_do_and_differ_elsewhere(tmp_path: Path) -> None:
    logs = [open_log(tmp_path / name, level=1) for name in "ab"]
    records = [record(ANN, n, item=f"trk:{n}") for n in range(5)]
    logs[0].ingest(records)
    logs[1].ingest(records[::-1][:4])
    assert logs[0].digest() != logs[1].digest()
    logs[1].ingest(records[:1])
    assert logs[0].digest() == logs[1].digest()
    for log in logs:
        log.close()


def test_what_left_is_told_newest_first_and_what_waits_or_is_others_is_not(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.ingest([record(ANN, 1)])
    assert log.departed(9) == (0, ())
    log.write_acts([act(JAZZ)])
    log.release()
    log.write_acts([act(FOLK)])
    log.release()
    log.write_acts([act("trk:waits")])
    count, newest = log.departed(1)
    assert count == 2
    assert [one.key for one in read(tuple(one.envelope for one in newest))] == [key_of(FOLK)]
    log.forget_item(key_of(FOLK))
    log.release()
    assert kinds(tuple(one.envelope for one in log.departed(9)[1])) == ["like", "retract", "like"]
    log.close()
