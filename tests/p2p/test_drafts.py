"""What came of a model so far: kept over restarts, trusted as far as its hashes, one at most."""

import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from p2p.drafts import Drafts
from p2p.model_wire import CHUNK_BYTES, MAX_SIZE, offer
from web3rec.errors import DataError

DATA = np.random.default_rng(5).bytes(4 * CHUNK_BYTES + 777)
SAID = offer(DATA, 100)
FALSE = offer(DATA[: 100 + 2 * CHUNK_BYTES] + bytes(2 * CHUNK_BYTES + 677), 100)
"""Another offer: its first two chunks are the same."""


def piece(number: int) -> bytes:
    at = 100 + number * CHUNK_BYTES
    return DATA[at : at + SAID.length(number)]


def kept(path: Path, chunks: int) -> Drafts:
    drafts = Drafts(path / "models")
    for number in range(chunks):
        drafts.keep(SAID, number, piece(number))
    return drafts


def files(path: Path) -> list[Path]:
    return sorted((path / "models").glob("draft-*"))


def test_nothing_is_here_at_first_and_nothing_is_made(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "models")
    assert drafts.resumed(SAID) == 0
    drafts.drop()
    assert not (tmp_path / "models").exists()


def test_what_came_is_here_for_another_process_and_makes_the_whole(tmp_path: Path) -> None:
    kept(tmp_path, 3)
    again = Drafts(tmp_path / "models")
    assert again.resumed(SAID) == 3
    for number in (3, 4):
        again.keep(SAID, number, piece(number))
    assert again.resumed(SAID) == SAID.chunks == 5
    assert again.whole(SAID) == DATA
    (only,) = files(tmp_path)
    assert stat.S_IMODE(only.stat().st_mode) == 0o600
    again.drop()
    assert files(tmp_path) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.integers(0, 4 * CHUNK_BYTES + 677))
def test_X3_cut_off_at_any_byte_whole_chunks_count(tmp_path: Path, size: int) -> None:
    drafts = kept(tmp_path, 5)
    (path,) = files(tmp_path)
    with path.open("r+b") as file:
        file.truncate(size)
    have = drafts.resumed(SAID)
    assert have == (5 if size == SAID.rest else size // CHUNK_BYTES)
    for number in range(have, 5):
        drafts.keep(SAID, number, piece(number))
    assert drafts.whole(SAID) == DATA


def test_X3_a_disk_is_not_trusted(tmp_path: Path) -> None:
    drafts = kept(tmp_path, 5)
    (path,) = files(tmp_path)
    with path.open("r+b") as file:
        file.seek(CHUNK_BYTES + 5)
        file.write(b"\0\1")
    assert drafts.resumed(SAID) == 1
    path.write_bytes(bytes(MAX_SIZE + 10))
    assert drafts.resumed(SAID) == 0


def test_one_draft_at_most_and_what_is_true_of_it_is_not_lost(tmp_path: Path) -> None:
    drafts = kept(tmp_path, 5)
    assert drafts.resumed(FALSE) == 2, "the first two chunks are those of both"
    assert len(files(tmp_path)) == 1
    drafts.keep(FALSE, 2, bytes(CHUNK_BYTES))
    assert drafts.resumed(SAID) == 2
    assert len(files(tmp_path)) == 1


def test_a_directory_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("no directory")
    drafts = Drafts(tmp_path / "models")
    with pytest.raises(DataError, match="cannot be used"):
        drafts.keep(SAID, 0, piece(0))
    with pytest.raises(DataError, match="cannot be used"):
        drafts.whole(SAID)
