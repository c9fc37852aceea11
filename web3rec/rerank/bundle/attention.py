"""What a candidate has in common with the asker's history, by item vectors: the layer `attend`.

    A = softmax over the history of (V query)(H key)^T / sqrt(h) - decay * newer,   U = A H
    gives  [sum(V * U),  V . mean(H),  max over the history of V . H,  (V * U) blend]

`attend_i8` has its three matrices in whole numbers. Equations and shapes: `hybrid`. Source of the
attention: Vaswani et al., "Attention is all you need", 2017, equation 1; the decay is ours.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.rerank.bundle import whole
from web3rec.rerank.bundle.refusal import Ground, Unfit
from web3rec.rerank.bundle.weights import Array

Matrix = npt.NDArray[np.float32]
MATRICES: Final = ("query", "key", "blend")
"""Its matrices; blend may be left out."""
SCALARS: Final = 3
"""Numbers that it adds whatever its matrices."""


def parts_of(names: frozenset[str], *, eight_bit: bool) -> frozenset[str]:
    """The arrays that the layer must have, given those that are there: with blend, or without."""
    held = MATRICES if "blend" in names else MATRICES[:2]
    scales = {f"{name}_scale" for name in held} if eight_bit else set()
    return frozenset({"decay", *held, *scales})


def added(parts: Mapping[str, Array], width: int, *, eight_bit: bool) -> int:
    """How many numbers it adds to each candidate, if its arrays fit.

    Args:
        parts: those of `parts_of`.
        width: numbers of an item vector.
        eight_bit: is it `attend_i8`?

    Raises:
        Unfit: WEIGHTS.
    """
    h = parts["query"].shape[-1]
    blended = parts["blend"].shape[-1] if "blend" in parts else 0
    shapes: dict[str, tuple[int, ...]] = {"query": (width, h), "key": (width, h), "decay": (1,)}
    shapes |= {"blend": (width, blended), "blend_scale": (blended,)}
    shapes |= {"query_scale": (h,), "key_scale": (h,)}
    for name, array in parts.items():
        dtype = np.int8 if eight_bit and name in MATRICES else np.float32
        if array.shape != shapes[name] or array.dtype != dtype:
            raise Unfit(Ground.WEIGHTS, f"the {name} of an attend has another shape or type")
    return SCALARS + blended


def attended(parts: Mapping[str, Array], items: Matrix, history: Matrix, newer: Matrix) -> Matrix:
    """What is added to each candidate.

    Args:
        parts: the arrays of the layer.
        items: float32[n, d], vectors of the candidates.
        history: float32[m, d], of the history; m >= 1.
        newer: float32[m]

    Returns:
        float32[n, 3 + p]. Cost: O(n * m * (d + h)).
    """
    root = np.float32(np.sqrt(parts["query"].shape[1]))
    reach = _times(items, parts, "query") @ _times(history, parts, "key").T / root
    reach = reach - parts["decay"] * newer
    share = np.exp(reach - reach.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    common = items * (share @ history)
    near = items @ history.T
    mean = items @ history.mean(axis=0, dtype=np.float32)
    told = [common.sum(axis=1), mean, near.max(axis=1)]
    if "blend" in parts:
        told.append(_times(common, parts, "blend"))
    return np.asarray(np.column_stack(told), dtype=np.float32)


def _times(x: Matrix, parts: Mapping[str, Array], name: str) -> Matrix:
    scale = parts.get(f"{name}_scale")
    if scale is not None:
        return whole.product(x, parts[name], scale)
    return np.asarray(x @ parts[name], dtype=np.float32)
