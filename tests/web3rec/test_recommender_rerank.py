"""Lists ordered by a model: whose may, on what evidence, what stands where none may."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.web3rec.ordered import GOOD, HARMFUL, TOY, given_bundle, order, places, with_bundle
from tests.web3rec.rerank.bundle.bundles import BASIS, COLUMNS, FILES
from tests.web3rec.rerank.bundle.hybrids import files_of, manifest_of, network
from tests.web3rec.walkers import (
    ITEMS,
    PEOPLE,
    PUBLISHER,
    STRANGER,
    STRETCH,
    bundle,
    walker,
)
from web3rec import Batch, Event, Mode, Model, RerankParams
from web3rec.recommender import SHELF
from web3rec.records import item_key
from web3rec.rerank.bundle import Bundle, items, sealed
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.onnx_backend import OnnxModel, is_there
from web3rec.rerank.gate import GateParams

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def plain(tmp_path: Path) -> Batch:
    """The graph's own list."""
    with walker(tmp_path / "plain", rerank=RerankParams(on=False)) as rec:
        return rec.recommend()


# -- what is used ----------------------------------------------------------------------------------


def test_a_bundle_that_serves_better_orders_the_first_list(tmp_path: Path, plain: Batch) -> None:
    batch = with_bundle(tmp_path, bundle(GOOD))
    assert (batch.model, batch.model_note) == (TOY, "")
    assert order(batch) != order(plain)
    assert order(batch)[0] == f"trk:{20 + STRETCH}"


def test_without_any_model_the_graph_orders_and_nothing_is_remarked(
    tmp_path: Path, plain: Batch
) -> None:
    with walker(tmp_path / "device") as rec:
        batch = rec.recommend()
    assert (batch.model, batch.model_note) == (None, "")
    assert places(batch) == places(plain)


def test_what_a_device_learns_for_itself_orders_its_lists(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device") as rec:
        learnt = rec.learn()
        batch = rec.recommend()
    assert batch.model == learnt.model == Model("own", 0, None)
    assert str(batch.model) == "own"
    assert learnt.gain > 2 * learnt.error > 0
    assert learnt.lists == len(PEOPLE)
    assert order(batch) != order(plain)


def test_too_few_people_teach_nothing(tmp_path: Path) -> None:
    gate = GateParams(least_lists=len(PEOPLE) + 1)
    with walker(tmp_path / "device", rerank=RerankParams(gate=gate)) as rec:
        learnt = rec.learn()
        assert learnt.model is None
        assert "42 lists" in learnt.note
        assert rec.recommend().model_note == learnt.note


def test_learning_may_be_switched_off(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device", rerank=RerankParams(own=False)) as rec:
        assert rec.learn().model is None
        assert places(rec.recommend()) == places(plain)


def test_a_bundle_on_the_shelf_is_used_from_the_next_list_on(tmp_path: Path) -> None:
    with walker(tmp_path / "device") as rec:
        assert rec.recommend().model is None
        rec.shelf.pin(PUBLISHER.peer)
        assert isinstance(rec.shelf.install(bundle(GOOD)), Bundle)
        assert rec.recommend().model == TOY
        rec.shelf.install(bundle(GOOD, version=2))
        assert rec.recommend().model == Model("toy", 2, PUBLISHER.peer)
        rec.shelf.remove()
        assert rec.recommend().model is None


def test_the_file_of_the_app_takes_the_place_of_the_shelf(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD, name="given"))
    with walker(tmp_path / "device", bundle=path) as rec:
        rec.shelf.pin(PUBLISHER.peer)
        rec.shelf.install(bundle(GOOD))
        batch = rec.recommend()
    assert batch.model is not None
    assert batch.model.name == "given"


def test_whoever_asks_in_words_or_under_another_mode_is_asked_no_model(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    with walker(tmp_path / "device", bundle=path, publishers=(PUBLISHER.peer,)) as rec:
        assert rec.recommend().model == TOY
        for batch in (rec.recommend(words=["Track"]), rec.recommend(mode=Mode.OPEN)):
            assert (batch.model, batch.model_note) == (None, "")


def looking(decay: float) -> bytes:
    """A model that reads item vectors only: what is near the newest own items is next."""
    rng = np.random.default_rng(0)
    model = network(rng, c=1, d=2, h=1, p=1, e=2)
    arrays = {name: np.zeros_like(array) for name, array in model.arrays().items()}
    arrays["decay"][:] = decay
    arrays["skip"][1, 0] = 1.0  # of one column and attended, mean, closest: the second
    angles = 2 * np.pi * np.arange(ITEMS) / ITEMS
    vectors = {
        item_key(f"trk:{n}"): np.array([np.cos(a), np.sin(a)], np.float32)
        for n, a in enumerate(angles.tolist())
    }
    blind = HybridWeights.of(arrays)
    made = files_of(blind, items.written(BASIS, vectors))
    return sealed(replace(manifest_of(blind), name="toy", version=1), made, PUBLISHER)


def test_a_bundle_that_looks_at_the_history_reads_the_devices_own(
    tmp_path: Path, plain: Batch
) -> None:
    batch = with_bundle(tmp_path, looking(decay=3.0))
    assert (batch.model, batch.model_note) == (TOY, "")
    assert order(batch) != order(plain)
    newest = 20 + STRETCH - 1
    ahead = [f"trk:{newest + k}" for k in range(1, 6)]
    assert order(batch)[:3] == ahead[:3]
    assert sorted(order(batch)[:5]) == ahead, "budgets may let one wait for another"


# -- what is not -----------------------------------------------------------------------------------


def test_X3_a_file_alone_is_no_trust_in_whoever_signed_it(tmp_path: Path, plain: Batch) -> None:
    batch = with_bundle(tmp_path, bundle(GOOD), publishers=())
    assert places(batch) == places(plain)
    assert batch.model is None
    assert batch.model_note.startswith("the bundle is not used: it is refused: publisher")
    batch = with_bundle(tmp_path / "..", bundle(GOOD, key=STRANGER))
    assert "publisher" in batch.model_note


def test_X3_who_is_pinned_on_the_device_is_pinned_for_a_given_file(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    with walker(tmp_path / "device", bundle=path) as rec:
        assert rec.recommend().model is None
        rec.shelf.pin(PUBLISHER.peer)
        assert rec.recommend().model == TOY
        rec.shelf.unpin(PUBLISHER.peer)
        assert rec.recommend().model is None


@pytest.mark.parametrize("at", [0, 20, 60, 110, 300, -1])
def test_X3_a_changed_byte_leaves_the_graphs_order(tmp_path: Path, plain: Batch, at: int) -> None:
    data = bytearray(bundle(GOOD))
    data[at] ^= 1
    batch = with_bundle(tmp_path, bytes(data))
    assert places(batch) == places(plain)
    assert "is not used: it is refused: " in batch.model_note


def test_X3_a_given_file_is_no_way_back_behind_what_was_installed(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD, version=1))
    with walker(tmp_path / "device", bundle=path) as rec:
        rec.shelf.pin(PUBLISHER.peer)
        rec.shelf.install(bundle(GOOD, version=2))
        rec.shelf.remove()
        assert "downgrade" in rec.recommend().model_note


def test_a_file_that_is_not_there_is_a_reason_and_no_error(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device", bundle=tmp_path / "none") as rec:
        batch = rec.recommend()
        assert places(batch) == places(plain)
        assert "cannot be read" in batch.model_note
        (tmp_path / "none").write_bytes(bundle(GOOD))
        rec.shelf.pin(PUBLISHER.peer)
        assert rec.recommend().model == TOY, "once it is there, it is used"


def test_a_damaged_shelf_is_a_reason_and_no_error(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device") as rec:
        (tmp_path / "device" / SHELF).mkdir()
        (tmp_path / "device" / SHELF / "models.json").write_text("{")
        batch = rec.recommend()
    assert places(batch) == places(plain)
    assert "damaged" in batch.model_note


def test_X5_a_bundle_that_serves_this_device_worse_is_not_used(
    tmp_path: Path, plain: Batch
) -> None:
    batch = with_bundle(tmp_path, bundle(HARMFUL))
    assert places(batch) == places(plain)
    assert batch.model is None
    assert batch.model_note.startswith("toy 1 is not used: it gains -")
    assert "on this device's own window" in batch.model_note


def test_where_a_bundle_is_not_used_the_devices_own_head_may_be(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(HARMFUL))
    with walker(tmp_path / "device", bundle=path, publishers=(PUBLISHER.peer,)) as rec:
        learnt = rec.learn()
        batch = rec.recommend()
    assert learnt.model == batch.model == Model("own", 0, None)
    assert batch.model_note.startswith("toy 1 is not used")


def test_X4_a_model_that_computes_infinity_leaves_the_graphs_order(
    tmp_path: Path, plain: Batch
) -> None:
    batch = with_bundle(tmp_path, bundle({"far": 3e38, "place": 3e38}))
    assert places(batch) == places(plain)
    assert "NaN or infinity" in batch.model_note


class Stopwatch:
    """Stands still until it is told to run: then every look at it is a second later."""

    def __init__(self) -> None:
        self.now, self.runs = 0.0, False

    def __call__(self) -> float:
        self.now += self.runs
        return self.now


def test_X4_a_model_that_takes_too_long_is_never_used(tmp_path: Path, plain: Batch) -> None:
    watch = Stopwatch()
    watch.runs = True
    batch = with_bundle(tmp_path, bundle(GOOD), rerank=RerankParams(stopwatch=watch))
    assert places(batch) == places(plain)
    assert batch.model_note == "toy 1 is not used: the model took 1000 ms, allowed are 50"


def test_X4_a_model_that_fails_is_not_judged_again_within_the_hour(tmp_path: Path) -> None:
    watch = Stopwatch()
    watch.runs = True
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {
        "publishers": (PUBLISHER.peer,),
        "rerank": RerankParams(stopwatch=watch, changed=1e-6),
    }
    with walker(tmp_path / "device", bundle=path, **options) as rec:
        rec.recommend()
        before = rec._models._found
        assert before is not None
        rec.record(Event.LIKE, "trk:40")
        rec.recommend()
        assert rec._models._found is before


def test_X4_a_model_that_takes_too_long_once_is_not_heeded_that_once(
    tmp_path: Path, plain: Batch
) -> None:
    watch = Stopwatch()
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {
        "publishers": (PUBLISHER.peer,),
        "rerank": RerankParams(stopwatch=watch),
    }
    with walker(tmp_path / "device", bundle=path, **options) as rec:
        quick = rec.recommend()
        watch.runs = True
        slow = rec.recommend()
        watch.runs = False
        again = rec.recommend()
    assert (slow.model, places(slow)) == (None, places(plain))
    assert slow.model_note == "the model took 1000 ms, allowed are 50"
    assert quick.model == again.model == TOY
    assert places(quick) == places(again)


@pytest.mark.skipif(not is_there(), reason="no onnxruntime below 1.29: pip install web3rec[onnx]")
def test_X4_onnxruntime_is_stopped_by_the_wall_ten_times_as_late_as_a_list_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = OnnxModel(FILES["model.onnx"], COLUMNS)
    monkeypatch.setattr("web3rec.reranking.reranker", lambda _, **__: model)
    with_bundle(tmp_path, bundle(GOOD), rerank=RerankParams(seconds=0.2))
    assert model.seconds == pytest.approx(2.0)
