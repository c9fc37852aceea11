"""A bundle's model, in NumPy and in onnxruntime: the same scores, or the graph's order (X4)."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle import networks
from tests.web3rec.rerank.bundle.bundles import (
    COLUMNS,
    FILES,
    KEY,
    MANIFEST,
    features,
    ground,
    taken,
    toy,
    with_files,
    with_model,
)
from tests.web3rec.rerank.bundle.onnx_bytes import WEIGHT, graph, model, node, tensor
from web3rec.errors import ParamError
from web3rec.rerank.bundle import (
    Column,
    Ground,
    Refusal,
    onnx_backend,
    onnx_graph,
    reranker,
    sealed,
    weights,
)
from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rerank.bundle.whole import quantised
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.model import ModelError, ranked

with_runtime = pytest.mark.skipif(
    not onnx_backend.is_there(), reason="no onnxruntime below 1.29: pip install web3rec[onnx]"
)
ALL = tuple(NAMES)


def in_numpy(arrays: dict[str, Any], layers: Sequence[Layer]) -> NumpyModel:
    return NumpyModel(steps(layers, weights.read(weights.written(arrays)), len(ALL)), ALL)


def test_a_linear_model_by_hand() -> None:
    """scores = 2 walk - popular; 2 * 3 - 1 = 5 and 2 * .5 - 4 = -3."""
    values = np.zeros((2, len(NAMES)), dtype=np.float32)
    values[:, NAMES.index("walk")] = [3, 0.5]
    values[:, NAMES.index("popular")] = [1, 4]
    asked = Features(values, np.array([1, 0]))
    found = taken(toy())
    assert NumpyModel(found.steps, COLUMNS).scores(asked).tolist() == [5, -3]
    answer = reranker(found)
    assert not isinstance(answer, Refusal)
    assert answer.scores(asked).tolist() == [5, -3]
    assert ranked(answer, asked).order.tolist() == [0, 1]


def test_quantising_by_hand() -> None:
    """From -1 to 4: one step is 5/255, and 0 is byte 51."""
    whole, step, zero = quantised(np.array([[-1.0, 0.0, 4.0]], dtype=np.float32))
    assert whole.tolist() == [[0, 51, 255]]
    assert (float(step), zero) == (float(np.float32(5 / 255)), 51)
    nothing, step, zero = quantised(np.zeros((2, 2), dtype=np.float32))
    assert not nothing.any()
    assert (float(step), zero) == (1.0, 0)


@given(st.integers(0, 2**32), st.integers(1, 60), st.floats(0.01, 100))
def test_what_is_quantised_is_within_a_step(seed: int, n: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x = (scale * rng.normal(size=(n, 5))).astype(np.float32)
    whole, step, zero = quantised(x)
    assert np.abs((whole.astype(float) - zero) * step - x).max() <= step * 1.01


@with_runtime
@pytest.mark.parametrize("layers", [networks.LAYERS, networks.EIGHT_BIT])
def test_X5_both_backends_give_the_same_scores_and_top_20(
    layers: tuple[Layer, ...],
) -> None:
    rng = np.random.default_rng(11)
    same = 0
    for trial in range(100):
        arrays = networks.arrays(rng, len(ALL), 32, layers)
        left = in_numpy(arrays, layers)
        right = OnnxModel(networks.onnx(arrays, layers), ALL, seconds=10)
        asked = features(rng, 200)
        one, other = left.scores(asked), right.scores(asked)
        assert np.abs(one - other).max() < 1e-4 * max(1, np.abs(one).max()), trial
        tops = [ranked(m, asked).order[:20].tolist() for m in (left, right)]
        same += tops[0] == tops[1]
    assert same >= 99


@with_runtime
def test_X5_what_quantize_dynamic_writes_passes_and_keeps_the_top_20(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="quantising takes the onnx package")
    quantization = pytest.importorskip("onnxruntime.quantization")
    rng = np.random.default_rng(5)
    arrays = networks.arrays(rng, len(ALL), 32, networks.LAYERS)
    whole = networks.onnx(arrays, networks.LAYERS)
    onnx.checker.check_model(onnx.load_model_from_string(whole), full_check=True)
    (tmp_path / "whole.onnx").write_bytes(whole)
    quantization.quantize_dynamic(
        tmp_path / "whole.onnx",
        tmp_path / "small.onnx",
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm"],
        weight_type=quantization.QuantType.QInt8,
    )
    small = (tmp_path / "small.onnx").read_bytes()
    columns = tuple(Column(name, "as told") for name in NAMES)
    manifest = replace(MANIFEST, columns=columns, layers=(), basis=None)
    answer = reranker(taken(sealed(manifest, {"model.onnx": small}, KEY)))
    assert isinstance(answer, OnnxModel)
    full = in_numpy(arrays, networks.LAYERS)
    kept = []
    for _ in range(20):
        asked = features(rng, 200)
        tops = [set(ranked(m, asked).order[:20].tolist()) for m in (full, answer)]
        kept.append(len(tops[0] & tops[1]) / 20)
    assert np.mean(kept) >= 0.9


@with_runtime
def test_the_walker_reads_what_the_onnx_package_reads() -> None:
    onnx = pytest.importorskip("onnx", reason="the oracle is the onnx package")
    rng = np.random.default_rng(2)
    for layers in (networks.LAYERS, networks.EIGHT_BIT):
        data = networks.onnx(networks.arrays(rng, len(ALL), 8, layers), layers)
        oracle = onnx.load_model_from_string(data)
        onnx.checker.check_model(oracle, full_check=True)
        for again in (data, oracle.SerializeToString()):
            found = onnx_graph.graph(again)
            assert found.opset == oracle.opset_import[0].version
            assert [(n.op, n.inputs, n.outputs) for n in found.nodes] == [
                (n.op_type, tuple(n.input), tuple(n.output)) for n in oracle.graph.node
            ]
            assert {name: (t.kind, t.shape) for name, t in found.tensors.items()} == {
                t.name: (t.data_type, tuple(t.dims)) for t in oracle.graph.initializer
            }


def grown() -> bytes:
    """1e38 * 1e38 is no float32."""
    big = tensor("big", np.full((2, 1), 1e38, dtype=np.float32))
    nodes = [node("MatMul", ["features", "big"], ["a"]), node("Mul", ["a", "a"], ["scores"])]
    return model(graph(nodes, [big]))


@with_runtime
def test_X4_nan_or_infinity_leaves_the_graphs_order_in_onnxruntime() -> None:
    answer = reranker(taken(with_model(grown())))
    assert isinstance(answer, OnnxModel)
    asked = features(np.random.default_rng(1), 30, scale=10)
    answer.seconds = 10
    found = ranked(answer, asked)
    assert found.order.tolist() == asked.order.tolist()
    assert found.reason == "the model gave up: the model computes NaN or infinity"


def test_X4_nan_or_infinity_leaves_the_graphs_order_in_numpy() -> None:
    big = np.full((2, 1), 3e38, dtype=np.float32)
    npz = weights.written({"0.weight": big, "0.bias": np.zeros(1, dtype=np.float32)})
    answer = reranker(taken(with_files({"weights.npz": npz})))
    assert isinstance(answer, NumpyModel)
    asked = features(np.random.default_rng(1), 30, scale=10)
    found = ranked(answer, asked)
    assert found.order.tolist() == asked.order.tolist()
    assert found.reason == "the model gave up: the model computes NaN or infinity"


@given(st.integers(0, 2**32), st.integers(0, 40))
def test_M6_whatever_a_bundle_says_the_list_is_a_permutation(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    arrays = networks.arrays(rng, len(ALL), 4, networks.EIGHT_BIT)
    asked = features(rng, n, scale=10.0 ** rng.integers(-30, 30))
    found = ranked(in_numpy(arrays, networks.EIGHT_BIT), asked)
    assert sorted(found.order.tolist()) == list(range(n))


def test_M6_ties_of_a_coarse_model_keep_the_graphs_order() -> None:
    npz = weights.written(
        {"0.weight": np.zeros((2, 1), dtype=np.float32), "0.bias": np.ones(1, dtype=np.float32)}
    )
    answer = reranker(taken(with_files({"weights.npz": npz})))
    assert not isinstance(answer, Refusal)
    asked = features(np.random.default_rng(3), 50)
    assert ranked(answer, asked).order.tolist() == asked.order.tolist()


@with_runtime
def test_X4_a_model_that_takes_long_is_stopped() -> None:
    side = np.full((512, 512), 0.01, dtype=np.float32)
    held = [
        tensor("f", np.ones((2, 512), dtype=np.float32)),
        tensor("s", side),
        tensor("l", np.ones((512, 1), dtype=np.float32)),
    ]
    # 260 million multiplications and 10 million tanh: no machine does them in .1 ms
    nodes = [node("MatMul", ["features", "f"], ["x0"]), node("MatMul", ["x0", "s"], ["y0"])]
    nodes += [node("Tanh", [f"y{n}"], [f"y{n + 1}"]) for n in range(20)]
    nodes.append(node("MatMul", ["y20", "l"], ["scores"]))
    data = with_model(model(graph(nodes, held)))
    answer = reranker(taken(data))
    assert isinstance(answer, OnnxModel)
    answer.seconds = 1e-4
    answer.warm()  # has a time of its own
    asked = features(np.random.default_rng(1), 1000)
    found = ranked(answer, asked)
    assert found.order.tolist() == asked.order.tolist()
    assert found.reason == "the model gave up: the model took more than 0.1 ms"
    answer.seconds = 60  # one that was stopped can be asked again
    assert ranked(answer, asked).reason is None


def test_more_candidates_than_a_model_takes_leave_the_graphs_order() -> None:
    found = taken(toy())
    asked = features(np.random.default_rng(1), 1001)
    for answer in (NumpyModel(found.steps, COLUMNS), OnnxModel(FILES["model.onnx"], COLUMNS)):
        assert ranked(answer, asked).reason == (
            "the model gave up: 1001 candidates, a model takes 1000"
        )


def test_no_candidates_are_no_question() -> None:
    found = taken(toy())
    asked = features(np.random.default_rng(1), 0)
    assert ranked(NumpyModel(found.steps, COLUMNS), asked).order.size == 0
    assert OnnxModel(b"never loaded", COLUMNS).scores(asked).size == 0


@with_runtime
def test_X4_what_onnxruntime_refuses_leaves_the_graphs_order() -> None:
    odd = model(
        graph([node("MatMulInteger", ["features", "w"], ["scores"])], [tensor("w", WEIGHT)])
    )
    assert ground(with_model(odd)) is None  # the shapes fit, the types do not
    answer = OnnxModel(odd, COLUMNS)
    asked = features(np.random.default_rng(1), 5)
    for _ in range(2):
        assert ranked(answer, asked).reason == (
            "the model gave up: onnxruntime cannot load the model"
        )
    with pytest.raises(ModelError):
        answer.warm()


def test_an_onnxruntime_that_sends_telemetry_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("1.29.0", "1.30", "2.0", "odd"):
        monkeypatch.setattr(importlib.metadata, "version", {"onnxruntime": version}.__getitem__)
        assert not onnx_backend.is_there()
        assert isinstance(reranker(taken(toy())), NumpyModel)
        with pytest.raises(ModelError, match=r"below 1\.29"):
            OnnxModel(FILES["model.onnx"], COLUMNS).warm()
        found = reranker(taken(with_files({"model.onnx": FILES["model.onnx"]})))
        assert isinstance(found, Refusal)
        assert found.ground is Ground.BACKEND


def heavy() -> bytes:
    """A model of 91,501 weights for NumPy, and one for onnxruntime."""
    shapes = {"0.weight": (2, 300), "0.bias": (300,), "1.weight": (300, 300), "1.bias": (300,)}
    arrays: dict[str, Any] = {n: np.ones(s, dtype=np.float32) for n, s in shapes.items()}
    arrays |= {"2.weight": np.ones((300, 1), np.float32), "2.bias": np.ones(1, np.float32)}
    files = {"model.onnx": FILES["model.onnx"], "weights.npz": weights.written(arrays)}
    return sealed(replace(MANIFEST, layers=("linear",) * 3, basis=None), files, KEY)


@with_runtime
def test_a_small_model_runs_in_numpy_and_a_large_one_in_onnxruntime(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    light, large = taken(toy()), taken(heavy())
    assert isinstance(reranker(light), NumpyModel)
    assert isinstance(reranker(large), OnnxModel)
    for bundle in (light, large):
        assert isinstance(reranker(bundle, "numpy"), NumpyModel)
        assert isinstance(reranker(bundle, "onnxruntime"), OnnxModel)
    monkeypatch.setattr(importlib.metadata, "version", {"onnxruntime": "1.29"}.__getitem__)
    assert isinstance(reranker(large), NumpyModel)
    found = reranker(light, "onnxruntime")
    assert isinstance(found, Refusal)
    assert str(found).startswith("backend: no onnxruntime below 1.29")


def test_a_backend_that_a_bundle_has_no_model_for_is_refused() -> None:
    for name, other in (("weights.npz", "onnxruntime"), ("model.onnx", "numpy")):
        found = reranker(taken(with_files({name: FILES[name]})), other)  # type: ignore[arg-type]
        assert isinstance(found, Refusal)
        assert str(found) == "backend: it has no model for that backend"


def test_a_time_that_is_none_is_told() -> None:
    with pytest.raises(ParamError, match="seconds"):
        OnnxModel(b"", COLUMNS, seconds=0)


_PROGRAM = """
import os, sys
from tests.web3rec.rerank.bundle.bundles import features, taken, toy
from web3rec.rerank.bundle import reranker
import numpy as np
answer = reranker(taken(toy()), "onnxruntime")
assert "onnxruntime" not in sys.modules, "loaded before it is asked"
answer.warm()
assert "onnxruntime" in sys.modules
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
assert len(answer.scores(features(np.random.default_rng(1), 9))) == 9
"""


@with_runtime
@pytest.mark.slow
def test_onnxruntime_is_loaded_late_and_writes_nothing(tmp_path: Path) -> None:
    homes = {name: str(tmp_path / name) for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR")}
    homes |= {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    for home in homes.values():
        Path(home).mkdir()
    subprocess.run(
        [sys.executable, "-B", "-c", _PROGRAM],
        env=homes,
        cwd=Path(__file__).parents[4],
        check=True,
        timeout=120,
    )
    assert [p for p in tmp_path.rglob("*") if not p.is_dir()] == []
    assert {p.name for p in tmp_path.iterdir()} == set(homes)
