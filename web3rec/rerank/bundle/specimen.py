"""A bundle of the usual shape with random weights: to measure, and to try things out with.

It ranks at random, and says so in its name; nobody pins its publisher, whose key everybody knows.
"""

import hashlib
from typing import Final

import numpy as np

from web3rec.records.keys import SigningKey
from web3rec.rerank.bundle import hybrid, hybrid_onnx, items, weights
from web3rec.rerank.bundle.hybrid import SCALARS, HybridWeights
from web3rec.rerank.bundle.manifest import INPUTS, Column, Manifest, Ndcg, Reads, Training
from web3rec.rerank.bundle.opening import sealed
from web3rec.rerank.features import HISTORY, NAMES
from web3rec.types import ItemKey

WIDTH: Final = 64
HEAD: Final = 16
BLEND: Final = 8
HIDDEN: Final = 48


def specimen(count: int, rng: np.random.Generator) -> bytes:
    """A bundle: a hybrid over all columns, in eight bits, with vectors of 64 numbers.

    Args:
        count: items that it has vectors of; 1 to some 90,000, more do not fit.
        rng: of weights and vectors; the same one, the same bytes.

    Raises:
        DataError: too many items.

    Cost: O(count * 64).
    """
    key = SigningKey.from_seed(hashlib.sha256(b"web3rec-specimen").digest())
    model = _weights(rng)
    basis = items.basis_of(np.eye(WIDTH, dtype=np.float32))
    vectors = {
        ItemKey(rng.bytes(items.KEY_BYTES)): row
        for row in rng.normal(size=(count, WIDTH)).astype(np.float32)
    }
    layers, arrays = hybrid.eight_bit(model)
    manifest = Manifest(
        name="specimen-of-random-weights",
        version=1,
        licence="CC0-1.0",
        columns=tuple(Column(name, "as documented") for name in NAMES),
        layers=layers,
        files={},
        basis=basis,
        ndcg=Ndcg(graph=0.0, full=1e-9, quantised=1e-9),
        gates=(),
        training=Training(hashlib.sha256(b"").digest(), None),
        reads=Reads(INPUTS, WIDTH, HISTORY),
    )
    files = {
        "items.i8": items.written(basis, vectors),
        "model.onnx": hybrid_onnx.written(model),
        "weights.npz": weights.written(arrays),
    }
    return sealed(manifest, files, key)


def _weights(rng: np.random.Generator) -> HybridWeights:
    c, z = len(NAMES), len(NAMES) + SCALARS + BLEND
    shapes = {
        "scale": (c,),
        "shift": (c,),
        "query": (WIDTH, HEAD),
        "key": (WIDTH, HEAD),
        "decay": (1,),
        "blend": (WIDTH, BLEND),
        "hidden": (z, HIDDEN),
        "skip": (z, 1),
        "hidden_bias": (HIDDEN,),
        "last": (HIDDEN, 1),
        "last_bias": (1,),
    }
    return HybridWeights.of(
        {name: rng.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}
    )
