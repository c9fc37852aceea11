"""Products in whole numbers, as onnxruntime has them after quantize_dynamic.

What is read is rounded to uint8 with one step for the whole matrix (DynamicQuantizeLinear), then
multiplied exactly with int8 weights (MatMulInteger), and scaled back by that step times the scale
of each column (Cast, Mul). Source: onnx/docs/Operators.md.
"""

import numpy as np
import numpy.typing as npt

from web3rec.rerank.bundle.weights import Array

Matrix = npt.NDArray[np.float32]


def product(x: Matrix, weight: Array, scale: Array) -> Matrix:
    """About x @ (weight * scale).

    Args:
        x: float32[n, d]
        weight: int8[d, e]
        scale: float32[e]

    Returns:
        float32[n, e]; NaN where x is not finite or its range is no float32. Cost: O(n * d * e).
    """
    if not np.isfinite(x.max() - x.min()):
        return np.full((len(x), weight.shape[1]), np.nan, dtype=np.float32)
    whole, step, zero = quantised(x)
    exact = (whole.astype(np.float64) - zero) @ weight.astype(np.float64)
    return np.asarray(exact.astype(np.float32) * (step * scale), dtype=np.float32)


def quantised(x: Matrix) -> tuple[npt.NDArray[np.uint8], np.float32, int]:
    """ONNX' DynamicQuantizeLinear: uint8 of x's shape, the step, and the byte that stands for 0.

    x is about (byte - zero) * step. Equation: operators reference, DynamicQuantizeLinear.
    """
    low = np.minimum(x.min(), np.float32(0))
    high = np.maximum(x.max(), np.float32(0))
    step = np.float32((high - low) / np.float32(255))
    if not (step > 0 and np.isfinite(step)):
        return np.zeros(x.shape, dtype=np.uint8), np.float32(1), 0
    zero = int(np.clip(np.rint(-low / step), 0, 255))
    whole = np.clip(np.rint(x / step) + zero, 0, 255).astype(np.uint8)
    return whole, step, zero
