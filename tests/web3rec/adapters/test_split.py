"""Reading published splits."""

import gzip
from pathlib import Path

import pytest

from tests.conftest import SHARED_DATA
from tests.web3rec.adapters.conftest import write_folder, write_zip
from web3rec.adapters import Act, read_split
from web3rec.errors import DataError
from web3rec.types import Event, Item, ItemId

FILES = {
    "train.txt": "10 3 5\n2 5\n\n7\n",
    "valid.txt": "2 11\n",
    "test.txt": "10 11 3\r\n2 9 \n7 9\n8 3\n",
}
"""Users 2, 7, 8, 10; 7 has nothing in train, 8 is nowhere else; item 3 of user 10 is in both."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "tiny", FILES)


def test_a_small_split_is_read_as_worked_by_hand(folder: Path) -> None:
    found = read_split(folder)
    assert found.train.name == "tiny"
    assert found.train.people == ("2", "7", "8", "10"), "by number, not by text"
    assert found.train.items == tuple(Item(ItemId(i)) for i in ("3", "5", "9", "11"))
    assert found.train.acts == (
        Act("2", ItemId("5"), Event.LISTEN),
        Act("10", ItemId("3"), Event.LISTEN),
        Act("10", ItemId("5"), Event.LISTEN),
    )
    assert found.valid == {"2": {"11"}}
    assert found.test == {"10": {"11"}, "2": {"9"}, "7": {"9"}, "8": {"3"}}
    assert len(found.train.notes) == 1
    assert "1 rows of test are in train" in found.train.notes[0]


def test_packed_and_without_valid_it_is_the_same(folder: Path, tmp_path: Path) -> None:
    whole = read_split(folder)
    assert read_split(write_zip(tmp_path / "tiny.zip", folder)) == whole
    (folder / "train.txt.gz").write_bytes(gzip.compress(FILES["train.txt"].encode()))
    (folder / "train.txt").unlink()
    assert read_split(folder) == whole
    (folder / "valid.txt").unlink()
    assert read_split(folder).valid == {}


def test_names_need_not_be_numbers(tmp_path: Path) -> None:
    files = {"train.txt": "zoe b10\nann b9\n", "test.txt": "ann b10\n"}
    found = read_split(write_folder(tmp_path / "named", files))
    assert found.train.people == ("ann", "zoe")
    assert [item.id for item in found.train.items] == ["b10", "b9"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train.txt", None, "wanted train.txt"),
        ("test.txt", None, "wanted test.txt"),
        ("test.txt", "1\n2\n", "test.txt: wanted lines of a user and its items"),
        ("train.txt", "1 2\n1 " + "x" * 513, "train.txt line 2: wanted names of at most 512"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    folder: Path, name: str, text: str | None, message: str
) -> None:
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)
    with pytest.raises(DataError, match=message):
        read_split(folder)


def test_progress_ends_at_the_number_of_lines(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    read_split(folder, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] > 0


def test_the_real_split_has_its_published_counts() -> None:
    path = SHARED_DATA / "lastfm-splits" / "lightgcnpp"
    if not path.exists():
        pytest.skip("the LightGCN++ split of Last.fm is not beside the checkout")
    found = read_split(path)
    assert (len(found.train.people), len(found.train.items)) == (1_885, 17_388)
    assert len(found.train.acts) == 64_315
    assert sum(map(len, found.valid.values())) == 9_143
    assert sum(map(len, found.test.values())) == 18_321
    assert found.train.notes == ()
