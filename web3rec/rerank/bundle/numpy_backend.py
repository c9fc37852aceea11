"""A model in NumPy alone: the layers of weights.npz, one after the other, on float32[n, columns].

    scale       x * weight + bias            weight, bias: float32[d]
    linear      x @ weight + bias            weight: float32[d, e], bias: float32[e]
    linear_i8   the same, in whole numbers   weight: int8[d, e]; scale, bias: float32[e]
    relu        max(x, 0)
    layer_norm  (x - mean) / sqrt(var + 1e-5) * weight + bias, over a row; float32[d]

`linear_i8` rounds x to uint8 with one step for the whole matrix, as ONNX' DynamicQuantizeLinear
does, multiplies exactly, and scales back: what a model quantised for onnxruntime computes. The last
layer leaves one number a row. Sources: onnx/docs/Operators.md; Ba, Kiros & Hinton, "Layer
normalization", 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.onnx_shapes import MAX_CANDIDATES, MAX_WORK
from web3rec.rerank.bundle.refusal import Ground, Unfit
from web3rec.rerank.bundle.weights import Array
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.model import ModelError
from web3rec.types import Weights

EPSILON: Final = 1e-5
"""Added to a variance by layer_norm."""
MAX_WIDTH: Final = 4096
"""Numbers a candidate may have between layers."""
Matrix = npt.NDArray[np.float32]

_PARTS: Final[dict[Layer, frozenset[str]]] = {
    "scale": frozenset({"weight", "bias"}),
    "linear": frozenset({"weight", "bias"}),
    "linear_i8": frozenset({"weight", "bias", "scale"}),
    "relu": frozenset(),
    "layer_norm": frozenset({"weight", "bias"}),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A layer with its weights."""

    kind: Layer
    """What it does."""
    parts: dict[str, Array] = field(repr=False)
    """Its arrays: weight, bias, scale."""


@dataclass(frozen=True, slots=True)
class NumpyModel:
    """A reranker without any runtime; see `reranker` for how to come by one."""

    steps: tuple[Step, ...]
    """Layers in order, as `steps` made them."""
    columns: tuple[str, ...]
    """What it reads, of NAMES."""

    def scores(self, features: Features) -> Weights:
        """float64[n], finite; higher is better.

        Raises:
            ModelError: more candidates than a model is given, or its numbers overflow.

        Cost: O(n * weights).
        """
        if len(features) > MAX_CANDIDATES:
            raise ModelError(f"{len(features)} candidates, a model takes {MAX_CANDIDATES}")
        if not len(features):
            return np.zeros(0)
        x = picked(features, self.columns)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for step in self.steps:
                x = _applied(step, x)
        if not np.isfinite(x).all():
            raise ModelError("the model computes NaN or infinity")
        return x[:, 0].astype(np.float64)


def picked(features: Features, columns: Sequence[str]) -> Matrix:
    """The columns a model reads: float32[n, len(columns)], contiguous."""
    places = [NAMES.index(name) for name in columns]
    return np.ascontiguousarray(features.values[:, places])


def steps(layers: Sequence[Layer], arrays: dict[str, Array], width: int) -> tuple[Step, ...]:
    """The layers with their weights, which fit together and use every array.

    Args:
        layers: their kinds, in order.
        arrays: by name: `3.weight` is of the fourth layer.
        width: columns that the first reads.

    Raises:
        Unfit: WEIGHTS.
    """
    found = []
    for at, kind in enumerate(layers):
        parts = {name: arrays[f"{at}.{name}"] for name in _PARTS[kind] if f"{at}.{name}" in arrays}
        if set(parts) != _PARTS[kind]:
            raise Unfit(Ground.WEIGHTS, f"layer {at} ({kind}) lacks an array")
        width = _width(kind, parts, width)
        found.append(Step(kind, parts))
    if sum(len(step.parts) for step in found) != len(arrays):
        raise Unfit(Ground.WEIGHTS, "an array that belongs to no layer")
    if sum(step.parts["weight"].size for step in found if step.parts) > MAX_WORK // MAX_CANDIDATES:
        raise Unfit(Ground.WEIGHTS, f"more than {MAX_WORK // MAX_CANDIDATES} weights")
    if width != 1:
        raise Unfit(Ground.WEIGHTS, f"the last layer leaves {width} numbers, want one score")
    return tuple(found)


def _width(kind: Layer, parts: dict[str, Array], width: int) -> int:
    """How many numbers a candidate has after a layer, if its arrays fit."""
    if kind == "relu":
        return width
    weight = parts["weight"]
    dense = kind in ("linear", "linear_i8")
    after = weight.shape[-1] if dense else width
    shapes = {"weight": (width, after) if dense else (width,), "bias": (after,), "scale": (after,)}
    for name, array in parts.items():
        whole = kind == "linear_i8" and name == "weight"
        if array.shape != shapes[name] or array.dtype != (np.int8 if whole else np.float32):
            raise Unfit(Ground.WEIGHTS, f"the {name} of a {kind} has another shape or type")
    if after > MAX_WIDTH:
        raise Unfit(Ground.WEIGHTS, f"a layer of {after} numbers, at most {MAX_WIDTH}")
    return after


def _applied(step: Step, x: Matrix) -> Matrix:
    if step.kind == "relu":
        return np.maximum(x, np.float32(0))
    weight, bias = step.parts["weight"], step.parts["bias"]
    if step.kind == "scale":
        return np.asarray(x * weight + bias, dtype=np.float32)
    if step.kind == "linear":
        return np.asarray(x @ weight + bias, dtype=np.float32)
    if step.kind == "linear_i8":
        whole, by, zero = quantised(x)
        product = (whole.astype(np.float64) - zero) @ weight.astype(np.float64)  # exact
        return np.asarray(
            product.astype(np.float32) * (by * step.parts["scale"]) + bias, dtype=np.float32
        )
    centred = x - x.mean(axis=1, keepdims=True, dtype=np.float32)
    spread = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + np.float32(EPSILON))
    return np.asarray(centred / spread * weight + bias, dtype=np.float32)


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
