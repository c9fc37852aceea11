"""A backup is whole, can be opened, holds nothing forgotten; restored, it gives no number twice."""

import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.web3rec.store.logs import (
    ME,
    act,
    contents,
    filled,
    heard,
    open_log,
    rows,
    traces,
)
from web3rec.errors import AlreadyOpen, CorruptStore, ReadOnly
from web3rec.store import LOG_FILE, WINDOW, Log, key_of
from web3rec.store.backup import Copied, backup
from web3rec.store.fingerprint import SUFFIX


def copied(path: Path, target: Path, *keys: Path) -> Copied:
    return backup(path, target, me=ME.peer, window=WINDOW, keys=keys)


def numbers(log: Log) -> set[int]:
    return {n for n, author in rows(log, "SELECT n, author FROM records") if author == ME.peer}


def test_a_backup_of_a_log_at_rest_holds_the_same(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "a")) as log:
        expected = contents(log)
    made = copied(tmp_path / "a", tmp_path / "b")
    assert (made.records, made.keys) == (80, ())
    assert made.size == (tmp_path / "b" / LOG_FILE).stat().st_size
    assert sorted(path.name for path in made.path.iterdir()) == [LOG_FILE, LOG_FILE + SUFFIX]
    with closing(open_log(tmp_path / "b")) as again:
        assert contents(again) == expected


def test_it_works_beside_a_writer_and_is_a_moment_of_what_it_wrote(tmp_path: Path) -> None:
    log = filled(tmp_path / "a")
    before = numbers(log)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            log.write_acts([act(f"trk:x{number}"), act(f"trk:y{number}")])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [copied(tmp_path / "a", tmp_path / f"b{number}") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    after = numbers(log)
    log.close()
    for one in made:
        with closing(open_log(one.path)) as again:
            kept = numbers(again)
        assert before <= kept <= after
        assert kept == set(sorted(after)[: len(kept)]), "a prefix of what was committed"
        assert (len(kept) - len(before)) % 2 == 0, "no half of a transaction"


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    filled(tmp_path / "a").close()
    (tmp_path / "author.key").write_text("a key")
    made = copied(tmp_path / "a", tmp_path / "b", tmp_path / "author.key")
    assert made.keys == ("author.key",)
    assert (made.path / "author.key").read_text() == "a key"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700
    for path in made.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_U3_what_was_forgotten_is_in_no_backup(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "a")) as log:
        log.write_acts([act("trk:a-secret-title")])
        log.forget_item(key_of("trk:a-secret-title"))
        copied(tmp_path / "a", tmp_path / "b")
    assert traces(tmp_path / "b", b"a-secret-title", key_of("trk:a-secret-title")) == []


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    filled(tmp_path / "a").close()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("empty", "file", "dangling", "a"):
        with pytest.raises(ReadOnly, match="never overwrites"):
            copied(tmp_path / "a", tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    filled(tmp_path / "a").close()
    with pytest.raises(ReadOnly, match="cannot write to"):
        copied(tmp_path / "a", tmp_path / "nowhere" / "b")


def test_a_key_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    filled(tmp_path / "a").close()
    with pytest.raises(ReadOnly, match="cannot write"):
        copied(tmp_path / "a", tmp_path / "b", tmp_path / "absent.key")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_F1_of_an_unsound_log_no_backup_is_made(tmp_path: Path) -> None:
    log = filled(tmp_path / "a")
    with log._db.writing() as sql:
        sql.execute("UPDATE records SET weight = 8 WHERE seq = 60")
    log.close()
    with pytest.raises(CorruptStore, match="verify --deep"):
        copied(tmp_path / "a", tmp_path / "b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_F5_a_restored_backup_never_gives_a_number_twice(tmp_path: Path) -> None:
    log = open_log(tmp_path / "a", level=1)
    log.write_acts([act(f"trk:{n}") for n in range(20)])
    copied(tmp_path / "a", tmp_path / "b")
    common = numbers(log)
    log.write_acts([act(f"trk:later{n}") for n in range(20)])
    lived_on = numbers(log) - common
    log.release()

    restored = open_log(tmp_path / "b")
    restored.write_acts([act(f"trk:other{n}") for n in range(20)])
    wrote = numbers(restored) - common
    assert len(wrote) == 20
    assert not wrote & lived_on

    heard(log, restored)  # what the original had shared comes home, and is counted on from
    restored.write_acts([act("trk:last")])
    assert max(numbers(restored)) > max(lived_on | wrote)
    assert not rows(restored, "SELECT author FROM quarantine")
    restored.close()
    log.close()


def test_the_original_stays_locked_and_the_copy_is_free(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "a")):
        copied(tmp_path / "a", tmp_path / "b")
        with pytest.raises(AlreadyOpen):
            open_log(tmp_path / "a")
        open_log(tmp_path / "b").close()
