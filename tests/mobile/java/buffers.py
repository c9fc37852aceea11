"""Java's buffers as pyjnius shows them: one memory, a byte order, and a position."""

import struct
import sys
from typing import Any

import numpy as np


class JavaException(Exception):  # noqa: N818 - its name in pyjnius
    """What pyjnius raises for anything that Java throws."""


def want(given: object, kind: type, of: str) -> None:
    """What Java's compiler would insist on. A bool is no int to it, nor an int a bool."""
    if type(given) is not kind:
        raise JavaException(f"{of}: want {kind.__name__}, got {type(given).__name__}")


class ByteOrder:
    """java.nio.ByteOrder"""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    @staticmethod
    def nativeOrder() -> "ByteOrder":
        return NATIVE


BIG, LITTLE = ByteOrder(">"), ByteOrder("<")
NATIVE = LITTLE if sys.byteorder == "little" else BIG


class ByteBuffer:
    """java.nio.ByteBuffer; a new one is big-endian, whatever the machine is."""

    def __init__(self, memory: bytearray) -> None:
        self._memory, self._at, self._order = memory, 0, BIG

    @staticmethod
    def allocateDirect(size: int) -> "ByteBuffer":
        want(size, int, "allocateDirect")
        return ByteBuffer(bytearray(size))

    def order(self, order: ByteOrder) -> "ByteBuffer":
        want(order, ByteOrder, "order")
        self._order = order
        return self

    def put(self, data: bytes) -> "ByteBuffer":
        want(data, bytes, "put")
        if self._at + len(data) > len(self._memory):
            raise JavaException("java.nio.BufferOverflowException")
        self._memory[self._at : self._at + len(data)] = data
        self._at += len(data)
        return self

    def rewind(self) -> "ByteBuffer":
        self._at = 0
        return self

    def asFloatBuffer(self) -> "FloatBuffer":
        return FloatBuffer(self._memory[self._at :], self._order, direct=True)


class FloatBuffer:
    """java.nio.FloatBuffer"""

    def __init__(self, memory: bytes | bytearray, order: ByteOrder, *, direct: bool) -> None:
        self.memory, self.byte_order, self.direct = bytes(memory), order, direct

    def numbers(self) -> Any:
        """What is in it, float32[n]."""
        return np.frombuffer(self.memory, dtype=self.byte_order.mark + "f4").astype(np.float32)

    def array(self) -> list[float]:
        if self.direct:
            raise JavaException("java.lang.UnsupportedOperationException")
        return list(struct.unpack(f"{NATIVE.mark}{len(self.memory) // 4}f", self.memory))


class HashMap:
    """java.util.HashMap of String to OnnxTensor."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}

    def put(self, name: str, value: object) -> None:
        want(name, str, "put")
        self.held[name] = value
