"""Faults: a newer form, a full or read-only disk, a second process, a process killed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    ME,
    HandClock,
    act,
    contents,
    filled,
    live,
    open_log,
    readable,
    record,
    rows,
)
from web3rec.errors import AlreadyOpen, Closed, Incompatible, ReadOnly
from web3rec.store import LOG_FILE, Log
from web3rec.store.database import Database
from web3rec.store.fingerprint import SUFFIX
from web3rec.store.schema import KNOWN, SCHEMA

# -- versions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_form_is_refused_and_kept(tmp_path: Path, *, read_only: bool) -> None:
    open_log(tmp_path).close()
    (tmp_path / (LOG_FILE + SUFFIX)).unlink()
    with sqlite3.connect(tmp_path / LOG_FILE) as sql:
        sql.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('web3rec', 'of_tomorrow', '2100')"
        )
    sql.close()
    before = (tmp_path / LOG_FILE).read_bytes()
    with pytest.raises(Incompatible, match=r"of_tomorrow.*upgrade"):
        Log(tmp_path, ME, HandClock(), read_only=read_only)
    assert (tmp_path / LOG_FILE).read_bytes() == before


def test_an_empty_database_is_of_an_older_form_to_a_reader(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / LOG_FILE).close()
    (tmp_path / LOG_FILE).touch()
    with pytest.raises(Incompatible, match="older form"):
        readable(tmp_path)
    log = open_log(tmp_path)
    assert set(log.counts().values()) == {0}
    log.close()


def test_every_migration_is_known() -> None:
    assert {migration.name for migration in SCHEMA._migrations} == KNOWN


# -- one writer -----------------------------------------------------------------------------------


def test_F4_a_second_writer_in_this_process_is_refused(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    with pytest.raises(AlreadyOpen, match="read-only"):
        open_log(tmp_path)
    log.close()
    open_log(tmp_path).close()


def test_closing_twice_is_nothing_and_using_it_then_an_error(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.close()
    log.close()
    for use in (
        lambda: log.write_acts([act()]),
        log.history,
        log.forget_all,
        lambda: log.ingest([record(ANN, 1)]),
        log.release,
        log.expire,
        log.items,
        log.check_open,
    ):
        with pytest.raises(Closed, match="open it again"):
            use()


# -- reading only ---------------------------------------------------------------------------------


def test_a_reader_works_beside_the_writer_and_sees_each_commit(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    reader = readable(tmp_path)
    assert reader.history() == []
    generation = reader.generation
    assert reader.generation == generation
    log.write_acts([act()])
    assert reader.generation > generation
    assert len(reader.history()) == 1
    log.level = 2
    assert reader.level == 2
    reader.close()
    log.close()


def test_a_reader_changes_nothing(copy: Path) -> None:
    before = {p.name: p.read_bytes() for p in copy.iterdir()}
    reader = readable(copy)
    for use in (
        lambda: reader.write_acts([act()]),
        lambda: reader.ingest([record(BOB, 1)]),
        reader.forget_all,
        lambda: reader.block(ANN.peer, blocked=True),
        lambda: setattr(reader, "level", 3),
        lambda: reader.apportion({ANN.peer: 20}, 1),
        reader.release,
    ):
        with pytest.raises(ReadOnly, match="nothing was changed"):
            use()
    assert reader.expire() == 0
    assert len(reader.history()) == 40
    reader.close()
    after = {p.name: p.read_bytes() for p in copy.iterdir()}
    assert {name: after[name] for name in before} == before


def test_there_is_nothing_to_read_where_there_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="web3rec init"):
        readable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReadOnly, match="cannot write"):
        open_log(tmp_path / "file" / "below")


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory outside of the test user's private ones, so that another user reaches it."""
    path = Path(mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.skipif(not hasattr(os, "fork") or os.getuid() != 0, reason="needs a user to drop to")
def test_F3_on_a_disk_without_write_access_one_can_read(public: Path) -> None:
    """Another user may read the file, but make nothing beside it: no lock, no shared memory."""
    filled(public).close()
    for path in public.iterdir():
        path.chmod(0o444)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12: fork beside xdist's threads
        child = os.fork()
    if child == 0:  # nothing that raises may leave this block
        verdict = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            try:
                open_log(public)
            except ReadOnly:
                reader = readable(public)
                verdict = 0 if len(reader.history()) == 40 else 2
        finally:
            os._exit(verdict)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# -- a full disk ----------------------------------------------------------------------------------


def test_F3_on_a_full_disk_recording_fails_and_reading_goes_on(tmp_path: Path) -> None:
    log = filled(tmp_path)
    (pages,) = rows(log, "PRAGMA page_count")[0]
    rows(log, f"PRAGMA max_page_count = {pages}")
    before = contents(log)
    failures = 0
    for n in range(100, 400):
        try:
            log.write_acts([act(f"trk:{n}")])
        except ReadOnly:
            failures += 1
    assert failures > 200
    with pytest.raises(ReadOnly, match="what was committed before is safe"):
        log.write_acts([act(f"trk:{n}") for n in range(500, 600)])
    kept = log.history()
    assert len(kept) == 40 + 300 - failures
    assert log._held == live(log)
    assert contents(log)["quarantine"] == before["quarantine"]
    log.close()
    log = open_log(tmp_path)
    assert log.history() == kept
    log.close()


# -- a killed process -----------------------------------------------------------------------------

WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from tests.web3rec.store.logs import act, open_log
    log = open_log(Path(sys.argv[1]), level=1)
    for n in range(100_000):
        log.write_acts([act(f"trk:{n}")])
        print(n, flush=True)
    """
)


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 7, 40])
def test_F2_kill_9_leaves_a_prefix_of_what_was_committed(tmp_path: Path, lines: int) -> None:
    """What was reported is there, in order, and at most one more; a new writer gets the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        said = [int(process.stdout.readline()) for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout if line.endswith("\n")]
    log = open_log(tmp_path)
    kept = [
        item for (item,) in rows(log, "SELECT uri FROM records JOIN items USING (key) ORDER BY n")
    ]
    assert kept == [f"trk:{n}" for n in range(len(kept))]
    assert len(said) <= len(kept) <= len(said) + 1
    assert log._held == live(log)
    log.write_acts([act(FOLK)])
    log.close()


@pytest.mark.slow
def test_F4_a_second_process_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        process.stdout.readline()
        with pytest.raises(AlreadyOpen):
            open_log(tmp_path)
        reader = readable(tmp_path)
        assert reader.history() != []
        reader.close()
        process.kill()
    open_log(tmp_path).close()


def test_a_database_that_fails_to_open_can_still_be_told_apart(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with pytest.raises(ZeroDivisionError), database.reading():
        raise ZeroDivisionError
    assert database.rows("SELECT 1") == [(1,)]
    database.close()
