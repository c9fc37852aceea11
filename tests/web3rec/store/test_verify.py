"""A sound log has no faults; every planted one is found, and named by its row."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    JAZZ,
    ME,
    act,
    filled,
    open_log,
    record,
    rows,
    scratch,
)
from web3rec import Options, Recommender
from web3rec.records import Kind, seal
from web3rec.records.envelope import wrap
from web3rec.store import Log, key_of
from web3rec.store.database import Database
from web3rec.store.verify import Found, look
from web3rec.types import Event


def checked(path: Path, *, deep: bool = True, window: int = 200) -> Found:
    with closing(Database(path, read_only=True)) as db:
        return look(db, ME.peer, window, deep=deep, told=lambda _done, _total: None)


def faults(path: Path, *, deep: bool = True) -> list[tuple[str, str]]:
    return [(one.table, one.what) for one in checked(path, deep=deep).faults]


def spoil(log: Log, sql: str, *values: object) -> None:
    with log._db.writing() as connection:
        assert connection.execute(sql, values).rowcount == 1


def first_of_ann(log: Log) -> int:
    return int(rows(log, "SELECT min(seq) FROM records WHERE source = 2")[0][0])


def test_a_sound_log_has_no_faults_and_is_counted(tmp_path: Path) -> None:
    log = filled(tmp_path)
    log.ingest([record(ANN, 100, Kind.RETRACT, "trk:1")])
    assert len(log.release()) == 40
    log.forget_item(key_of("trk:3"))
    log.write_acts([act("trk:50", Event.SKIP, batch="b", paid=((ANN.peer, 1.0),))])
    log.block(BOB.peer, blocked=True)
    log.close()
    found = checked(tmp_path)
    assert found.faults == ()
    assert (found.records, found.tombstones, found.authors) == (40 + 40, 2, 2)


@pytest.mark.parametrize("level", [0, 1])
def test_private_records_and_a_replaced_key_are_sound(tmp_path: Path, level: int) -> None:
    with Recommender.open(tmp_path, Options(share_delay_hours=0)) as rec:
        rec.trust(ANN.peer, 0.5)
        rec.record(Event.LIKE, "trk:private")
        rec.share(level)
        for number in range(5):
            rec.record(Event.LIKE, f"trk:{number}")
        rec.log.release()
        rec.record(Event.LIKE, "trk:waits")
        rec.forget(item="trk:2")
        me = rec.rotate(stolen=bool(level))
    with closing(Database(tmp_path, read_only=True)) as db:
        assert look(db, me, 200, deep=True, told=lambda _done, _total: None).faults == ()


def test_authors_with_less_room_and_what_was_let_go_are_sound(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    retracted = [record(ANN, 90, Kind.RETRACT, "trk:1"), record(BOB, 7), record(BOB, 7, weight=2)]
    log.ingest([*(record(ANN, n, item=f"trk:{n}") for n in range(1, 80)), *retracted])
    log.apportion({ANN.peer: 20}, 1)
    log.apportion({}, 0)
    log.apportion({ANN.peer: 20, BOB.peer: 20}, 0)
    log.ingest([record(ANN, n, item=f"trk:{n}") for n in range(60, 99)])
    log.close()
    assert checked(tmp_path).faults == ()


def test_it_works_beside_a_writer_and_changes_nothing(tmp_path: Path) -> None:
    log = filled(tmp_path)
    assert checked(tmp_path).faults == ()
    log.write_acts([act("trk:99")])
    log.close()
    before = (tmp_path / "log.db").read_bytes()
    assert checked(tmp_path).records == 81
    assert (tmp_path / "log.db").read_bytes() == before


def test_progress_reaches_the_whole(tmp_path: Path) -> None:
    filled(tmp_path).close()
    told: list[tuple[int, int]] = []
    with closing(Database(tmp_path, read_only=True)) as db:
        look(db, ME.peer, 200, deep=True, told=lambda done, total: told.append((done, total)))
    assert told[-1] == (82, 82)
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("column", "value"),
    [("n", 7777), ("t", 1), ("x", 2), ("kind", "share"), ("key", b"k" * 16), ("weight", 2),
     ("author", BOB.peer)],
)  # fmt: skip
def test_F1_a_column_that_its_bytes_do_not_say_is_found(
    tmp_path: Path, column: str, value: object
) -> None:
    log = filled(tmp_path)
    seq = first_of_ann(log)
    spoil(log, f"UPDATE records SET {column} = ? WHERE seq = ?", value, seq)  # noqa: S608 - constants
    log.close()
    found = checked(tmp_path).faults
    assert ("records", str(seq)) in [(one.table, one.row) for one in found]
    assert "columns" in found[0].what


def test_F1_bytes_nobody_signed_are_found(tmp_path: Path) -> None:
    log = filled(tmp_path)
    forged = record(ANN, 500)
    body, signature = forged.envelope[5:-68], bytearray(forged.envelope[-64:])
    signature[3] ^= 1
    spoil(
        log, "UPDATE records SET envelope = ?, id = ?, n = 500, key = ? WHERE seq = ?",
        wrap(body, bytes(signature)), forged.id, forged.record.key, first_of_ann(log),
    )  # fmt: skip
    log.close()
    assert faults(tmp_path) == [("records", "its author did not sign it")]


@given(place=st.integers(0, 300), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_F1_a_flipped_bit_of_an_envelope_is_found(place: int, bit: int) -> None:
    with scratch() as path:
        with closing(open_log(path)) as log:
            log.ingest([record(ANN, 5)])
            envelope = bytearray(rows(log, "SELECT envelope FROM records")[0][0])
            envelope[place % len(envelope)] ^= 1 << bit
            spoil(log, "UPDATE records SET envelope = ?", bytes(envelope))
        assert [table for table, _ in faults(path)] == ["records"]
        assert faults(path, deep=False) == []


@pytest.mark.parametrize("value", ["text", 5, b"", None])
def test_F1_a_value_of_another_kind_is_found(tmp_path: Path, value: object) -> None:
    log = filled(tmp_path)
    seq = first_of_ann(log)
    if value is None:
        spoil(log, "UPDATE records SET kind = x'ff00' WHERE seq = ?", seq)
    else:
        spoil(log, "UPDATE records SET envelope = ? WHERE seq = ?", value, seq)
    log.close()
    assert [one.row for one in checked(tmp_path).faults] == [str(seq)]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (
            (
                "INSERT INTO tombstones (id, author, n, x) "
                "SELECT id, author, n, x FROM records WHERE source = 2 LIMIT 1"
            ),
            "is a tombstone, too",
        ),
        ("UPDATE records SET pos = 9999 WHERE seq = 1", "has a place beyond the last one given"),
        ("UPDATE settings SET value = 5 WHERE name = 'last_n'", "with a number beyond the last"),
        ("DELETE FROM items WHERE uri = 'trk:skipped'", "is about an item without a name"),
        ("DELETE FROM feedback", "answers nothing that was said"),
        ("UPDATE records SET source = 0 WHERE seq = 80", "but by somebody else"),
        (
            "INSERT INTO quarantine SELECT author FROM records WHERE source = 2 LIMIT 1",
            "quarantined for no reason",
        ),
    ],
)  # fmt: skip
def test_F1_tables_that_do_not_fit_together_are_found(tmp_path: Path, sql: str, what: str) -> None:
    log = filled(tmp_path)
    log.write_acts([act("trk:skipped", Event.SKIP, batch="b", paid=((ANN.peer, 1.0),))])
    spoil(log, sql)
    log.close()
    assert any(what in said for _, said in faults(tmp_path))


def test_F1_what_the_merge_rule_would_not_have_kept_is_found(tmp_path: Path) -> None:
    """A live record below a retraction of it; two of one number whose author walks free."""
    log = open_log(tmp_path)
    log.ingest([record(ANN, 9, Kind.RETRACT, JAZZ), record(BOB, 5), record(BOB, 5, weight=2)])
    stale = record(ANN, 3)
    other = replace(stale.record, n=50)
    log.ingest([seal(other, ANN)])
    spoil(
        log, "UPDATE records SET id = ?, n = ?, envelope = ? WHERE n = 50",
        stale.id, 3, stale.envelope,
    )  # fmt: skip
    spoil(log, "DELETE FROM quarantine")
    log.close()
    assert faults(tmp_path) == [
        ("records", "was retracted, and is still here"),
        ("quarantine", "its author forked"),
    ] or faults(tmp_path) == [
        ("quarantine", "its author forked"),
        ("records", "was retracted, and is still here"),
    ]


def test_a_row_beyond_the_window_is_found(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, n) for n in range(1, 6)])
    log.close()
    found = checked(tmp_path, window=4).faults
    assert [(one.table, one.row, one.what) for one in found] == [
        ("records", "1", "does not fit its author's window")
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ANN, BOB]),
            st.integers(1, 12),
            st.sampled_from([Kind.LIKE, Kind.SHARE, Kind.RETRACT]),
            st.sampled_from([JAZZ, "trk:b", "*"]),
        ),
        max_size=40,
    )
)
@settings(max_examples=40)
def test_Y2_whatever_came_in_settles_to_itself(
    arrived: list[tuple[object, int, Kind, str]],
) -> None:
    with scratch() as path:
        with closing(open_log(path, window=4)) as log:
            for key, n, kind, item in arrived:
                if kind is not Kind.RETRACT and item == "*":
                    continue
                log.ingest([record(key, n, kind, item)])  # type: ignore[arg-type]
        assert checked(path, window=4).faults == ()
