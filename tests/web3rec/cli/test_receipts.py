"""`forget --receipt`, `verify RECEIPT` and `audit` through the command line."""

import json
import stat
from pathlib import Path

import pytest

from tests.web3rec.cli.calls import Place
from web3rec import Event, Options, Recommender
from web3rec.store import Receipt
from web3rec.unlearn import audit as auditing


def forgotten(home: Place, file: Path, item: str = "trk:1") -> Receipt:
    """An act that had left is forgotten; its receipt, as written."""
    home.fine("share", "1")
    with Recommender.open(home.path, Options(share_delay_hours=0)) as rec:
        rec.record(Event.LIKE, item)
        rec.log.release()
    home.fine("forget", "--item", item, "--receipt", str(file))
    return Receipt.from_json(file.read_bytes())


def checks(home: Place, file: Path) -> tuple[int, dict[str, bool]]:
    said = home("verify", str(file), "--json")
    *each, verdict = said.objects
    assert verdict["failed"] == [one["check"] for one in each if not one["holds"]]
    assert verdict["holds"] == (said.code == 0)
    return said.code, {one["check"]: one["holds"] for one in each}


def test_a_receipt_is_written_whole_and_for_its_owner_only(home: Place, tmp_path: Path) -> None:
    made = forgotten(home, tmp_path / "receipt.json")
    assert stat.S_IMODE((tmp_path / "receipt.json").stat().st_mode) == 0o600
    assert made.is_signed
    assert (made.wish, made.retractions) == ("one item", 1)
    assert "trk:1" not in (tmp_path / "receipt.json").read_text()
    said = home.fine("verify", str(tmp_path / "receipt.json"))
    assert said.out.splitlines()[-1] == "the receipt holds"
    assert checks(home, tmp_path / "receipt.json")[0] == 0


def test_what_was_done_again_is_said_and_is_no_fault(home: Place, tmp_path: Path) -> None:
    forgotten(home, tmp_path / "receipt.json")
    home.fine("record", "like", "trk:1")
    said = home.fine("verify", str(tmp_path / "receipt.json"))
    assert "recorded anew since: 1" in said.out


def test_a_receipt_that_does_not_hold_says_what_does_not(home: Place, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    forgotten(home, file)
    with Recommender.open(home.path) as rec:
        rec.log._db.rows("DELETE FROM records WHERE kind = 'retract'")
    code, found = checks(home, file)
    assert code == 1
    assert [name for name, holds in found.items() if not holds] == ["retractions"]
    said = home("verify", str(file))
    assert said.code == 1
    assert said.out.splitlines()[-1] == "the receipt does not hold: retractions"


def test_a_receipt_that_was_changed_is_not_signed(home: Place, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    forgotten(home, file)
    file.write_text(file.read_text().replace('"retractions": 1', '"retractions": 0'))
    assert checks(home, file) == (1, {"signature": False})


def test_what_is_no_receipt_is_said_to_be_none(home: Place, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    assert "list.json: this is no receipt" in home("verify", str(tmp_path / "list.json")).complaint
    assert home("verify", str(tmp_path / "nothing.json")).code == 2
    assert home("verify", "--deep", str(tmp_path / "list.json")).code == 2


def test_somebody_elses_receipt_is_told_apart(home: Place, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    forgotten(home, file)
    other = Place(tmp_path / "other")
    other.fine("init")
    assert checks(other, file) == (1, {"signature": True, "author": False})


def test_it_is_verified_beside_who_holds_the_directory(home: Place, tmp_path: Path) -> None:
    forgotten(home, tmp_path / "receipt.json")
    with Recommender.open(home.path):
        assert checks(home, tmp_path / "receipt.json")[0] == 0


@pytest.mark.parametrize("place", ["there.json", "no/such/place.json"])
def test_nothing_is_forgotten_where_no_receipt_can_be_written(
    home: Place, tmp_path: Path, place: str
) -> None:
    home.fine("record", "like", "trk:1")
    (tmp_path / "there.json").write_text("dear")
    home_said = home("forget", "--item", "trk:1", "--receipt", str(tmp_path / place))
    assert "there.json is there already" in home_said.err or "cannot be written" in home_said.err
    assert home_said.code == 1
    assert home.acts() == [("trk:1", "like")]
    assert (tmp_path / "there.json").read_text() == "dear"


@pytest.mark.parametrize("more", [("--receipt", "file.json"), ("--audit",)])
def test_a_dry_run_has_no_receipt_and_no_audit(home: Place, more: tuple[str, ...]) -> None:
    assert home("forget", "--item", "trk:1", "--dry-run", *more).code == 2


def test_a_peer_is_forgotten_with_what_it_said(neighbour: Place, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    (done,) = neighbour.fine(
        "forget", "--peer", "Ann", "--receipt", str(file), "--audit", "--json"
    ).objects
    assert (done["wish"], done["removed"]["heard"]) == ("one peer", 3)
    assert all(done["audit"].values())
    assert "files" in done["audit"]
    assert neighbour.fine("peers", "--json").objects == []
    assert checks(neighbour, file)[0] == 0


def test_an_audit_says_each_stage(neighbour: Place) -> None:
    *stages, verdict = neighbour.fine("audit", "--json").objects
    assert [one["stage"] for one in stages] == [
        "rows", "memory", "graph", "trust", "admission", "list", "models",
    ]  # fmt: skip
    assert verdict["clean"]
    assert neighbour.fine("audit").out.splitlines()[-1] == "clean"


def test_U3_an_audit_searches_for_what_was_forgotten(neighbour: Place) -> None:
    neighbour.fine("record", "like", "own:some-secret-song")
    assert neighbour("audit", "--forgotten", "own:some-secret-song").code == 1
    neighbour.fine("forget", "--item", "own:some-secret-song")
    neighbour.fine("audit", "--forgotten", "own:some-secret-song")
    (neighbour.path / "notes").write_text("I liked own:some-secret-song once")
    said = neighbour("audit", "--forgotten", "own:some-secret-song", "--json")
    assert said.code == 1
    assert said.objects[-2]["what"] == "found in notes"
    assert not said.objects[-1]["clean"]


def test_an_audit_that_is_not_clean_fails(
    neighbour: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_is_same", lambda *_: False)
    said = neighbour("audit")
    assert said.code == 1
    assert said.out.splitlines()[-1] == "not clean"
    said = neighbour("forget", "--item", "trk:1", "--audit", "--json")
    assert said.code == 1
    assert not json.loads(said.out)["audit"]["graph"]
    assert "not as it must be: graph" in said.err
