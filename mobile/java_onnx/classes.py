"""The Java classes that are used, by name; looked up once.

Android finds an app's own classes only from a thread that Java started: the main one. So they are
looked up there, before any worker asks a model. Looking up is cheap and loads no engine: Java does
that at the first call. Names and arguments: ONNX Runtime's Java sources, ai/onnxruntime.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from web3rec.rerank.model import ModelError

# pyjnius has no types: what comes from Java is Any.


@dataclass(frozen=True, slots=True)
class Java:
    """pyjnius and what it found."""

    jnius: Any
    """The module, for `cast` and `detach`."""
    thrown: type[Exception]
    """What every exception of Java arrives as."""
    environment: Any
    """ai.onnxruntime.OrtEnvironment"""
    level: Any
    """ai.onnxruntime.OrtLoggingLevel"""
    options: Any
    """ai.onnxruntime.OrtSession$SessionOptions"""
    run_options: Any
    """ai.onnxruntime.OrtSession$RunOptions"""
    tensor: Any
    """ai.onnxruntime.OnnxTensor"""
    byte_buffer: Any
    """java.nio.ByteBuffer"""
    byte_order: Any
    """java.nio.ByteOrder"""
    hash_map: Any
    """java.util.HashMap"""


def looked_up() -> Java:
    """All of them; call it in the main thread.

    Raises:
        ModelError: there is no pyjnius, or the app was built without the library.
    """
    try:
        jnius = importlib.import_module("jnius")
    except Exception:  # noqa: BLE001 - whatever pyjnius dies of where there is no Java
        raise ModelError("there is no pyjnius: this is not Android") from None
    try:
        # answers are of these two: pyjnius would look them up when the first comes, in a worker
        for answer in ("ai.onnxruntime.OrtSession$Result", "ai.onnxruntime.OnnxValue"):
            jnius.autoclass(answer)
        jnius.autoclass("ai.onnxruntime.OrtSession")
        return Java(
            jnius,
            jnius.JavaException,
            environment=jnius.autoclass("ai.onnxruntime.OrtEnvironment"),
            level=jnius.autoclass("ai.onnxruntime.OrtLoggingLevel"),
            options=jnius.autoclass("ai.onnxruntime.OrtSession$SessionOptions"),
            run_options=jnius.autoclass("ai.onnxruntime.OrtSession$RunOptions"),
            tensor=jnius.autoclass("ai.onnxruntime.OnnxTensor"),
            byte_buffer=jnius.autoclass("java.nio.ByteBuffer"),
            byte_order=jnius.autoclass("java.nio.ByteOrder"),
            hash_map=jnius.autoclass("java.util.HashMap"),
        )
    except jnius.JavaException:
        raise ModelError(
            "the app has no onnxruntime-android: android.gradle_dependencies ="
            " com.microsoft.onnxruntime:onnxruntime-android:1.28.0"
        ) from None
