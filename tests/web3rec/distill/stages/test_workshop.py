"""Files there whole or not at all; stages done once."""

import stat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy.testing import assert_array_equal

from web3rec.distill.stages.workshop import Workshop, ingredients, packed, unpacked
from web3rec.errors import AlreadyOpen, DataError


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path / "out")
    made.prepare().release()
    return made


def test_a_stage_is_done_while_its_files_are_as_it_left_them(workshop: Workshop) -> None:
    assert not workshop.done("bake", "flour")
    workshop.finish("bake", "flour", {"bread": b"white", "crumbs": b"few"})
    assert workshop.done("bake", "flour")
    assert not workshop.done("bake", "rye")
    workshop.write("bread", b"burnt")
    assert not workshop.done("bake", "flour")
    workshop.write("bread", b"white")
    assert workshop.done("bake", "flour")
    workshop.path("crumbs").unlink()
    assert not workshop.done("bake", "flour")


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"ingredients": "flour"}', b"\xff"])
def test_half_a_record_is_no_record(workshop: Workshop, record: bytes) -> None:
    workshop.finish("bake", "flour", {"bread": b"white"})
    workshop.path("stages/bake.json").write_bytes(record)
    assert not workshop.done("bake", "flour")
    workshop.finish("bake", "flour", {"bread": b"white"})
    assert workshop.done("bake", "flour")


def test_what_a_stage_makes_no_longer_is_removed(workshop: Workshop) -> None:
    workshop.finish("bake", "flour", {"bread": b"white", "cake": b"sweet"})
    workshop.finish("bake", "rye", {"bread": b"dark"})
    assert not workshop.path("cake").exists()


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_F2_a_write_that_fails_leaves_the_file_that_was_there(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    workshop.finish("bake", "flour", {"bread": b"white"})

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    where = {"fsync": "os.fsync", "replace": "pathlib.Path.replace"}[fails]
    with monkeypatch.context() as patch:
        patch.setattr(where, full)
        with pytest.raises(DataError, match=r"bread: cannot be written \(No space left"):
            workshop.finish("bake", "rye", {"bread": b"dark"})
    assert workshop.read("bread") == b"white"
    assert workshop.done("bake", "flour")


def test_D6_nobody_else_may_read_it(workshop: Workshop) -> None:
    workshop.write("lessons", b"who likes what")
    assert stat.S_IMODE(workshop.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(workshop.path("lessons").stat().st_mode) == 0o600


def test_two_runs_do_not_work_in_one_directory(workshop: Workshop) -> None:
    lock = workshop.prepare()
    with pytest.raises(AlreadyOpen, match="another run is at work"):
        workshop.prepare()
    lock.release()
    workshop.prepare().release()


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="choose another --out"):
        Workshop(tmp_path / "file" / "out").prepare()


def test_ingredients_are_all_that_matters(workshop: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a").write_bytes(b"1")

    def hashed(stage: str = "bake", version: int = 1, seed: int = 0) -> str:
        return ingredients(stage, version, {"seed": seed}, workshop, ["flour"], [folder])

    seen = {hashed(), hashed("cook"), hashed(version=2), hashed(seed=1)}
    workshop.write("flour", b"white")
    seen.add(hashed())
    (folder / "a").write_bytes(b"2")
    seen.add(hashed())
    (folder / "b").write_bytes(b"")
    seen.add(hashed())
    assert len(seen) == 7
    assert hashed() in seen


def test_arrays_are_the_same_bytes_every_time_and_come_back() -> None:
    arrays: dict[str, npt.NDArray[Any]] = {"b": np.arange(3), "a": np.eye(2, dtype=np.float32)}
    data = packed(arrays)
    assert data == packed(dict(reversed(arrays.items())))
    for name, array in unpacked(data, "x").items():
        assert_array_equal(array, arrays[name])
    assert unpacked(packed({}), "x") == {}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"rubbish"])
def test_damaged_arrays_are_said(data: bytes) -> None:
    with pytest.raises(DataError, match="damaged"):
        unpacked(data, "labels.npz")
