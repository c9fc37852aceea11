"""`import` and `export`."""

import stat
import zipfile
from pathlib import Path

import pytest

from tests.web3rec.cli.calls import STRANGER, Place
from web3rec import Options, Recommender

PLAYS = "userID\tartistID\tweight\n2\t1\t9\n2\t2\t1\n3\t2\t5\n4\t1\t1\n"
FILES = {
    "user_artists.dat": PLAYS,
    "artists.dat": "id\tname\n1\tColtrane\n2\tDavis\n3\tMonk\n",
    "user_friends.dat": "userID\tfriendID\n2\t3\n",
}


@pytest.fixture
def hetrec(tmp_path: Path) -> Path:
    path = tmp_path / "hetrec.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return path


def test_a_history_moves_from_one_device_to_another(home: Place, tmp_path: Path) -> None:
    home.fine("record", "like", "trk:1", "--title", "Blue Train")
    home.fine("record", "skip", "trk:2")
    home.fine("trust", STRANGER, "0.5", "--name", "Ann")
    file = tmp_path / "me.jsonl"
    assert home.fine("export", str(file), "--json").objects == [{"acts": 2, "path": str(file)}]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    other = Place(tmp_path / "other")
    other.fine("init")
    assert other.fine("import", str(file), "--json").objects == [{"acts": 2, "items": 1}]
    assert other.acts() == home.acts()
    assert other.fine("peers", "--json").objects == home.fine("peers", "--json").objects


def test_a_person_of_a_data_set_becomes_the_ego(home: Place, hetrec: Path) -> None:
    said = home.fine("import", str(hetrec), "--user", "2", "--json")
    assert said.objects == [{"acts": 2, "items": 3}]
    assert sorted(home.acts()) == [("lastfm:artist:1", "listen"), ("lastfm:artist:2", "listen")]
    with Recommender.open(home.path, Options(read_only=True)) as rec:
        assert {item.title for item in rec.log.items().values()} == {"Coltrane", "Davis", "Monk"}


@pytest.mark.parametrize("words", [(), ("--user", "77"), ("--format", "hetrec")])
def test_a_data_set_wants_to_know_whose_acts(
    home: Place, hetrec: Path, words: tuple[str, ...]
) -> None:
    complaint = home("import", str(hetrec), *words).complaint
    assert "3 people" in complaint
    assert "(1 acts)" in complaint
    assert home.acts() == []


def test_one_persons_file_wants_no_user(home: Place, tmp_path: Path) -> None:
    file = tmp_path / "me.jsonl"
    file.write_text('{"type": "act", "kind": "like", "item": "trk:1"}\n')
    assert "leave out --user" in home("import", str(file), "--user", "2").complaint
    assert "leave out --user" in home(
        "import", str(file), "--user", "2", "--format", "jsonl"
    ).complaint  # fmt: skip
    assert home.acts() == []


def test_an_export_replaces_nothing_unless_forced(home: Place, tmp_path: Path) -> None:
    file = tmp_path / "me.jsonl"
    file.write_text("precious")
    assert "--force" in home("export", str(file)).complaint
    assert file.read_text() == "precious"
    home.fine("export", str(file), "--force")
    assert file.read_text() == ""


def test_an_export_never_lands_on_the_key(home: Place) -> None:
    key = home.path / "author.key"
    before = key.read_bytes()
    assert "somewhere else" in home("export", str(key), "--force").complaint
    assert key.read_bytes() == before


def test_an_export_works_beside_a_node(home: Place, tmp_path: Path) -> None:
    home.fine("record", "like", "trk:1")
    with Recommender.open(home.path):
        home.fine("export", str(tmp_path / "me.jsonl"))
