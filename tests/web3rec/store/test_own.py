"""The ego's own acts: what becomes a record, in which form, and under which number."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW, TODAY
from tests.web3rec.store.logs import (
    ANN,
    JAZZ,
    ME,
    MIDNIGHT,
    HandClock,
    act,
    key_of_item,
    live,
    open_log,
    record,
    rows,
    scratch,
)
from web3rec.clock import DAY_S
from web3rec.errors import DataError, ParamError, Web3recError
from web3rec.records import Kind, Record, Signed
from web3rec.records.model import DEFAULT_LIFETIME, MAX_LIFETIME, item_key
from web3rec.store import Log, OwnAct, key_of
from web3rec.store.own import MAX_AT, MAX_ID, checked_id, told
from web3rec.store.sequence import HEARD_BELOW, draw_device
from web3rec.types import Event, ItemId, Millis


def written(log: Log) -> list[Record]:
    """The ego's records, in the order of their numbers."""
    found = rows(log, "SELECT envelope FROM records WHERE source = 0 ORDER BY n")
    return [told(envelope) for (envelope,) in found]


def numbers(log: Log) -> list[int]:
    return [one.n for one in written(log)]


# -- item ids -------------------------------------------------------------------------------------


def test_an_id_has_one_canonical_spelling_and_one_key() -> None:
    assert checked_id("  TRK:jazz ") == JAZZ
    assert key_of("  TRK:jazz ") == key_of(JAZZ) == key_of_item(JAZZ) == item_key(JAZZ)


@given(st.text(max_size=30))
def test_a_checked_id_is_its_own_canonical_form(text: str) -> None:
    try:
        once = checked_id(text)
    except DataError:
        return
    assert key_of(once) == key_of(text)
    once.encode()


def test_a_nameless_items_id_is_its_key() -> None:
    """What `recommend` shows of an item nobody described can be recorded and forgotten."""
    key = bytes(range(16))
    assert key_of(f"hash:{key.hex()}") == key_of(f"HASH:{key.hex().upper()}") == key
    assert checked_id(f"hash:{key.hex().upper()}") == f"hash:{key.hex()}"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("", "non-empty"),
        ("  ", "non-empty"),
        ("*", "means everything"),
        ("x" * (MAX_ID + 1), "at most 512"),
        ("trk:\ud800", "surrogate"),
        ("hash:", "no item hash"),
        ("hash:ab", "no item hash"),
        ("hash:" + "zz" * 16, "no item hash"),
        ("hash:" + "ab" * 33, "no item hash"),
        ("hash:" + "ab " * 16, "no item hash"),
        (7, "non-empty text"),
        (b"trk:jazz", "non-empty text"),
        (None, "non-empty text"),
    ],
)
def test_what_is_no_id_is_refused(item: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        key_of(item)


# -- acts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("event", ("like", None, Kind.LIKE)),
        ("at", (-1, MAX_AT + 1, 1.5, float("nan"), True, None)),
        ("weight", (0, 9, -1, 1.0, float("nan"), True, "1")),
        ("batch", (None, 7, "x" * 65)),
    ],
)
def test_an_act_cannot_be_wrong(field: str, values: tuple[object, ...]) -> None:
    right = {"event": Event.LIKE, "item": JAZZ, "at": NOW, "weight": 1, "batch": ""}
    OwnAct(**right)  # type: ignore[arg-type]
    for value in values:
        with pytest.raises(ParamError, match=f"^{field} must be"):
            OwnAct(**{**right, field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("event", list(Event))
def test_local_events_become_feedback_and_all_others_records(tmp_path: Path, event: Event) -> None:
    log = open_log(tmp_path, level=3)
    assert log.write_acts([act(event=event)]) == int(not event.is_local)
    assert len(live(log)) == int(not event.is_local)
    feedback = rows(log, "SELECT key, kind, at, batch FROM feedback")
    assert feedback == ([(key_of(JAZZ), event.value, NOW, "")] if event.is_local else [])
    log.close()


def test_which_batch_an_act_answers_stays_here(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=3)
    log.write_acts([act(batch="b1")])
    assert rows(log, "SELECT kind, batch FROM feedback") == [("like", "b1")]
    assert "b1" not in str(written(log))
    assert b"b1" not in b"".join(log.release()).replace(written(log)[0].author, b"")
    log.close()


def test_write_acts_is_all_or_none(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    with pytest.raises(DataError, match="non-empty"):
        log.write_acts([act(JAZZ), act("")])
    assert set(log.counts().values()) == {0}
    assert log._held == set()
    log.close()


@pytest.mark.parametrize("level", [0, 1, 2])
def test_D3_below_level_3_days_and_hashes(tmp_path: Path, level: int) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=level)
    log.write_acts([act(event=event) for event in Event if not event.is_local])
    log.write_trust(ANN.peer, 8, "")
    log.release()
    log.forget_item(key_of(JAZZ))
    for one in written(log):
        assert one.t == MIDNIGHT
        assert one.t % DAY_S == 0
        assert isinstance(one.item, bytes)
    log.close()


def test_level_3_states_the_time_and_the_uri_of_acts_only(tmp_path: Path) -> None:
    """Trust and retractions may leave at level 1 later on, so they never have an exact form."""
    log = open_log(tmp_path, level=3)
    log.write_acts([act(at=NOW - 5000)])
    log.write_trust(ANN.peer, 8, "")
    log.release()
    like, trust = written(log)
    assert (like.item, like.t) == (JAZZ, NOW // 1000 - 5)
    assert trust.t == MIDNIGHT
    log.forget_all()
    (back,) = written(log)
    assert (back.kind, back.item, back.t) == (Kind.RETRACT, "*", MIDNIGHT)
    log.close()


@pytest.mark.parametrize("item", ["trk:" + "x" * 61, "trk:a\x01b", "hash:" + "ab" * 16])
def test_level_3_hashes_what_a_record_cannot_spell_out(tmp_path: Path, item: str) -> None:
    log = open_log(tmp_path, level=3)
    log.write_acts([act(item)])
    assert [one.item for one in written(log)] == [key_of(item)]
    log.close()


def test_an_old_act_is_stated_as_of_now_and_remembered_as_it_was(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    old, future = NOW - 20 * DAY_S * 1000, NOW + DAY_S * 1000
    log.write_acts([act("trk:a", at=old), act("trk:b", at=future)])
    assert {one.t for one in written(log)} == {MIDNIGHT}
    assert set(log.touched().values()) == {old, future}
    log.close()


def test_records_live_30_days_and_retractions_90(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act()])
    log.release()
    assert [one.x - one.t for one in written(log)] == [DEFAULT_LIFETIME]
    log.forget_item(key_of(JAZZ))
    assert [one.x - one.t for one in written(log)] == [MAX_LIFETIME]
    log.close()


def test_the_egos_history_comes_in_its_own_time(tmp_path: Path) -> None:
    """Recorded late is not done late: the order of n, which others see, is not the ego's."""
    log = open_log(tmp_path)
    log.write_acts([act("trk:b", at=NOW - 10), act("trk:a", at=NOW - 20)])
    seen = [(row[2], row[1]) for row in log.interactions()]
    assert seen == [(key_of("trk:a"), 0), (key_of("trk:b"), 1)]
    assert [item for item, *_ in log.history()] == ["trk:a", "trk:b"]
    log.close()


# -- numbers --------------------------------------------------------------------------------------


def test_numbers_rise_strictly_and_carry_day_and_device(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(), act(), act()])
    log.write_trust(ANN.peer, 8, "")
    found = numbers(log)
    assert [n >> 8 for n in found] == [(TODAY << 16) + place for place in range(4)]
    assert len({n & 0xFF for n in found}) == 1
    log.close()


def test_what_stays_here_has_numbers_of_its_own(tmp_path: Path) -> None:
    """So no gap in those that leave tells how much stays."""
    log = open_log(tmp_path)
    log.write_acts([act(), act()])
    log.level = 1
    log.write_acts([act(), act(event=Event.LISTEN), act()])
    found = numbers(log)
    assert found[:3] == [1, 2, 3]
    assert [n >> 8 for n in found[3:]] == [(TODAY << 16), (TODAY << 16) + 1]
    log.close()


def test_F5_a_number_is_not_given_again_after_forgetting_or_reopening(tmp_path: Path) -> None:
    given: list[int] = []
    for _ in range(4):
        log = open_log(tmp_path, level=1)
        log.write_acts([act(), act()])
        found = numbers(log)
        assert not given or min(found) > max(given)
        given += found
        log.forget_all()
        log.close()
    assert len(set(given)) == len(given) == 8


def test_numbers_rise_though_the_clock_falls(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock, level=1)
    for days in (0, -5, -300, 2):
        clock.now = Millis(NOW + days * DAY_S * 1000)
        log.write_acts([act(at=clock.now)])
    found = numbers(log)
    assert found == sorted(set(found))
    log.close()


def test_F5_a_restored_backup_and_its_original_do_not_meet(tmp_path: Path) -> None:
    """The original goes on in the session the copy was taken from; so does the copy, elsewhere."""
    original = open_log(tmp_path / "device", level=1)
    original.write_acts([act()])
    shutil.copytree(tmp_path / "device", tmp_path / "copy")
    original.write_acts([act() for _ in range(20)])
    copy = open_log(tmp_path / "copy")
    copy.write_acts([act() for _ in range(20)])
    shared = set(numbers(original)) & set(numbers(copy))
    assert len(shared) == 1  # what both held when the copy was made
    original.close()
    copy.close()


@given(st.integers(0, 2**62))
def test_an_opening_draws_another_device_byte_than_the_last(last: int) -> None:
    assert draw_device(last) in set(range(256)) - {last & 0xFF}


def test_F5_a_restored_backup_goes_on_above_what_it_hears_of_itself(tmp_path: Path) -> None:
    """It was restored from a copy that knows nothing of today; the network remembers."""
    log = open_log(tmp_path, level=1)
    log.ingest([heard := record(ME, (TODAY << 24) + (500 << 8))])
    log.write_acts([act()])
    assert min(numbers(log)) > heard.record.n
    log.close()


def test_a_thief_of_the_key_cannot_use_up_the_numbers(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    stolen: list[Signed] = [record(ME, 2**63 - 1), record(ME, HEARD_BELOW)]
    log.ingest(stolen)
    assert log.write_acts([act()]) == 1
    log.close()


@given(st.lists(st.sampled_from(["act", "trust", "forget", "forget all"]), max_size=12))
def test_numbers_never_repeat_whatever_the_ego_does(story: list[str]) -> None:
    with scratch() as path:
        log = open_log(path, level=1)
        seen: dict[int, bytes] = {}
        for what in story:
            match what:
                case "act":
                    log.write_acts([act(), act("trk:b")])
                case "trust":
                    log.write_trust(ANN.peer, 4, "")
                case "forget":
                    log.forget_item(key_of(JAZZ))
                case _:
                    log.forget_all()
            log.release()
            for n, i in rows(log, "SELECT n, id FROM records"):
                assert seen.setdefault(n, i) == i
        log.close()


def test_errors_say_what_to_do() -> None:
    assert issubclass(ParamError, Web3recError)
    with pytest.raises(ParamError, match=r"such as Event\.LIKE, got 'like'"):
        OwnAct("like", ItemId("a"), Millis(1))  # type: ignore[arg-type]
