"""The hybrid model as plain arrays: its contract, its layers for weights.npz, and what it computes.

It knows items by vectors and not by number, so one model fits every catalogue. Of one list:

    x      float32[n, c]  the candidates' columns, raw
    V      float32[n, d]  the candidates' vectors; a row of zeros where an item is unknown
    H      float32[m, d]  vectors of the asker's known history, newest first; 1 <= m <= 64, those
                          that are unknown left out; one row of zeros if none is known
    newer  float32[m]     how many newer acts there are to each; 0 for the row of zeros

    s = x * scale + shift                                           n by c
    A = softmax over the history of (V query)(H key)^T / sqrt(h) - decay * newer
    U = A H                                                         n by d
    attended = sum(V * U)    mean = V . mean(H)    closest = max over the history of V . H
    z = [s, attended, mean, closest, (V * U) blend]                 n by c + 3 + p
    score = relu(z hidden + hidden_bias) last + last_bias + z skip

Whoever trains one makes `HybridWeights` of it (all float32; `HybridWeights.of` takes arrays by
name); `scores` is the reference that a trainer's and every backend's own version must agree with.
`plain` and `eight_bit` give what a bundle needs: the manifest's `layers` and the arrays of
weights.npz, in this order:

    0 scale            0.weight [c], 0.bias [c]
    1 attend           1.query [d, h], 1.key [d, h], 1.decay [1], 1.blend [d, p] unless p = 0
    2 keep             what z is here is kept for `skip`
    3 linear           3.weight [z, e], 3.bias [e]
    4 relu
    5 linear           5.weight [e, 1], 5.bias [1]
    6 skip             6.weight [z, 1]: adds kept @ weight

In `eight_bit`, 1 is `attend_i8` and 3 `linear_i8`: their matrices are int8, each with one float32
scale a column (1.query_scale [h], 1.key_scale [h], 1.blend_scale [p], 3.scale [e]), and computed as
onnxruntime's quantize_dynamic (per_channel, reduce_range, QInt8) has V query, H key, (V * U) blend
and z hidden computed; `last` and `skip` stay float32, else scores would tie. The same model as
model.onnx: `hybrid_onnx.written`, for which neither torch nor the onnx package is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError
from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.weights import Array

Matrix = npt.NDArray[np.float32]
SCALARS: Final = 3
"""Numbers that attention adds to a candidate's columns: attended, mean, closest."""
LARGEST: Final = 64
"""Of whole numbers in eight bits; see `by_column`."""
PLAIN: Final[tuple[Layer, ...]] = (
    *("scale", "attend", "keep", "linear", "relu", "linear", "skip"),
)
EIGHT_BIT: Final[tuple[Layer, ...]] = (
    *("scale", "attend_i8", "keep", "linear_i8", "relu", "linear", "skip"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HybridWeights:
    """A trained hybrid; every array float32, finite and of the shape said."""

    scale: Matrix
    """[c], of each column"""
    shift: Matrix
    """[c]"""
    query: Matrix
    """[d, h]"""
    key: Matrix
    """[d, h]"""
    decay: Matrix
    """[1]; how much less an item of the history counts for each newer act, before softmax"""
    blend: Matrix
    """[d, p]; p may be 0"""
    hidden: Matrix
    """[c + 3 + p, e]"""
    hidden_bias: Matrix
    """[e]"""
    last: Matrix
    """[e, 1]"""
    last_bias: Matrix
    """[1]"""
    skip: Matrix
    """[c + 3 + p, 1]"""

    def __post_init__(self) -> None:
        """Raises DataError if arrays are not float32, not finite, or do not fit together."""
        for name, array in self.arrays().items():
            if array.dtype != np.float32 or not np.isfinite(array).all():
                raise DataError(f"wanted {name} as finite float32, got {array.dtype}")
        for name, wanted in self._shapes().items():
            if (got := getattr(self, name).shape) != wanted:
                raise DataError(f"wanted {name} of shape {wanted}, got {got}")

    @staticmethod
    def of(arrays: Mapping[str, npt.ArrayLike]) -> "HybridWeights":
        """From arrays by the names of the fields, copied and cast to float32.

        Raises:
            DataError: one is missing, unknown, not finite, or does not fit.
        """
        names = {field.name for field in fields(HybridWeights)}
        if set(arrays) != names:
            raise DataError(f"wanted arrays {sorted(names)}, got {sorted(arrays)}")
        return HybridWeights(
            **{name: np.array(array, np.float32, order="C") for name, array in arrays.items()}
        )

    def arrays(self) -> dict[str, Matrix]:
        """Every array by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def columns(self) -> int:
        """How many columns it reads (c)."""
        return len(self.scale)

    @property
    def width(self) -> int:
        """Numbers of an item vector (d)."""
        return len(self.query)

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(array.size for array in self.arrays().values())

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """What each array's shape must be, going by those that say a size."""
        if any(array.ndim != 2 for array in (self.query, self.blend, self.hidden)):
            raise DataError("wanted query, blend and hidden as matrices")
        (d, h), e = self.query.shape, self.hidden.shape[1]
        c, p = self.scale.size, self.blend.shape[1]
        if not min(c, d, h, e) >= 1:
            raise DataError("wanted at least one column, one number of a vector, one hidden unit")
        z = c + SCALARS + p
        matrices = {"query": (d, h), "key": (d, h), "blend": (d, p), "hidden": (z, e)}
        ends = {"hidden_bias": (e,), "last": (e, 1), "last_bias": (1,), "skip": (z, 1)}
        return {"scale": (c,), "shift": (c,), "decay": (1,), **matrices, **ends}


def scores(
    weights: HybridWeights, x: Matrix, items: Matrix, history: Matrix, newer: Matrix
) -> Matrix:
    """What the model computes, in float32: the reference.

    Args:
        weights: the model.
        x: float32[n, c]
        items: float32[n, d]
        history: float32[m, d]; m >= 1
        newer: float32[m]

    Returns:
        float32[n]; higher is better.

    Cost: O(n * (m * (h + d) + z * e)).
    """
    w = weights
    reach = (items @ w.query) @ (history @ w.key).T / np.float32(np.sqrt(w.query.shape[1]))
    reach = reach - w.decay * newer
    share = np.exp(reach - reach.max(axis=1, keepdims=True))
    used = items * (share / share.sum(axis=1, keepdims=True) @ history)
    near = items @ history.T
    told = (used.sum(axis=1), near.mean(axis=1), near.max(axis=1))
    z = np.column_stack([x * w.scale + w.shift, *told, used @ w.blend])
    out = np.maximum(z @ w.hidden + w.hidden_bias, 0) @ w.last + w.last_bias + z @ w.skip
    return np.asarray(out[:, 0], np.float32)


def plain(weights: HybridWeights) -> tuple[tuple[Layer, ...], dict[str, Array]]:
    """The layers, and the arrays of weights.npz, in float32."""
    w = weights
    held: dict[str, Array] = {"0.weight": w.scale, "0.bias": w.shift}
    held |= {"1.query": w.query, "1.key": w.key, "1.decay": w.decay, "1.blend": w.blend}
    held |= {"3.weight": w.hidden, "3.bias": w.hidden_bias}
    held |= {"5.weight": w.last, "5.bias": w.last_bias, "6.weight": w.skip}
    return PLAIN, {name: array for name, array in held.items() if array.size}


def eight_bit(weights: HybridWeights) -> tuple[tuple[Layer, ...], dict[str, Array]]:
    """The layers, and the arrays of weights.npz, with int8 where that costs little."""
    _, held = plain(weights)
    for name, scale in (
        *(("1.query", "1.query_scale"), ("1.key", "1.key_scale")),
        *(("1.blend", "1.blend_scale"), ("3.weight", "3.scale")),
    ):
        if name in held:
            held[name], held[scale] = by_column(np.asarray(held[name], np.float32))
    return EIGHT_BIT, held


def by_column(matrix: Matrix) -> tuple[npt.NDArray[np.int8], Matrix]:
    """A matrix in whole numbers, with one scale a column: int8 from -64 to 64, float32[e].

    Matrix is about whole * scale; as quantize_dynamic has it per channel with a reduced range. The
    full range is no better by much, and processors without VNNI add two products of a byte and an
    int8 in 16 bits: 2 * 255 * 127 does not fit, 2 * 255 * 64 does, so all compute the same.
    """
    most = np.abs(matrix).max(axis=0)
    scale = ((most + most).astype(np.float64) / (2 * LARGEST)).astype(np.float32)
    scale[scale < np.finfo(np.float32).tiny] = 1
    return np.clip(np.rint(matrix / scale), -LARGEST, LARGEST).astype(np.int8), scale
