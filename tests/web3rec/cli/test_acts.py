"""`record`, `trust` and `block`."""

import pytest

from tests.web3rec.cli.calls import STRANGER, Place
from web3rec import Item, Options, Recommender
from web3rec.records import item_key


@pytest.mark.parametrize("event", ["listen", "like", "share", "collect", "skip", "not_interested"])
def test_record_keeps_what_was_done(home: Place, event: str) -> None:
    said = home.fine("record", event, "trk:1")
    assert said.out == ""  # news, no result
    assert home.acts() == [("trk:1", event)]


def test_play_is_another_word_for_listen(home: Place) -> None:
    home.fine("record", "play", "trk:1")
    assert home.acts() == [("trk:1", "listen")]


def test_record_keeps_weight_and_time(home: Place) -> None:
    home.fine("record", "listen", "trk:1", "--weight", "3", "--at", "2026-01-31T18:30:00Z")
    with Recommender.open(home.path, Options(read_only=True)) as rec:
        assert rec.log.history() == [("trk:1", "listen", 3, 1769884200000)]


def test_a_title_is_added_to_what_is_known_of_the_item(home: Place) -> None:
    with Recommender.open(home.path) as rec:
        rec.add_items([Item("trk:1", creator="Coltrane", tags=("jazz",))])
    home.fine("record", "like", "trk:1", "--title", "Blue Train")
    with Recommender.open(home.path, Options(read_only=True)) as rec:
        item = rec.log.items()[item_key("trk:1")]
    assert (item.title, item.creator, item.tags) == ("Blue Train", "Coltrane", ("jazz",))


def test_a_refused_act_leaves_no_title_behind(home: Place) -> None:
    home("record", "like", "trk:1", "--title", "Blue Train", "--weight", "9")
    with Recommender.open(home.path, Options(read_only=True)) as rec:
        assert rec.log.items() == {}


def test_trust_is_kept_in_eighths_and_taken_back_by_name(home: Place) -> None:
    said = home.fine("trust", STRANGER, "0.8", "--name", "Ann")
    assert said.err == "you trust Ann: 0.75\n"
    assert home.fine("peers", "--json").objects[0]["trust"] == 0.75
    home.fine("trust", "Ann", "0")
    assert home.fine("peers", "--json").objects == []


@pytest.mark.parametrize("weight", ["-0.5", "-1e9", "-inf", "-nan", "nan", "inf", "1.5"])
def test_a_weight_outside_its_range_is_one_line(home: Place, weight: str) -> None:
    said = home("trust", STRANGER, weight)
    assert said.code == 1
    assert said.complaint.startswith("weight must be")
    assert home.fine("peers", "--json").objects == []


def test_block_is_undone_by_undo(home: Place) -> None:
    home.fine("block", STRANGER)
    assert home.fine("peers", "--json").objects[0]["blocked"] is True
    home.fine("block", STRANGER, "--undo")
    assert home.fine("peers", "--json").objects == []


def test_a_name_of_two_peers_is_not_guessed_at(home: Place) -> None:
    for key in (STRANGER, "00" * 31 + "09"):
        home.fine("trust", key, "1", "--name", "Ann")
    assert "2 peers are called 'Ann'" in home("block", "Ann").complaint


def test_who_is_neither_key_nor_name_is_one_line(home: Place) -> None:
    assert "web3rec peers" in home("trust", "Bob", "1").complaint
