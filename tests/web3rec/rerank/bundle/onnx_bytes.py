"""ONNX models written byte by byte, without the `onnx` package: legal ones, and others."""

import struct
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

KINDS: Final = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "bool": 9}


def varint(number: int) -> bytes:
    number %= 2**64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: float | bytes | str) -> bytes:
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def tensor(name: str, array: Any, more: bytes = b"") -> bytes:
    held = np.asarray(array)
    dims = b"".join(field(1, size) for size in held.shape)
    raw = held.astype(held.dtype.newbyteorder("<")).tobytes()
    return dims + field(2, KINDS[held.dtype.name]) + field(8, name) + field(9, raw) + more


def node(op: str, read: Sequence[str], made: Sequence[str], *more: bytes) -> bytes:
    names = [field(1, name) for name in read] + [field(2, name) for name in made]
    return b"".join((*names, field(4, op), *more))


def attribute(name: str, kind: int, number: int, value: float | bytes) -> bytes:
    """`number` is the field that holds the value, `kind` the type it says to have."""
    return field(5, field(1, name) + field(number, value) + field(20, kind))


def declared(name: str, shape: Sequence[int | str], kind: int = 1) -> bytes:
    sizes = [field(1, field(1 if isinstance(size, int) else 2, size)) for size in shape]
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, b"".join(sizes))))


def graph(
    nodes: Sequence[bytes],
    tensors: Sequence[bytes],
    *more: bytes,
    reads: bytes | None = None,
    gives: bytes | None = None,
) -> bytes:
    parts = [field(1, part) for part in nodes] + [field(5, part) for part in tensors]
    parts.append(field(11, reads or declared("features", ["n", 2])))
    parts.append(field(12, gives or declared("scores", ["n", 1])))
    return b"".join((*parts, field(2, "toy"), *more))


def model(inner: bytes, *more: bytes, opset: int = 17, ir: int = 8, domain: str = "") -> bytes:
    versions = field(8, field(1, domain) + field(2, opset))
    return b"".join((field(1, ir), field(7, inner), versions, *more))


WEIGHT: Final = np.array([[2.0], [-1.0]], dtype=np.float32)
"""scores = 2 a - b"""
PRODUCT: Final = node("MatMul", ["features", "w"], ["scores"])


def linear() -> bytes:
    """The smallest model there is: two columns, one product."""
    return model(graph([PRODUCT], [tensor("w", WEIGHT)]))
