"""A model in NumPy alone: the layers of weights.npz, one after the other, on float32[n, columns].

    scale       x * weight + bias            weight, bias: float32[d]
    linear      x @ weight + bias            weight: float32[d, e], bias: float32[e]
    linear_i8   the same, in whole numbers   weight: int8[d, e]; scale, bias: float32[e]
    relu        max(x, 0)
    layer_norm  (x - mean) / sqrt(var + 1e-5) * weight + bias, over a row; float32[d]
    attend      adds what a candidate has in common with the history; see `attention`
    attend_i8   the same, in whole numbers
    keep        keeps x as it is here for `skip`
    skip        x + kept @ weight            weight: float32[kept, d]

Whole numbers: see `whole`. The last layer leaves one number a row. Source: Ba, Kiros & Hinton,
"Layer normalization", 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.rerank.bundle import attention, whole
from web3rec.rerank.bundle.given import Inputs, Lookup, given
from web3rec.rerank.bundle.manifest import ATTENTION, MAX_CANDIDATES, Layer, Reads
from web3rec.rerank.bundle.onnx_shapes import MAX_WORK
from web3rec.rerank.bundle.refusal import Ground, Unfit
from web3rec.rerank.bundle.weights import Array
from web3rec.rerank.features import Features
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
    "keep": frozenset(),
    "skip": frozenset({"weight"}),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A layer with its weights."""

    kind: Layer
    """What it does."""
    parts: dict[str, Array] = field(repr=False)
    """Its arrays by name, such as weight."""


@dataclass(frozen=True, slots=True)
class NumpyModel:
    """A reranker without any runtime; see `reranker` for how to come by one."""

    steps: tuple[Step, ...]
    """Layers in order, as `steps` made them."""
    columns: tuple[str, ...]
    """What it reads, of NAMES."""
    lookup: Lookup | None = None
    """Where it finds item vectors; None: it reads columns only."""

    def scores(self, features: Features) -> Weights:
        """float64[n], finite; higher is better.

        Raises:
            ModelError: more candidates than a model is given, a list that does not say what the
                model reads, or numbers that overflow.

        Cost: O(n * weights).
        """
        if not len(features):
            return np.zeros(0)
        with np.errstate(all="ignore"):
            x = _computed(self.steps, given(features, self.columns, self.lookup))
        if not np.isfinite(x).all():
            raise ModelError("the model computes NaN or infinity")
        return x[:, 0].astype(np.float64)


def steps(
    layers: Sequence[Layer], arrays: dict[str, Array], width: int, reads: Reads | None = None
) -> tuple[Step, ...]:
    """The layers with their weights, which fit together and use every array.

    Args:
        layers: their kinds, in order.
        arrays: by name: `3.weight` is of the fourth layer.
        width: columns that the first reads.
        reads: what the model reads beside columns; None: nothing.

    Raises:
        Unfit: WEIGHTS.
    """
    found: list[Step] = []
    kept: int | None = None
    for at, kind in enumerate(layers):
        step = Step(kind, _parts(at, kind, arrays))
        width, kept = _widths(step, width, kept, reads)
        if width > MAX_WIDTH:
            raise Unfit(Ground.WEIGHTS, f"a layer of {width} numbers, at most {MAX_WIDTH}")
        found.append(step)
    if sum(len(step.parts) for step in found) != len(arrays):
        raise Unfit(Ground.WEIGHTS, "an array that belongs to no layer")
    if work(found, reads) > MAX_WORK // MAX_CANDIDATES:
        raise Unfit(Ground.WEIGHTS, f"more than {MAX_WORK // MAX_CANDIDATES} weights")
    if width != 1 or kept is not None:
        raise Unfit(Ground.WEIGHTS, f"the last layer leaves {width} numbers, want one score")
    return tuple(found)


def work(steps: Sequence[Step], reads: Reads | None) -> int:
    """Multiplications for each candidate, about: its weights, and its attention to the history."""
    total = 0
    for step in steps:
        total += sum(array.size for array in step.parts.values())
        if step.kind in ATTENTION and reads is not None:
            total += reads.history * (2 * reads.width + step.parts["query"].shape[1])
    return total


def _widths(
    step: Step, width: int, kept: int | None, reads: Reads | None
) -> tuple[int, int | None]:
    """How many numbers a candidate has after a layer, and how many are kept, if it fits."""
    kind, parts = step.kind, step.parts
    if kind in ATTENTION:
        if reads is None or not reads.history:
            raise Unfit(Ground.WEIGHTS, f"{kind} and no item vectors to read")
        return width + attention.added(parts, reads.width, eight_bit=kind == "attend_i8"), kept
    if kind == "keep":
        if kept is not None:
            raise Unfit(Ground.WEIGHTS, "keep, and what was kept before was not taken up")
        return width, width
    if kind == "skip":
        if parts["weight"].shape != (kept, width) or parts["weight"].dtype != np.float32:
            raise Unfit(Ground.WEIGHTS, "skip does not fit what is kept")
        return width, None
    return _width(kind, parts, width), kept


def _parts(at: int, kind: Layer, arrays: dict[str, Array]) -> dict[str, Array]:
    """The arrays of a layer, all that it must have."""
    start = f"{at}."
    held = {n.removeprefix(start): array for n, array in arrays.items() if n.startswith(start)}
    wanted = (
        attention.parts_of(frozenset(held), eight_bit=kind == "attend_i8")
        if kind in ATTENTION
        else _PARTS[kind]
    )
    if wanted - set(held):
        raise Unfit(Ground.WEIGHTS, f"layer {at} ({kind}) lacks an array")
    return {name: held[name] for name in wanted}


def _width(kind: Layer, parts: dict[str, Array], width: int) -> int:
    """How many numbers a candidate has after a layer, if its arrays fit."""
    if kind == "relu":
        return width
    weight = parts["weight"]
    dense = kind in ("linear", "linear_i8")
    after = weight.shape[-1] if dense else width
    shapes = {"weight": (width, after) if dense else (width,), "bias": (after,), "scale": (after,)}
    for name, array in parts.items():
        eight_bit = kind == "linear_i8" and name == "weight"
        if array.shape != shapes[name] or array.dtype != (np.int8 if eight_bit else np.float32):
            raise Unfit(Ground.WEIGHTS, f"the {name} of a {kind} has another shape or type")
    return after


def _computed(steps: Sequence[Step], inputs: Inputs) -> Matrix:
    x = kept = inputs["features"]
    for step in steps:
        if step.kind == "keep":
            kept = x
        elif step.kind == "skip":
            x = np.asarray(x + kept @ step.parts["weight"], dtype=np.float32)
        elif step.kind in ATTENTION:
            seen = (inputs["items"], inputs["history"], inputs["newer"])
            x = np.column_stack([x, attention.attended(step.parts, *seen)])
        else:
            x = _applied(step, x)
    return x


def _applied(step: Step, x: Matrix) -> Matrix:
    if step.kind == "relu":
        return np.maximum(x, np.float32(0))
    weight, bias = step.parts["weight"], step.parts["bias"]
    if step.kind == "scale":
        return np.asarray(x * weight + bias, dtype=np.float32)
    if step.kind == "linear":
        return np.asarray(x @ weight + bias, dtype=np.float32)
    if step.kind == "linear_i8":
        return whole.product(x, weight, step.parts["scale"]) + bias
    centred = x - x.mean(axis=1, keepdims=True, dtype=np.float32)
    spread = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + np.float32(EPSILON))
    return np.asarray(centred / spread * weight + bias, dtype=np.float32)
