"""Java's ONNX Runtime as pyjnius shows it, over the onnxruntime that is installed.

Every method has the name of Java's, checks its arguments as Java's compiler and ONNX Runtime's Java
code do, and counts what is open, since Java frees a model's memory only when it is closed.
"""

import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as state

from tests.mobile.java.buffers import (
    NATIVE,
    ByteBuffer,
    ByteOrder,
    FloatBuffer,
    HashMap,
    JavaException,
    want,
)

THROWN = (
    *(state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf),
    *(state.NotImplemented, state.RuntimeException, RuntimeError),
)


@dataclass
class Counted:
    """What is open, by class; and who was detached from Java."""

    version: str | None = "1.28.0"
    """None: one that does not tell."""
    broken: set[str] = field(default_factory=set)
    """Calls that throw."""
    missing: set[str] = field(default_factory=set)
    """Classes that the app was built without."""
    open: Counter[str] = field(default_factory=Counter)
    looked_up: list[tuple[str, bool]] = field(default_factory=list)
    """Names, and whether in the main thread."""
    detached: list[bool] = field(default_factory=list)
    """Whether it was the main thread."""
    telemetry: list[bool] = field(default_factory=list)
    options: list[Any] = field(default_factory=list)
    """The SessionOptions of each session."""


def in_main() -> bool:
    return threading.current_thread() is threading.main_thread()


class Closeable:
    """java.lang.AutoCloseable"""

    counted: Counted

    def __init__(self) -> None:
        self.closed = False
        self.counted.open[type(self).__name__] += 1

    def close(self) -> None:
        self.check()
        self.closed = True
        self.counted.open[type(self).__name__] -= 1

    def check(self) -> None:
        if self.closed:
            raise JavaException(f"java.lang.IllegalStateException: closed {type(self).__name__}")
        if type(self).__name__ in self.counted.broken:
            raise JavaException("ai.onnxruntime.OrtException")


class Level:
    """ai.onnxruntime.OrtLoggingLevel"""

    def __init__(self, severity: int) -> None:
        self.severity = severity


class OrtLoggingLevel:
    ORT_LOGGING_LEVEL_WARNING = Level(2)
    ORT_LOGGING_LEVEL_FATAL = Level(4)


class SessionOptions(Closeable):
    """ai.onnxruntime.OrtSession$SessionOptions"""

    def __init__(self) -> None:
        super().__init__()
        self.inner = onnxruntime.SessionOptions()

    def setIntraOpNumThreads(self, count: int) -> None:
        want(count, int, "setIntraOpNumThreads")
        self.inner.intra_op_num_threads = count

    def setInterOpNumThreads(self, count: int) -> None:
        want(count, int, "setInterOpNumThreads")
        self.inner.inter_op_num_threads = count

    def setCPUArenaAllocator(self, use: bool) -> None:
        want(use, bool, "setCPUArenaAllocator")
        self.inner.enable_cpu_mem_arena = use

    def setSessionLogLevel(self, level: Level) -> None:
        want(level, Level, "setSessionLogLevel")
        self.inner.log_severity_level = level.severity


class RunOptions(Closeable):
    """ai.onnxruntime.OrtSession$RunOptions"""

    def __init__(self) -> None:
        super().__init__()
        self.inner = onnxruntime.RunOptions()
        self.inner.log_severity_level = 4

    def setTerminate(self, stop: bool) -> None:
        want(stop, bool, "setTerminate")
        self.check()
        if "setTerminate" in self.counted.broken:
            raise JavaException("ai.onnxruntime.OrtException")
        self.inner.terminate = stop


class OnnxTensor(Closeable):
    """ai.onnxruntime.OnnxTensor"""

    def __init__(self, held: Any) -> None:
        super().__init__()
        self.held = held

    @staticmethod
    def createTensor(env: "OrtEnvironment", data: FloatBuffer, shape: list[int]) -> "OnnxTensor":
        want(env, OrtEnvironment, "createTensor")
        want(data, FloatBuffer, "createTensor")
        want(shape, list, "createTensor")
        for side in shape:
            want(side, int, "createTensor")
        if not data.direct or data.byte_order is not NATIVE:
            raise JavaException("a copy would be made: not direct, or of the other byte order")
        numbers = data.numbers()
        if numbers.size != np.prod(shape):
            raise JavaException(f"OrtException: shape {shape}, {numbers.size} numbers")
        return OnnxTensor(numbers.reshape(shape))

    def getFloatBuffer(self) -> FloatBuffer | None:
        self.check()
        if self.held.dtype != np.float32:
            return None
        return FloatBuffer(self.held.tobytes(), NATIVE, direct=False)


class OnnxValue:
    """ai.onnxruntime.OnnxValue: an interface, which has no getFloatBuffer."""

    def __init__(self, tensor: OnnxTensor) -> None:
        self.tensor = tensor


class Result(Closeable):
    """ai.onnxruntime.OrtSession$Result"""

    def __init__(self, values: list[Any]) -> None:
        super().__init__()
        self.values = [OnnxTensor(value) for value in values]

    def get(self, at: int) -> OnnxValue:
        want(at, int, "get")
        self.check()
        return OnnxValue(self.values[at])

    def close(self) -> None:
        super().close()
        for value in self.values:
            value.close()


class OrtSession(Closeable):
    """ai.onnxruntime.OrtSession"""

    def __init__(self, model: bytes, options: SessionOptions) -> None:
        try:
            self.inner = onnxruntime.InferenceSession(
                model, options.inner, providers=["CPUExecutionProvider"]
            )
        except THROWN as e:
            raise JavaException(f"ai.onnxruntime.OrtException: {e}") from None
        super().__init__()
        self.options = options

    def run(self, inputs: HashMap, options: RunOptions) -> Result:
        want(inputs, HashMap, "run")
        want(options, RunOptions, "run")
        for held in (self, self.options, options, *inputs.held.values()):
            held.check()
        given = {name: tensor.held for name, tensor in inputs.held.items()}
        try:
            return Result(self.inner.run(None, given, options.inner))
        except (*THROWN, ValueError) as e:
            raise JavaException(f"ai.onnxruntime.OrtException: {e}") from None


class OrtEnvironment:
    """ai.onnxruntime.OrtEnvironment"""

    counted: Counted

    @staticmethod
    def getEnvironment(level: Level, name: str) -> "OrtEnvironment":
        want(level, Level, "getEnvironment")
        want(name, str, "getEnvironment")
        if "getEnvironment" in OrtEnvironment.counted.broken:
            raise JavaException("java.lang.UnsatisfiedLinkError")
        return OrtEnvironment()

    def getVersion(self) -> str:
        if self.counted.version is None:
            raise JavaException("java.lang.NoSuchMethodError")
        return self.counted.version

    def setTelemetry(self, send: bool) -> None:
        want(send, bool, "setTelemetry")
        self.counted.telemetry.append(send)

    def createSession(self, model: bytes, options: SessionOptions) -> OrtSession:
        want(model, bytes, "createSession")
        want(options, SessionOptions, "createSession")
        options.check()
        self.counted.options.append(options)
        return OrtSession(model, options)


CLASSES = {
    "ai.onnxruntime.OrtEnvironment": OrtEnvironment,
    "ai.onnxruntime.OrtLoggingLevel": OrtLoggingLevel,
    "ai.onnxruntime.OrtSession": OrtSession,
    "ai.onnxruntime.OrtSession$SessionOptions": SessionOptions,
    "ai.onnxruntime.OrtSession$RunOptions": RunOptions,
    "ai.onnxruntime.OrtSession$Result": Result,
    "ai.onnxruntime.OnnxTensor": OnnxTensor,
    "ai.onnxruntime.OnnxValue": OnnxValue,
    "java.nio.ByteBuffer": ByteBuffer,
    "java.nio.ByteOrder": ByteOrder,
    "java.util.HashMap": HashMap,
}


def put_in(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """A `jnius` that has these classes; taken out again with `monkeypatch`."""
    counted = Counted()
    module: Any = ModuleType("jnius")

    def autoclass(name: str) -> Any:
        counted.looked_up.append((name, in_main()))
        if name in counted.missing or name not in CLASSES:
            raise JavaException(f"Class not found {name!r}")
        return CLASSES[name]

    def cast(name: str, held: Any) -> Any:
        if CLASSES[name] is not OnnxTensor or not isinstance(held, OnnxValue):
            raise JavaException(f"cast to {name}")
        return held.tensor

    module.autoclass, module.cast, module.JavaException = autoclass, cast, JavaException
    module.detach = lambda: counted.detached.append(in_main())
    monkeypatch.setattr(Closeable, "counted", counted, raising=False)
    monkeypatch.setattr(OrtEnvironment, "counted", counted, raising=False)
    monkeypatch.setitem(sys.modules, "jnius", module)
    return counted
