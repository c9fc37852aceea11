"""A model in onnxruntime: loaded when it is first asked, one thread, stopped when it takes long.

onnxruntime is loaded here and nowhere else, and only for a bundle that passed every check. From
1.29 it sends telemetry when a session is made: such a version is not even imported, and before any
other is, the variable is set that switches it off.

`OnnxModel` asks whatever `Runtime` it is given; `ONNXRUNTIME` is the one that is installed.
"""

import importlib.metadata
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.rerank.bundle.given import Lookup, given
from web3rec.rerank.bundle.onnx_shapes import OUTPUT
from web3rec.rerank.bundle.runtime import SILENT, Matrix, Runtime, Session, sends_nothing, within
from web3rec.rerank.features import NAMES, Content, Features
from web3rec.rerank.model import ModelError
from web3rec.types import ItemKey, Weights

WARMING: Final = 5.0
"""Seconds by the wall that the first answer of all may take, which no list waits for."""
_ERRORS: Final = (
    *("EPFail", "EngineError", "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf"),
    *("ModelLoaded", "NoModel", "NoSuchFile", "NotImplemented", "RuntimeException"),
)


def is_there() -> bool:
    """Whether an onnxruntime is installed that sends nothing."""
    return _version() is not None


def _version() -> str | None:
    try:
        found = importlib.metadata.version("onnxruntime")
    except importlib.metadata.PackageNotFoundError:
        return None
    return found if sends_nothing(found) else None


@dataclass(frozen=True, slots=True)
class Onnxruntime:
    """The onnxruntime that is installed, as a `Runtime`."""

    name: str = "onnxruntime"

    def is_there(self) -> bool:
        """Whether one is installed that sends nothing."""
        return is_there()

    def session(self, model: bytes) -> Session:
        """Load a model, 10 to 30 ms.

        Raises:
            ModelError: none below 1.29 is installed, or it refuses the model.
        """
        runtime, errors = _runtime()
        try:
            loaded = _session(runtime, model)
        except errors:
            raise ModelError("onnxruntime cannot load the model") from None
        return _Loaded(loaded, runtime, errors)


ONNXRUNTIME: Final = Onnxruntime()


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A session of onnxruntime's, and what it throws."""

    inner: Any
    runtime: Any
    errors: tuple[type[Exception], ...]

    def run(self, inputs: Mapping[str, Matrix], seconds: float) -> Matrix:
        run = self.runtime.RunOptions()
        run.log_severity_level = 4
        with within(seconds, lambda: setattr(run, "terminate", True)):
            try:
                answer: Matrix = self.inner.run([OUTPUT], dict(inputs), run)[0]
            except self.errors:
                raise ModelError("the model failed in onnxruntime") from None
        return answer


@dataclass(slots=True)
class OnnxModel:
    """A reranker in a runtime; see `reranker` for how to come by one. Not for two threads."""

    model: bytes = field(repr=False)
    """model.onnx, as the checks let it through."""
    columns: tuple[str, ...]
    """What it reads, of NAMES."""
    seconds: float = 0.05
    """Time by the wall that one list may take, > 0; from then on it is asked to stop."""
    lookup: Lookup | None = None
    """Where it finds item vectors; None: it reads columns only."""
    runtime: Runtime = ONNXRUNTIME
    """What loads and runs it."""
    _session: Session | None = field(default=None, init=False, repr=False)
    _failed: str | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises ParamError."""
        if not 0 < self.seconds < float("inf"):
            raise ParamError("seconds", self.seconds, "> 0")

    def warm(self) -> None:
        """Load it now, 10 to 30 ms, and ask it once, so that the first list does not pay for that.

        A machine that is busy just now is not the model's fault: it has WARMING for it.

        Raises:
            ModelError: it cannot be loaded, or does not answer.
        """
        nothing = ItemKey(bytes(16))
        content = Content((nothing, nothing), (), np.zeros(0))
        values = np.zeros((2, len(NAMES)), dtype=np.float32)
        self._scores(Features(values, np.arange(2), content), max(self.seconds, WARMING))

    def scores(self, features: Features) -> Weights:
        """float64[n], finite; higher is better.

        Raises:
            ModelError: the runtime cannot be loaded, refuses the model, fails, is asked for more
                candidates than a model is given, takes too long, or gives NaN or infinity; or the
                list does not say what the model reads.
        """
        return self._scores(features, self.seconds)

    def _scores(self, features: Features, seconds: float) -> Weights:
        n = len(features)
        if not n:
            return np.zeros(0)
        told = given(features, self.columns, self.lookup)
        scores = self._answer({str(name): held for name, held in told.items()}, seconds)
        if not np.isfinite(scores).all():
            raise ModelError("the model computes NaN or infinity")
        if scores.size != n:
            raise ModelError(f"the model gave {scores.size} scores for {n} candidates")
        return np.asarray(scores.reshape(n), dtype=np.float64)

    def _answer(self, inputs: Mapping[str, Matrix], seconds: float) -> Matrix:
        if self._failed is not None:
            raise ModelError(self._failed)
        if self._session is None:
            try:
                self._session = self.runtime.session(self.model)
            except ModelError as e:
                if self.runtime.is_there():  # so it is the model that is refused, for good
                    self._failed = str(e)
                raise
        return self._session.run(inputs, seconds)


def _runtime() -> tuple[Any, tuple[type[Exception], ...]]:
    """onnxruntime, and what it throws.

    Raises:
        ModelError: not installed, or a version that sends telemetry.
    """
    if _version() is None:
        raise ModelError("no onnxruntime below 1.29 is installed: pip install 'web3rec[onnx]'")
    os.environ[SILENT] = "1"
    try:
        import onnxruntime  # noqa: PLC0415 - 17 MB, and only where a bundle asks for it
        from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415
    except ImportError:
        raise ModelError("onnxruntime is installed but cannot be loaded") from None
    thrown = tuple(getattr(state, name) for name in _ERRORS if hasattr(state, name))
    return onnxruntime, (*thrown, RuntimeError, ValueError, MemoryError)


def _session(runtime: Any, model: bytes) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # what a list needed is given back
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
