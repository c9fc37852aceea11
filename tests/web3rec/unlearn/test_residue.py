"""Searching files for what was erased."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.devices import device, items, settled
from tests.web3rec.store.logs import scratch
from web3rec import Event
from web3rec.errors import DataError
from web3rec.store import key_of
from web3rec.unlearn import residue as searching
from web3rec.unlearn.residue import left_of, residue

SECRET = b"a long enough secret"


@pytest.mark.parametrize("before", [0, 1, 7, 8, 63])
def test_bytes_are_found_wherever_they_begin(tmp_path: Path, before: int) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"x" * before + SECRET)
    (tmp_path / "other").write_bytes(SECRET[:-1])
    assert residue(tmp_path, [b"not here at all", SECRET]) == (2, ("below/file",))


@given(st.integers(0, 40), st.integers(9, 40))
def test_bytes_are_found_across_the_parts_a_file_is_read_in(before: int, part: int) -> None:
    with scratch() as path, pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_AT_ONCE", part)
        (path / "file").write_bytes(b"x" * before + SECRET + b"y" * 9)
        assert residue(path, [SECRET]) == (1, ("file",))
        assert residue(path, [SECRET + b"z"]) == (1, ())


@given(st.binary(max_size=200), st.lists(st.binary(min_size=8, max_size=12), max_size=5))
def test_it_finds_what_a_plain_search_finds(data: bytes, wanted: list[bytes]) -> None:
    with scratch() as path:
        (path / "file").write_bytes(data)
        assert bool(residue(path, wanted)[1]) == any(one in data for one in wanted)


def test_an_empty_directory_and_nothing_to_look_for(tmp_path: Path) -> None:
    assert residue(tmp_path, [SECRET]) == (0, ())
    (tmp_path / "file").write_bytes(SECRET)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert residue(tmp_path, []) == (1, ())


# -- of an item -----------------------------------------------------------------------------------

MINE = "own:some-secret-song"


def test_U3_an_item_that_was_forgotten_is_found_in_no_file(tmp_path: Path) -> None:
    with device(tmp_path) as rec:
        rec.record(Event.LIKE, MINE)
        assert not left_of(tmp_path, rec.log, MINE).equal
        rec.forget(item=MINE)
        stage = left_of(tmp_path, rec.log, MINE)
        assert (stage.equal, stage.what) == (True, "found in no file")
        assert stage.count > 1


@pytest.mark.parametrize("secret", [MINE.encode(), key_of(MINE)])
def test_U3_a_file_that_still_has_it_is_named(tmp_path: Path, secret: bytes) -> None:
    with device(tmp_path) as rec:
        (tmp_path / "left.behind").write_bytes(b"..." + secret)
        stage = left_of(tmp_path, rec.log, MINE)
        assert (stage.equal, stage.what) == (False, "found in left.behind")


def test_what_others_name_is_rightly_there(tmp_path: Path) -> None:
    """Friends like trk:1, the app describes trk:20: only what the ego did is looked for."""
    with settled(tmp_path) as rec:
        rec.add_items(items())
        assert not left_of(tmp_path, rec.log, "trk:1").equal
        rec.forget(item="trk:1")
        assert left_of(tmp_path, rec.log, "trk:1").equal
        assert "no file was searched" in left_of(tmp_path, rec.log, "trk:20").what


def test_what_is_no_item_is_refused(tmp_path: Path) -> None:
    with device(tmp_path) as rec, pytest.raises(DataError):
        left_of(tmp_path, rec.log, "")
