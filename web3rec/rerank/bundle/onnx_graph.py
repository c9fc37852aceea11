"""model.onnx, taken apart without onnxruntime and without the `onnx` package.

Reads the few messages and fields of onnx.proto that a small dense model needs; every other field is
refused by not being on the list, and with them every place where a model can hide something:
subgraphs, sparse tensors, functions, training graphs, strings, and data outside the file (X1).
Knows the format, not what operators mean (see `onnx_shapes`). Source: onnx/onnx.proto, IR 7 to 10.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from web3rec.rerank.bundle.protobuf import (
    BYTES,
    FIXED32,
    VARINT,
    Value,
    message,
    numbers,
    text,
)
from web3rec.rerank.bundle.refusal import Ground, Unfit

IR_VERSIONS: Final = range(7, 11)
OPSETS: Final = range(13, 22)
"""From 13 axes are inputs of Squeeze; 21 is the newest that onnxruntime 1.20 runs."""
FLOAT: Final = 1
INT64: Final = 7
ITEM_BYTES: Final[Mapping[int, int]] = {FLOAT: 4, 2: 1, 3: 1, 6: 4, INT64: 8, 9: 1}
"""Element types that a tensor may have: float, uint8, int8, int32, int64, bool; bytes of one."""
MAX_NODES: Final = 512
MAX_RANK: Final = 4
MAX_NAME: Final = 256
_EXTERNAL: Final = 13
_LOCATION: Final = 14
_STRINGS: Final = 6


@dataclass(frozen=True, slots=True)
class Tensor:
    """Constant numbers of the model."""

    kind: int
    """Element type; of ITEM_BYTES."""
    shape: tuple[int, ...]
    """Its size along each axis."""
    whole: tuple[int, ...] | None
    """The numbers themselves where they are at most 16 of int64, else None."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation."""

    op: str
    """Its type, of ONNX' own operators."""
    inputs: tuple[str, ...]
    """Names; "" where an optional one is left out."""
    outputs: tuple[str, ...]
    """Names."""
    attributes: Mapping[str, int | float | str | tuple[int, ...] | Tensor]
    """By name."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An input or output, as the model declares it."""

    name: str
    """Its name."""
    kind: int
    """Element type."""
    shape: tuple[int | None, ...]
    """Size along each axis; None: free."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A model: what it reads, computes and gives."""

    opset: int
    """Version of ONNX' operators."""
    inputs: tuple[Declared, ...]
    """What is to be given."""
    outputs: tuple[Declared, ...]
    """What it computes."""
    tensors: Mapping[str, Tensor] = field(repr=False)
    """Constants by name."""
    nodes: tuple[Node, ...] = field(repr=False)
    """Operations, in order."""


def graph(data: bytes) -> Graph:
    """The graph of a ModelProto. O(len(data)).

    Raises:
        Unfit: LAYOUT, EXTERNAL, OPERATOR (a field or version that is not on the list) or SHAPE.
    """
    once = {1: VARINT, 2: BYTES, 3: BYTES, 4: BYTES, 5: VARINT, 6: BYTES, 7: BYTES}
    model, often = message(data, once, {8: _MANY, 14: _MANY}, "the model")
    if model.get(1) not in IR_VERSIONS or 7 not in model:
        raise Unfit(Ground.OPERATOR, "no graph, or an IR version that is not 7 to 10")
    opset = _opset(often[8])
    return _graph(_bytes(model[7]), opset)


_MANY: Final = frozenset({BYTES})
_PACKED: Final = frozenset({BYTES, VARINT})


def _opset(imports: list[tuple[int, Value]]) -> int:
    if len(imports) != 1:
        raise Unfit(Ground.OPERATOR, "operators of one domain are wanted, ONNX' own")
    opset, _ = message(_bytes(imports[0][1]), {1: BYTES, 2: VARINT}, {}, "the operators' version")
    version = opset.get(2)
    if (
        text(opset.get(1, b"")) not in ("", "ai.onnx")
        or not isinstance(version, int)
        or version not in OPSETS
    ):
        raise Unfit(Ground.OPERATOR, "operators must be ONNX' own, of versions 13 to 21")
    return version


def _graph(data: bytes, opset: int) -> Graph:
    many = dict.fromkeys((1, 5, 11, 12, 13), _MANY)
    _, often = message(data, {2: BYTES, 10: BYTES}, many, "the graph")
    if len(often[1]) > MAX_NODES:
        raise Unfit(Ground.OPERATOR, f"{len(often[1])} operations, at most {MAX_NODES}")
    tensors: dict[str, Tensor] = {}
    for _, value in often[5]:
        name, tensor = _tensor(_bytes(value))
        if not name or name in tensors:
            raise Unfit(Ground.LAYOUT, "a constant without a name, or two of one name")
        tensors[name] = tensor
    for _, value in often[13]:
        _declared(_bytes(value))
    return Graph(
        opset,
        tuple(_declared(_bytes(value)) for _, value in often[11]),
        tuple(_declared(_bytes(value)) for _, value in often[12]),
        tensors,
        tuple(_node(_bytes(value)) for _, value in often[1]),
    )


def _node(data: bytes) -> Node:
    once = {3: BYTES, 4: BYTES, 6: BYTES, 7: BYTES}
    single, often = message(data, once, dict.fromkeys((1, 2, 5), _MANY), "an operation")
    if text(single.get(7, b"")) not in ("", "ai.onnx"):
        raise Unfit(Ground.OPERATOR, "an operator of another domain than ONNX' own")
    attributes: dict[str, int | float | str | tuple[int, ...] | Tensor] = {}
    for _, value in often[5]:
        name, said = _attribute(_bytes(value))
        if name in attributes:
            raise Unfit(Ground.LAYOUT, "an attribute twice")
        attributes[name] = said
    return Node(
        text(single.get(4, b"")),
        tuple(_name(value) for _, value in often[1]),
        tuple(_name(value) for _, value in often[2]),
        attributes,
    )


def _attribute(data: bytes) -> tuple[str, int | float | str | tuple[int, ...] | Tensor]:
    once = {1: BYTES, 2: FIXED32, 3: VARINT, 4: BYTES, 5: BYTES, 13: BYTES, 20: VARINT}
    single, often = message(data, once, {8: _PACKED}, "an attribute")
    name, kind = text(single.get(1, b"")), single.get(20)
    holds = {1: 2, 2: 3, 3: 4, 4: 5, 7: 8}  # type of the attribute: the field that holds it
    wanted = holds.get(kind) if isinstance(kind, int) else None
    given = {number for number in (2, 3, 4, 5) if number in single} | ({8} if often[8] else set())
    if wanted is None or given - {wanted}:
        raise Unfit(Ground.OPERATOR, "an attribute of a kind that is not on the list")
    value = single.get(wanted)
    if wanted == 2:
        (read,) = struct.unpack("<f", _bytes(value or b"\0" * 4))
        return name, float(read)
    if wanted == 3:
        return name, numbers([(VARINT, value or 0)])[0]
    if wanted == 4:
        return name, text(value or b"")
    if wanted == 8:
        return name, tuple(numbers(often[8]))
    return name, _tensor(_bytes(value or b""))[1]


def _tensor(data: bytes) -> tuple[str, Tensor]:
    once = {2: VARINT, _LOCATION: VARINT, 8: BYTES, 9: BYTES, 12: BYTES}
    many = {1: _PACKED, 4: frozenset({BYTES, FIXED32}), 5: _PACKED, 7: _PACKED}
    many |= {_EXTERNAL: _MANY, _STRINGS: _MANY}
    single, often = message(data, once, many, "a tensor")
    if often[_EXTERNAL] or single.get(_LOCATION, 0) != 0:
        raise Unfit(Ground.EXTERNAL, "a tensor's numbers are in another file")
    if often[_STRINGS]:
        raise Unfit(Ground.SHAPE, "a tensor of text")
    kind, shape = single.get(2), tuple(numbers(often[1]))
    if not isinstance(kind, int) or kind not in ITEM_BYTES:
        raise Unfit(Ground.SHAPE, "a tensor of a type that is not on the list")
    if len(shape) > MAX_RANK or any(not 0 < size < 2**24 for size in shape):
        raise Unfit(Ground.SHAPE, f"a tensor needs at most {MAX_RANK} axes, none empty")
    count = 1
    for size in shape:
        count *= size
    whole = _counted(kind, count, single.get(9), often)
    return _name(single.get(8, b"")), Tensor(kind, shape, whole)


def _counted(
    kind: int, count: int, raw: Value | None, often: Mapping[int, list[tuple[int, Value]]]
) -> tuple[int, ...] | None:
    """The numbers, where shapes may depend on them, of a tensor that holds what it declares."""
    held = FLOAT * 4 if kind == FLOAT else (7 if kind == INT64 else 5)
    ways = [number for number in (4, 5, 7) if often[number]]
    if raw is not None:
        fits = not ways and len(_bytes(raw)) == count * ITEM_BYTES[kind]
    elif ways != [held]:
        fits = False
    elif kind == FLOAT:
        fits = sum(len(_bytes(value)) for _, value in often[4]) == count * 4
    else:
        fits = len(numbers(often[held])) == count
    if not fits:
        raise Unfit(Ground.SHAPE, "a tensor does not hold as many numbers as it declares")
    if kind != INT64 or count > 16:
        return None
    if raw is not None:
        return struct.unpack(f"<{count}q", _bytes(raw))
    return tuple(numbers(often[7]))


def _declared(data: bytes) -> Declared:
    once = {1: BYTES, 2: BYTES, 3: BYTES}
    single, _ = message(data, once, {}, "an input or output")
    kind, _ = message(_bytes(single.get(2, b"")), {1: BYTES}, {}, "a type")
    tensor, _ = message(_bytes(kind.get(1, b"")), {1: VARINT, 2: BYTES}, {}, "a type")
    element = tensor.get(1)
    if not isinstance(element, int) or element not in ITEM_BYTES:
        raise Unfit(Ground.SHAPE, "an input or output of a type that is not on the list")
    _, axes = message(_bytes(tensor.get(2, b"")), {}, {1: _MANY}, "a shape")
    if len(axes[1]) > MAX_RANK:
        raise Unfit(Ground.SHAPE, f"an input or output of more than {MAX_RANK} axes")
    shape: list[int | None] = []
    for _, value in axes[1]:
        size, _ = message(_bytes(value), {1: VARINT, 2: BYTES}, {}, "a size")
        said = size.get(1)
        shape.append(said if isinstance(said, int) else None)
    return Declared(_name(single.get(1, b"")), element, tuple(shape))


def _name(value: Value) -> str:
    said = text(value)
    if len(said) > MAX_NAME:
        raise Unfit(Ground.LAYOUT, f"a name of more than {MAX_NAME} characters")
    return said


def _bytes(value: Value) -> bytes:
    """Bytes, where the wire type was checked when it was read."""
    return value if isinstance(value, bytes) else b""
