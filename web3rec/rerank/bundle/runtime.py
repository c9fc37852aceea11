"""What runs a `model.onnx`: the seam through which an app gives a runtime of its own.

    Runtime.session(model) ─► Session.run(inputs, seconds) ─► scores

onnxruntime is one (`onnx_backend`), and where there is no onnxruntime, as on Android, the app names
another in `Options(runtimes=…)`. A runtime is given models that passed every check of a bundle, and
inputs of the shapes that were checked; what it answers is checked again, so it need not.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from web3rec.rerank.model import ModelError

Matrix = npt.NDArray[np.float32]
TOO_NEW: Final = (1, 29)
"""The first onnxruntime that sends telemetry when a session is made."""
SILENT: Final = "ORT_DISABLE_TELEMETRY"
"""Set to 1 in the environment before any onnxruntime is loaded."""


class Session(Protocol):
    """A model that is loaded. Asked by one thread at a time, not always by the same."""

    def run(self, inputs: Mapping[str, Matrix], seconds: float) -> Matrix:
        """What the model answers.

        Args:
            inputs: by the names of its inputs; float32, of the shapes in docs/bundles.md, row by
                row in memory.
            seconds: by the wall, > 0; then it is asked to stop.

        Returns:
            float32: its output `scores`; NaN and infinity as they come.

        Raises:
            ModelError: it fails, or takes longer than that.
        """
        ...


class Runtime(Protocol):
    """Something that can load a model."""

    @property
    def name(self) -> str:
        """What it is called where a person is told of it, such as onnxruntime."""
        ...

    def is_there(self) -> bool:
        """Whether it can be used on this device and sends nothing from it. Never raises."""
        ...

    def session(self, model: bytes) -> Session:
        """Load a model: one thread, the CPU, no memory kept between lists.

        Args:
            model: model.onnx, as the checks let it through.

        Raises:
            ModelError: the runtime is not there, or refuses the model.
        """
        ...


def sends_nothing(version: str) -> bool:
    """Whether an onnxruntime of this version may be loaded; one that cannot be read may not."""
    try:
        return tuple(int(part) for part in version.split(".")[:2]) < TOO_NEW
    except ValueError:
        return False


@contextmanager
def within(seconds: float, stop: Callable[[], None]) -> Iterator[None]:
    """Ask a model something, and have it stopped if that takes long.

    Args:
        seconds: by the wall, > 0.
        stop: called once, in a thread of its own, when they are over; it must not raise. It may
            still run, or even begin, when this has ended.

    Raises:
        ModelError: they are over, whatever the model answered or failed with; else what it raised.
    """
    late = False

    def over() -> None:
        nonlocal late
        late = True
        stop()

    timer = threading.Timer(seconds, over)
    timer.daemon = True
    start = time.monotonic()
    timer.start()
    try:
        yield
    except ModelError:
        if not late:
            raise
    finally:
        timer.cancel()
    if late or time.monotonic() - start > seconds:
        raise ModelError(f"the model took more than {1000 * seconds:g} ms")
