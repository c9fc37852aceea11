"""Stage `calibrate`: how much each person counts in training, against data that somebody poisoned.

Weights are of what people are known to have, not of what was hidden of them; a person's lesson
counts in training by that weight. Who they are and why: `web3rec.distill.calibration`.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from web3rec.distill.calibration import CalibrationParams, calibrated, votes
from web3rec.distill.recipe import Recipe
from web3rec.distill.stages import sharding
from web3rec.distill.stages.classroom import Classroom
from web3rec.distill.stages.kitchen import Bench, Stage, without_paths
from web3rec.distill.stages.material import material, sources
from web3rec.distill.stages.workshop import Workshop, json_bytes
from web3rec.errors import DataError
from web3rec.types import Weights

FILE: Final = "calibration.json"


@dataclass(frozen=True, slots=True)
class Counted:
    """Weights of the people who learn."""

    votes: Weights
    """float64[training lessons], >= 0, of mean 1"""
    on: bool
    """Whether anybody was weighed"""
    half: int
    """People who count less than one half of the most trusted"""

    def manifest(self) -> dict[str, object]:
        """Plain values only, ready for JSON."""
        return {"on": self.on, "people": len(self.votes), "below_half": self.half}


def _calibrate(bench: Bench) -> dict[str, bytes]:
    part = bench.recipe.calibration
    if not part.on:
        return {FILE: json_bytes({"on": False, "weights": {}})}
    if bench.recipe.shards.count > 1:
        weights = sharding.calibration(bench)
    else:
        found = calibrated(material(bench.written).stay, CalibrationParams(flagged=part.flagged))
        weights = {person: round(weight, 9) for person, weight in found.by_person.items()}
    bench.news(
        f"calibration: {sum(w < 0.5 for w in weights.values()):,} of {len(weights):,} doubted"
    )
    return {FILE: json_bytes({"on": True, "weights": weights})}


def load(workshop: Workshop, room: Classroom) -> Counted:
    """The weights of the training lessons. Raises DataError: the stage has not run, or damaged."""
    data = workshop.read(FILE)
    try:
        said: dict[str, Any] = json.loads(data)
        weights = {str(person): float(weight) for person, weight in said["weights"].items()}
        on = bool(said["on"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError("damaged: delete it and run `distill train` again", where=FILE) from None
    people = [lesson.person for lesson in room.train]
    if not on:
        return Counted(np.ones(len(people)), on=False, half=0)
    half = sum(weights.get(person, 1.0) < 0.5 for person in people)
    return Counted(votes(people, weights), on=True, half=half)


def _of_calibrating(recipe: Recipe) -> dict[str, object]:
    return {
        "calibration": asdict(recipe.calibration),
        "data": without_paths(asdict(recipe.data)),
        "split": asdict(recipe.split),
        "people": recipe.lessons.people,
        "seed": recipe.seed,
        **recipe.shards.said(),
    }


CALIBRATE: Final = Stage("calibrate", 1, (), _of_calibrating, _calibrate, sources, forgets=True)
