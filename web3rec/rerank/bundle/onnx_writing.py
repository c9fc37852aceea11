"""ONNX files written byte by byte, so that a small model needs neither torch nor the onnx package.

What is written passes `onnx_graph` and `onnx_shapes`; the same model is the same bytes every time.
Knows the format, not models (see `hybrid_onnx`). Source: onnx/onnx.proto; protobuf.dev, "Encoding".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from web3rec.rerank.bundle.onnx_graph import FLOAT, INT64
from web3rec.rerank.bundle.weights import Array

IR: Final = 8
OPSET: Final = 17
_KINDS: Final = {"float32": FLOAT, "int8": 3, "int64": INT64}
_AN_INT: Final = 2
"""Type of an attribute that is a whole number, and of one that is a list of them."""
_INTS: Final = 7


@dataclass(slots=True)
class Draft:
    """A model while it is written: operations in order, and constants."""

    constants: dict[str, Array] = field(default_factory=dict)
    """Numbers by name."""
    _nodes: list[bytes] = field(default_factory=list)
    _whole: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, op: str, read: Sequence[str], **attributes: int | tuple[int, ...]) -> str:
        """An operation with one result, whose name is given back."""
        (name,) = self.add_several(op, read, 1, **attributes)
        return name

    def add_several(
        self, op: str, read: Sequence[str], count: int, **attributes: int | tuple[int, ...]
    ) -> tuple[str, ...]:
        """An operation with some results, whose names are given back."""
        made = tuple(f"{len(self._nodes)}_{at}" for at in range(count))
        self._nodes.append(_node(op, read, made, attributes))
        return made

    def axes(self, *axes: int) -> str:
        """A constant of int64, by its name."""
        name = "axes_" + "_".join(map(str, axes))
        self._whole[name] = axes
        return name

    def finished(self, inputs: Mapping[str, Sequence[int | str]], last: str) -> bytes:
        """The model.

        Args:
            inputs: name -> sizes, where text is a free one.
            last: what the scores are, float32[n].
        """
        nodes = [*self._nodes, _node("Identity", (last,), ("scores",), {})]
        tensors = [_tensor(name, array) for name, array in self.constants.items()]
        tensors += [_tensor(name, np.array(w, np.int64)) for name, w in self._whole.items()]
        graph = [_field(1, one) for one in nodes]
        graph.append(_field(2, "scores"))
        graph += [_field(5, one) for one in tensors]
        graph += [_field(11, _declared(name, sizes)) for name, sizes in inputs.items()]
        graph.append(_field(12, _declared("scores", ("n",))))
        opset = _field(8, _field(1, "") + _field(2, OPSET))
        return _field(1, IR) + _field(7, b"".join(graph)) + opset


def _node(
    op: str,
    read: Sequence[str],
    made: Sequence[str],
    attributes: Mapping[str, int | tuple[int, ...]],
) -> bytes:
    parts = [_field(1, name) for name in read] + [_field(2, name) for name in made]
    said = (_field(5, _attribute(name, value)) for name, value in sorted(attributes.items()))
    return b"".join((*parts, _field(4, op), *said))


def _attribute(name: str, value: int | tuple[int, ...]) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _AN_INT)
    return _field(1, name) + b"".join(_field(8, one) for one in value) + _field(20, _INTS)


def _tensor(name: str, array: Array | np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bytes:
    raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    dims = b"".join(_field(1, size) for size in array.shape)
    return dims + _field(2, _KINDS[array.dtype.name]) + _field(8, name) + _field(9, raw)


def _declared(name: str, sizes: Sequence[int | str]) -> bytes:
    shape = b"".join(_field(1, _field(1 if isinstance(s, int) else 2, s)) for s in sizes)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, shape)))


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _varint(number: int) -> bytes:
    number %= 2**64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
