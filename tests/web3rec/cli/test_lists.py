"""`recommend` and `why`: what the API gives, printed."""

from pathlib import Path

import pytest

from tests.web3rec.cli.calls import STRANGER, Place
from web3rec import Options, Recommender


def test_the_printed_list_is_the_list(neighbour: Place) -> None:
    printed = neighbour.fine("recommend", "--json").objects
    with Recommender.open(neighbour.path, Options(read_only=True)) as rec:
        batch = rec.recommend()
    assert [one["rank"] for one in printed] == [1, 2]
    assert [one["id"] for one in printed] == [str(one.item.id) for one in batch]
    assert [one["reason"] for one in printed] == [one.reason for one in batch]
    assert all("Ann, whom you trust, shares your taste in “Blue Train”" in r.reason for r in batch)


def test_a_table_for_people_has_title_item_and_reason(neighbour: Place) -> None:
    head, first, *_ = neighbour.fine("recommend").out.splitlines()
    assert head.split() == ["#", "title", "item", "score", "why"]
    assert "Ann, whom you trust" in first


def test_limit_and_exclude(neighbour: Place) -> None:
    assert len(neighbour.fine("recommend", "-n", "1", "--json").objects) == 1
    left = neighbour.fine("recommend", "--exclude", "trk:2", "--json").objects
    assert len(left) == 1


def test_who_trusts_nobody_is_told_so(home: Place) -> None:
    said = home.fine("recommend")
    assert said.out == ""
    assert "you trust nobody yet" in said.err
    assert "web3rec trust" in said.err


def test_a_seed_speaks_while_one_trusts_nobody(home: Place, tmp_path: Path) -> None:
    """By flag, by environment or by file: the flag wins over both."""
    home.fine("record", "like", "trk:1")
    ann = home.hears(tmp_path / "ann", ["trk:1", "trk:2"])
    assert home.fine("recommend", "--json").objects == []
    assert len(home.fine("recommend", "--json", "--seed", ann).objects) == 1
    assert len(home.fine("recommend", "--json", env={"WEB3REC_SEEDS": ann}).objects) == 1
    (home.path / "web3rec.toml").write_text(f'[options]\nseeds = ["{ann}"]\n')
    assert len(home.fine("recommend", "--json").objects) == 1
    assert home.fine("recommend", "--json", "--seed", STRANGER).objects == []


def test_open_mode_is_said_to_be_unprotected(home: Place, tmp_path: Path) -> None:
    home.fine("record", "like", "trk:1")
    home.hears(tmp_path / "ann", ["trk:1", "trk:2"])
    said = home.fine("recommend", "--mode", "open", "--json")
    assert len(said.objects) == 1
    assert "unprotected" in said.err


def test_reading_works_while_another_process_holds_the_directory(neighbour: Place) -> None:
    with Recommender.open(neighbour.path):
        assert len(neighbour.fine("recommend", "--json").objects) == 2


def test_why_tells_contributions_that_sum_to_the_score_and_the_line(neighbour: Place) -> None:
    (told,) = neighbour.fine("why", "trk:2", "--json").objects
    assert sum(part["amount"] for part in told["contributions"]) == pytest.approx(told["score"])
    assert [part["name"] for part in told["contributions"]] == ["Ann"]
    assert told["path"]["own"] == "trk:1"
    assert told["path"]["via"] == told["path"]["peer"] == told["contributions"][0]["peer"]
    shown = neighbour.fine("why", "trk:2").out
    assert "strongest line: you → “Blue Train” → Ann → this item" in shown
    assert "100%" in shown


def test_why_names_an_item_by_the_hash_the_list_shows(neighbour: Place) -> None:
    shown = neighbour.fine("recommend", "--json").objects[0]["id"]
    assert shown.startswith("hash:")
    assert neighbour.fine("why", shown, "--json").objects[0]["id"] == shown


def test_why_of_an_item_of_the_own_catalogue(home: Place, tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    lines = [f'{{"type": "item", "id": "trk:{n}", "tags": ["jazz"]}}' for n in range(1, 4)]
    file.write_text("\n".join(lines))
    home.fine("import", str(file))
    home.fine("record", "like", "trk:1")
    (told,) = home.fine("why", "trk:2", "--json").objects
    assert (told["source"], told["path"]) == ("catalogue", None)
    assert "your own catalogue" in home.fine("why", "trk:2").out


def test_why_not(neighbour: Place) -> None:
    """An item that is not in the list: why it is not, and what to try."""
    ranked = [one["id"] for one in neighbour.fine("recommend", "--json").objects]
    assert "you have it already" in neighbour("why", "trk:1").complaint
    assert "nobody your trust reaches" in neighbour("why", "trk:99").complaint
    assert "you excluded it" in neighbour("why", "trk:2", "--exclude", "trk:2").complaint
    assert "try -n 10" in neighbour("why", ranked[1], "-n", "1").complaint
    neighbour.fine("record", "not_interested", "trk:3")
    assert "you are not interested" in neighbour("why", "trk:3").complaint
