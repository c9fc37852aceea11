"""What a model computes, in sizes: every operation is on the list, and none grows beyond bounds.

Walks the graph with several numbers of candidates and of own items in place of the free axes and
works out the shape of everything, as a runtime would, so that an outer product of large vectors is
refused before anything is allocated (X2, and the cost side of X4). Knows shapes; no
values but those that shapes hang on. Source: onnx/docs/Operators.md, opsets 13 to 21.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.rerank.bundle.manifest import MAX_CANDIDATES, Input, Reads
from web3rec.rerank.bundle.onnx_graph import (
    FLOAT,
    ITEM_BYTES,
    MAX_RANK,
    Declared,
    Graph,
    Node,
    Tensor,
)
from web3rec.rerank.bundle.refusal import Ground, Unfit

OUTPUT: Final = "scores"
"""float32[n] or float32[n, 1]"""
MAX_ELEMENTS: Final = 4_000_000
"""Numbers in anything that is computed, for MAX_CANDIDATES and the longest history; 16 MB of
float32."""
MAX_TOTAL: Final = 16_000_000
"""Numbers in all that is computed, for MAX_CANDIDATES: 64 MB, were all kept at once."""
MAX_WORK: Final = 500_000_000
"""Multiplications in all, for MAX_CANDIDATES: a fifth of that for 200."""
MAX_JOINED: Final = 16
"""Parts that one Concat joins."""

Shape = tuple[int, ...]
_Axes = tuple[str | int, ...]
"""Sizes; n: of candidates, m: of the history."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Something the graph computes or holds."""

    shape: Shape
    whole: tuple[int, ...] | None = None
    """Its numbers, where it is a small constant of int64."""


_Rule = Callable[[Node, list[_Known]], tuple[list[Shape], int]]
"""Shapes of the outputs, and multiplications."""


def check(graph: Graph, columns: int, reads: Reads | None = None) -> None:
    """Whether the graph reads what is declared and gives float32[n], within bounds.

    Args:
        graph: the model.
        columns: columns of the input `features`.
        reads: what else it reads; None: nothing.

    Raises:
        Unfit: OPERATOR (X2) or SHAPE.

    Cost: O(nodes).
    """
    reading, longest = _reading(columns, reads)
    if sorted(one.name for one in graph.inputs) != sorted(reading):
        raise Unfit(Ground.SHAPE, f"want as inputs exactly {', '.join(reading)}")
    for one in graph.inputs:
        _check_declared(one, reading[one.name])
    if len(graph.outputs) != 1 or graph.outputs[0].name != OUTPUT:
        raise Unfit(Ground.SHAPE, f"want as output exactly {OUTPUT}")
    flat = len(graph.outputs[0].shape) == 1
    _check_declared(graph.outputs[0], ("n",) if flat else ("n", 1))
    for n, m in itertools.product((1, 7, MAX_CANDIDATES), sorted({1, min(3, longest), longest})):
        free = {"n": n, "m": m}
        shapes = {
            name: tuple(size if isinstance(size, int) else free[size] for size in sizes)
            for name, sizes in reading.items()
        }
        if _output(graph, shapes) != ((n,) if flat else (n, 1)):
            raise Unfit(Ground.SHAPE, f"{OUTPUT} does not have one number for each candidate")


def _reading(columns: int, reads: Reads | None) -> tuple[dict[str, _Axes], int]:
    """The axes of each input, and the longest history."""
    if reads is None:
        return {"features": ("n", columns)}, 1
    width = reads.width
    axes: dict[Input, _Axes] = {"features": ("n", columns), "items": ("n", width)}
    axes |= {"history": ("m", width), "newer": ("m",)}
    return {name: axes[name] for name in reads.inputs}, max(1, reads.history)


def _check_declared(found: Declared, wanted: _Axes) -> None:
    shape = tuple(size if isinstance(size, int) else None for size in wanted)
    if found.kind != FLOAT or found.shape != shape:
        raise Unfit(Ground.SHAPE, f"want {found.name[:40]} of float32 and shape {shape}")


def _output(graph: Graph, given: Mapping[str, Shape]) -> Shape:
    """The shape of the scores, of inputs of such shapes."""
    known = {name: _Known(tensor.shape, tensor.whole) for name, tensor in graph.tensors.items()}
    if set(given) & set(known):
        raise Unfit(Ground.LAYOUT, "a constant is named like an input")
    known |= {name: _Known(shape) for name, shape in given.items()}
    work = total = 0
    for node in graph.nodes:
        shapes, cost = _computed(node, known)
        work += cost
        total += sum(map(math.prod, shapes))
        large = any(len(s) > MAX_RANK or math.prod(s) > MAX_ELEMENTS for s in shapes)
        if large or total > MAX_TOTAL or work > MAX_WORK:
            raise Unfit(Ground.SHAPE, f"{node.op} computes more than a small model may")
        if len(node.outputs) != len(shapes) or not all(node.outputs):
            raise Unfit(Ground.OPERATOR, f"{node.op} with outputs that are not on the list")
        for name, shape in zip(node.outputs, shapes, strict=True):
            if name in known:
                raise Unfit(Ground.LAYOUT, "two things of one name")
            known[name] = _Known(shape, _constant(node))
    if OUTPUT not in known:
        raise Unfit(Ground.SHAPE, f"{OUTPUT} is never computed")
    return known[OUTPUT].shape


def _computed(node: Node, known: Mapping[str, _Known]) -> tuple[list[Shape], int]:
    """What one operation gives, if it is on the list and reads what is there."""
    if node.op not in _OPERATORS:
        raise Unfit(Ground.OPERATOR, f"the operator {node.op[:40]!r} is not on the list")
    rule, attributes, least, most = _OPERATORS[node.op]
    if set(node.attributes) - attributes or not least <= len(node.inputs) <= most:
        raise Unfit(Ground.OPERATOR, f"{node.op} with an attribute or input not on the list")
    if "" in node.inputs[:least] or not all(name in known for name in node.inputs if name):
        raise Unfit(Ground.LAYOUT, f"{node.op} reads what was not computed before")
    return rule(node, [known[name] for name in node.inputs if name])


def _constant(node: Node) -> tuple[int, ...] | None:
    value = node.attributes.get("value") if node.op == "Constant" else None
    return value.whole if isinstance(value, Tensor) else None


def _same(_: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    return [read[0].shape], 4 * math.prod(read[0].shape)


def _cast(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    if node.attributes.get("to") not in ITEM_BYTES:
        raise Unfit(Ground.OPERATOR, "Cast to a type that is not on the list")
    return _same(node, read)


def _quantised(_: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    return [read[0].shape, (), ()], math.prod(read[0].shape)


def _broadcast(_: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    return [_together(read[0].shape, read[1].shape)], 0


def _together(left: Shape, right: Shape) -> Shape:
    try:
        return np.broadcast_shapes(left, right)
    except ValueError:
        raise Unfit(Ground.SHAPE, "shapes that do not fit together") from None


def _product(_: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    """As numpy.matmul: a vector on the right is a column, and its axis is left out."""
    left, right = read[0].shape, read[1].shape
    vector = len(right) == 1
    if vector:
        right = (*right, 1)
    if len(left) < 2 or len(right) < 2 or left[-1] != right[-2]:
        raise Unfit(Ground.SHAPE, "a product of matrices that do not fit together")
    shape = (*_together(left[:-2], right[:-2]), left[-2], right[-1])
    return [shape[:-1] if vector else shape], math.prod(shape) * left[-1]


def _gemm(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    left, right = (
        known.shape[::-1] if node.attributes.get(turned, 0) else known.shape
        for known, turned in zip(read[:2], ("transA", "transB"), strict=True)
    )
    if len(left) != 2 or len(right) != 2:
        raise Unfit(Ground.SHAPE, "Gemm multiplies two matrices")
    shapes, cost = _product(node, [_Known(left), _Known(right)])
    if len(read) == 3 and _together(shapes[0], read[2].shape) != shapes[0]:
        raise Unfit(Ground.SHAPE, "Gemm adds something larger than its product")
    return shapes, cost


def _turned(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    shape = read[0].shape
    order = node.attributes.get("perm", tuple(range(len(shape)))[::-1])
    if not isinstance(order, tuple) or sorted(order) != list(range(len(shape))):
        raise Unfit(Ground.SHAPE, "Transpose with an order that is none")
    return [tuple(shape[axis] for axis in order)], 0


def _reshaped(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    shape, wanted = read[0].shape, read[1].whole
    if wanted is None or node.attributes.get("allowzero", 0) != 0 or wanted.count(-1) > 1:
        raise Unfit(Ground.SHAPE, "Reshape to a shape that is no constant")
    if any(size < -1 or (size == 0 and at >= len(shape)) for at, size in enumerate(wanted)):
        raise Unfit(Ground.SHAPE, "Reshape to a shape that is none")
    sizes = [shape[at] if size == 0 else size for at, size in enumerate(wanted)]
    fixed = math.prod(size for size in sizes if size != -1)
    if -1 in sizes and math.prod(shape) % fixed == 0:
        sizes[sizes.index(-1)] = math.prod(shape) // fixed
    if math.prod(sizes) != math.prod(shape):
        raise Unfit(Ground.SHAPE, "Reshape to another number of elements")
    return [tuple(sizes)], 0


def _axes(node: Node, read: list[_Known], rank: int) -> frozenset[int]:
    """The axes that an operation names, as an attribute or a constant; counted from the front."""
    said = read[1].whole if len(read) > 1 else node.attributes.get("axes")
    if not isinstance(said, tuple) or not all(-rank <= axis < rank for axis in said):
        raise Unfit(Ground.SHAPE, f"{node.op} without axes that are constant")
    axes = frozenset(axis % rank for axis in said)
    if len(axes) != len(said):
        raise Unfit(Ground.SHAPE, f"{node.op} names an axis twice")
    return axes


def _squeezed(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    shape = read[0].shape
    axes = _axes(node, read, len(shape))
    if any(shape[axis] != 1 for axis in axes):
        raise Unfit(Ground.SHAPE, "Squeeze of an axis that is not 1")
    return [tuple(size for axis, size in enumerate(shape) if axis not in axes)], 0


def _unsqueezed(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    said = read[1].whole or ()
    rank = len(read[0].shape) + len(said)
    axes, sizes = _axes(node, read, rank), iter(read[0].shape)
    return [tuple(1 if axis in axes else next(sizes) for axis in range(rank))], 0


def _reduced(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    shape = read[0].shape
    axes = _axes(node, read, len(shape))
    kept = node.attributes.get("keepdims", 1) != 0
    sizes = [1 if at in axes else size for at, size in enumerate(shape) if kept or at not in axes]
    return [tuple(sizes)], math.prod(shape)


def _joined(node: Node, read: list[_Known]) -> tuple[list[Shape], int]:
    first, axis = read[0].shape, node.attributes.get("axis")
    if not isinstance(axis, int) or not -len(first) <= axis < len(first):
        raise Unfit(Ground.SHAPE, "Concat along an axis that is none")
    at = axis % len(first)
    if len({(len(one.shape), one.shape[:at], one.shape[at + 1 :]) for one in read}) != 1:
        raise Unfit(Ground.SHAPE, "Concat of shapes that do not fit together")
    shape = (*first[:at], sum(one.shape[at] for one in read), *first[at + 1 :])
    return [shape], math.prod(shape)


def _held(node: Node, _: list[_Known]) -> tuple[list[Shape], int]:
    value = node.attributes.get("value")
    if not isinstance(value, Tensor):
        raise Unfit(Ground.OPERATOR, "Constant without a tensor")
    return [value.shape], 0


_NONE: Final[frozenset[str]] = frozenset()
_OPERATORS: Final[Mapping[str, tuple[_Rule, frozenset[str], int, int]]] = {
    "Add": (_broadcast, _NONE, 2, 2),
    "Cast": (_cast, frozenset({"to"}), 1, 1),
    "Concat": (_joined, frozenset({"axis"}), 1, MAX_JOINED),
    "Constant": (_held, frozenset({"value"}), 0, 0),
    "Div": (_broadcast, _NONE, 2, 2),
    "DynamicQuantizeLinear": (_quantised, _NONE, 1, 1),
    "Erf": (_same, _NONE, 1, 1),
    "Exp": (_same, _NONE, 1, 1),
    "Gemm": (_gemm, frozenset({"alpha", "beta", "transA", "transB"}), 2, 3),
    "Identity": (_same, _NONE, 1, 1),
    "LayerNormalization": (_same, frozenset({"axis", "epsilon", "stash_type"}), 2, 3),
    "MatMul": (_product, _NONE, 2, 2),
    "MatMulInteger": (_product, _NONE, 2, 4),
    "Mul": (_broadcast, _NONE, 2, 2),
    "ReduceMax": (_reduced, frozenset({"axes", "keepdims"}), 1, 2),
    "ReduceMean": (_reduced, frozenset({"axes", "keepdims"}), 1, 2),
    "ReduceSum": (_reduced, frozenset({"axes", "keepdims"}), 1, 2),
    "Relu": (_same, _NONE, 1, 1),
    "Reshape": (_reshaped, frozenset({"allowzero"}), 2, 2),
    "Sigmoid": (_same, _NONE, 1, 1),
    "Softmax": (_same, frozenset({"axis"}), 1, 1),
    "Sqrt": (_same, _NONE, 1, 1),
    "Squeeze": (_squeezed, _NONE, 2, 2),
    "Sub": (_broadcast, _NONE, 2, 2),
    "Tanh": (_same, _NONE, 1, 1),
    "Transpose": (_turned, frozenset({"perm"}), 1, 1),
    "Unsqueeze": (_unsqueezed, _NONE, 2, 2),
}
"""Operator -> rule of its shape, attributes, least and most inputs. None of them branches, loops,
reads a file, makes random numbers or a size that depends on values (X2)."""
OPERATORS: Final = frozenset(_OPERATORS)
