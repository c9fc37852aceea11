"""A bundle that is not what it says is found out."""

import json
import shutil
from pathlib import Path

import pytest

from tests.web3rec.distill.stages.kitchens import PLAIN, Kitchen
from web3rec.distill.stages import verifying
from web3rec.distill.stages.running import EVERYTHING, cooked
from web3rec.distill.stages.verifying import Check, summary, verified
from web3rec.distill.stages.workshop import Workshop, packed, unpacked
from web3rec.errors import DataError
from web3rec.records import SigningKey

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cooked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kitchen = Kitchen.at(tmp_path_factory.mktemp("kitchen"))
    bench = kitchen.bench(PLAIN)
    cooked(EVERYTHING, bench)
    return bench.workshop.directory


@pytest.fixture
def workshop(cooked_once: Path, tmp_path: Path) -> Workshop:
    shutil.copytree(cooked_once, tmp_path / "out")
    return Workshop(tmp_path / "out")


def wrong(workshop: Workshop) -> list[str]:
    found: list[str] = summary(list(verified(workshop)))["wrong"]
    return found


def test_what_was_made_is_right(workshop: Workshop) -> None:
    assert wrong(workshop) == []


@pytest.mark.parametrize("where", [0, 20, 60, 110, 200, -200, -1])
def test_X3_a_byte_changed_anywhere_is_found(workshop: Workshop, where: int) -> None:
    data = bytearray(workshop.read("model.bundle"))
    data[where] ^= 1
    workshop.write("model.bundle", bytes(data))
    assert wrong(workshop) == ["opens"]


def test_X3_another_publishers_bundle_is_found(workshop: Workshop) -> None:
    other = SigningKey.generate().peer
    (only,) = verified(workshop, other)
    assert (only.ok, only.figures["ground"]) == (False, "publisher")


def test_X5_a_claim_that_the_lessons_do_not_bear_out_is_found(workshop: Workshop) -> None:
    """Somebody trains on easier lessons than those that are shown: half of the hits are gone."""
    arrays = unpacked(workshop.read("lessons.npz"), "lessons.npz")
    arrays["hits"][: len(arrays["hits"]) // 2] = False
    workshop.write("lessons.npz", packed(arrays))
    assert wrong(workshop) == ["ndcg", "report"]


def test_a_gate_that_was_not_decided_so_is_found(workshop: Workshop) -> None:
    story = json.loads(workshop.read("student.json"))
    story["distillation"] = {"gain": [0.1, 0.2, 0.3]}
    workshop.write("student.json", json.dumps(story).encode())
    assert wrong(workshop) == ["report"]


def test_backends_that_disagree_are_found(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = verifying.backends
    monkeypatch.setattr(
        verifying,
        "backends",
        lambda found: {
            name: (lambda x, m=model, f=factor: f * m(x))
            for factor, (name, model) in zip((1.0, -1.0), both(found).items(), strict=False)
        },
    )
    assert "parity" in wrong(workshop)


def test_what_cannot_be_looked_at_is_not_taken_for_right(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "is_there", lambda: False)
    found = summary(list(verified(workshop)))
    assert (found["ok"], found["not_checked"]) == (True, ["parity"])
    workshop.path("lessons.npz").unlink()
    assert summary(list(verified(workshop)))["not_checked"] == ["ndcg"]


def test_without_a_bundle_there_is_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"bundle\.json"):
        list(verified(Workshop(tmp_path)))
    (tmp_path / "bundle.json").write_bytes(b"{}")
    with pytest.raises(DataError, match="give --publisher"):
        list(verified(Workshop(tmp_path)))


def test_the_speed_is_the_median_of_this_process(workshop: Workshop) -> None:
    ticks = iter(range(10_000_000))
    checks = list(verified(workshop, clock=lambda: next(ticks) / 1_000))
    speed = next(check for check in checks if check.name == "speed")
    assert speed.figures["numpy_ms"] == 1.0


def test_a_check_is_a_line_of_plain_values() -> None:
    assert json.dumps(Check("x", None, "why", {"n": 1}).line()) == (
        '{"check": "x", "ok": null, "said": "why", "n": 1}'
    )
