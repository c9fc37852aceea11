"""From bytes to a model that may be run: every check, the cheap ones first, before anything runs.

    size, layout ─► pinned? ─► signature ─► manifest ─► downgrade, quality, columns, basis
        ─► hashes ─► model.onnx taken apart ─► weights.npz, items.i8 ─► Bundle

Total: a bundle that is not used gives a `Refusal`, and the list stays the graph's own (X3). Does
not know where bundles are kept nor who is pinned: both are arguments.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from web3rec.errors import DataError
from web3rec.records.keys import SigningKey
from web3rec.rerank.bundle import container, items, onnx_graph, onnx_shapes, weights
from web3rec.rerank.bundle.given import Lookup
from web3rec.rerank.bundle.items import ItemVectors
from web3rec.rerank.bundle.manifest import LEAST_KEPT, FileOf, Manifest
from web3rec.rerank.bundle.manifest import read as read_manifest
from web3rec.rerank.bundle.manifest import written as manifest_written
from web3rec.rerank.bundle.numpy_backend import NumpyModel, Step, steps, work
from web3rec.rerank.bundle.onnx_backend import ONNXRUNTIME, OnnxModel
from web3rec.rerank.bundle.refusal import Ground, Refusal, Unfit
from web3rec.rerank.bundle.runtime import Runtime
from web3rec.rerank.features import NAMES
from web3rec.types import PeerId

MODEL: Final = "model.onnx"
WEIGHTS: Final = "weights.npz"
ITEMS: Final = "items.i8"
Backend = Literal["numpy", "onnxruntime"]
"""What a model runs in."""
LIGHT: Final = 50_000
"""Multiplications a candidate up to which NumPy takes 2 ms at most for 200 (decision 0028)."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The newest bundle of a name that this device ever took."""

    version: int
    """Of its manifest."""
    digest: bytes
    """sha256 of its bytes: another bundle of the same version is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """What the device goes by."""

    publishers: frozenset[PeerId]
    """Whom the user pinned."""
    newest: Mapping[tuple[PeerId, str], Installed] = field(default_factory=dict)
    """By publisher and name; outlives the removal of a bundle, else one could go back."""
    basis: bytes | None = None
    """The basis of vectors the device has from elsewhere; None: it has none."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model that passed every check."""

    publisher: PeerId
    """Who signed it; pinned."""
    manifest: Manifest
    """What it says of itself."""
    digest: bytes
    """sha256 of its bytes; 32 bytes."""
    vectors: ItemVectors | None = field(repr=False)
    """Its item vectors."""
    onnx: bytes | None = field(repr=False)
    """model.onnx, for `reranker`."""
    steps: tuple[Step, ...] = field(repr=False)
    """weights.npz as layers; () if it is not there."""

    @property
    def lookup(self) -> Lookup | None:
        """Where its model finds item vectors; None: it reads columns only."""
        reads = self.manifest.reads
        return None if reads is None or self.vectors is None else Lookup(reads, self.vectors)


def opened(data: bytes, trusted: Trusted) -> Bundle | Refusal:
    """The bundle in these bytes, or why it is not used. Never raises. O(len(data))."""
    try:
        return _opened(data, trusted)
    except Unfit as e:
        return e.refusal


def announced(data: bytes, trusted: Trusted) -> Manifest | Refusal:
    """Whether a bundle is worth fetching, from its head and manifest alone. Never raises.

    Args:
        data: at least the first `Head.manifest_end` bytes; what follows is not looked at.
        trusted: as for `opened`.
    """
    try:
        return _announced(data, trusted)[1]
    except Unfit as e:
        return e.refusal


def loaded(path: Path, trusted: Trusted) -> Bundle | Refusal:
    """The bundle in a file; no more than 8 MiB and a byte of it are read.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(container.MAX_BYTES + 1)
    except OSError as e:
        raise DataError(f"cannot be read ({e.strerror}): is it there?", where=str(path)) from None
    return opened(data, trusted)


def reranker(
    bundle: Bundle, backend: Backend | None = None, *, runtimes: Sequence[Runtime] = ()
) -> OnnxModel | NumpyModel | Refusal:
    """The bundle as a `Reranker`.

    Args:
        bundle: one that passed every check.
        backend: where it is to run. If not said: a model of at most LIGHT multiplications a
            candidate in NumPy, which needs nothing loaded; a larger one in onnxruntime, or else in
            the first of `runtimes` that is there, where the bundle has a model for them; else in
            NumPy.
        runtimes: what the app brings along for where there is no onnxruntime.

    Nothing is loaded yet; that happens when it is first asked (`OnnxModel.warm` does it before).
    """
    columns = tuple(column.name for column in bundle.manifest.columns)
    lookup = bundle.lookup
    light = bool(bundle.steps) and work(bundle.steps, bundle.manifest.reads) <= LIGHT
    if bundle.onnx is not None and (backend == "onnxruntime" or not (backend or light)):
        for runtime in (ONNXRUNTIME, *(() if backend else runtimes)):
            if runtime.is_there():
                return OnnxModel(bundle.onnx, columns, lookup=lookup, runtime=runtime)
    if bundle.steps and backend != "onnxruntime":
        return NumpyModel(bundle.steps, columns, lookup)
    return Refusal(
        Ground.BACKEND,
        "it has no model for that backend"
        if backend == "numpy" or (backend and bundle.onnx is None)
        else "no onnxruntime below 1.29 is installed to run it: pip install 'web3rec[onnx]'",
    )


def sealed(manifest: Manifest, files: Mapping[str, bytes], key: SigningKey) -> bytes:
    """A bundle of these files, signed; the same bytes every time.

    Args:
        manifest: `files` in it is replaced by sizes and hashes of those given.
        files: by name, of `container.FILES`.
        key: the publisher's.

    Raises:
        DataError: a device that pinned this publisher would refuse it; the message says why.
    """
    listed = {
        name: FileOf(len(held), hashlib.sha256(held).digest()) for name, held in files.items()
    }
    try:
        spelled = manifest_written(replace(manifest, files=listed))
    except (ValueError, TypeError) as e:
        raise DataError(f"a manifest that cannot be spelled: {e}") from None
    data = container.packed(spelled, files, key)
    found = opened(data, Trusted(publishers=frozenset({key.peer})))
    if isinstance(found, Refusal):
        raise DataError(f"nobody would take this bundle: {found}")
    return data


def _announced(data: bytes, trusted: Trusted) -> tuple[container.Head, Manifest]:
    head = container.head(data)
    if head.publisher not in trusted.publishers:
        raise Unfit(
            Ground.PUBLISHER, "signed by somebody who is not pinned: pin whom you mean to trust"
        )
    manifest = read_manifest(container.signed_manifest(data, head))
    held = trusted.newest.get((head.publisher, manifest.name))
    if held is not None and manifest.version < held.version:
        raise Unfit(
            Ground.DOWNGRADE, f"version {manifest.version}, after {held.version} was installed"
        )
    ndcg = manifest.ndcg
    if ndcg.quantised < LEAST_KEPT * ndcg.full or ndcg.quantised <= ndcg.graph:
        raise Unfit(
            Ground.QUALITY, "by its own account no better than the graph, or spoilt by quantising"
        )
    if {column.name for column in manifest.columns} - set(NAMES):
        raise Unfit(Ground.INPUTS, "it reads columns that this version does not have: update")
    if None not in (manifest.basis, trusted.basis) and manifest.basis != trusted.basis:
        raise Unfit(Ground.BASIS, "its item vectors are in another basis than this device's")
    for name, length in zip(container.FILES, head.lengths[1:], strict=True):
        entry = manifest.files.get(name)
        if length != (entry.size if entry else 0):
            raise Unfit(Ground.HASH, f"{name} is not as long as its manifest says")
    return head, manifest


def _opened(data: bytes, trusted: Trusted) -> Bundle:
    if len(data) > container.MAX_BYTES:
        raise Unfit(Ground.SIZE, f"more than {container.MAX_BYTES} bytes")
    head, manifest = _announced(data, trusted)
    held = container.files(data, head)
    for name, file in manifest.files.items():
        if hashlib.sha256(held[name]).digest() != file.sha256:
            raise Unfit(Ground.HASH, f"{name} is not the file that was signed")
    digest = hashlib.sha256(data).digest()
    before = trusted.newest.get((head.publisher, manifest.name))
    if before is not None and before.version == manifest.version and before.digest != digest:
        raise Unfit(Ground.DOWNGRADE, f"another bundle of version {manifest.version} is installed")
    width, reads = len(manifest.columns), manifest.reads
    if MODEL in held:
        onnx_shapes.check(onnx_graph.graph(held[MODEL]), width, reads)
    layers: tuple[Step, ...] = ()
    if WEIGHTS in held:
        layers = steps(manifest.layers, weights.read(held[WEIGHTS]), width, reads)
    vectors = items.read(held[ITEMS]) if ITEMS in held else None
    if vectors is not None and vectors.basis != manifest.basis:
        raise Unfit(Ground.BASIS, "its item vectors are in another basis than its model's")
    if vectors is not None and reads is not None and vectors.rows.shape[1] != reads.width:
        raise Unfit(Ground.VECTORS, "its item vectors are not as wide as its manifest says")
    return Bundle(head.publisher, manifest, digest, vectors, held.get(MODEL), layers)
