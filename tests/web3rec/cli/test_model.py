"""`model`: pins, installing and removing as people type it; what lists and `doctor` say of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.web3rec.cli.calls import STRANGER as NOBODY
from tests.web3rec.cli.calls import Place
from tests.web3rec.walkers import PUBLISHER, STRANGER, STRETCH, bundle, published, settle
from web3rec import Recommender
from web3rec.clock import system_clock
from web3rec.records import did_key
from web3rec.records.model import DAY

DID = did_key(PUBLISHER.peer)
GOOD = {"graph": 0.2, "next": 8.0}


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.bundle"
    path.write_bytes(bundle(GOOD))
    return str(path)


@pytest.fixture
def company(tmp_path: Path) -> Place:
    """A device that knows people enough to judge a model by."""
    home = Place(tmp_path / "company")
    home.fine("init")
    today = system_clock() // 1000 // DAY * DAY
    with Recommender.open(home.path) as rec:
        settle(rec, tuple(enumerate(range(20, 20 + STRETCH))), published(today))
    return home


def told(place: Place, *words: str) -> dict[str, Any]:
    (one,) = place.fine("model", *words, "--json").objects
    return one


def check(place: Place) -> tuple[str, str]:
    """State and detail of doctor's check."""
    (one,) = [c for c in place("doctor", "--json").objects if c["check"] == "model"]
    return one["state"], one["detail"]


def test_X3_a_model_of_somebody_who_is_not_pinned_is_not_installed(home: Place, model: str) -> None:
    complaint = home("model", "install", model).complaint
    assert "refused: publisher" in complaint
    assert DID in complaint, "whom to ask for"
    assert "--publisher" in complaint
    assert told(home, "show")["model"] is None


def test_who_is_named_as_publisher_is_pinned_and_the_model_installed(
    home: Place, model: str
) -> None:
    done = told(home, "install", model, "--publisher", DID)
    assert (done["name"], done["version"], done["publisher"]) == ("toy", 1, DID)
    assert done["columns"] == ["graph", "next"]
    shown = told(home, "show")
    assert shown == {"model": done, "refused": "", "pinned": [DID]}
    for words in (["show"], ["install", model]):
        assert "toy 1, CC0-1.0, by did:key:" in home.fine("model", *words).out


def test_X3_naming_another_publisher_than_signed_it_installs_nothing(
    home: Place, model: str
) -> None:
    said = home("model", "install", model, "--publisher", did_key(STRANGER.peer))
    assert "refused: publisher" in said.complaint
    assert told(home, "show")["model"] is None


def test_pin_show_unpin_remove(home: Place, model: str) -> None:
    assert told(home, "pin", DID) == {"publisher": DID, "pinned": True}
    assert f"pinned: {DID}" in home.fine("model", "show").out
    home.fine("model", "install", model)
    assert told(home, "unpin", DID) == {"publisher": DID, "pinned": False}
    assert told(home, "show")["refused"].startswith("publisher: ")
    assert home.fine("model", "show").out.startswith("the model is not used: publisher: ")
    assert told(home, "remove") == {"removed": True}
    assert told(home, "remove") == {"removed": False}
    assert home.fine("model", "show").out == "no model is installed\n"


def test_X3_there_is_no_way_back_to_an_older_one(home: Place, model: str, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    newer.write_bytes(bundle(GOOD, version=2))
    home.fine("model", "install", str(newer), "--publisher", DID)
    home.fine("model", "remove")
    assert "downgrade" in home("model", "install", model).complaint


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("install", "no-such-file"), "cannot be read"),
        (("pin", "nobody"), "did:key"),
        (("install", "x", "--publisher", "nobody"), "did:key"),
    ],
)
def test_mistakes_are_one_line(home: Place, words: tuple[str, ...], what: str) -> None:
    assert what in home("model", *words).complaint


def test_what_is_no_bundle_is_refused(home: Place, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a model")
    assert "refused: layout" in home("model", "install", str(path)).complaint


def test_where_there_is_no_device_none_is_made(nowhere: Place) -> None:
    assert "web3rec init" in nowhere("model", "pin", NOBODY).complaint
    assert not nowhere.path.exists()


@pytest.mark.slow
def test_lists_say_what_ordered_them(company: Place, model: str) -> None:
    def ordered() -> tuple[object, object]:
        first, *_ = company.fine("recommend", "--json").objects
        return first["model"], first["model_note"]

    assert ordered() == (None, "")
    company.fine("model", "install", model, "--publisher", DID)
    assert ordered() == ("toy 1", "")
    assert "ordered by toy 1, signed by" in company.fine("why", "trk:30").out
    (why,) = company.fine("why", "trk:30", "--json").objects
    assert why["model"] == "toy 1"
    company.fine("model", "unpin", DID)
    said = company.fine("recommend")
    assert "note: the bundle is not used: it is refused: publisher" in said.err
    assert "ordered by the graph alone: the bundle is not used" in company.fine("why", "trk:30").out
    learnt, *_ = company.fine("recommend", "--learn", "--json").objects
    assert learnt["model"] == "own"
    company.fine("model", "remove")
    assert "what this device learnt for itself" in company.fine("why", "trk:30", "--learn").out


@pytest.mark.slow
def test_judging_says_what_a_model_is_worth_here(
    company: Place, model: str, tmp_path: Path
) -> None:
    assert "what this device learnt orders your lists: +" in company.fine(
        "model", "show", "--judge"
    ).out  # fmt: skip
    company.fine("model", "install", model, "--publisher", DID)
    judged = told(company, "show", "--judge")["judged"]
    assert (judged["orders"], judged["note"], judged["lists"]) == ("toy 1", "", 42)
    assert judged["gain"] > 2 * judged["error"] > 0
    harmful = tmp_path / "harmful"
    harmful.write_bytes(bundle({"graph": 1.0, "next": -3.0}, version=2))
    company.fine("model", "install", str(harmful))
    out = company.fine("model", "show", "--judge").out
    assert "what this device learnt orders your lists" in out
    assert "toy 2 is not used: it gains -" in out


def test_without_company_the_graphs_order_stands(home: Place) -> None:
    assert "the graph's own order stands: " in home.fine("model", "show", "--judge").out


def test_models_are_changed_beside_whoever_holds_the_directory(home: Place, model: str) -> None:
    with Recommender.open(home.path) as rec:
        home.fine("model", "install", model, "--publisher", DID)
        assert rec.shelf.pinned() == {PUBLISHER.peer}
        assert "0 lists" in rec.recommend().model_note


def test_doctor_tells_what_orders_lists(home: Place, model: str) -> None:
    assert check(home) == ("ok", "none installed, 0 publishers pinned")
    home.fine("model", "install", model, "--publisher", DID)
    state, detail = check(home)
    assert state == "ok"
    assert detail.startswith("toy 1, CC0-1.0, by did:key:")
    assert "in NumPy; 1 publishers pinned" in detail
    home.fine("model", "unpin", DID)
    state, detail = check(home)
    assert state == "note"
    assert detail.startswith("not used, the graph's order stands: publisher: ")
    assert home("doctor").code == 0
    (home.path / "models" / "models.json").write_text("{")
    state, detail = check(home)
    assert state == "wrong"
    assert "damaged" in detail
    assert home("doctor").code == 1
