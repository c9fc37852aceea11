"""Hybrid models of random weights, bundles of them, and lists that say what they are about."""

import hashlib
from dataclasses import replace
from typing import Any, Final

import numpy as np

from tests.web3rec.rerank.bundle.bundles import BASIS, KEY, MANIFEST
from web3rec.rerank.bundle import Column, Reads, hybrid, hybrid_onnx, items, sealed, weights
from web3rec.rerank.bundle.given import Lookup
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.manifest import INPUTS, Manifest
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rerank.features import HISTORY, NAMES, Content, Features
from web3rec.types import ItemKey

ALL: Final = tuple(NAMES)


def network(
    rng: np.random.Generator, c: int = len(ALL), d: int = 8, h: int = 4, p: int = 3, e: int = 16
) -> HybridWeights:
    def floats(*shape: int) -> Any:
        return rng.normal(size=shape) * (shape[0] ** -0.5 if len(shape) == 2 else 1)

    z = c + hybrid.SCALARS + p
    arrays = {"scale": np.exp(floats(c)), "shift": floats(c), "decay": np.abs(floats(1))}
    arrays |= {"query": floats(d, h), "key": floats(d, h), "blend": floats(d, p)}
    arrays |= {"hidden": floats(z, e), "hidden_bias": floats(e), "skip": floats(z, 1)}
    return HybridWeights.of({**arrays, "last": floats(e, 1), "last_bias": floats(1)})


def key_of(number: int) -> ItemKey:
    return ItemKey(hashlib.sha256(b"%d" % number).digest()[:16])


def table(rng: np.random.Generator, count: int, width: int) -> bytes:
    """items.i8 of items 0 to count - 1."""
    vectors = {key_of(n): rng.normal(size=width).astype(np.float32) for n in range(count)}
    return items.written(BASIS, vectors)


def asked(
    rng: np.random.Generator, n: int, m: int, known: int, *, scale: float = 1, far: int = 0
) -> Features:
    """A list of n candidates and m own items, of items 0 to known - 1, or `far` beyond them."""
    values = (scale * rng.normal(size=(n, len(ALL)))).astype(np.float32)
    chosen = rng.permutation(known + far)[: n + m].tolist()
    content = Content(
        tuple(map(key_of, chosen[:n])), tuple(map(key_of, chosen[n:])), np.arange(m, dtype=float)
    )
    return Features(values, rng.permutation(n), content)


def lookup(data: bytes, history: int = HISTORY) -> Lookup:
    found = items.read(data)
    return Lookup(Reads(INPUTS, found.rows.shape[1], history), found)


def backends(
    model: HybridWeights, where: Lookup, *, eight_bit: bool
) -> tuple[NumpyModel, OnnxModel]:
    """The same model twice, by way of the files of a bundle."""
    layers, arrays = (hybrid.eight_bit if eight_bit else hybrid.plain)(model)
    read = weights.read(weights.written(arrays))
    one = NumpyModel(steps(layers, read, model.columns, where.reads), ALL[: model.columns], where)
    data = hybrid_onnx.written(model, eight_bit=eight_bit)
    return one, OnnxModel(data, ALL[: model.columns], seconds=10, lookup=where)


def manifest_of(model: HybridWeights, *, history: int = HISTORY) -> Manifest:
    return replace(
        MANIFEST,
        name="hybrid",
        columns=tuple(Column(name, "as told") for name in ALL[: model.columns]),
        layers=hybrid.EIGHT_BIT,
        reads=Reads(INPUTS, model.width, history),
    )


def files_of(model: HybridWeights, vectors: bytes) -> dict[str, bytes]:
    return {
        "items.i8": vectors,
        "model.onnx": hybrid_onnx.written(model),
        "weights.npz": weights.written(hybrid.eight_bit(model)[1]),
    }


def small() -> tuple[Manifest, dict[str, bytes]]:
    """A bundle of format 2 in little: 2 columns, vectors of 4 numbers, 6 items."""
    rng = np.random.default_rng(4)
    model = network(rng, c=2, d=4, h=2, p=1, e=3)
    return manifest_of(model, history=5), files_of(model, table(rng, 6, 4))


def sealed_small(**changes: Any) -> bytes:
    manifest, files = small()
    return sealed(replace(manifest, **changes), files, KEY)
