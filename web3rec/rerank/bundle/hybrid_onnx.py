"""The hybrid model as model.onnx: the same numbers and the same steps as its layers in weights.npz.

So the two backends of a bundle agree by construction. In whole numbers it has the operations that
onnxruntime's quantize_dynamic writes, and onnxruntime fuses them alike. Contract: `hybrid`.
"""

from collections.abc import Mapping

import numpy as np

from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.hybrid import eight_bit as in_eight_bit
from web3rec.rerank.bundle.hybrid import plain as in_floats
from web3rec.rerank.bundle.onnx_graph import FLOAT
from web3rec.rerank.bundle.onnx_writing import Draft
from web3rec.rerank.bundle.weights import Array


def written(weights: HybridWeights, *, eight_bit: bool = True) -> bytes:
    """model.onnx; the same bytes every time.

    Args:
        weights: the model.
        eight_bit: as `hybrid.eight_bit` has it; else in float32, as `hybrid.plain`.

    Returns:
        Inputs `features`, `items`, `history`, `newer`; output `scores`, float32[n].
    """
    _, held = (in_eight_bit if eight_bit else in_floats)(weights)
    draft = Draft(dict(held))
    draft.constants["root"] = np.array(np.sqrt(weights.query.shape[1]), np.float32)
    add = draft.add
    scaled = add("Add", [add("Mul", ["features", "0.weight"]), "0.bias"])
    query = _times(draft, "items", held, "1.query")
    key = _times(draft, "history", held, "1.key")
    reach = add("Div", [add("MatMul", [query, add("Transpose", [key], perm=(1, 0))]), "root"])
    reach = add("Sub", [reach, add("Mul", ["1.decay", "newer"])])
    used = add("MatMul", [add("Softmax", [reach], axis=1), "history"])
    common = add("Mul", ["items", used])
    attended = add("ReduceSum", [common, draft.axes(1)], keepdims=1)
    near = add("MatMul", ["items", add("Transpose", ["history"], perm=(1, 0))])
    middle = add("ReduceMean", ["history"], axes=(0,), keepdims=1)
    mean = add("MatMul", ["items", add("Transpose", [middle], perm=(1, 0))])
    closest = add("ReduceMax", [near], axes=(1,), keepdims=1)
    parts = [scaled, attended, mean, closest]
    if "1.blend" in held:
        parts.append(_times(draft, common, held, "1.blend"))
    z = add("Concat", parts, axis=1)
    hidden = add("Relu", [add("Add", [_times(draft, z, held, "3.weight"), "3.bias"])])
    last = add("Add", [add("MatMul", [hidden, "5.weight"]), "5.bias"])
    score = add("Add", [last, add("MatMul", [z, "6.weight"])])
    (c,), d = weights.scale.shape, weights.width
    inputs: Mapping[str, tuple[int | str, ...]] = {
        "features": ("n", c),
        "items": ("n", d),
        "history": ("m", d),
        "newer": ("m",),
    }
    return draft.finished(inputs, add("Squeeze", [score, draft.axes(1)]))


def _times(draft: Draft, x: str, held: Mapping[str, Array], name: str) -> str:
    """X @ a matrix, in whole numbers if the matrix is of whole numbers."""
    layer, part = name.split(".")
    scale = f"{layer}.scale" if part == "weight" else f"{name}_scale"
    if held[name].dtype != np.int8:
        return draft.add("MatMul", [x, name])
    whole, step, zero = draft.add_several("DynamicQuantizeLinear", [x], 3)
    no = f"{name}_zero"
    draft.constants[no] = np.zeros(held[name].shape[1], np.int8)
    product = draft.add("MatMulInteger", [whole, name, zero, no])
    real = draft.add("Cast", [product], to=FLOAT)
    return draft.add("Mul", [real, draft.add("Mul", [step, scale])])
