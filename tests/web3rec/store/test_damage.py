"""A damaged file is noticed, named and left alone; quarantine sets it aside."""

import shutil
from pathlib import Path

import pytest

from tests.web3rec.store.logs import (
    JAZZ,
    ME,
    HandClock,
    act,
    contents,
    filled,
    open_log,
    readable,
    rows,
)
from web3rec.errors import AlreadyOpen, CorruptStore
from web3rec.store import LOG_FILE, Log, quarantine
from web3rec.store.database import LOCK
from web3rec.store.fingerprint import SUFFIX

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
