"""A model that Java's ONNX Runtime has loaded."""

import threading
import weakref
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

from mobile.java_onnx.classes import Java
from mobile.java_onnx.tensors import numbers, tensor
from web3rec.rerank.bundle.runtime import Matrix, within
from web3rec.rerank.model import ModelError


class JavaSession:
    """A `Session`. Asked by one thread at a time.

    The model is in memory that Java frees when it is told to: when nobody has the session any
    more, or at `close`.
    """

    def __init__(self, java: Java, environment: Any, model: bytes) -> None:
        """Load a model: one thread, no arena, the CPU; nothing is logged but what is fatal.

        Raises:
            ModelError: Java refuses it.
        """
        self._java, self._environment = java, environment
        try:
            with ExitStack() as stack:
                options = java.options()
                stack.callback(options.close)
                options.setIntraOpNumThreads(1)
                options.setInterOpNumThreads(1)
                options.setCPUArenaAllocator(False)  # what a list needed is given back
                options.setSessionLogLevel(java.level.ORT_LOGGING_LEVEL_FATAL)
                self._session = environment.createSession(model, options)
                stack.pop_all()  # from now on the options are closed after the session
        except java.thrown:
            raise ModelError("Java's onnxruntime cannot load the model") from None
        self._end = weakref.finalize(self, _free, java, self._session, options)
        self._end.atexit = False  # with the process goes all of it

    def run(self, inputs: Mapping[str, Matrix], seconds: float) -> Matrix:
        """The model's answer, float32[n]; all that Java held for it is freed before this returns.

        Raises:
            ModelError: Java fails, the answer is not float32, or it takes longer than `seconds`.
        """
        java = self._java
        try:
            with ExitStack() as stack:
                given = java.hash_map()
                for name, held in inputs.items():
                    one = tensor(java, self._environment, held)
                    stack.callback(one.close)
                    given.put(name, one)
                run = _Run(java)
                stack.callback(run.close)
                with within(seconds, run.stop):
                    answer = self._answer(given, run)
                    stack.callback(answer.close)  # in here: it may be there and come too late
                return numbers(java, answer.get(0))
        except java.thrown:
            raise ModelError("the model failed in Java's onnxruntime") from None

    def close(self) -> None:
        """Free the model; it is not to be asked again. Does not raise."""
        self._end()

    def _answer(self, given: Any, run: "_Run") -> Any:
        try:
            return self._session.run(given, run.options)
        except self._java.thrown:
            raise ModelError("the model failed in Java's onnxruntime") from None


def _free(java: Java, session: Any, options: Any) -> None:
    for one in (session, options):
        with suppress(java.thrown):
            one.close()


class _Run:
    """What stops a run from another thread, while there is one."""

    def __init__(self, java: Java) -> None:
        self.options = java.run_options()
        self._java, self._lock, self._closed = java, threading.Lock(), False

    def stop(self) -> None:
        """In a thread of its own, which Java must not know any more when it ends."""
        try:
            with self._lock, suppress(self._java.thrown):
                if not self._closed:
                    self.options.setTerminate(True)
        finally:
            self._java.jnius.detach()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self.options.close()
