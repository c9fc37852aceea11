"""Students by kind: trained, kept as arrays, and laid out as a bundle holds them."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from web3rec.distill.lessons import Lesson
from web3rec.distill.recipe import LossesPart, StudentPart
from web3rec.distill.stages import linear_pupil
from web3rec.distill.stages.blending import deviations, wanted
from web3rec.distill.stages.linear_pupil import LinearPupil
from web3rec.distill.students.balancing import balanced
from web3rec.distill.students.hybrid import Hybrid, HybridParams, Vectors
from web3rec.errors import DataError
from web3rec.rerank.bundle import hybrid, hybrid_onnx
from web3rec.rerank.bundle import weights as weights_file
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.items import ItemVectors
from web3rec.rerank.bundle.manifest import INPUTS, Layer, Reads
from web3rec.rerank.features import HISTORY, Features
from web3rec.types import ItemKey, Weights

Told = Callable[[int, int], None]
NPZ, ONNX = "weights.npz", "model.onnx"


@dataclass(frozen=True, slots=True)
class Given:
    """What a student learns from."""

    lessons: Sequence[Lesson]
    labels: Sequence[Weights] | None
    """float64[candidates] each, what the teachers together say; None: nobody teaches"""
    votes: Weights
    """float64[lessons], >= 0: how much each counts"""

    def among(self, chosen: npt.NDArray[np.bool_]) -> "Given":
        """Some of the lessons."""
        at = np.flatnonzero(chosen).tolist()
        labels = None if self.labels is None else [self.labels[n] for n in at]
        return Given([self.lessons[n] for n in at], labels, self.votes[chosen])


@dataclass(frozen=True, slots=True)
class HybridPupil:
    """A trained hybrid."""

    model: Hybrid = field(repr=False)
    kind: str = "hybrid"

    def scores(self, features: Features) -> Weights:
        """float64[n]."""
        return self.model.scores(features)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that has to be kept of it."""
        return dict(self.model.weights.arrays())

    @property
    def size(self) -> int:
        """How many weights were learnt."""
        return self.model.weights.size


Pupil = LinearPupil | HybridPupil


@dataclass(frozen=True, slots=True)
class Laid:
    """A model as a bundle holds it."""

    layers: tuple[Layer, ...]
    files: Mapping[str, bytes]
    """weights.npz and model.onnx"""
    reads: Reads | None
    """What it reads beside columns"""


def trained(
    part: StudentPart,
    losses: LossesPart,
    given: Given,
    valid: Sequence[Lesson],
    vectors: ItemVectors | None,
    seed: int,
    told: Told,
) -> Pupil:
    """Train a student; the same every time.

    Args:
        part: which, and how.
        losses: how the teachers count.
        given: what it learns from.
        valid: of these, the best round is chosen, where a kind has rounds.
        vectors: of items, for kinds that read them.
        seed: of all chance.
        told: (rounds done, all).

    Raises:
        DataError: it needs torch, which is not installed; or nothing can be learnt.
    """
    labels = None
    if given.labels is not None and losses.distill > 0:
        labels = [losses.spread * deviations(label) for label in given.labels]
    if part.kind == "linear":
        goal = [
            wanted(lesson, None if labels is None else labels[n], losses.distill, losses.top)
            for n, lesson in enumerate(given.lessons)
        ]
        found = linear_pupil.fitted(given.lessons, goal, given.votes, part.l2)
        told(1, 1)
        return found
    need_torch(part)
    from web3rec.distill.training import TrainParams  # noqa: PLC0415 - only where there is torch
    from web3rec.distill.training import trained as hybrid_trained  # noqa: PLC0415

    table = by_key(vectors)
    params = TrainParams(
        epochs=part.epochs,
        patience=part.patience,
        rate=part.rate,
        decay=part.decay,
        dropout=part.dropout,
        kd=losses.distill,
        top=losses.top,
        seed=seed,
    )
    size = HybridParams(attention=part.attention, blend=part.blend, hidden=part.hidden)
    made = hybrid_trained(
        given.lessons,
        valid,
        table,
        params,
        size,
        labels=labels,
        votes=given.votes.tolist(),
        tell=lambda epoch, most: told(epoch.number, most),
    )
    return HybridPupil(Hybrid(balanced(made.weights, given.lessons, table), table))


def need_torch(part: StudentPart) -> None:
    """Raise the DataError of a student that cannot be trained here, before anything is done."""
    if part.kind != "linear" and importlib.util.find_spec("torch") is None:
        raise DataError(
            f"a {part.kind} student is trained with torch, which is not installed: "
            "pip install 'web3rec[distill]', or [student] kind = 'linear'"
        )


def revived(
    kind: str, arrays: Mapping[str, npt.NDArray[Any]], vectors: ItemVectors | None
) -> Pupil:
    """A student from what was kept of it. Raises DataError: the arrays are not such a student's."""
    if kind == "linear":
        return LinearPupil.of(arrays)
    return HybridPupil(Hybrid(HybridWeights.of(arrays), by_key(vectors)))


def laid(pupil: Pupil, *, eight_bit: bool) -> Laid:
    """The model as files, with int8 or without; a linear one has nothing to quantise."""
    if isinstance(pupil, LinearPupil):
        layers, arrays = pupil.layers()
        return Laid(layers, {NPZ: weights_file.written(arrays), ONNX: pupil.onnx()}, None)
    model = pupil.model.weights
    layers, arrays = (hybrid.eight_bit if eight_bit else hybrid.plain)(model)
    files = {
        NPZ: weights_file.written(arrays),
        ONNX: hybrid_onnx.written(model, eight_bit=eight_bit),
    }
    return Laid(layers, files, Reads(INPUTS, model.width, HISTORY))


def by_key(vectors: ItemVectors | None) -> Vectors:
    """The table as training reads it: the numbers that devices have, by item key."""
    if vectors is None:
        raise DataError("this student reads item vectors: give the recipe [vectors]")
    raw = vectors.keys.view(np.uint8).reshape(len(vectors.keys), -1)
    rows = vectors.rows.astype(np.float32) * np.float32(vectors.scale)
    return {ItemKey(key.tobytes()): row for key, row in zip(raw, rows, strict=True)}
