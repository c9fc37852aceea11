"""What a model of item vectors is made of is checked before it is run (X2, X3, X4)."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle.hybrids import (
    asked,
    lookup,
    network,
    small,
)
from tests.web3rec.rerank.bundle.onnx_bytes import attribute, declared, field, graph, model, node
from tests.web3rec.rerank.bundle.onnx_bytes import tensor as tensor_of
from web3rec.rerank.bundle import (
    Ground,
    Reads,
    hybrid,
    onnx_backend,
    onnx_graph,
    onnx_shapes,
    weights,
)
from web3rec.rerank.bundle.manifest import INPUTS
from web3rec.rerank.bundle.numpy_backend import NumpyModel, Step, steps
from web3rec.rerank.bundle.refusal import Unfit
from web3rec.rerank.model import ranked

with_runtime = pytest.mark.skipif(
    not onnx_backend.is_there(), reason="no onnxruntime below 1.29: pip install web3rec[onnx]"
)
MANIFEST_2, FILES_2 = small()
READS = Reads(INPUTS, 4, 5)
PLAIN = hybrid.plain(network(np.random.default_rng(4), c=2, d=4, h=2, p=1, e=3))[1]


def flaw(layers: Any, arrays: Any, reads: Reads | None = READS) -> str | None:
    try:
        steps(layers, arrays, 2, reads)
    except Unfit as e:
        return str(e)
    return None


def but(**changes: Any) -> dict[str, Any]:
    """The arrays with others in their place; a None is left out."""
    named = {name.replace("_", ".", 1).removeprefix("n"): a for name, a in changes.items()}
    return {name: array for name, array in (PLAIN | named).items() if array is not None}


def ones(*shape: int) -> Any:
    return np.ones(shape, dtype=np.float32)


def test_layers_of_attention_that_do_not_fit_are_refused() -> None:
    kinds = hybrid.PLAIN
    assert flaw(kinds, PLAIN) is None
    assert flaw(kinds, but(n1_blend=None, n3_weight=ones(5, 3), n6_weight=ones(5, 1))) is None
    for arrays in (
        but(n1_query=None),
        but(n1_decay=None),
        but(n1_query=ones(5, 2)),
        but(n1_query=ones(4, 3)),
        but(n1_key=ones(4)),
        but(n1_query=np.ones((4, 2), np.int8)),
        but(n1_decay=ones(2)),
        but(n1_blend=ones(4, 2)),
        but(n1_query_scale=ones(2)),
        but(n1_weight=ones(4, 2)),
        but(n6_weight=ones(5, 1)),
        but(n6_weight=np.ones((6, 1), np.int8)),
        but(n6_weight=ones(6)),
    ):
        assert flaw(kinds, arrays) is not None
    assert flaw(kinds, PLAIN, None) == "attend and no item vectors to read"
    assert flaw(kinds, PLAIN, Reads(INPUTS, 5, 5)) is not None
    eight = hybrid.eight_bit(network(np.random.default_rng(4), c=2, d=4, h=2, p=1, e=3))[1]
    assert flaw(hybrid.EIGHT_BIT, eight) is None
    assert flaw(hybrid.EIGHT_BIT, {n: a for n, a in eight.items() if n != "1.key_scale"})
    assert flaw(kinds, eight)


def test_keep_and_skip_go_together() -> None:
    dense: Any = {"0.weight": ones(2, 1), "0.bias": ones(1)}
    moved = {"1.weight": ones(2, 1), "1.bias": ones(1)}
    assert flaw(("keep", "linear", "skip"), moved | {"2.weight": ones(2, 1)}) is None
    assert flaw(("keep", "linear"), moved)
    assert flaw(("linear", "skip"), dense | {"1.weight": ones(1, 1)})
    twice = {"2.weight": ones(2, 1), "2.bias": ones(1), "3.weight": ones(2, 1)}
    assert flaw(("keep", "keep", "linear", "skip"), twice)


def test_X4_attention_that_is_too_much_work_is_refused() -> None:
    """1,000 numbers a vector, 64 of the history: 128,000 a candidate, but 400,000 weights more."""
    arrays: dict[str, Any] = {
        "0.query": ones(1000, 200),
        "0.key": ones(1000, 200),
        "0.decay": ones(1),
        "1.weight": ones(5, 1),
        "1.bias": ones(1),
    }
    assert flaw(("attend", "linear"), arrays, Reads(INPUTS, 1000, 64)) == (
        "more than 500000 weights"
    )
    assert flaw(("attend", "linear"), arrays, Reads(INPUTS, 1000, 8)) is None


def legal(npz: bytes) -> tuple[Step, ...] | None:
    try:
        return steps(hybrid.EIGHT_BIT, weights.read(npz), 2, READS)
    except Unfit:
        return None


@given(st.data())
def test_X3_weights_of_attention_with_other_bytes_never_raise(data: st.DataObject) -> None:
    npz = FILES_2["weights.npz"]
    at = data.draw(st.integers(0, len(npz)))
    end = data.draw(st.integers(at, min(len(npz), at + 40)))
    spoilt = npz[:at] + data.draw(st.binary(max_size=8)) + npz[end:]
    if (found := legal(spoilt)) is None:
        return
    answer = NumpyModel(found, ("walk", "popular"), lookup(FILES_2["items.i8"], history=5))
    question = asked(np.random.default_rng(1), 4, 2, 6)
    assert sorted(ranked(answer, question).order.tolist()) == [0, 1, 2, 3]


def refusal(data: bytes, reads: Reads | None = READS) -> Ground | None:
    try:
        onnx_shapes.check(onnx_graph.graph(data), 2, reads)
    except Unfit as e:
        return e.refusal.ground
    return None


@given(st.data())
def test_X2_a_hybrid_in_onnx_with_other_bytes_never_raises(data: st.DataObject) -> None:
    whole = FILES_2["model.onnx"]
    at = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(at, min(len(whole), at + 20)))
    spoilt = whole[:at] + data.draw(st.binary(max_size=6)) + whole[end:]
    assert refusal(spoilt) is None or isinstance(refusal(spoilt), Ground)


def wired(*nodes: bytes, constants: tuple[bytes, ...] = ()) -> bytes:
    """A model of format 2: columns 2, vectors 4."""
    more = [declared("items", ["n", 4]), declared("history", ["m", 4]), declared("newer", ["m"])]
    inner = graph(
        nodes, constants, *(field(11, one) for one in more), gives=declared("scores", ["n"])
    )
    return model(inner)


MEAN = node("ReduceMean", ["history"], ["a"], attribute("axes", 7, 8, 0))
NEAR = node("MatMul", ["items", "a"], ["scores"])
FLAT = attribute("keepdims", 2, 3, 0)


def test_X2_a_product_with_the_mean_of_the_history_by_hand() -> None:
    """(m, 4) -> mean (4) -> (n, 4) times (4) is (n)."""
    assert refusal(wired(MEAN + FLAT, NEAR)) is None
    assert refusal(wired(MEAN, NEAR)) is Ground.SHAPE  # (1, 4)


def test_X2_candidates_and_history_are_not_mixed_up() -> None:
    """Scores for each own item fit by chance where n = m."""
    constant = tensor_of("w", np.ones((4, 1), dtype=np.float32))
    axes = tensor_of("last", np.array([1]))
    for name, wanted in (("items", None), ("history", Ground.SHAPE)):
        nodes = [node("MatMul", [name, "w"], ["a"]), node("Squeeze", ["a", "last"], ["scores"])]
        assert refusal(wired(*nodes, constants=(constant, axes))) is wanted
    added = node("Add", ["newer", "newer"], ["scores"])
    assert refusal(wired(added)) is Ground.SHAPE
    mixed = node("Mul", ["items", "history"], ["a"])
    assert refusal(wired(mixed, MEAN, NEAR)) is not None


@pytest.mark.parametrize("axis", [1, -1])
def test_X2_joining_by_hand(axis: int) -> None:
    """(n, 2) and (n, 4) are (n, 6); one beneath the other they do not fit."""
    weight = tensor_of("w", np.ones(6, dtype=np.float32))
    last = node("MatMul", ["a", "w"], ["scores"])
    joined = node("Concat", ["features", "items"], ["a"], attribute("axis", 2, 3, axis))
    assert refusal(wired(joined, last, constants=(weight,))) is None
    for other in (0, 2, -3):
        odd = node("Concat", ["features", "items"], ["a"], attribute("axis", 2, 3, other))
        assert refusal(wired(odd, last, constants=(weight,))) is Ground.SHAPE
    unlike = node("Concat", ["features", "newer"], ["a"], attribute("axis", 2, 3, axis))
    assert refusal(wired(unlike, last, constants=(weight,))) is Ground.SHAPE
    many = node("Concat", ["items"] * 17, ["a"], attribute("axis", 2, 3, axis))
    assert refusal(wired(many, last, constants=(weight,))) is Ground.OPERATOR


def test_X2_inputs_are_those_of_the_manifest() -> None:
    good = wired(MEAN + FLAT, NEAR)
    assert refusal(good, None) is Ground.SHAPE
    assert refusal(good, Reads(INPUTS[:3], 4, 5)) is Ground.SHAPE
    assert refusal(good, Reads(INPUTS, 5, 5)) is Ground.SHAPE
    fixed = good.replace(field(1, field(2, "m")), field(1, field(1, 5)))
    assert refusal(fixed) is not None


def test_X4_the_longest_history_is_what_work_is_counted_for() -> None:
    """1,000 candidates by 64 own items by 100 by 100: 640 million; by 5, 50 million."""
    constants = (
        tensor_of("four", np.ones((4, 100), dtype=np.float32)),
        tensor_of("wide", np.ones((100, 100), dtype=np.float32)),
        *(tensor_of(name, np.array(at)) for name, at in (("one", [1]), ("zero", [0]))),
    )
    nodes = (
        node("Unsqueeze", ["items", "one"], ["a"]),
        node("Unsqueeze", ["history", "zero"], ["b"]),
        node("Mul", ["a", "b"], ["c"]),
        node("MatMul", ["c", "four"], ["d"]),
        node("MatMul", ["d", "wide"], ["e"]),
        node("ReduceMax", ["e"], ["f"], attribute("axes", 7, 8, 1), FLAT),
        node("ReduceSum", ["f", "one"], ["scores"], FLAT),
    )
    data = wired(*nodes, constants=constants)
    assert refusal(data, Reads(INPUTS, 4, 5)) is None
    assert refusal(data, Reads(INPUTS, 4, 64)) is Ground.SHAPE


def whole(name: str, *numbers: int) -> bytes:
    return tensor_of(name, np.array(numbers))


WIDE = tensor_of("w", np.ones((4, 1), dtype=np.float32))
ODD: dict[str, tuple[bytes, tuple[bytes, ...]]] = {
    "shapes that do not fit": (node("Add", ["items", "features"], ["a"]), ()),
    "Gemm of three axes": (
        node("Gemm", ["b", "w"], ["a"]),
        (WIDE, tensor_of("b", np.ones((1, 1, 4), dtype=np.float32))),
    ),
    "Gemm that adds too much": (
        node("Gemm", ["items", "w", "b"], ["a"]),
        (WIDE, tensor_of("b", np.ones((2, 1, 1), dtype=np.float32))),
    ),
    "an order that is none": (node("Transpose", ["items"], ["a"], attribute("perm", 7, 8, 1)), ()),
    "a shape that is computed": (node("Reshape", ["items", "newer"], ["a"]), ()),
    "a shape of -2": (node("Reshape", ["items", "s"], ["a"]), (whole("s", -2, 2),)),
    "a shape of two unknowns": (node("Reshape", ["items", "s"], ["a"]), (whole("s", -1, -1),)),
    "axes that are computed": (node("ReduceSum", ["items", "newer"], ["a"]), ()),
    "an axis that is none": (node("ReduceSum", ["items", "s"], ["a"]), (whole("s", 2),)),
    "an axis twice": (node("ReduceSum", ["items", "s"], ["a"]), (whole("s", 1, -1),)),
    "no axes": (node("ReduceMax", ["items"], ["a"]), ()),
    "an axis that is not 1": (node("Squeeze", ["items", "s"], ["a"]), (whole("s", 1),)),
    "a vector on the left": (node("MatMul", ["newer", "items"], ["a"]), ()),
}


@pytest.mark.parametrize("what", ODD)
def test_X2_operations_that_do_not_fit_what_they_read_are_refused(what: str) -> None:
    odd, constants = ODD[what]
    held = constants if WIDE in constants else (*constants, WIDE)
    last = (node("MatMul", ["items", "w"], ["b0"]), node("Squeeze", ["b0", "last"], ["scores"]))
    assert refusal(wired(*last, constants=(*held, whole("last", 1)))) is None
    assert refusal(wired(odd, *last, constants=(*held, whole("last", 1)))) is Ground.SHAPE


def test_layers_wider_than_4096_are_refused() -> None:
    arrays: dict[str, Any] = {"0.weight": ones(2, 4097), "0.bias": ones(4097)}
    assert flaw(("linear", "linear"), arrays) == "a layer of 4097 numbers, at most 4096"
