"""From a trained hybrid to what peers pass on: rounded vectors, both files of weights, a signature.

What ships is in whole numbers. Vectors are rounded before anything is learnt or measured
(`shipped`), so that student and device read the same; weights are rounded here, and `Ndcg` in the
facts says what that cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from web3rec.distill.students.hybrid import Matrix, Vectors
from web3rec.errors import DataError
from web3rec.records.keys import SigningKey
from web3rec.rerank.bundle import (
    Bundle,
    Column,
    Gate,
    Manifest,
    Ndcg,
    Reads,
    Refusal,
    Training,
    Trusted,
    hybrid,
    hybrid_onnx,
    items,
    opened,
    sealed,
    weights,
)
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.manifest import INPUTS
from web3rec.rerank.features import COLUMNS, HISTORY, NAMES
from web3rec.types import ItemKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a publisher says of a model; see `bundle.manifest`."""

    name: str
    """1 to 64 of a-z, 0-9, dot and hyphen"""
    version: int
    """Rises with every publication of that name"""
    licence: str
    """SPDX expression, or a line of text"""
    ndcg: Ndcg
    """Of the graph's order, of the student in float32, and of it in whole numbers"""
    training: Training
    """Commitments"""
    gates: tuple[Gate, ...] = ()
    """Decisions of the training, such as of `distill.gate`"""


def shipped(vectors: Vectors) -> dict[ItemKey, Matrix]:
    """The vectors as devices will see them: int8 with one scale for all.

    Returns:
        By the 16 bytes that bundles know items by, rising; float32[d] each. What is shipped
        already stays as it is, to the last bit of a float32.

    Raises:
        DataError: none, too many, of several widths, not finite, or keys that are too short.

    Cost: O(numbers).
    """
    table = items.read(items.written(bytes(32), dict(vectors)))
    scale = np.float32(table.scale)
    keys = [ItemKey(bytes(key).ljust(items.KEY_BYTES, b"\0")) for key in table.keys.tolist()]
    return {key: row.astype(np.float32) * scale for key, row in zip(keys, table.rows, strict=True)}


def basis(vectors: Vectors) -> bytes:
    """The hash that ties a model to its vectors: of all of them, in the order of their keys."""
    return items.basis_of(np.stack([vectors[key] for key in sorted(vectors)], axis=1))


def files(student: HybridWeights, vectors: Vectors, *, eight_bit: bool = True) -> dict[str, bytes]:
    """A bundle's files by name.

    Args:
        student: reads all columns of NAMES, in order.
        vectors: those it was taught with.
        eight_bit: weights in whole numbers, all but the last layer; else in float32.

    Raises:
        DataError: the vectors are not as wide as the student reads them, or not to be written.
    """
    if student.columns != len(NAMES) or {len(v) for v in vectors.values()} != {student.width}:
        raise DataError(f"wanted a student of {len(NAMES)} columns, and vectors of its width")
    _, arrays = hybrid.eight_bit(student) if eight_bit else hybrid.plain(student)
    return {
        "items.i8": items.written(basis(vectors), dict(vectors)),
        "model.onnx": hybrid_onnx.written(student, eight_bit=eight_bit),
        "weights.npz": weights.written(arrays),
    }


def bundle_of(
    student: HybridWeights,
    vectors: Vectors,
    facts: Facts,
    key: SigningKey,
    *,
    eight_bit: bool = True,
    only: Sequence[str] = (),
) -> bytes:
    """A signed bundle; the same bytes for the same arguments.

    Args:
        student: what was trained.
        vectors: `shipped` ones, which it was trained and measured with.
        facts: what the manifest says.
        key: the publisher's.
        eight_bit: as in `files`.
        only: leave out a file of weights: ("model.onnx",) or ("weights.npz",); () keeps both.

    Raises:
        DataError: a device would refuse it; the message says why.
    """
    held = files(student, vectors, eight_bit=eight_bit)
    if only:
        held = {name: data for name, data in held.items() if name in {"items.i8", *only}}
    layers = hybrid.EIGHT_BIT if eight_bit else hybrid.PLAIN
    manifest = Manifest(
        name=facts.name,
        version=facts.version,
        licence=facts.licence,
        columns=tuple(Column(name, _unit(name)) for name in NAMES),
        layers=layers if "weights.npz" in held else (),
        files={},
        basis=basis(vectors),
        ndcg=facts.ndcg,
        gates=facts.gates,
        training=facts.training,
        reads=Reads(INPUTS, student.width, HISTORY),
    )
    return sealed(manifest, held, key)


def on_device(
    student: HybridWeights, vectors: Vectors, *, eight_bit: bool = True, only: Sequence[str] = ()
) -> Bundle:
    """The student as a device would have it, to be measured before anything is published.

    `bundle.reranker` makes a `Reranker` of it.

    Raises:
        DataError: as `bundle_of`.
    """
    nobody = SigningKey.from_seed(b"measured and thrown away".ljust(32))
    facts = Facts(
        name="measured",
        version=1,
        licence="none",
        ndcg=Ndcg(0.0, 1.0, 1.0),
        training=Training(bytes(32), None),
    )
    data = bundle_of(student, vectors, facts, nobody, eight_bit=eight_bit, only=only)
    found = opened(data, Trusted(publishers=frozenset({nobody.peer})))
    if isinstance(found, Refusal):
        raise DataError(f"nobody would take this bundle: {found}")
    return found


def _unit(column: str) -> str:
    """The column's description, short enough for a manifest."""
    said = COLUMNS[column]
    return said if len(said) <= 120 else said[:117] + "..."
