"""The Java path on a real Java machine, through the real pyjnius; the engine is a stand-in in Java.

Run by test_java_onnx_jvm.py in a process of its own: there is one Java machine a process, and it
does not go away. Its only argument is the folder of the compiled classes.
"""

import importlib
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from mobile.java_onnx import found
from mobile.java_onnx.session import JavaSession
from web3rec.rerank.model import ModelError

importlib.import_module("jnius_config").set_classpath(sys.argv[1])
jnius = importlib.import_module("jnius")  # starts Java, with those classes


def said(wrong: Callable[[], object]) -> str:
    """What a ModelError says; nothing else may come."""
    try:
        wrong()
    except ModelError as e:
        return str(e)
    raise AssertionError("it went through")


runtime = found()
assert runtime.is_there(), runtime.why_not
environment = jnius.autoclass("ai.onnxruntime.OrtEnvironment").getEnvironment(
    jnius.autoclass("ai.onnxruntime.OrtLoggingLevel").ORT_LOGGING_LEVEL_FATAL, "web3rec"
)
assert (environment.telemetry, environment.name) == (False, "web3rec")

session = runtime.session(b"M" + bytes(range(256)) * 1000)
assert isinstance(session, JavaSession)
told = session._session.told()  # the stand-in says how it was made
assert told == "intra 1; inter 1; arena false; ORT_LOGGING_LEVEL_FATAL", told

rng = np.random.default_rng(1)
heard: list[Any] = []
for n in (1, 2, 200, 1000):
    asked = (rng.normal(size=(n, 15)) * 10.0 ** rng.integers(-38, 38, (n, 15))).astype(np.float32)
    thread = threading.Thread(
        target=lambda asked=asked: heard.append(session.run({"features": asked}, 60))
    )
    thread.start()
    thread.join()
    with np.errstate(over="ignore"):
        wanted = np.float32(2) * asked[:, 0] - asked[:, 1]
    assert heard[-1].dtype == np.float32
    assert heard[-1].tobytes() == wanted.tobytes(), "not bit for bit"

tensors = jnius.autoclass("ai.onnxruntime.OnnxTensor")
assert tensors.open == 0
one = np.ones((2, 15), np.float32)
assert said(lambda: runtime.session(b"no model")) == "Java's onnxruntime cannot load the model"
failed = "the model failed in Java's onnxruntime"
assert said(lambda: session.run({"other": one}, 60)) == failed
slow = runtime.session(b"S")
assert said(lambda: slow.run({"features": one}, 0.02)) == "the model took more than 20 ms"
assert tensors.open == 0
session.close()

jnius.autoclass("java.lang.System").setProperty("web3rec.test.version", "1.29.0")
newer = found()
assert not newer.is_there()
assert "not below 1.29" in newer.why_not
sys.stdout.write("all of it\n")
