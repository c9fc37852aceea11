"""A recipe of a hybrid: trained with torch, shipped in whole numbers with item vectors."""

import json
from pathlib import Path

import pytest

from tests.web3rec.distill.stages.kitchens import LISTS, PLAIN, Kitchen, story
from web3rec.distill.stages.running import EVERYTHING, cooked
from web3rec.distill.stages.verifying import summary, verified
from web3rec.records import SigningKey

pytest.importorskip("torch", reason="training a hybrid needs the extra distill")
pytestmark = pytest.mark.slow

HYBRID = PLAIN.replace("[bundle]", '[bundle]\nkey = "key.pem"').replace(
    'kind = "linear"',
    'kind = "hybrid"\nattention = 4\nblend = 2\nhidden = 8\nepochs = 2\n[vectors]\nkind = "svd"\n'
    "dimension = 8",
)


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    monkeypatch.setattr("web3rec.distill.stages.plot.drawn", lambda _report: b"a picture")
    SigningKey.from_seed(bytes(32)).save(tmp_path / "key.pem")
    return Kitchen.at(tmp_path)


def test_a_hybrid_is_trained_and_shipped_with_its_vectors(kitchen: Kitchen) -> None:
    bench = kitchen.bench(HYBRID)
    cooked(EVERYTHING, bench)
    checks = {check.name: check for check in verified(bench.workshop)}
    assert summary(list(checks.values()))["ok"]
    assert "format 2" in checks["opens"].said
    assert story(bench.workshop)["kind"] == "hybrid"


def test_X5_what_whole_numbers_spoil_ships_in_float32(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web3rec.distill.stages.packing.LEAST_KEPT", 1.5)
    bench = kitchen.bench(HYBRID)
    cooked(EVERYTHING, bench)
    measured = json.loads(bench.workshop.read("quantized.json"))
    assert measured["eight_bit"]["held"] is False
    assert measured["ndcg"]["quantised"] == measured["ndcg"]["full"]
    assert bench.workshop.read("small.npz") == bench.workshop.read("float.npz")
    assert all(check.ok for check in verified(bench.workshop))


def test_the_same_recipe_is_the_same_hybrid_to_the_byte(kitchen: Kitchen) -> None:
    """With a teacher, so that students of either half and taught ones are trained as well."""
    (kitchen.folder / "lists.tsv").write_text("p1\ta1t03\t1\np2\ta2t05\t1\n")
    found = []
    for out in ("one", "two"):
        bench = kitchen.bench(HYBRID + LISTS, out)
        cooked(EVERYTHING, bench)
        found.append(bench.workshop.read("model.bundle"))
        assert set(story(bench.workshop)["auditions"]) == {"lists"}
    assert found[0] == found[1]
