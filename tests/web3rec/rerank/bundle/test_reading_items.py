"""Bundles of format 2: models that read item vectors are checked, and asked, as all others are."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle.bundles import (
    FILES,
    KEY,
    MANIFEST,
    TRUSTED,
    features,
    ground,
    taken,
    toy,
    with_files,
)
from tests.web3rec.rerank.bundle.hybrids import (
    asked,
    key_of,
    lookup,
    network,
    sealed_small,
    small,
    table,
)
from tests.web3rec.rerank.bundle.onnx_bytes import declared, field, graph, model, node
from tests.web3rec.rerank.bundle.onnx_bytes import tensor as tensor_of
from web3rec.errors import DataError
from web3rec.rerank.bundle import (
    Ground,
    Reads,
    Refusal,
    container,
    hybrid,
    onnx_backend,
    opened,
    reranker,
    sealed,
)
from web3rec.rerank.bundle.manifest import INPUTS, read, written
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rerank.features import Content, Features
from web3rec.rerank.model import ranked
from web3rec.types import ItemKey

with_runtime = pytest.mark.skipif(
    not onnx_backend.is_there(), reason="no onnxruntime below 1.29: pip install web3rec[onnx]"
)
MANIFEST_2, FILES_2 = small()
DATA = sealed_small()
GOOD = written(taken(DATA).manifest)


def both(data: bytes = DATA) -> list[NumpyModel | OnnxModel]:
    """The bundle's model in every backend there is."""
    found = taken(data)
    columns = tuple(column.name for column in found.manifest.columns)
    models: list[NumpyModel | OnnxModel] = [NumpyModel(found.steps, columns, found.lookup)]
    if onnx_backend.is_there():
        assert found.onnx is not None
        models.append(OnnxModel(found.onnx, columns, seconds=10, lookup=found.lookup))
    return models


IN_NUMPY = both()[0]


def test_a_manifest_of_format_2_is_read_as_it_was_written() -> None:
    assert b'"format":2,"gates"' in GOOD
    assert b'"history":5,"inputs":["features","items","history","newer"]' in GOOD
    assert b'"width":4}' in GOOD
    assert written(read(GOOD)) == GOOD
    assert taken(DATA).manifest.reads == Reads(INPUTS, 4, 5)


def test_format_1_is_spelled_as_ever() -> None:
    """The keys of docs/bundles.md, and no other."""
    said = json.loads(written(taken(toy()).manifest))
    assert said["format"] == 1
    assert set(said) == {
        *("basis", "columns", "files", "format", "gates", "layers", "licence", "name", "ndcg"),
        *("training", "version"),
    }


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    said = json.loads(GOOD)
    change(said)
    spelled = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return container.packed(spelled, FILES_2, KEY)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(format=1),
        lambda m: m.update(format=3),
        lambda m: m.update(format=2.0),
        lambda m: m.pop("width"),
        lambda m: m.update(width=0),
        lambda m: m.update(width=1025),
        lambda m: m.update(width=True),
        lambda m: m.update(width=4.0),
        lambda m: m.update(history=0),
        lambda m: m.update(history=65),
        lambda m: m.update(history=None),
        lambda m: m.update(inputs=["features"]),
        lambda m: m.update(inputs=["features", "newer"], layers=["linear"]),
        lambda m: m.update(inputs=["features", "items", "history", "history", "newer"]),
        lambda m: m["inputs"].reverse(),
        lambda m: m["inputs"].append("clock"),
        lambda m: m["inputs"].pop(0),
        lambda m: m["inputs"].pop(),  # and attends all the same
        lambda m: m.update(inputs="features"),
        lambda m: m.update(inputs=[["features"], {}]),
        lambda m: m.update(inputs=["features", "items"]),  # and has a history of 5
        lambda m: m["files"].pop("items.i8"),
    ],
)
def test_X3_what_a_model_cannot_read_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    assert ground(changed(change)) is Ground.MANIFEST


def test_format_1_has_no_layers_of_format_2() -> None:
    for layers in (("attend",), ("attend_i8", "linear"), ("keep", "skip"), ("linear", "skip")):
        data = with_files(FILES, replace(MANIFEST, layers=layers))
        assert ground(data) is Ground.MANIFEST


def test_X3_vectors_of_another_width_are_refused() -> None:
    other = table(np.random.default_rng(1), 6, 5)
    assert ground(with_files(FILES_2 | {"items.i8": other}, MANIFEST_2)) is Ground.VECTORS
    wider = replace(MANIFEST_2, reads=Reads(INPUTS, 5, 5))
    assert ground(with_files(FILES_2, wider)) is Ground.SHAPE
    only = {name: FILES_2[name] for name in ("items.i8", "weights.npz")}
    assert ground(with_files(only, wider)) is Ground.WEIGHTS


def test_X3_a_change_of_any_byte_of_the_manifest_or_the_head_refuses() -> None:
    end = container.head(DATA).manifest_end
    for at in range(end):
        spoilt = bytearray(DATA)
        spoilt[at] ^= 1 << (at % 8)
        assert isinstance(opened(bytes(spoilt), TRUSTED), Refusal)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_X3_a_change_of_any_other_byte_refuses(at: int, bits: int) -> None:
    spoilt = DATA[:at] + bytes([DATA[at] ^ bits]) + DATA[at + 1 :]
    assert isinstance(opened(spoilt, TRUSTED), Refusal)


@pytest.mark.slow
def test_X3_a_change_of_any_byte_at_all_refuses_and_so_does_every_cut() -> None:
    for at in range(len(DATA)):
        spoilt = bytearray(DATA)
        spoilt[at] ^= 1 << (at % 8)
        assert isinstance(opened(bytes(spoilt), TRUSTED), Refusal)
        assert isinstance(opened(DATA[:at], TRUSTED), Refusal)


def test_a_bundle_of_format_2_answers_in_every_backend() -> None:
    question = asked(np.random.default_rng(3), 4, 2, 6)
    scores = [answer.scores(question) for answer in both()]
    assert len(set(scores[0].tolist())) == 4
    assert all(one == pytest.approx(scores[0], rel=1e-4) for one in scores)
    answer = reranker(taken(DATA))
    assert not isinstance(answer, Refusal)
    assert answer.scores(question).tolist() == scores[0].tolist()


def test_X4_a_list_that_names_no_items_keeps_the_graphs_order_and_says_why() -> None:
    question = features(np.random.default_rng(1), 9)
    assert question.content is None
    for answer in both():
        found = ranked(answer, question)
        assert found.order.tolist() == question.order.tolist()
        assert found.reason == (
            "the model gave up: the model reads item vectors, and the list names no items"
        )


def test_a_model_of_columns_needs_no_items() -> None:
    answer = reranker(taken(toy()))
    assert not isinstance(answer, Refusal)
    assert ranked(answer, features(np.random.default_rng(1), 9)).reason is None


def test_what_is_looked_up_by_hand() -> None:
    """Items 1 and 3 are known, 99 is not; of five own items, 98 is not, and three are read."""
    where = lookup(table(np.random.default_rng(1), 10, 4), history=3)
    content = Content(
        tuple(map(key_of, (3, 99, 1))),
        tuple(map(key_of, (98, 4, 5, 6, 7))),
        np.array([0.0, 1, 2, 2, 4]),
    )
    found = where.of(Features(np.zeros((3, 15), np.float32), np.arange(3), content))
    rows, _ = where.vectors.of([key_of(n) for n in (3, 1, 4, 5, 6)])
    assert found["items"].tolist() == [rows[0].tolist(), [0] * 4, rows[1].tolist()]
    assert found["history"].tolist() == rows[2:].tolist()
    assert found["newer"].tolist() == [1, 2, 2]
    assert {array.dtype.name for array in found.values()} == {"float32"}


def test_who_has_nothing_that_is_known_has_one_row_of_zeros() -> None:
    where = lookup(table(np.random.default_rng(1), 10, 4))
    for history in ((), (98,)):
        content = Content((key_of(1),), tuple(map(key_of, history)), np.full(len(history), 7.0))
        found = where.of(Features(np.zeros((1, 15), np.float32), np.arange(1), content))
        assert found["history"].tolist() == [[0, 0, 0, 0]]
        assert found["newer"].tolist() == [0]
        for answer in both():
            question = Features(np.ones((1, 15), np.float32), np.arange(1), content)
            assert np.isfinite(answer.scores(question)).all()


@given(st.integers(1, 30), st.integers(0, 90), st.integers(0, 2**32))
def test_X4_M6_whatever_a_list_names_it_stays_a_permutation(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    question = asked(rng, n, m, 6, far=200, scale=10.0 ** rng.integers(-30, 38))
    assert question.content is not None
    odd = [ItemKey(b""), ItemKey(b"\xff" * 40), *question.content.history][: len(question)]
    content = replace(
        question.content,
        items=tuple(odd + list(question.content.items))[:n],
        newer=np.full(m, 1e300),
    )
    found = ranked(IN_NUMPY, replace(question, content=content))
    assert sorted(found.order.tolist()) == list(range(n))


def test_X4_numbers_that_overflow_leave_the_graphs_order() -> None:
    huge = hybrid.HybridWeights.of(
        network(np.random.default_rng(1), c=2, d=4, h=2, p=1, e=3).arrays()
        | {"key": np.full((4, 2), 3e38), "query": np.full((4, 2), 3e38), "blend": np.ones((4, 1))}
    )
    layers, arrays = hybrid.plain(huge)
    where = lookup(FILES_2["items.i8"])
    answer = NumpyModel(steps(layers, arrays, 2, where.reads), ("walk", "popular"), where)
    question = asked(np.random.default_rng(1), 4, 2, 6)
    assert ranked(answer, question).reason == (
        "the model gave up: the model computes NaN or infinity"
    )


def test_more_candidates_than_a_model_takes_leave_the_graphs_order() -> None:
    question = asked(np.random.default_rng(1), 1001, 0, 1001)
    for answer in both():
        assert ranked(answer, question).reason == (
            "the model gave up: 1001 candidates, a model takes 1000"
        )


@with_runtime
def test_X4_a_hybrid_that_takes_long_is_stopped_and_can_be_asked_again() -> None:
    answer = both()[1]
    assert isinstance(answer, OnnxModel)
    answer.warm()
    question = asked(np.random.default_rng(1), 1000, 5, 1010)
    answer.seconds = 1e-9
    assert ranked(answer, question).reason == "the model gave up: the model took more than 1e-06 ms"
    answer.seconds = 60
    assert ranked(answer, question).reason is None


@given(st.data())
def test_X3_a_manifest_of_format_2_with_other_bytes_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(at, min(len(GOOD), at + 12)))
    spoilt = GOOD[:at] + data.draw(st.binary(max_size=8)) + GOOD[end:]
    found = opened(container.packed(spoilt, FILES_2, KEY), TRUSTED)
    if isinstance(found, Refusal):
        assert found.ground in (Ground.MANIFEST, Ground.SIZE) or written(read(spoilt)) == spoilt
    else:
        assert written(found.manifest) == spoilt


def test_a_model_may_read_items_alone() -> None:
    weight = tensor_of("w", np.ones((4, 1), dtype=np.float32))
    reads = Reads(("features", "items"), 4, 0)
    inner = graph(
        [node("MatMul", ["items", "w"], ["scores"])],
        [weight],
        field(11, declared("items", ["n", 4])),
    )
    files = {"items.i8": FILES_2["items.i8"], "model.onnx": model(inner)}
    found = taken(sealed(replace(MANIFEST_2, reads=reads, layers=()), files, KEY))
    assert found.lookup is not None
    question = asked(np.random.default_rng(1), 4, 2, 6)
    assert set(found.lookup.of(question)) == {"items"}
    answer = reranker(found)
    if isinstance(answer, OnnxModel):
        vectors = found.lookup.of(question)["items"]
        assert answer.scores(question) == pytest.approx(vectors.sum(axis=1), rel=1e-5)
    else:
        assert isinstance(answer, Refusal)
        assert answer.ground is Ground.BACKEND


def test_who_seals_a_model_of_vectors_without_any_is_told() -> None:
    with pytest.raises(DataError, match="no items"):
        sealed(replace(MANIFEST_2, basis=None), {"model.onnx": FILES_2["model.onnx"]}, KEY)
