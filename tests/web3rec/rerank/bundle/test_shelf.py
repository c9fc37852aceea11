"""The shelf: one model in use, pins that are kept, and no way back to an older version (X3)."""

import os
import stat
from pathlib import Path

import pytest

from tests.web3rec.rerank.bundle.bundles import FILES, KEY, MANIFEST, STRANGER, toy
from web3rec.errors import DataError
from web3rec.rerank.bundle import Bundle, Ground, Refusal, Shelf, sealed
from web3rec.types import PeerId

DATA = toy()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    found = Shelf(tmp_path / "models")
    found.pin(KEY.peer)
    return found


def files(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in shelf.directory.iterdir())


def refused(found: Bundle | Refusal | None) -> Ground:
    assert isinstance(found, Refusal)
    return found.ground


def used_version(shelf: Shelf) -> int:
    found = shelf.used()
    assert isinstance(found, Bundle)
    return found.manifest.version


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    found = Shelf(tmp_path / "models")
    assert found.pinned() == frozenset()
    assert found.used() is None
    assert not found.remove()
    assert not found.directory.exists()
    assert refused(found.install(DATA)) is Ground.PUBLISHER


def test_what_is_installed_is_there_for_another_process(shelf: Shelf) -> None:
    assert isinstance(shelf.install(DATA), Bundle)
    again = Shelf(shelf.directory)
    assert used_version(again) == 3
    assert again.pinned() == {KEY.peer}
    assert len(files(shelf)) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in shelf.directory.iterdir()} == {0o600}


def test_X3_a_refused_bundle_leaves_the_one_in_use(shelf: Shelf) -> None:
    shelf.install(DATA)
    before = files(shelf)
    assert refused(shelf.install(DATA[:-1])) is Ground.LAYOUT
    assert refused(shelf.install(sealed(MANIFEST, FILES, STRANGER))) is Ground.PUBLISHER
    assert refused(shelf.install(toy(version=2))) is Ground.DOWNGRADE
    assert files(shelf) == before
    assert used_version(shelf) == 3


def test_X3_removing_does_not_open_the_way_back(shelf: Shelf) -> None:
    shelf.install(DATA)
    assert shelf.remove()
    assert files(shelf) == ["models.json"]
    assert shelf.used() is None
    assert refused(shelf.install(toy(version=2))) is Ground.DOWNGRADE
    shelf.unpin(KEY.peer)
    shelf.pin(KEY.peer)
    assert refused(shelf.install(toy(version=2))) is Ground.DOWNGRADE
    assert isinstance(shelf.install(DATA), Bundle)


def test_a_newer_one_takes_the_place(shelf: Shelf) -> None:
    shelf.install(DATA)
    shelf.install(toy(version=4))
    assert used_version(shelf) == 4
    assert len(files(shelf)) == 2


def test_X3_a_publisher_no_longer_pinned_is_no_longer_heeded(shelf: Shelf) -> None:
    shelf.install(DATA)
    shelf.unpin(KEY.peer)
    assert refused(shelf.used()) is Ground.PUBLISHER


def test_X3_a_file_changed_on_disk_is_refused(shelf: Shelf) -> None:
    shelf.install(DATA)
    (path,) = shelf.directory.glob("*.bundle")
    path.write_bytes(DATA[:-1] + b"\xff")
    assert isinstance(shelf.used(), Refusal)
    path.write_bytes(toy(version=4))  # signed, but not what was installed
    assert refused(shelf.used()) is Ground.HASH
    path.unlink()
    assert refused(shelf.used()) is Ground.HASH


@pytest.mark.parametrize("at", [1, 2])
def test_F2_killed_while_installing_it_has_the_old_model_or_the_new(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Two files are put in place: the bundle, then models.json. The power fails before each."""
    shelf.install(DATA)
    calls = 0
    real = Path.replace

    def failing(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == at:
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        with pytest.raises(KeyboardInterrupt):
            shelf.install(toy(version=4))
    assert used_version(shelf) == 3
    shelf.install(toy(version=4))
    assert used_version(shelf) == 4
    assert len(files(shelf)) == 2


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 5000,
        b'{"format": 2, "newest": [], "pinned": [], "used": null}',
        b'{"format": 1, "newest": [[1]], "pinned": [], "used": null}',
        b'{"format": 1, "newest": [], "pinned": ["x"], "used": null}',
        b'{"format": 1, "newest": [], "pinned": [], "used": "00"}',
    ],
)
def test_a_damaged_list_is_told_and_not_taken_for_an_empty_one(shelf: Shelf, spoilt: bytes) -> None:
    (shelf.directory / "models.json").write_bytes(spoilt)
    for asked in (shelf.used, shelf.pinned, shelf.remove, lambda: shelf.install(DATA)):
        with pytest.raises(DataError, match="damaged: restore it"):
            asked()


def test_a_weak_key_cannot_be_pinned(shelf: Shelf) -> None:
    with pytest.raises(DataError, match="no key"):
        shelf.pin(PeerId(b"\x01" + bytes(31)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written_is_told(shelf: Shelf) -> None:
    shelf.directory.chmod(0o500)
    try:
        with pytest.raises(DataError, match="cannot be written"):
            shelf.install(DATA)
    finally:
        shelf.directory.chmod(0o700)


def test_a_path_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"")
    with pytest.raises(DataError, match="cannot be"):
        Shelf(tmp_path / "models").pin(KEY.peer)
