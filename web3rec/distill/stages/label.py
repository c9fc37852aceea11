"""Stages `lessons`, `vectors` and `label`: the lists, what is said of items, what teachers say."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from web3rec.distill.cache import Cache
from web3rec.distill.labels import Labels
from web3rec.distill.recipe import Recipe
from web3rec.distill.recipe_toml import Written
from web3rec.distill.stages import classroom, sharding, teachers, vectors
from web3rec.distill.stages.blending import Voice
from web3rec.distill.stages.classroom import ARRAYS, NAMES, Classroom
from web3rec.distill.stages.kitchen import Bench, Stage, without_paths
from web3rec.distill.stages.material import TEST, material, sources
from web3rec.distill.stages.workshop import Workshop, json_bytes, packed, unpacked
from web3rec.errors import DataError
from web3rec.types import Weights

LABELS: Final = "labels.npz"
SAID: Final = "labels.json"
JUDGEMENTS: Final = "judgements.db"


def _of_data(recipe: Recipe) -> dict[str, object]:
    return {
        "data": without_paths(asdict(recipe.data)),
        "split": asdict(recipe.split),
        "lessons": asdict(recipe.lessons),
        "seed": recipe.seed,
        **recipe.shards.said(),
    }


def _lessons(bench: Bench) -> dict[str, bytes]:
    if bench.recipe.shards.count > 1:
        return sharding.lessons(bench)
    sharding.without_strays(bench.workshop)
    found = material(bench.written)
    with bench.bar("lists of everybody") as told:
        return classroom.save(classroom.classroom(found, bench.recipe, told))


def _of_labels(recipe: Recipe) -> dict[str, object]:
    return {**_of_data(recipe), "teachers": [without_paths(asdict(t)) for t in recipe.teachers]}


def _files_of_teachers(written: Written) -> list[Path]:
    found = sources(written)
    for teacher in written.recipe.teachers:
        found += teachers.sources(written, teacher)
    return found


def _label(bench: Bench) -> dict[str, bytes]:
    """Labels of everybody but those who are looked at once: they are for the student alone."""
    judgements = bench.workshop.path(JUDGEMENTS)
    judgements.touch(mode=0o600)
    with Cache(judgements) as cache:
        told = _asked(bench, cache) if bench.recipe.teachers else []
        if bench.written.forgotten.entries:
            cache.keep(cache.used)  # what else it holds was said of data that is no more
    arrays: dict[str, npt.NDArray[Any]] = {
        name: np.concatenate(got.scores).astype(np.float64) for name, got in told
    }
    said = [{"name": name, "id": got.teacher, "opinions": got.opinions} for name, got in told]
    return {LABELS: packed(arrays), SAID: json_bytes(said)}


def _asked(bench: Bench, cache: Cache) -> list[tuple[str, Labels]]:
    """Each teacher's name, and what it said."""
    found, room = material(bench.written), classroom.load(bench.workshop)
    lessons = [x for x, part in zip(room.lessons, room.part.tolist(), strict=True) if part != TEST]
    told = []
    for part in bench.recipe.teachers:
        got = teachers.asked(part, bench.written, found, lessons, cache, bench.bar, bench.news)
        told.append((part.name, got))
        bench.news(f"{part.name}: an opinion on {got.opinions:.0%} of the candidates")
    return told


def heard(workshop: Workshop, room: Classroom, recipe: Recipe, part: int) -> list[Voice]:
    """What each teacher said of the lessons of one part (not TEST), in the order of `room`.

    Raises:
        DataError: the stage `label` has not run, or its files are damaged.
    """
    arrays = unpacked(workshop.read(LABELS), LABELS)
    asked = [n for n, of in enumerate(room.part.tolist()) if of != TEST]
    ends = np.cumsum([len(room.lessons[n].features) for n in asked])
    found = []
    for teacher in recipe.teachers:
        said = arrays.get(teacher.name)
        if said is None or said.shape != (ends[-1],):
            raise DataError("damaged: delete it and run `distill label` again", where=LABELS)
        rows: list[Weights] = np.split(said, ends[:-1].tolist())
        kept = [row for n, row in zip(asked, rows, strict=True) if room.part[n] == part]
        found.append(Voice(teacher.name, kept, teacher.below))
    return found


def opinions(workshop: Workshop) -> list[dict[str, Any]]:
    """Name, id and share of opinions of each teacher, for reports."""
    said: list[dict[str, Any]] = json.loads(workshop.read(SAID))
    return said


LESSONS: Final = Stage("lessons", 1, (), _of_data, _lessons, sources, forgets=True)
VECTORS: Final = Stage(
    "vectors",
    3,
    (ARRAYS, NAMES),
    lambda recipe: (
        {**_of_data(recipe), "vectors": without_paths(asdict(recipe.vectors))}
        | {"items": recipe.bundle.items}
    ),
    vectors.work,
    lambda written: [*sources(written), *vectors.files(written)],
    forgets=True,
)
LABEL: Final = Stage(
    "label", 1, (ARRAYS, NAMES), _of_labels, _label, _files_of_teachers, forgets=True
)
