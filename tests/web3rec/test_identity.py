"""The device's key: born once, kept, and never silently replaced."""

import threading
from pathlib import Path

import pytest

from web3rec.errors import KeyFileError, ReadOnly
from web3rec.identity import KEY_FILE, author_key
from web3rec.records import SigningKey
from web3rec.store import LOG_FILE


def test_a_key_is_born_with_its_directory_and_loaded_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    key = author_key(path, read_only=False)
    assert (path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert path.stat().st_mode & 0o777 == 0o700
    for read_only in (False, True):
        assert author_key(path, read_only=read_only).peer == key.peer


def test_a_log_without_its_key_gets_no_new_one(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).touch()
    for read_only in (False, True):
        with pytest.raises(KeyFileError, match="restore the key file"):
            author_key(tmp_path, read_only=read_only)
    assert not (tmp_path / KEY_FILE).exists()


def test_reading_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="web3rec init"):
        author_key(tmp_path / "new", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n\n"])
def test_a_file_that_is_no_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(KeyFileError):
        author_key(tmp_path, read_only=False)
    assert (tmp_path / KEY_FILE).read_bytes() == content


def test_where_nothing_can_be_made_the_error_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReadOnly, match="cannot use"):
        author_key(tmp_path / "file", read_only=False)


def test_threads_that_open_a_new_directory_together_get_one_key(tmp_path: Path) -> None:
    together = threading.Barrier(4)
    found: list[SigningKey] = []

    def be_born() -> None:
        together.wait(20)
        found.append(author_key(tmp_path / "new", read_only=False))

    threads = [threading.Thread(target=be_born) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 4
    assert len({key.peer for key in found}) == 1
