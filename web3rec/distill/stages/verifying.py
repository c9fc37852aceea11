"""A bundle opened as a device would, and everything it claims found again.

    opens      every check of a device that pinned this publisher
    publisher  signed by whom the workshop says
    ndcg       graph, float32 and shipped model on the validation lessons, as the manifest says
    parity     onnxruntime and NumPy agree: same first 20 on 99 % of lists, scores to 1e-4 of the
               largest (in whole numbers on 95 % of lists: docs/decisions/0028)
    report     the manifest's gates and the training's commitment are those of the workshop
    speed      200 candidates, for the record: a device stops a model after 50 ms

A check that cannot be made (no onnxruntime, no lessons) says so and is not taken for passed.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from web3rec.distill.lessons import Lesson
from web3rec.distill.stages import classroom, packing, train
from web3rec.distill.stages.judging import graph_scores, scores_of, worths
from web3rec.distill.stages.pupils import NPZ
from web3rec.distill.stages.running import listed
from web3rec.distill.stages.workshop import Workshop
from web3rec.errors import DataError
from web3rec.records.keys import peer_from_did
from web3rec.rerank.bundle import Bundle, Refusal, Trusted, loaded
from web3rec.rerank.bundle import weights as weights_file
from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.bundle.onnx_backend import OnnxModel, is_there
from web3rec.rerank.features import Features
from web3rec.types import PeerId, Weights

NEAR: Final = 1e-4
"""Of the largest score of a list: how far two backends may be apart."""
FLIPPED: Final = 0.05
"""Of all lists: how many may be further apart in whole numbers, where the last bit of an
exponential decides a byte."""
SAME_TOP: Final = 0.99
"""Of all lists: how many must have the same first TOP."""
TOP: Final = 20
CLOSE: Final = 2e-3
"""NDCG that another machine's rounding may change."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool | None
    """None: it could not be looked at"""
    said: str
    """For people"""
    figures: dict[str, object] = field(default_factory=dict)

    def line(self) -> dict[str, object]:
        """For JSON."""
        return {"check": self.name, "ok": self.ok, "said": self.said, **self.figures}


def verified(
    workshop: Workshop, publisher: PeerId | None = None, clock: Callable[[], float] | None = None
) -> Iterator[Check]:
    """Make the checks, one after the other; those after a refusal are not made.

    Args:
        workshop: the directory of a run.
        publisher: whom to pin; None: whom the workshop's `bundle.json` names.
        clock: seconds of this process; for the speed.

    Raises:
        DataError: there is no bundle, or nothing says who its publisher is.
    """
    pinned = publisher or _named(workshop)
    found = loaded(workshop.path(packing.BUNDLE), Trusted(publishers=frozenset({pinned})))
    if isinstance(found, Refusal):
        yield Check("opens", False, str(found), {"ground": found.ground.value})
        return
    said = found.manifest
    size = workshop.path(packing.BUNDLE).stat().st_size
    yield Check(
        "opens",
        True,
        f"{said.name} {said.version}, {size:,} bytes, format {2 if said.reads else 1}",
        {"name": said.name, "version": said.version, "bytes": size, "sha256": found.digest.hex()},
    )
    try:
        lessons = classroom.load(workshop).valid
    except DataError as error:
        yield Check("ndcg", None, f"the lessons are not here: {error}")
        return
    models = backends(found)
    scores = {name: scores_of(model, lessons) for name, model in models.items()}
    yield _ndcg(found, workshop, lessons, scores)
    yield _parity(scores, whole=in_floats(said.layers) != said.layers)
    yield _told(found, workshop)
    yield _speed(models, lessons, clock or time.process_time)


def backends(found: Bundle) -> dict[str, Callable[[Features], Weights]]:
    """The ways to run a bundle that there are here."""
    columns = tuple(column.name for column in found.manifest.columns)
    made: dict[str, Callable[[Features], Weights]] = {}
    if found.steps:
        made["numpy"] = NumpyModel(found.steps, columns, found.lookup).scores
    if found.onnx is not None and is_there():
        model = OnnxModel(found.onnx, columns, seconds=60.0, lookup=found.lookup)
        made["onnxruntime"] = model.scores
    return made


def _named(workshop: Workshop) -> PeerId:
    data = workshop.read(packing.SEALED)
    try:
        return peer_from_did(json.loads(data)["publisher"])
    except (ValueError, KeyError, TypeError):
        raise DataError(
            "does not say who the publisher is: give --publisher", where=packing.SEALED
        ) from None


def _ndcg(
    found: Bundle, workshop: Workshop, lessons: list[Lesson], scores: dict[str, list[Weights]]
) -> Check:
    claimed = found.manifest.ndcg
    got = {"graph": float(worths(lessons, graph_scores(lessons)).mean())}
    wanted = {"graph": claimed.graph}
    for name, own in scores.items():
        got[name] = float(worths(lessons, own).mean())
        wanted[name] = claimed.quantised
    try:
        arrays = weights_file.read(workshop.read(packing.FLOAT[NPZ]))
        columns = tuple(column.name for column in found.manifest.columns)
        layers = in_floats(found.manifest.layers)
        made = steps(layers, arrays, len(columns), found.manifest.reads)
        full = scores_of(NumpyModel(made, columns, found.lookup).scores, lessons)
        got["full"], wanted["full"] = float(worths(lessons, full).mean()), claimed.full
    except DataError:
        pass  # the float32 files need not be kept beside a bundle
    off = {name: abs(got[name] - wanted[name]) for name in got}
    ok = max(off.values()) <= CLOSE
    people = len(lessons)
    text = ", ".join(f"{name} {value:.4f}" for name, value in got.items())
    if not ok:
        claims = f"graph {claimed.graph:.4f}, full {claimed.full:.4f}"
        text += f"; the manifest says {claims}, shipped {claimed.quantised:.4f}"
    figures: dict[str, object] = {
        "people": people,
        "found": got,
        "claimed": {
            "graph": claimed.graph,
            "full": claimed.full,
            "quantised": claimed.quantised,
        },
    }
    return Check("ndcg", ok, f"NDCG@10 of {people:,} people: {text}", figures)


def _parity(scores: dict[str, list[Weights]], *, whole: bool) -> Check:
    if len(scores) < 2:
        return Check("parity", None, "there is one backend here: pip install 'web3rec[onnx]'")
    one, two = (scores[name] for name in sorted(scores))
    apart, same = np.zeros(len(one)), 0
    for n, (a, b) in enumerate(zip(one, two, strict=True)):
        most = max(float(np.abs(a).max(initial=0.0)), 1e-12)
        apart[n] = float(np.abs(a - b).max(initial=0.0)) / most
        first = [set(np.argsort(-own, kind="stable")[:TOP].tolist()) for own in (a, b)]
        same += first[0] == first[1]
    share, off = same / max(len(one), 1), float((apart > NEAR).mean())
    close = off <= FLIPPED if whole else off == 0
    return Check(
        "parity",
        bool(close) and share >= SAME_TOP,
        f"the first {TOP} of both backends are the same on {share:.1%}, scores within {NEAR:g} on "
        f"{1 - off:.1%}, at most {apart.max():.1e} apart",
        {"apart": float(apart.max()), "near": 1 - off, "same_top": share, "lists": len(one)},
    )


def _told(found: Bundle, workshop: Workshop) -> Check:
    said = found.manifest
    try:
        story, measured = train.story(workshop), packing.measured_of(workshop)
        same = packing.gates(story, measured) == said.gates
        committed = packing.commitment(workshop) == said.training.commitment
    except (DataError, KeyError, TypeError, ValueError):
        return Check("report", None, "the training's story is not here")
    wrong = [] if same else ["its gates are not those of the training"]
    if listed(workshop).commitment != said.training.forgotten:
        wrong.append("its list of the forgotten is another")
    wrong += [] if committed else ["its commitment is not to these lessons, labels and vectors"]
    return Check("report", not wrong, "; ".join(wrong) or "gates and commitment are the training's")


def _speed(
    models: dict[str, Callable[[Features], Weights]],
    lessons: Sequence[Lesson],
    clock: Callable[[], float],
) -> Check:
    longest = max(lessons, key=lambda lesson: len(lesson.features)).features
    figures: dict[str, object] = {"candidates": len(longest)}
    for name, model in models.items():
        model(longest)
        took = []
        for _ in range(50):
            start = clock()
            model(longest)
            took.append(clock() - start)
        figures[f"{name}_ms"] = round(1000 * float(np.median(took)), 3)
    text = ", ".join(f"{name} {figures[f'{name}_ms']} ms" for name in models)
    return Check(
        "speed", True, f"{len(longest)} candidates: {text} (median, this process)", figures
    )


def in_floats(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The same layers before they were quantised."""
    plain: dict[Layer, Layer] = {"linear_i8": "linear", "attend_i8": "attend"}
    return tuple(plain.get(layer, layer) for layer in layers)


def summary(checks: Sequence[Check]) -> dict[str, Any]:
    """All together: ok if something was looked at and nothing was wrong."""
    wrong = [check.name for check in checks if check.ok is False]
    skipped = [check.name for check in checks if check.ok is None]
    return {"check": "all", "ok": not wrong, "wrong": wrong, "not_checked": skipped}
