"""One small network twice: as layers for NumPy and as ONNX for onnxruntime, in the same numbers."""

from collections.abc import Sequence

import numpy as np

from tests.web3rec.rerank.bundle.onnx_bytes import attribute, declared, graph, model, node, tensor
from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.weights import Array

LAYERS: tuple[Layer, ...] = ("scale", "linear", "relu", "layer_norm", "linear")
EIGHT_BIT: tuple[Layer, ...] = ("scale", "linear_i8", "relu", "layer_norm", "linear")


def arrays(
    rng: np.random.Generator, columns: int, hidden: int, layers: Sequence[Layer]
) -> dict[str, Array]:
    """Random weights: columns -> hidden -> one score."""

    def floats(*shape: int) -> Array:
        return rng.normal(size=shape).astype(np.float32)

    first = floats(columns, hidden)
    made: dict[str, Array] = {
        "0.weight": np.exp(floats(columns)),
        "0.bias": floats(columns),
        "1.weight": first,
        "1.bias": floats(hidden),
        "3.weight": floats(hidden),
        "3.bias": floats(hidden),
        "4.weight": floats(hidden, 1),
        "4.bias": floats(1),
    }
    if layers[1] == "linear_i8":
        step = (np.abs(first).max(axis=0) / 127).astype(np.float32)
        made["1.scale"] = step
        made["1.weight"] = np.rint(first / step).astype(np.int8)
    return made


def onnx(found: dict[str, Array], layers: Sequence[Layer]) -> bytes:
    """The same as ONNX, with the operations that quantize_dynamic writes."""
    nodes = [
        node("Mul", ["features", "0.weight"], ["a"]),
        node("Add", ["a", "0.bias"], ["b"]),
    ]
    held = dict(found)
    if layers[1] == "linear_i8":
        held["1.zero"] = np.zeros(len(found["1.scale"]), dtype=np.int8)
        nodes += [
            node("DynamicQuantizeLinear", ["b"], ["b8", "by", "zero"]),
            node("Mul", ["by", "1.scale"], ["step"]),
            node("MatMulInteger", ["b8", "1.weight", "zero", "1.zero"], ["whole"]),
            node("Cast", ["whole"], ["real"], attribute("to", 2, 3, 1)),
            node("Mul", ["real", "step"], ["c"]),
        ]
    else:
        nodes.append(node("MatMul", ["b", "1.weight"], ["c"]))
    nodes += [
        node("Add", ["c", "1.bias"], ["d"]),
        node("Relu", ["d"], ["e"]),
        node("LayerNormalization", ["e", "3.weight", "3.bias"], ["f"], attribute("axis", 2, 3, -1)),
        node("MatMul", ["f", "4.weight"], ["g"]),
        node("Add", ["g", "4.bias"], ["scores"]),
    ]
    columns = len(found["0.weight"])
    reads = declared("features", ["n", columns])
    tensors = [tensor(name, array) for name, array in held.items()]
    return model(graph(nodes, tensors, reads=reads))
