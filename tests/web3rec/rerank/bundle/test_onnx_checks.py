"""model.onnx is taken apart before it is run: what is not on the list is refused (X1, X2)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle.bundles import ground, with_model
from tests.web3rec.rerank.bundle.onnx_bytes import (
    PRODUCT,
    WEIGHT,
    attribute,
    declared,
    field,
    graph,
    linear,
    model,
    node,
    tensor,
)
from web3rec.rerank.bundle import Ground, onnx_graph, onnx_shapes
from web3rec.rerank.bundle.refusal import Unfit

W = tensor("w", WEIGHT)
PLACE = field(13, field(1, "location") + field(2, "/etc/passwd"))
AWAY = tensor("w", WEIGHT, PLACE + field(14, 1))
INSIDE = graph([PRODUCT], [AWAY])


def refusal(data: bytes, columns: int = 2) -> Ground | None:
    try:
        onnx_shapes.check(onnx_graph.graph(data), columns)
    except Unfit as e:
        return e.refusal.ground
    return None


def test_the_smallest_model_is_taken_apart() -> None:
    found = onnx_graph.graph(linear())
    assert (found.opset, [n.op for n in found.nodes]) == (17, ["MatMul"])
    assert found.inputs[0].shape == (None, 2)
    assert found.tensors["w"].shape == (2, 1)
    assert refusal(linear()) is None
    assert ground(with_model(linear())) is None


ELSEWHERE = {
    "initializer": graph([PRODUCT], [AWAY]),
    "location alone": graph([PRODUCT], [tensor("w", WEIGHT, field(14, 1))]),
    "key alone": graph([PRODUCT], [tensor("w", WEIGHT, PLACE)]),
    "constant": graph([node("Constant", [], ["w"], attribute("value", 4, 5, AWAY)), PRODUCT], []),
    "attribute nobody reads": graph([PRODUCT + attribute("x", 4, 5, AWAY)], [W]),
    "subgraph": graph([node("If", ["c"], ["w"], attribute("then_branch", 5, 6, INSIDE))], [W]),
    "subgraphs": graph([PRODUCT + attribute("x", 10, 11, INSIDE)], [W]),
    "tensors": graph([PRODUCT + attribute("x", 9, 10, AWAY)], [W]),
    "sparse attribute": graph([PRODUCT + attribute("x", 11, 22, field(1, AWAY))], [W]),
    "sparse attributes": graph([PRODUCT + attribute("x", 12, 23, field(1, AWAY))], [W]),
    "sparse initializer": graph([PRODUCT], [W], field(15, field(1, AWAY))),
    "quantisation": graph([PRODUCT], [W], field(14, field(1, "w"))),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_X1_external_data_is_refused_in_any_field_of_the_graph(where: str) -> None:
    found = refusal(model(ELSEWHERE[where]))
    assert found in (Ground.EXTERNAL, Ground.OPERATOR)
    if where in ("initializer", "location alone", "key alone", "constant"):
        assert found is Ground.EXTERNAL
    assert ground(with_model(model(ELSEWHERE[where]))) is found


@pytest.mark.parametrize("number", [20, 25, 26])
def test_X1_training_graphs_functions_and_devices_are_refused(number: int) -> None:
    """20: training_info, 25: functions, 26: configuration."""
    data = model(graph([PRODUCT], [W]), field(number, field(1, INSIDE)))
    assert refusal(data) is Ground.OPERATOR


def test_X1_a_graph_given_twice_is_refused_as_protobuf_would_merge_the_two() -> None:
    assert refusal(linear() + field(7, INSIDE)) is Ground.LAYOUT


@pytest.mark.parametrize(
    "op", ["If", "Loop", "Scan", "RandomNormal", "Tile", "Expand", "Range", "Gather", "MatMuL", ""]
)
def test_X2_operators_that_are_not_on_the_list_are_refused(op: str) -> None:
    data = model(graph([node(op, ["features", "w"], ["scores"])], [W]))
    assert refusal(data) is Ground.OPERATOR


def test_X2_operators_of_another_domain_or_version_are_refused() -> None:
    other = node("MatMul", ["features", "w"], ["scores"], field(7, "com.microsoft"))
    assert refusal(model(graph([other], [W]))) is Ground.OPERATOR
    plain = graph([PRODUCT], [W])
    assert refusal(model(plain, domain="ai.onnx.ml")) is Ground.OPERATOR
    assert refusal(model(plain, field(8, field(1, "x") + field(2, 1)))) is Ground.OPERATOR
    assert [v for v in range(30) if refusal(model(plain, opset=v)) is None] == list(range(13, 22))
    assert [v for v in range(30) if refusal(model(plain, ir=v)) is None] == [7, 8, 9, 10]


def test_X2_attributes_and_outputs_that_are_not_on_the_list_are_refused() -> None:
    assert refusal(model(graph([PRODUCT + attribute("x", 2, 3, 1)], [W]))) is Ground.OPERATOR
    wrong = PRODUCT + attribute("axis", 2, 2, 1.0)  # says INT, holds a float
    assert refusal(model(graph([wrong], [W]))) is Ground.OPERATOR
    more = node("MatMul", ["features", "w"], ["scores", "more"])
    assert refusal(model(graph([more], [W]))) is Ground.OPERATOR
    text = node("Cast", ["features"], ["a"], attribute("to", 2, 3, 8))
    assert refusal(model(graph([text, PRODUCT], [W]))) is Ground.OPERATOR


def test_tensors_of_text_empty_ones_and_liars_are_refused() -> None:
    for bad in (
        field(1, 1) + field(2, 8) + field(6, b"hi") + field(8, "w"),  # text
        field(1, 2) + field(2, 8) + field(8, "w") + field(9, b"hi"),  # text as raw bytes
        field(1, 2**32 + 1) + field(2, 1) + field(8, "w") + field(9, bytes(4)),
        field(1, -1) + field(2, 1) + field(8, "w") + field(9, bytes(4)),
        field(1, 0) + field(2, 1) + field(8, "w") + field(9, b""),
        field(1, 3) + field(2, 1) + field(8, "w") + field(9, bytes(8)),  # 3 of 4 bytes in 8
        field(1, 1) + field(2, 2**32 + 1) + field(8, "w") + field(9, bytes(4)),  # type mod 2^32
        field(1, 1) * 5 + field(2, 1) + field(8, "w") + field(9, bytes(4)),  # five axes
    ):
        assert refusal(model(graph([PRODUCT], [bad]))) is Ground.SHAPE


def test_X4_shapes_must_be_as_declared() -> None:
    good = [W]
    wrong_in: list[list[int | str]] = [["n", 3], ["n"], [200, 2], ["n", 2, 1]]
    wrong_out: list[list[int | str]] = [["n", 2], [1], ["n", "m"]]
    for reads in wrong_in:
        data = model(graph([PRODUCT], good, reads=declared("features", reads)))
        assert refusal(data) is Ground.SHAPE
    for gives in wrong_out:
        data = model(graph([PRODUCT], good, gives=declared("scores", gives)))
        assert refusal(data) is Ground.SHAPE
    assert refusal(linear(), columns=3) is Ground.SHAPE
    wide = tensor("w", np.ones((2, 3), dtype=np.float32))
    assert refusal(model(graph([PRODUCT], [wide]))) is Ground.SHAPE  # three scores each
    more = field(11, declared("history", ["h", 2]))
    assert refusal(model(graph([PRODUCT], good, more))) is Ground.SHAPE
    assert refusal(model(graph([], good))) is Ground.SHAPE  # scores are never computed


def test_X4_an_outer_product_that_would_fill_the_memory_is_refused() -> None:
    """Two vectors of 2,400 numbers: 20 kB in the file, 23 MB when added to each other."""
    column = tensor("c", np.ones((2400, 1), dtype=np.float32))
    row = tensor("r", np.ones((1, 2400), dtype=np.float32))
    grown = node("Add", ["c", "r"], ["big"])
    assert refusal(model(graph([grown, PRODUCT], [W, column, row]))) is Ground.SHAPE


def test_X4_more_work_than_a_small_model_has_is_refused() -> None:
    square = tensor("s", np.ones((512, 512), dtype=np.float32))
    first = tensor("f", np.ones((2, 512), dtype=np.float32))
    nodes = [node("MatMul", ["features", "f"], ["x0"])]
    nodes += [node("MatMul", [f"x{n}", "s"], [f"x{n + 1}"]) for n in range(4)]
    last = tensor("l", np.ones((512, 1), dtype=np.float32))
    nodes.append(node("MatMul", ["x4", "l"], ["scores"]))
    assert refusal(model(graph(nodes, [first, square, last]))) is Ground.SHAPE


def test_X4_many_things_of_moderate_size_are_refused_too() -> None:
    """Twenty of a million numbers each, all needed at the end."""
    first = tensor("f", np.ones((2, 1000), dtype=np.float32))
    nodes = [node("MatMul", ["features", "f"], ["y0"])]
    nodes += [node("Relu", [f"y{n}"], [f"y{n + 1}"]) for n in range(20)]
    nodes.append(PRODUCT)
    assert refusal(model(graph(nodes, [W, first]))) is Ground.SHAPE
    assert refusal(model(graph([*nodes[:10], PRODUCT], [W, first]))) is None


def test_X4_millions_of_tiny_fields_are_refused_early() -> None:
    many = b"".join(field(7, 1) for _ in range(70_000))
    slow = field(1, 70_000) + field(2, 7) + field(8, "w") + many
    assert refusal(model(graph([PRODUCT], [slow]))) is Ground.SIZE
    packed = field(1, 70_000) + field(2, 7) + field(8, "w") + field(7, b"\1" * 70_000)
    assert refusal(model(graph([PRODUCT], [packed]))) is Ground.SIZE


def test_what_is_read_before_it_is_computed_or_named_twice_is_refused() -> None:
    loop = node("Add", ["scores", "scores"], ["scores"])
    assert refusal(model(graph([loop], [W]))) is Ground.LAYOUT
    assert refusal(model(graph([PRODUCT, PRODUCT], [W]))) is Ground.LAYOUT
    assert refusal(model(graph([PRODUCT], [W, W]))) is Ground.LAYOUT
    shadow = tensor("features", np.ones((2, 2), dtype=np.float32))
    assert refusal(model(graph([PRODUCT], [W, shadow]))) is Ground.LAYOUT


def test_reshape_squeeze_and_transpose_by_hand() -> None:
    """(n, 2) x (2, 1) = (n, 1) -> transposed (1, n) -> squeezed (n) -> (-1, 1) -> (n, 1)."""
    axes = tensor("axes", np.array([0]))
    shape = tensor("shape", np.array([-1, 1]))
    nodes = [
        node("MatMul", ["features", "w"], ["a"]),
        node("Transpose", ["a"], ["b"]),
        node("Squeeze", ["b", "axes"], ["c"]),
        node("Reshape", ["c", "shape"], ["scores"]),
    ]
    assert refusal(model(graph(nodes, [W, axes, shape]))) is None
    flat = declared("scores", ["n"])
    assert refusal(model(graph(nodes, [W, axes, shape], gives=flat))) is Ground.SHAPE
    wrong = tensor("shape", np.array([-1, 2]))  # n is odd once
    assert refusal(model(graph(nodes, [W, axes, wrong]))) is Ground.SHAPE


@given(st.binary(max_size=300))
def test_X2_any_bytes_are_no_model_and_never_raise(data: bytes) -> None:
    assert refusal(data) is not None


@given(st.data())
def test_X2_a_model_with_other_bytes_never_raises(data: st.DataObject) -> None:
    whole = model(ELSEWHERE["constant"])
    at = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(at, len(whole)))
    spoilt = whole[:at] + data.draw(st.binary(max_size=6)) + whole[end:]
    assert refusal(spoilt) is None or isinstance(refusal(spoilt), Ground)
