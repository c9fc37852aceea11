"""Which format it is is told by the contents."""

import zipfile
from pathlib import Path

import pytest

from tests.web3rec.adapters.conftest import write_zip
from web3rec.adapters import Dataset, Entries, read_any, read_hetrec, read_movielens
from web3rec.adapters import folder as folder_module
from web3rec.adapters.folder import Folder
from web3rec.errors import DataError


def test_a_folder_or_zip_is_known_by_its_files(
    hetrec_folder: Path, movielens_folder: Path, tmp_path: Path
) -> None:
    assert read_any(hetrec_folder) == read_hetrec(hetrec_folder)
    assert read_any(movielens_folder) == read_movielens(movielens_folder)
    assert read_any(write_zip(tmp_path / "a.bin", hetrec_folder)) == read_hetrec(hetrec_folder)
    assert isinstance(read_any(write_zip(tmp_path / "b.zip", movielens_folder)), Dataset)


@pytest.mark.parametrize(
    ("name", "text"), [("me.txt", '\n {"type":"item","id":"a"}'), ("empty.jsonl", "")]
)
def test_json_lines_are_known_by_their_first_letter(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert isinstance(read_any(path), Entries)


@pytest.mark.parametrize("name", ["some.txt", "some.zip", "folder"])
def test_anything_else_is_refused_by_naming_what_was_looked_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name == "some.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("cats.csv", "a,b")
    else:
        path.write_text("a,b\n")
    with pytest.raises(DataError, match=r"user_artists.dat.*ratings.csv.*u.data.*JSON") as caught:
        read_any(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_nothing_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_any(tmp_path / "nothing")
    with pytest.raises(DataError, match="no such file"):
        Folder.open(tmp_path / "nothing")


def test_a_text_file_is_not_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "plays.zip"
    path.write_text("user,item\n")
    with pytest.raises(DataError, match=r"plays.zip: wanted a folder or a zip, found neither"):
        read_hetrec(path)


def test_a_zip_damaged_inside_is_refused_by_the_name_of_its_file(
    hetrec_folder: Path, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "hetrec.zip", hetrec_folder)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"Duran Duran", b"Duran Durun"))  # the checksum notices
    with pytest.raises(DataError, match=r"artists.dat: damaged or unreadable .*CRC"):
        read_hetrec(path)


def test_a_file_that_unpacks_to_too_much_is_refused(
    hetrec_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "MAX_BYTES", 60)
    with pytest.raises(DataError, match=r": wanted at most 60 bytes, found more"):
        read_hetrec(write_zip(tmp_path / "hetrec.zip", hetrec_folder))


def test_the_shallowest_of_two_files_of_a_name_wins(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/ratings.csv", "junk")
        archive.writestr("set/old/ratings.csv", "old")
        archive.writestr("set/ratings.csv", "new")
    assert Folder.open(path).text("ratings.csv") == "new"
