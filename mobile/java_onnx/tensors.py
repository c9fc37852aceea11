"""Numbers to Java and back, bit for bit.

A tensor's numbers lie outside Java's heap, in a direct buffer of the machine's own byte order,
which is what the engine reads without another copy. Answers come back as Java floats, which
Python's doubles hold exactly.
"""

import math
from typing import Any

import numpy as np

from mobile.java_onnx.classes import Java
from web3rec.rerank.bundle.runtime import Matrix
from web3rec.rerank.model import ModelError


def tensor(java: Java, environment: Any, numbers: Matrix) -> Any:
    """An `OnnxTensor` of these; whoever asked for it closes it.

    Args:
        java: the classes.
        environment: the `OrtEnvironment`.
        numbers: float32 of any shape; not empty.

    Raises:
        ModelError: they are not float32: their bytes would be read as other numbers.
        java.thrown: Java refuses them.
    """
    if numbers.dtype != np.float32:
        raise ModelError(f"numbers for Java must be float32, got {numbers.dtype}")
    raw = java.byte_buffer.allocateDirect(numbers.nbytes).order(java.byte_order.nativeOrder())
    raw.put(np.ascontiguousarray(numbers).tobytes())
    raw.rewind()
    shape = [int(side) for side in numbers.shape]
    return java.tensor.createTensor(environment, raw.asFloatBuffer(), shape)


def numbers(java: Java, value: Any) -> Matrix:
    """What an `OnnxValue` holds: float32, in one row whatever its shape.

    Raises:
        ModelError: it holds something else than float32.
        java.thrown: Java refuses.
    """
    buffer = java.jnius.cast("ai.onnxruntime.OnnxTensor", value).getFloatBuffer()
    if buffer is None:
        raise ModelError("the model's answer is not float32")
    found = np.array(buffer.array(), dtype=np.float32)
    return found.reshape(math.prod(found.shape))
