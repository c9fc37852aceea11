"""`web3rec distill`, as people call it."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.web3rec.cli.calls import ROOT, Place
from tests.web3rec.distill.stages.kitchens import PLAIN, Kitchen


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    monkeypatch.setattr("web3rec.distill.stages.plot.drawn", lambda _report: b"a picture")
    return Kitchen.at(tmp_path)


@pytest.mark.slow
def test_run_then_verify(nowhere: Place, kitchen: Kitchen) -> None:
    out = str(kitchen.folder / "out")
    words = ("--config", str(kitchen.recipe(PLAIN)), "--out", out)
    said = nowhere.fine("distill", "run", *words)
    assert "linear, untaught" in said.out
    assert "toy 1:" in said.out
    assert "did:key:z" in said.out
    assert "lessons:" in said.err
    *checks, whole = nowhere.fine("distill", "verify", out, "--json").objects
    assert whole == {"check": "all", "ok": True, "wrong": [], "not_checked": []}
    assert [check["check"] for check in checks] == ["opens", "ndcg", "parity", "report", "speed"]
    again = nowhere.fine("distill", "run", *words, "--json").objects
    assert all(line["done_before"] for line in again[:-1])
    assert set(again[-1]) == {"bundle", "quantized"}
    assert "ok: opens: toy 1" in nowhere.fine("distill", "verify", out).out


@pytest.mark.slow
def test_X3_verify_ends_with_1_where_a_byte_was_changed(nowhere: Place, kitchen: Kitchen) -> None:
    out = kitchen.folder / "out"
    recipe = str(kitchen.recipe(PLAIN))
    for step in ("label", "train", "export", "quantize", "bundle"):
        nowhere.fine("distill", step, "--config", recipe, "--out", str(out))
    bundle = out / "model.bundle"
    data = bundle.read_bytes()
    bundle.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    said = nowhere("distill", "verify", str(out), "--json")
    assert said.code == 1
    assert [line["ok"] for line in said.objects] == [False, False]
    said = nowhere("distill", "verify", str(out))
    assert (said.code, said.out[:12]) == (1, "WRONG: opens")


def test_missing_data_is_one_line_that_says_what_to_give(nowhere: Place, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(PLAIN)
    said = nowhere("distill", "run", "--config", str(recipe), "--out", str(tmp_path / "out"))
    last = said.err.splitlines()[-1]
    assert said.code == 1
    assert last.startswith("web3rec: error: data.path: there is no plays.tsv, neither beside")
    assert "Traceback" not in said.err


def test_a_recipe_that_is_none_is_one_line(nowhere: Place, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("[data]\nfile = 1\n[bundle]\nname = 'x'\n")
    words = ("--config", str(tmp_path / "recipe.toml"), "--out", str(tmp_path / "out"))
    assert "unknown key 'file' in [data]" in nowhere("distill", "train", *words).complaint
    nothing = ("--config", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out"))
    assert "cannot be read" in nowhere("distill", "run", *nothing).complaint


def test_verify_of_nothing_is_one_line(nowhere: Place, tmp_path: Path) -> None:
    assert "bundle.json" in nowhere("distill", "verify", str(tmp_path)).complaint
    wrong = ("distill", "verify", str(tmp_path), "--publisher", "did:key:nobody")
    assert nowhere(*wrong).code == 1


@pytest.mark.parametrize(
    "step", ["run", "label", "train", "export", "quantize", "bundle", "verify", "forget"]
)
def test_every_step_has_help_with_an_example(nowhere: Place, step: str) -> None:
    shown = nowhere.fine("distill", step, "--help").out
    assert f"web3rec distill {step} " in shown.partition("For instance:")[2]
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"distill {step}" in page


@pytest.mark.slow
def test_the_demos_recipe_makes_a_bundle_of_what_we_ship(
    nowhere: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of half of the people, without teachers: enough for a test."""
    monkeypatch.setattr("web3rec.distill.stages.plot.drawn", lambda _report: b"a picture")
    text = (ROOT / "recipes" / "demo.toml").read_text()
    recipe = tmp_path / "demo.toml"
    data = str(ROOT / "examples" / "data" / "ml-latest-small")
    recipe.write_text(
        text.partition("[[teachers]]")[0]
        .replace("../examples/data/ml-latest-small", data)
        .replace("people = 600", "people = 320")
        .replace("tuned = true", "tuned = false\n[calibration]\non = false")
        + "[student]"
        + text.partition("[student]")[2]
    )
    out = str(tmp_path / "out")
    nowhere.fine("distill", "run", "--config", str(recipe), "--out", out)
    assert nowhere.fine("distill", "verify", out, "--json").objects[-1]["ok"]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["training"]["people"] == {"train": 160, "valid": 80, "test": 80}


@pytest.mark.slow
def test_forget_makes_the_next_version_and_says_who_asked_how_to_check_it(
    nowhere: Place, kitchen: Kitchen
) -> None:
    out, recipe = str(kitchen.folder / "out"), str(kitchen.recipe(PLAIN))
    nowhere.fine("distill", "run", "--config", recipe, "--out", out)
    words = ("distill", "forget", out, "--config", recipe)
    assert "1 to 10,000" in nowhere(*words).complaint
    assert "1 of 1 are not in the data" in nowhere(*words, "--person", "nobody").complaint
    (said,) = nowhere.fine(*words, "--person", "p7", "--item", "a0t03", "--json").objects
    assert (said["people"], said["items"], said["version"]) == (1, 1, 2)
    entries = {
        sha256(b"web3rec-forgotten-v1\0" + bytes.fromhex(salt) + id_).hexdigest(): entry
        for entry, salt in said["proofs"].items()
        for id_ in (b"p7", b"a0t03")
    }
    assert set(said["proofs"]) <= set(entries)
    *_, whole = nowhere.fine("distill", "verify", out, "--json").objects
    assert whole["ok"]
    again = nowhere.fine(*words, "--person", "p7").out
    assert "2 on the list, 0 judgements deleted; the bundle is version 2" in again
