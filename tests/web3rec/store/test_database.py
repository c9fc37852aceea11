"""Faults: a damaged file, a full or read-only disk, a second process, a process killed."""

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
    JAZZ,
    ME,
    HandClock,
    act,
    contents,
    live,
    open_log,
    record,
    rows,
)
from web3rec.errors import AlreadyOpen, Closed, CorruptStore, Incompatible, ReadOnly
from web3rec.store import LOG_FILE, Log, quarantine
from web3rec.store.database import LOCK, Database
from web3rec.store.fingerprint import SUFFIX
from web3rec.store.schema import KNOWN, SCHEMA


def filled(path: Path) -> Log:
    log = open_log(path, level=1)
    log.write_acts([act(f"trk:{n}") for n in range(40)])
    log.ingest([record(ANN, n, item=f"trk:{n}") for n in range(40)])
    return log


def readable(path: Path) -> Log:
    return Log(path, ME, HandClock(), read_only=True)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose log was closed in order; copied, never written to."""
    path = tmp_path_factory.mktemp("closed")
    filled(path).close()
    return path


@pytest.fixture
def copy(closed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(closed, tmp_path / "copy"))


# -- damage ---------------------------------------------------------------------------------------


PLACES = [0, 17, 30, 99, 101, 4095, 4097, 5000, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.999, -1]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("read_only", [False, True])
def test_F1_a_flipped_byte_is_noticed_and_the_file_left_alone(
    copy: Path, place: float, *, read_only: bool
) -> None:
    path = copy / LOG_FILE
    damaged = bytearray(path.read_bytes())
    at = int(place * len(damaged)) if isinstance(place, float) else place
    damaged[at] ^= 0x01
    path.write_bytes(damaged)
    with pytest.raises(CorruptStore, match=r"doctor --quarantine"):
        Log(copy, ME, HandClock(), read_only=read_only)
    assert path.read_bytes() == bytes(damaged)
    assert sorted(p.name for p in copy.iterdir()) == [LOCK, LOG_FILE, LOG_FILE + SUFFIX]


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.99])
def test_F1_a_truncated_file_is_noticed(copy: Path, keep: float) -> None:
    path = copy / LOG_FILE
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(CorruptStore):
        open_log(copy)
    assert path.stat().st_size == int(keep * len(data))


@pytest.mark.parametrize("place", [0, 17, 100, 4096, 0.3, 0.6, 0.9])
def test_F1_after_a_crash_broken_structure_is_still_noticed(tmp_path: Path, place: float) -> None:
    """No fingerprint then; SQLite's own check of the structure stands."""
    log = filled(tmp_path / "device")
    expected = contents(log)
    rows(log, "PRAGMA wal_checkpoint(TRUNCATE)")
    crashed = Path(shutil.copytree(tmp_path / "device", tmp_path / "crashed"))
    log.close()
    path = crashed / LOG_FILE
    data = bytearray(path.read_bytes())
    start = int(place * len(data)) if isinstance(place, float) else place
    data[start : start + 64] = bytes(byte ^ 0xFF for byte in data[start : start + 64])
    path.write_bytes(data)
    try:
        again = open_log(crashed)
    except CorruptStore:
        assert path.read_bytes() == bytes(data)
        return
    try:
        found = contents(again)
    except CorruptStore:
        found = {}
    again.close()
    differing = [table for table, content in found.items() if expected[table] != content]
    assert len(differing) <= 1  # values of one stretch at most: the structure is sound


def test_F1_a_wal_without_its_file_is_not_dropped(tmp_path: Path) -> None:
    log = filled(tmp_path / "device")
    crashed = Path(shutil.copytree(tmp_path / "device", tmp_path / "crashed"))
    log.close()
    (crashed / LOG_FILE).write_bytes(b"")
    wal = (crashed / f"{LOG_FILE}-wal").read_bytes()
    assert wal
    with pytest.raises(CorruptStore, match="it is empty"):
        open_log(crashed)
    assert (crashed / f"{LOG_FILE}-wal").read_bytes() == wal


def test_F1_a_torn_wal_leaves_a_prefix_of_what_was_committed(tmp_path: Path) -> None:
    log = open_log(tmp_path / "device")
    for n in range(10):
        log.write_acts([act(f"trk:{n}")])
    crashed = Path(shutil.copytree(tmp_path / "device", tmp_path / "crashed"))
    log.close()
    wal = crashed / f"{LOG_FILE}-wal"
    data = wal.read_bytes()
    wal.write_bytes(data[: len(data) * 3 // 4])
    log = open_log(crashed)
    kept = [item for item, *_ in log.history()]
    assert kept == [f"trk:{n}" for n in range(len(kept))]
    assert 0 < len(kept) < 10
    log.close()


def test_a_text_that_is_none_is_damage_and_is_not_shown(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    with log._db.writing() as sql:
        sql.execute("UPDATE items SET uri = CAST(x'74726bff' AS TEXT)")
    with pytest.raises(CorruptStore, match="no text") as error:
        log.history()
    assert "trk" not in str(error.value).replace(str(tmp_path), "")
    log.close()


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 500])
def test_what_is_no_database_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOG_FILE).write_bytes(content)
    with pytest.raises(CorruptStore):
        open_log(tmp_path)
    assert (tmp_path / LOG_FILE).read_bytes() == content


def test_a_refused_directory_can_be_opened_by_the_next(copy: Path) -> None:
    """Whoever was refused leaves neither lock nor connection behind."""
    path = copy / LOG_FILE
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    for _ in range(3):
        with pytest.raises(CorruptStore):
            open_log(copy)
    path.write_bytes(data)
    open_log(copy).close()


def test_quarantine_sets_file_and_wal_aside_and_what_follows_is_empty(tmp_path: Path) -> None:
    log = filled(tmp_path / "device")
    crashed = Path(shutil.copytree(tmp_path / "device", tmp_path / "crashed"))
    log.close()
    parts = {p.name: p.read_bytes() for p in crashed.iterdir() if p.name.startswith(LOG_FILE)}
    assert set(parts) >= {LOG_FILE, f"{LOG_FILE}-wal"}
    aside = quarantine(crashed)
    assert aside == crashed / f"{LOG_FILE}.damaged-1"
    for name, data in parts.items():
        assert (crashed / name.replace(LOG_FILE, aside.name)).read_bytes() == data
    fresh = open_log(crashed)
    assert set(fresh.counts().values()) == {0}
    fresh.close()
    assert quarantine(crashed) == crashed / f"{LOG_FILE}.damaged-2"
    assert quarantine(crashed) is None
    assert quarantine(tmp_path / "nowhere") is None


def test_quarantine_takes_no_log_from_under_its_writer(tmp_path: Path) -> None:
    log = filled(tmp_path)
    with pytest.raises(AlreadyOpen):
        quarantine(tmp_path)
    assert len(log.history()) == 40
    log.close()


# -- fingerprints ---------------------------------------------------------------------------------


def test_a_fingerprint_is_there_exactly_while_nobody_writes(tmp_path: Path) -> None:
    beside = tmp_path / (LOG_FILE + SUFFIX)
    for _ in range(2):
        log = open_log(tmp_path)
        assert not beside.exists()
        log.write_acts([act()])
        log.close()
        assert beside.stat().st_mode & 0o777 == 0o600
    readable(tmp_path).close()
    assert beside.exists()


@pytest.mark.parametrize("text", ["", "half", "\xff", "0" * 63])
def test_a_fingerprint_not_written_to_its_end_counts_for_nothing(copy: Path, text: str) -> None:
    (copy / (LOG_FILE + SUFFIX)).write_text(text, encoding="latin-1")
    log = open_log(copy)
    assert len(log.history()) == 40
    log.close()


def test_a_log_taken_away_by_hand_is_not_called_damaged(copy: Path) -> None:
    (copy / LOG_FILE).unlink()
    log = open_log(copy)
    assert log.history() == []
    log.close()


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
        lambda: reader.save_cursor("ann", bytes(16), 1),
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
