"""The hybrid model: what it computes, and that its layers and its ONNX compute the same (X5)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle import hybrids
from tests.web3rec.rerank.bundle.hybrids import asked, backends, lookup, network, table
from web3rec.errors import DataError
from web3rec.rerank.bundle import attention, hybrid, hybrid_onnx, onnx_backend, onnx_graph
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rerank.bundle.onnx_shapes import check
from web3rec.rerank.model import ranked

with_runtime = pytest.mark.skipif(
    not onnx_backend.is_there(), reason="no onnxruntime below 1.29: pip install web3rec[onnx]"
)


def floats(*rows: Any) -> Any:
    return np.array(rows, dtype=np.float32)


ITEMS, HISTORY, NEWER = floats([2], [0]), floats([1], [3]), floats(0, 1)
BY_HAND: dict[str, Any] = {
    "scale": [2],
    "shift": [1],
    "query": [[1]],
    "key": [[0]],
    "decay": [np.log(2)],
    "blend": [[10]],
    "hidden": [[-1], [0], [0], [0], [0]],
    "hidden_bias": [3],
    "last": [[100]],
    "last_bias": [-7],
    "skip": [[0], [3], [1], [1], [0.1]],
}


def test_attention_by_hand() -> None:
    """The key is 0, so shares are 1 and 1/2 by age: 2/3 and 1/3. U = 2/3 + 3/3 = 5/3."""
    parts = {name: floats(*BY_HAND[name]) for name in ("query", "key", "decay", "blend")}
    found = attention.attended(parts, ITEMS, HISTORY, NEWER)
    assert found[0] == pytest.approx([10 / 3, 4, 6, 100 / 3])
    assert not found[1].any()  # an unknown item has nothing in common with anything


def test_a_hybrid_by_hand() -> None:
    """s = 2 x + 1 = 2 and 0; hidden 3 - s = 1 and 3; 100 - 7 + (10 + 4 + 6 + 10/3); 300 - 7."""
    model = HybridWeights.of(BY_HAND)
    found = hybrid.scores(model, floats([0.5], [-0.5]), ITEMS, HISTORY, NEWER)
    assert found == pytest.approx([93 + 20 + 10 / 3, 293])
    assert (model.columns, model.width, model.size) == (1, 1, 19)


@given(st.integers(0, 2**32), st.integers(1, 15), st.integers(1, 30), st.data())
def test_its_layers_in_numpy_give_what_the_reference_gives(
    seed: int, c: int, d: int, data: st.DataObject
) -> None:
    sizes = st.integers(1, 9)
    rng = np.random.default_rng(seed)
    h, e, p = data.draw(sizes), data.draw(sizes), data.draw(st.integers(0, 9))
    model = network(rng, c, d, h, p, e)
    where = lookup(table(rng, 40, d))
    layers, arrays = hybrid.plain(model)
    answer = NumpyModel(steps(layers, arrays, c, where.reads), hybrids.ALL[:c], where)
    question = asked(rng, data.draw(st.integers(1, 20)), data.draw(st.integers(0, 20)), 40)
    told = where.of(question)
    oracle = hybrid.scores(
        model, question.values[:, :c], told["items"], told["history"], told["newer"]
    )
    assert answer.scores(question) == pytest.approx(oracle, rel=1e-4, abs=1e-4)


@given(st.integers(0, 2**32))
def test_a_score_hangs_on_no_other_candidate_and_on_no_order_of_the_history(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = network(rng)
    x, v = floats(*rng.normal(size=(7, 15))), floats(*rng.normal(size=(7, 8)))
    h, newer = floats(*rng.normal(size=(5, 8))), floats(*range(5))
    found = hybrid.scores(model, x, v, h, newer)
    order, other = rng.permutation(7), rng.permutation(5)
    moved = hybrid.scores(model, x[order], v[order], h[other], newer[other])
    assert moved == pytest.approx(found[order], rel=1e-4, abs=1e-5)
    alone = hybrid.scores(model, x[:1], v[:1], h, newer)
    assert alone == pytest.approx(found[:1], rel=1e-4, abs=1e-5)


@given(st.integers(0, 2**32), st.floats(1e-3, 1e3))
def test_whole_numbers_are_within_half_a_step(seed: int, scale: float) -> None:
    matrix = floats(*(scale * np.random.default_rng(seed).normal(size=(9, 4))))
    matrix[:, 2] = 0
    whole, step = hybrid.by_column(matrix)
    assert np.abs(whole).max() == hybrid.LARGEST
    assert (np.abs(whole * step - matrix) <= step * 0.5001).all()
    assert (step > 0).all()


@with_runtime
def test_matrices_are_quantised_as_quantize_dynamic_does() -> None:
    quant = pytest.importorskip("onnxruntime.quantization.quant_utils")
    kind = quant.QuantType.QInt8.tensor_type if hasattr(quant.QuantType, "QInt8") else None
    matrix = floats(*np.random.default_rng(2).normal(size=(30, 8)))
    whole, step = hybrid.by_column(matrix)
    for at in range(8):
        _, scale, told = quant.quantize_data(matrix[:, at], kind, True, reduce_range=True)[-3:]
        assert np.array_equal(np.asarray(told).ravel(), whole[:, at])
        assert float(scale) == float(step[at])


@pytest.mark.parametrize(
    "change",
    [
        {"decay": [np.nan]},
        {"query": [1.0]},
        {"key": [[1.0, 2.0]]},
        {"blend": [[1.0], [2.0]]},
        {"hidden": [[1.0]]},
        {"skip": [[1.0]]},
        {"more": [1.0]},
    ],
)
def test_arrays_that_are_no_hybrid_are_told(change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="wanted"):
        HybridWeights.of(BY_HAND | change)


def test_arrays_of_another_type_are_told() -> None:
    arrays = HybridWeights.of(BY_HAND).arrays()
    double: Any = arrays["scale"].astype(np.float64)
    with pytest.raises(DataError, match="float32"):
        HybridWeights(**(arrays | {"scale": double}))


@with_runtime
@pytest.mark.slow
@pytest.mark.parametrize("eight_bit", [False, True])
def test_X5_both_backends_of_a_hybrid_give_the_same_scores_and_top_20(eight_bit: bool) -> None:
    """In whole numbers a last bit may round to another byte: a score of some lists moves."""
    rng = np.random.default_rng(7)
    where = lookup(table(rng, 600, 64))
    apart, same = [], 0
    for trial in range(100):
        model = network(rng, d=64, h=16, p=8, e=48)
        left, right = backends(model, where, eight_bit=eight_bit)
        question = asked(rng, 200, trial % 65, 600)
        one, other = left.scores(question), right.scores(question)
        apart.append(np.abs(one - other).max() / np.abs(one).max())
        tops = [ranked(m, question).order[:20].tolist() for m in (left, right)]
        same += tops[0] == tops[1]
    assert same >= 99
    assert np.quantile(apart, 0.95) < 1e-4
    assert max(apart) < (1e-2 if eight_bit else 1e-4)


@with_runtime
@pytest.mark.slow
@given(st.integers(0, 2**32), st.booleans(), st.data())
def test_X5_backends_agree_at_every_size(seed: int, eight_bit: bool, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    c, d, h, e = (data.draw(st.integers(1, 15)) for _ in range(4))
    model = network(rng, c, d, h, data.draw(st.integers(0, 4)), e)
    left, right = backends(model, lookup(table(rng, 70, d)), eight_bit=eight_bit)
    n, m = data.draw(st.integers(1, 30)), data.draw(st.integers(0, 64))
    question = asked(rng, n, m, 60, far=40, scale=data.draw(st.sampled_from([1e-3, 1.0, 1e3])))
    one, other = left.scores(question), right.scores(question)
    near = 3e-2 if eight_bit else 1e-4
    assert np.abs(one - other).max() <= near * max(1e-3, np.abs(one).max())


@with_runtime
@pytest.mark.slow
def test_X5_eight_bits_keep_the_top_20() -> None:
    rng = np.random.default_rng(3)
    where = lookup(table(rng, 300, 64))
    kept = []
    for _ in range(30):
        model = network(rng, d=64, h=16, p=8, e=48)
        question = asked(rng, 200, 20, 300)
        tops = [
            set(ranked(backends(model, where, eight_bit=small)[0], question).order[:20].tolist())
            for small in (False, True)
        ]
        kept.append(len(tops[0] & tops[1]) / 20)
    assert np.mean(kept) >= 0.95


def test_X2_what_is_written_passes_the_checks_and_is_what_the_onnx_package_reads() -> None:
    onnx = pytest.importorskip("onnx", reason="the oracle is the onnx package")
    rng = np.random.default_rng(2)
    for p in (0, 3):
        model = network(rng, p=p)
        for eight_bit in (False, True):
            data = hybrid_onnx.written(model, eight_bit=eight_bit)
            assert data == hybrid_onnx.written(model, eight_bit=eight_bit)
            oracle = onnx.load_model_from_string(data)
            onnx.checker.check_model(oracle, full_check=True)
            found = onnx_graph.graph(data)
            check(found, model.columns, lookup(table(rng, 3, 8)).reads)
            assert [(n.op, n.inputs, n.outputs) for n in found.nodes] == [
                (n.op_type, tuple(n.input), tuple(n.output)) for n in oracle.graph.node
            ]


def torch_model(torch: Any, model: HybridWeights) -> Any:
    """The same in torch, as somebody would write it there."""
    root = model.query.shape[1] ** 0.5

    class Hybrid(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            for name, array in model.arrays().items():
                setattr(self, name, torch.nn.Parameter(torch.tensor(array)))

        def forward(self, x: Any, items: Any, history: Any, newer: Any) -> Any:
            reach = (items @ self.query) @ (history @ self.key).T / root
            share = torch.softmax(reach - self.decay * newer, dim=1)
            common = items * (share @ history)
            told = (
                common.sum(1, keepdim=True),
                (items @ history.mean(0)).unsqueeze(1),
                (items @ history.T).max(1, keepdim=True).values,
            )
            z = torch.cat([x * self.scale + self.shift, *told, common @ self.blend], dim=1)
            hidden = torch.relu(torch.nn.functional.linear(z, self.hidden.T, self.hidden_bias))
            return (hidden @ self.last + self.last_bias + z @ self.skip).squeeze(1)

    return Hybrid().eval()


@with_runtime
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_X5_what_torch_exports_and_quantize_dynamic_writes_passes_and_agrees(
    tmp_path: Path,
) -> None:
    torch = pytest.importorskip("torch", reason="torch is of the extra distill")
    pytest.importorskip("onnx", reason="exporting takes the onnx package")
    quantization = pytest.importorskip("onnxruntime.quantization")
    torch.set_num_threads(1)
    rng = np.random.default_rng(9)
    model, where = network(rng, d=16), lookup(table(rng, 300, 16))
    names = ("features", "items", "history", "newer")
    given_one = (torch.zeros(2, 15), torch.zeros(2, 16), torch.zeros(3, 16), torch.zeros(3))
    axes = {name: {0: "m" if name in ("history", "newer") else "n"} for name in (*names, "scores")}
    whole, small = tmp_path / "whole.onnx", tmp_path / "small.onnx"
    torch.onnx.export(
        torch_model(torch, model),
        given_one,
        whole,
        input_names=list(names),
        output_names=["scores"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    quantization.quantize_dynamic(
        whole,
        small,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul", "Gemm"],
        weight_type=quantization.QuantType.QInt8,
    )
    ours = backends(model, where, eight_bit=False)[0]
    kept = []
    for path, near in ((whole, 1e-4), (small, 0.2)):
        data = path.read_bytes()
        check(onnx_graph.graph(data), 15, where.reads)
        answer = OnnxModel(data, hybrids.ALL, seconds=10, lookup=where)
        for _ in range(10):
            question = asked(rng, 200, 30, 300)
            one, other = ours.scores(question), answer.scores(question)
            assert np.abs(one - other).max() <= near * np.abs(one).max()
            tops = [set(np.argsort(-scores)[:20].tolist()) for scores in (one, other)]
            kept.append(len(tops[0] & tops[1]) / 20)
    assert np.mean(kept[:10]) == 1
    assert np.mean(kept[10:]) >= 0.85
