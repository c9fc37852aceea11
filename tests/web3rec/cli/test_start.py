"""`init` and `share`."""

import stat

import pytest

from tests.web3rec.cli.calls import Place
from web3rec import Options, Recommender
from web3rec.cli.start import LADDER
from web3rec.records import did_key


def test_init_makes_a_key_only_its_owner_can_read_and_prints_its_name(nowhere: Place) -> None:
    said = nowhere.fine("init")
    key = nowhere.path / "author.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with Recommender.open(nowhere.path, Options(read_only=True)) as rec:
        assert said.out == f"{did_key(rec.me)}\n"
        assert rec.log.level == 0


def test_running_init_again_changes_nothing(home: Place) -> None:
    key = (home.path / "author.key").read_bytes()
    home.fine("share", "2")
    first, second = home.fine("init"), home.fine("init", "--json")
    assert (home.path / "author.key").read_bytes() == key
    assert second.objects == [
        {"did": first.out.strip(), "directory": str(home.path), "level": 2, "new": False}
    ]


def test_init_can_set_the_level_at_once(nowhere: Place) -> None:
    assert nowhere.fine("init", "--level", "1", "--json").objects[0]["level"] == 1


@pytest.mark.parametrize("level", range(4))
def test_share_sets_and_shows_the_level(home: Place, level: int) -> None:
    assert home.fine("share", str(level)).out == f"{level}: {LADDER[level]}\n"
    assert home.fine("share", "--json").objects == [{"level": level, "meaning": LADDER[level]}]


def test_there_is_no_level_4(home: Place) -> None:
    home.fine("share", "1")
    assert home("share", "4").code == 2
    assert home.fine("share", "--json").objects[0]["level"] == 1
