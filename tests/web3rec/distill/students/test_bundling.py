"""What was trained is what a device computes, in floats and in whole numbers, in both backends."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.web3rec.distill.students.classes import WIDTH, lessons, vectors
from tests.web3rec.distill.students.test_hybrid import drawn_weights
from web3rec.distill.lessons import Lesson
from web3rec.distill.students.balancing import balanced
from web3rec.distill.students.bundling import Facts, basis, bundle_of, files, on_device, shipped
from web3rec.distill.students.hybrid import Hybrid, inputs
from web3rec.errors import DataError
from web3rec.records.keys import SigningKey
from web3rec.rerank.bundle import Bundle, Ndcg, Training, Trusted, opened, reranker
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.features import NAMES
from web3rec.types import Weights

KEY = SigningKey.from_seed(b"publisher" + bytes(23))
FACTS = Facts(
    name="toy",
    version=1,
    licence="CC0-1.0",
    ndcg=Ndcg(0.1, 0.2, 0.199),
    training=Training(bytes(32), None),
)
ONNX, NUMPY = ("model.onnx",), ("weights.npz",)


def scored(student: HybridWeights, only: tuple[str, ...], eight_bit: bool) -> Iterator[Weights]:
    model = reranker(on_device(student, shipped(vectors()), eight_bit=eight_bit, only=only))
    for one in lessons(3, 6):
        yield model.scores(one.features)  # type: ignore[union-attr]


def far(left: Weights, right: Weights) -> float:
    return float(np.abs(left - right).max() / np.abs(left).max())


@pytest.mark.parametrize("only", [ONNX, NUMPY])
def test_in_floats_a_device_computes_what_was_trained(only: tuple[str, ...]) -> None:
    student, table = drawn_weights(), shipped(vectors())
    for one, own in zip(lessons(3, 6), scored(student, only, False), strict=True):
        assert far(Hybrid(student, table).scores(one.features), own) < 1e-5


@pytest.mark.slow
def test_in_whole_numbers_the_backends_agree() -> None:
    for seed in range(5):
        student = drawn_weights(seed)
        for left, right in zip(
            scored(student, ONNX, True), scored(student, NUMPY, True), strict=True
        ):
            assert far(left, right) < 1e-4


def test_in_whole_numbers_it_is_about_what_was_trained_and_has_no_ties() -> None:
    student, table = drawn_weights(), shipped(vectors())
    for one, own in zip(lessons(3, 6), scored(student, NUMPY, True), strict=True):
        wanted = Hybrid(student, table).scores(one.features)
        assert np.corrcoef(wanted, own)[0, 1] > 0.99
        assert len(set(own.tolist())) == len(own)


@pytest.mark.slow
def test_whole_numbers_are_those_of_quantize_dynamic(tmp_path: Path) -> None:
    """Oracle: onnxruntime's own tool on the float model, per channel, reduced range, the last
    layers left out. One unlike rounding of a weight apart, so to 1 % of a list's spread."""
    pytest.importorskip("onnx", reason="needs the extra distill")
    tool = pytest.importorskip("onnxruntime.quantization", reason="needs the extra onnx")
    import onnx  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415

    student, table = drawn_weights(), shipped(vectors())
    plain = files(student, table, eight_bit=False)["model.onnx"]
    named, ends = onnx.load_from_string(plain), {"5.weight", "6.weight"}
    for at, node in enumerate(named.graph.node):
        node.name = f"n{at}"
    kept = [node.name for node in named.graph.node if ends & set(node.input)]
    tool.quantize_dynamic(
        named,
        tmp_path / "whole.onnx",
        op_types_to_quantize=["MatMul", "Gemm"],
        per_channel=True,
        reduce_range=True,
        weight_type=tool.QuantType.QInt8,
        nodes_to_exclude=kept,
        extra_options={"MatMulConstBOnly": True},
    )
    session = onnxruntime.InferenceSession(
        tmp_path / "whole.onnx", providers=["CPUExecutionProvider"]
    )
    for one, own in zip(lessons(3, 6), scored(student, ONNX, True), strict=True):
        given = inputs(one.features, table, WIDTH)
        names = ("features", "items", "history", "newer")
        (wanted,) = session.run(["scores"], dict(zip(names, given, strict=True)))
        assert np.abs(wanted - own).max() < 0.01 * own.std()


def test_a_bundle_opens_where_its_publisher_is_pinned_and_is_the_same_twice() -> None:
    student, table = drawn_weights(), shipped(vectors())
    data = bundle_of(student, table, FACTS, KEY)
    assert data == bundle_of(student, table, FACTS, KEY)
    found = opened(data, Trusted(publishers=frozenset({KEY.peer})))
    assert isinstance(found, Bundle)
    assert found.manifest.basis == basis(table)
    assert [column.name for column in found.manifest.columns] == list(NAMES)
    assert found.manifest.ndcg == FACTS.ndcg
    assert found.onnx is not None
    assert found.steps
    assert len(data) < 20_000


def test_shipped_vectors_are_what_the_device_reads_and_shipping_them_again_changes_nothing() -> (
    None
):
    table = shipped(vectors())
    assert shipped(table).keys() == table.keys()
    again = shipped(table)
    assert all(np.array_equal(again[key], table[key]) for key in table)
    found = on_device(drawn_weights(), table)
    assert found.vectors is not None
    rows, known = found.vectors.of(list(table))
    assert known.all()
    assert np.array_equal(rows, np.stack(list(table.values())))
    step = max(np.abs(v).max() for v in vectors().values()) / 127
    assert all(np.abs(table[k] - v).max() <= step / 2 + 1e-6 for k, v in vectors().items())


def test_vectors_of_another_basis_have_another_hash() -> None:
    table = shipped(vectors())
    turned = {key: -vector for key, vector in table.items()}
    assert basis(table) != basis(turned)


def test_vectors_of_another_width_are_refused() -> None:
    with pytest.raises(DataError, match="width"):
        files(drawn_weights(width=WIDTH + 1), shipped(vectors()))


def skewed() -> tuple[HybridWeights, list[Lesson]]:
    """One column is now and then a hundred times as large as the others."""
    student, some = drawn_weights(), lessons(3, 6)
    for one in some:
        one.features.values[0, 3] *= 100
    return student, some


def test_balancing_changes_no_score_and_makes_rounding_cost_less() -> None:
    student, some = skewed()
    table = shipped(vectors())
    even = balanced(student, some, table)
    lost = []
    for one in some:
        wanted = Hybrid(student, table).scores(one.features)
        assert far(wanted, Hybrid(even, table).scores(one.features)) < 1e-5
    for weights in (student, even):
        device = reranker(on_device(weights, table, only=NUMPY))
        lost.append(
            np.mean(
                [
                    np.median(np.abs(device.scores(x.features) - y))  # type: ignore[union-attr]
                    for x in some
                    for y in [Hybrid(student, table).scores(x.features)]
                ]
            )
        )
    assert lost[1] < lost[0] / 1.5
    with pytest.raises(DataError, match="no lessons"):
        balanced(student, [], table)
