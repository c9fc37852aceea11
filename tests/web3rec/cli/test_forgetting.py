"""`forget` through the command line."""

from pathlib import Path

import pytest

from tests.web3rec.cli.calls import Place
from web3rec import Event, Options, Recommender


def test_forgetting_an_item_prints_a_receipt(home: Place) -> None:
    home.fine("record", "like", "trk:1")
    home.fine("record", "like", "trk:2")
    (receipt,) = home.fine("forget", "--item", "trk:1", "--json").objects
    assert receipt["removed"] == {"records": 1, "feedback": 0, "payments": 0, "items": 1}
    assert (receipt["retractions"], receipt["dry_run"]) == (0, False)
    assert home.acts() == [("trk:2", "like")]


def test_what_had_left_is_retracted(home: Place) -> None:
    home.fine("share", "1")
    with Recommender.open(home.path, Options(share_delay_hours=0)) as rec:
        rec.record(Event.LIKE, "trk:1")
        assert rec.log.release()
    assert home.fine("forget", "--item", "trk:1", "--json").objects[0]["retractions"] == 1


@pytest.mark.parametrize(
    "words", [("--item", "trk:1"), ("--since", "1h"), ("--peer", "Ann"), ("--all",)]
)
def test_a_dry_run_says_what_would_be_and_changes_nothing(
    neighbour: Place, words: tuple[str, ...], tmp_path: Path
) -> None:
    neighbour.fine("export", str(tmp_path / "before.jsonl"))
    (planned,) = neighbour.fine("forget", *words, "--dry-run", "--json").objects
    neighbour.fine("export", str(tmp_path / "after.jsonl"))
    assert (tmp_path / "before.jsonl").read_text() == (tmp_path / "after.jsonl").read_text()
    (done,) = neighbour.fine("forget", *words, "--yes", "--json").objects
    assert planned["dry_run"]
    assert planned["removed"] == done["removed"]
    assert sum(done["removed"].values()) > 0


@pytest.mark.parametrize("words", [("--since", "1h"), ("--all",)])
@pytest.mark.parametrize("answer", ["", "n\n", "what\n"])
def test_much_is_forgotten_only_after_a_yes(
    neighbour: Place, words: tuple[str, ...], answer: str
) -> None:
    before = neighbour.acts()
    said = neighbour("forget", *words, answer=answer)
    assert said.code == 1
    assert said.out == ""
    assert "web3rec: error: nothing was forgotten (--yes does not ask)" in said.err
    assert neighbour.acts() == before
    assert neighbour("forget", *words, answer="y\n").code == 0
    assert neighbour.acts() == []


def test_forgetting_all_keeps_key_and_others(neighbour: Place) -> None:
    me = neighbour.fine("init").out
    neighbour.fine("forget", "--all", "--yes")
    assert neighbour.fine("init").out == me
    (ann,) = neighbour.fine("peers", "--json").objects
    assert (ann["trust"], ann["name"], ann["records"]) == (None, "", 3)


def test_nothing_to_forget_is_said(home: Place) -> None:
    said = home.fine("forget", "--item", "trk:1")
    assert "nothing of that was here" in said.err


@pytest.mark.parametrize("words", [(), ("--item", "trk:1", "--all")])
def test_exactly_one_wish(home: Place, words: tuple[str, ...]) -> None:
    said = home("forget", *words)
    assert said.code == 2
    assert "exactly one of" in said.complaint
