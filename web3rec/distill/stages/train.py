"""Stage `train`: a student without teachers, the gates, and one that was taught.

    untaught ─► may each teacher teach it? ─► mixture ─► taught ─► surely better? ─► the student

What teachers say to a list is z(student) + sum of weight * z(teacher); the student's own part is by
one that did not learn from that list (two halves, each asked of the other), so that no label
repeats by heart what was right. Everything is chosen on validation people. Test people are ranked
once, for the report, after everything is chosen.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from web3rec.distill.gate import Decision, decision
from web3rec.distill.lessons import Lesson
from web3rec.distill.recipe import Recipe
from web3rec.distill.stages import calibrating, classroom, label, sharding, vectors
from web3rec.distill.stages.blending import (
    Audition,
    Voice,
    audition,
    blend,
    deviations,
    mixture,
)
from web3rec.distill.stages.calibrating import Counted
from web3rec.distill.stages.classroom import ARRAYS, NAMES, Classroom
from web3rec.distill.stages.judging import graph_scores, scores_of, worths
from web3rec.distill.stages.kitchen import Bench, Stage
from web3rec.distill.stages.label import LABELS, SAID
from web3rec.distill.stages.material import TRAIN, VALID
from web3rec.distill.stages.pupils import Given, Pupil, need_torch, revived, trained
from web3rec.distill.stages.workshop import Workshop, json_bytes, packed, unpacked
from web3rec.errors import DataError
from web3rec.eval.intervals import Interval, interval
from web3rec.rerank.bundle.items import ItemVectors
from web3rec.types import Weights

WEIGHTS: Final = "student.npz"
STORY: Final = "student.json"


@dataclass(frozen=True, slots=True)
class _Class:
    """What training works with."""

    bench: Bench
    room: Classroom
    table: ItemVectors | None
    calibration: Counted

    def trained(self, what: str, labels: Sequence[Weights] | None) -> Pupil:
        """A student of all who learn."""
        given = Given(self.room.train, labels, self.calibration.votes)
        return self._trained(what, given)

    def strangers(self) -> list[Weights]:
        """What untaught students say of those who learn, each asked of the other's half."""
        given = Given(self.room.train, None, self.calibration.votes)
        even = np.arange(len(self.room.train)) % 2 == 0
        found: list[Weights] = [np.zeros(0)] * len(even)
        for half in (even, ~even):
            pupil = self._trained("student of one half", given.among(half))
            for n in np.flatnonzero(~half).tolist():
                found[n] = pupil.scores(self.room.train[n].features)
        return found

    def _trained(self, what: str, given: Given) -> Pupil:
        recipe = self.bench.recipe
        with self.bench.bar(f"training: {what}") as told:
            return trained(
                recipe.student, recipe.losses, given, self.room.valid, self.table, recipe.seed, told
            )


def _train(bench: Bench) -> dict[str, bytes]:
    recipe = bench.recipe
    need_torch(recipe.student)
    room = classroom.load(bench.workshop)
    table = vectors.load(bench.workshop, recipe)
    calibration = calibrating.load(bench.workshop, room)
    made = _Class(bench, room, table, calibration)
    sharded = recipe.shards.count > 1
    untaught = sharding.student(bench) if sharded else made.trained("without teachers", None)
    own = scores_of(untaught.scores, room.valid)
    voices = label.heard(bench.workshop, room, recipe, VALID)
    auditions = {v.name: audition(v, room.valid, own, recipe.seed) for v in voices}
    for name, found in auditions.items():
        bench.news(f"{name}, alone: {found.alone.reason}")
        bench.news(f"{name}, beside the student: {found.beside.reason}")
    shown, weights, taught = _taught(made, voices, auditions, own)
    gate, chosen = None, untaught
    if taught is not None:
        gate = _gate(taught, own, room.valid, recipe)
        bench.news(f"the student that was taught: {gate.reason}")
        held = gate.allowed or (recipe.gates.distilled == "on-average" and gate.gain.mean > 0)
        chosen = taught if held else untaught
    report = _figures(room, untaught, shown, voices, recipe)
    story = {
        "kind": chosen.kind,
        "size": chosen.size,
        "taught": chosen is not untaught,
        "auditions": {name: _audition(found) for name, found in auditions.items()},
        "weights": weights,
        "distillation": None if gate is None else gate.manifest(),
        "calibration": calibration.manifest(),
        "people": {"train": len(room.train), "valid": len(room.valid), "test": len(room.test)},
        "figures": report,
        **recipe.shards.said(),
    }
    return {WEIGHTS: packed(chosen.arrays()), STORY: json_bytes(story)}


def _taught(
    made: _Class,
    voices: Sequence[Voice],
    auditions: Mapping[str, Audition],
    own: Sequence[Weights],
) -> tuple[dict[str, Pupil], dict[str, float], Pupil | None]:
    """Students to be shown in the report; how loud each teacher is in the mixture; and whom the
    mixture taught, None if nobody may teach.
    """
    recipe, room = made.bench.recipe, made.room
    shown: dict[str, Pupil] = {}
    allowed = [voice for voice in voices if auditions[voice.name].allowed]
    weights = mixture(allowed, room.valid, own) if allowed else {}
    weights = {name: weight for name, weight in weights.items() if weight}
    if not voices or not (weights or recipe.gates.ablate):
        return shown, weights, None
    starts = [deviations(scores) for scores in made.strangers()]
    heard = {v.name: v.heard for v in label.heard(made.bench.workshop, room, recipe, TRAIN)}
    taught = None
    for voice in voices if recipe.gates.ablate else ():
        alone = {voice.name: auditions[voice.name].weight or 1.0}
        pupil = made.trained(f"taught by {voice.name}", blend(starts, heard, alone))
        shown[voice.name] = pupil
        taught = pupil if alone == weights else taught
    if weights and taught is None:
        taught = made.trained("taught by all who may", blend(starts, heard, weights))
        shown["all who may"] = taught
    return shown, weights, taught


def _gate(
    taught: Pupil, own: Sequence[Weights], valid: Sequence[Lesson], recipe: Recipe
) -> Decision:
    after = worths(valid, scores_of(taught.scores, valid))
    rng = np.random.default_rng([recipe.seed, 43])
    return decision("distillation", after, worths(valid, own), rng)


def _figures(
    room: Classroom,
    untaught: Pupil,
    shown: Mapping[str, Pupil],
    voices: Sequence[Voice],
    recipe: Recipe,
) -> list[dict[str, object]]:
    """NDCG@10 of everything on validation and test people, with the paired gain over the graph."""
    found = []
    for part, lessons in (("valid", room.valid), ("test", room.test)):
        graph = worths(lessons, graph_scores(lessons))
        rows: dict[str, Weights] = {"graph": graph}
        if part == "valid":
            for voice in voices:
                silent = [not np.isfinite(said).any() for said in voice.labels]
                rows[f"{voice.name}, alone"] = np.where(silent, graph, worths(lessons, voice.heard))
        kind = recipe.student.kind
        rows[f"{kind}, untaught"] = worths(lessons, scores_of(untaught.scores, lessons))
        for name, pupil in shown.items():
            rows[f"{kind}, taught by {name}"] = worths(lessons, scores_of(pupil.scores, lessons))
        base = rows[f"{kind}, untaught"]
        for name, worth in rows.items():
            found.append(
                {
                    "part": part,
                    "model": name,
                    "people": len(lessons),
                    "ndcg@10": float(worth.mean()),
                    "over graph": _ends(worth - graph, recipe.seed),
                    "over untaught": _ends(worth - base, recipe.seed),
                }
            )
    return found


def _ends(gain: Weights, seed: int) -> list[float]:
    near: Interval = interval(gain, np.random.default_rng([seed, 44]))
    return [near.low, near.mean, near.high]


def _audition(found: Audition) -> dict[str, object]:
    return {
        "alone": found.alone.manifest(),
        "beside": found.beside.manifest(),
        "weight": found.weight,
        "allowed": found.allowed,
    }


def story(workshop: Workshop) -> dict[str, Any]:
    """How the student came about. Raises DataError: the stage `train` has not run."""
    data = workshop.read(STORY)
    try:
        found: dict[str, Any] = json.loads(data)
    except ValueError:
        raise DataError("damaged: delete it and run `distill train` again", where=STORY) from None
    return found


def student(workshop: Workshop, recipe: Recipe) -> Pupil:
    """The student that was chosen. Raises DataError: the stage `train` has not run."""
    arrays = unpacked(workshop.read(WEIGHTS), WEIGHTS)
    return revived(story(workshop)["kind"], arrays, vectors.load(workshop, recipe))


def _of_training(recipe: Recipe) -> dict[str, object]:
    return {
        "student": asdict(recipe.student),
        "losses": asdict(recipe.losses),
        "gates": asdict(recipe.gates),
        "teachers": [[teacher.name, teacher.below] for teacher in recipe.teachers],
        "vectors": recipe.vectors.kind,
        "seed": recipe.seed,
        **recipe.shards.said(),
    }


TRAIN_STAGE: Final = Stage(
    "train",
    2,
    (ARRAYS, NAMES, vectors.SAID, vectors.FILE, LABELS, SAID, calibrating.FILE),
    _of_training,
    _train,
)
