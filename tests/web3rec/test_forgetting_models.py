"""What a model of vectors and words knows of an item that the ego forgot: what it knows of any."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.web3rec.rerank.bundle.bundles import BASIS
from tests.web3rec.rerank.bundle.hybrids import files_of, manifest_of, network
from tests.web3rec.store.logs import record
from tests.web3rec.walkers import ITEMS, PEOPLE, PUBLISHER, STRETCH, walker
from web3rec import Event, Item, Recommender
from web3rec.records import item_key
from web3rec.rerank.bundle import items, sealed
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.numpy_backend import NumpyModel
from web3rec.rerank.features import NAMES, Features

MINE = tuple(enumerate(range(20, 20 + STRETCH)))
BARE = "trk:nobody-described-this-3141"
"""An item without a description, which somebody else has as well; the bundle has a vector of it."""
Told = list[tuple[Features, Any]]
pytestmark = pytest.mark.slow


def words_and_vectors() -> bytes:
    """What is near the newest own items comes first, and what is called alike."""
    model = network(np.random.default_rng(0), c=len(NAMES), d=2, h=1, p=1, e=2)
    arrays = {name: np.zeros_like(array) for name, array in model.arrays().items()}
    arrays["decay"][:], arrays["scale"][:] = 3.0, 1.0
    arrays["skip"][[NAMES.index("words_mean"), NAMES.index("words_max")], 0] = 0.01
    arrays["skip"][len(NAMES), 0] = 1.0  # attended
    angles = 2 * np.pi * np.arange(ITEMS) / ITEMS
    vectors = {
        item_key(f"trk:{n}"): np.array([np.cos(a), np.sin(a)], np.float32)
        for n, a in enumerate(angles.tolist())
    }
    vectors[item_key(BARE)] = np.array([-1.0, 0.2], np.float32)
    hybrid = HybridWeights.of(arrays)
    made = files_of(hybrid, items.written(BASIS, vectors))
    return sealed(replace(manifest_of(hybrid), name="toy", version=1), made, PUBLISHER)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the model was asked and what it said, as it comes."""
    heard: Told = []
    score = NumpyModel.scores

    def listening(self: NumpyModel, features: Features) -> Any:
        found = score(self, features)
        heard.append((features, found))
        return found

    monkeypatch.setattr(NumpyModel, "scores", listening)
    return heard


def device(tmp_path: Path, name: str, acts: Any) -> Recommender:
    path = tmp_path / "model.bundle"
    path.write_bytes(words_and_vectors())
    rec = walker(tmp_path / name, acts=acts, bundle=path, publishers=(PUBLISHER.peer,))
    rec.add_items(Item(f"trk:{n}", f"Track {n}", tags=(f"part{n // 7}",)) for n in range(ITEMS))
    rec.log.ingest([record(key, 300 + n, item=BARE) for n, key in enumerate(PEOPLE[:9])])
    return rec


def last(rec: Recommender, told: Told) -> tuple[Features, Any, list[Any]]:
    batch = rec.recommend(ITEMS)
    assert batch.model is not None, batch.model_note
    return *told[-1], [(one.item, one.score, one.contributions) for one in batch]


@pytest.mark.parametrize("gone", [f"trk:{MINE[-1][1]}", f"trk:{MINE[0][1]}", BARE])
def test_U1_U2_a_model_sees_of_a_forgotten_item_what_a_device_sees_that_never_knew(
    tmp_path: Path, told: Told, gone: str
) -> None:
    """Its row, its vectors and its words, to the bit; at once, under the same bundle."""
    left = [(place, item) for place, item in MINE if f"trk:{item}" != gone]
    with device(tmp_path, "forgot", MINE) as forgot, device(tmp_path, "never", left) as never:
        if gone == BARE:
            forgot.record(Event.LIKE, BARE)
        before, _, _ = last(forgot, told)
        forgot.forget(item=gone)
        features, scores, batch = last(forgot, told)
        wanted, said, fresh = last(never, told)
    key = item_key(gone)
    for table in (before, features, wanted):
        assert table.content is not None
    assert key in before.content.history  # type: ignore[union-attr]
    assert key not in features.content.history  # type: ignore[union-attr]
    assert key in features.content.items, "others have it, so it may be proposed"  # type: ignore[union-attr]
    assert features.content.items == wanted.content.items  # type: ignore[union-attr]
    assert features.content.history == wanted.content.history  # type: ignore[union-attr]
    np.testing.assert_array_equal(features.content.newer, wanted.content.newer)  # type: ignore[union-attr]
    np.testing.assert_array_equal(features.values, wanted.values)
    np.testing.assert_array_equal(scores, said)
    assert batch == fresh


def test_U3_no_list_is_kept_of_what_is_not_to_be_known(tmp_path: Path, told: Told) -> None:
    """Neither the name of what only the ego had nor its key is in any file of the device."""
    mine = "trk:only-mine-2718"
    with device(tmp_path, "forgot", MINE) as rec:
        rec.record(Event.LIKE, mine)
        rec.recommend()
        assert rec.log.touched().keys() >= {item_key(mine)}
        rec.forget(item=mine)
        last(rec, told)
        files = [p.read_bytes() for p in (tmp_path / "forgot").rglob("*") if p.is_file()]
        assert not any(mine.encode() in data or bytes(item_key(mine)) in data for data in files)
