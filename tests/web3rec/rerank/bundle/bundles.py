"""Small bundles, and what a device needs to open them."""

import hashlib
from dataclasses import replace
from typing import Final

import numpy as np

from tests.web3rec.rerank.bundle.onnx_bytes import WEIGHT, linear
from web3rec.records.keys import SigningKey
from web3rec.rerank.bundle import (
    Bundle,
    Column,
    Gate,
    Ground,
    Manifest,
    Ndcg,
    Refusal,
    Training,
    Trusted,
    container,
    items,
    opened,
    sealed,
    weights,
)
from web3rec.rerank.bundle.manifest import FileOf, written
from web3rec.rerank.features import NAMES, Features
from web3rec.types import ItemKey

KEY: Final = SigningKey.from_seed(b"publisher" + bytes(23))
STRANGER: Final = SigningKey.from_seed(b"stranger" + bytes(24))
TRUSTED: Final = Trusted(publishers=frozenset({KEY.peer}))
BASIS: Final = items.basis_of(np.eye(3, dtype=np.float32))
COLUMNS: Final = ("walk", "popular")
MANIFEST: Final = Manifest(
    name="toy",
    version=3,
    licence="CC0-1.0",
    columns=tuple(Column(name, "share") for name in COLUMNS),
    layers=("linear",),
    files={},
    basis=BASIS,
    ndcg=Ndcg(0.1, 0.12, 0.1195),
    gates=(Gate("distillation", True, 0.0062, 0.0136),),
    training=Training(hashlib.sha256(b"training").digest(), None),
)
ARRAYS: Final = {"0.weight": WEIGHT, "0.bias": np.zeros(1, dtype=np.float32)}
VECTORS: Final = {
    ItemKey(bytes([n]) * 16): np.array([n, -n, 0.5], dtype=np.float32) for n in range(1, 4)
}
FILES: Final = {
    "items.i8": items.written(BASIS, VECTORS),
    "model.onnx": linear(),
    "weights.npz": weights.written(ARRAYS),
}


def toy(**changes: object) -> bytes:
    """A bundle with all three files, and a manifest with these changes."""
    return sealed(replace(MANIFEST, **changes), FILES, KEY)  # type: ignore[arg-type]


def with_files(files: dict[str, bytes], manifest: Manifest = MANIFEST) -> bytes:
    """A bundle signed by a publisher who does not check what it signs."""
    listed = {
        name: FileOf(len(data), hashlib.sha256(data).digest()) for name, data in files.items()
    }
    has_items = "items.i8" in files
    said = replace(
        manifest,
        files=listed,
        basis=manifest.basis if has_items else None,
        layers=manifest.layers if "weights.npz" in files else (),
    )
    return container.packed(written(said), files, KEY)


def with_model(model: bytes) -> bytes:
    return with_files({"model.onnx": model})


def signed(manifest: bytes) -> bytes:
    """A bundle with any manifest at all."""
    return container.packed(manifest, FILES, KEY)


def ground(data: bytes, trusted: Trusted = TRUSTED) -> Ground | None:
    """Why it is refused; None if it is taken."""
    found = opened(data, trusted)
    return found.ground if isinstance(found, Refusal) else None


def taken(data: bytes, trusted: Trusted = TRUSTED) -> Bundle:
    found = opened(data, trusted)
    assert isinstance(found, Bundle), found
    return found


def features(rng: np.random.Generator, n: int, scale: float = 1) -> Features:
    values = (scale * rng.normal(size=(n, len(NAMES)))).astype(np.float32)
    return Features(values, rng.permutation(n))
