"""Java's ONNX Runtime as a `Runtime`, if this device has one that sends nothing."""

import os
import threading
from dataclasses import dataclass, field
from typing import Any

from mobile.java_onnx.classes import Java, looked_up
from mobile.java_onnx.session import JavaSession
from web3rec.rerank.bundle.runtime import SILENT, Session, sends_nothing
from web3rec.rerank.model import ModelError

LOGGED_AS = "web3rec"


def found() -> "JavaRuntime":
    """Java's ONNX Runtime, or one that is not there. Call it in the main thread; never raises.

    Cost: looking up a dozen classes. The engine is loaded when a model is too large for NumPy.
    """
    try:
        return JavaRuntime(looked_up())
    except ModelError as e:
        return JavaRuntime(None, str(e))


@dataclass(slots=True)
class JavaRuntime:
    """A `Runtime`; thread-safe."""

    java: Java | None = field(repr=False)
    """Its classes; None: it is not there."""
    why_not: str = ""
    """Why it cannot be used, for the owner of the device; "" if it can, or was never tried."""
    name: str = "Java's onnxruntime"
    _environment: Any = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def is_there(self) -> bool:
        """Whether it can be loaded and is below 1.29. The first time the engine is loaded."""
        try:
            self._loaded()
        except ModelError:
            return False
        return True

    def session(self, model: bytes) -> Session:
        """Load a model.

        Raises:
            ModelError: the library is not there, is a version that sends telemetry or does not
                tell which it is, or refuses the model.
        """
        java, environment = self._loaded()
        return JavaSession(java, environment, model)

    def _loaded(self) -> tuple[Java, Any]:
        with self._lock:
            if self.java is None or self.why_not:
                raise ModelError(self.why_not or "there is no Java")
            if self._environment is None:
                self._environment = self._started(self.java)
            return self.java, self._environment

    def _started(self, java: Java) -> Any:
        os.environ[SILENT] = "1"
        try:
            environment = java.environment.getEnvironment(
                java.level.ORT_LOGGING_LEVEL_FATAL, LOGGED_AS
            )
            version = environment.getVersion()
            if sends_nothing(str(version)):
                environment.setTelemetry(False)
                return environment
            self.why_not = "the app's onnxruntime-android is not below 1.29: build it with 1.28.0"
        except java.thrown:
            self.why_not = "the app's onnxruntime-android cannot be loaded"
        raise ModelError(self.why_not)
