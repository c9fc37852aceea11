"""Lessons as a file, so that no stage has to make them again, and `verify` can ask the bundle.

    lessons.npz    all lists laid end to end: columns, items, hits; and histories
    lessons.json   what people and items are called

Items are numbers in the list of ids here; what bundles call them follows from their ids.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from web3rec.distill.lessons import Lesson, School
from web3rec.distill.recipe import Recipe
from web3rec.distill.stages.material import TEST, TRAIN, VALID, Material
from web3rec.distill.stages.workshop import Workshop, json_bytes, packed, unpacked
from web3rec.distill.teacher import Described, History, Question
from web3rec.errors import DataError
from web3rec.eval.arena import Arena
from web3rec.eval.methods import Settings
from web3rec.eval.methods.engine import Grouped, ours
from web3rec.params import Params
from web3rec.rerank.features import Content, Features
from web3rec.store import key_of
from web3rec.types import ItemId, ItemKey

ARRAYS: Final = "lessons.npz"
NAMES: Final = "lessons.json"
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Classroom:
    """Everybody's lesson."""

    lessons: tuple[Lesson, ...]
    part: Numbers
    """int64[lessons]: TRAIN, VALID or TEST"""
    ids: tuple[ItemId, ...]
    """All items of the data set"""

    def of(self, part: int) -> list[Lesson]:
        """The lessons of one part, in order."""
        return [self.lessons[n] for n in np.flatnonzero(self.part == part).tolist()]

    @cached_property
    def train(self) -> list[Lesson]:
        """Whom the student learns from."""
        return self.of(TRAIN)

    @cached_property
    def valid(self) -> list[Lesson]:
        """Whom everything is chosen and gated on."""
        return self.of(VALID)

    @cached_property
    def test(self) -> list[Lesson]:
        """Who are looked at once."""
        return self.of(TEST)

    @cached_property
    def keys(self) -> list[ItemKey]:
        """What bundles call the items."""
        return [key_of(item) for item in self.ids]


def classroom(
    material: Material, recipe: Recipe, tell: Callable[[int, int], None] | None = None
) -> Classroom:
    """Everybody's list by the graph, and what was hidden among it.

    Raises:
        DataError: nobody of a part is left (not with shards: each has one part or two).

    Cost: some 10 ms a person, and a second or two if numbers are chosen.
    """
    arena = Arena.of(material.stay)
    school = School.of(arena, material.stay.items)
    chosen = _Chosen.of(arena, tuned=recipe.lessons.tuned)
    lessons, part = [], []
    for done, (person, targets) in enumerate(material.hidden.items(), 1):
        params = chosen.params(person)
        lesson = school.lesson(person, targets, params, recipe.lessons.candidates)
        if lesson is not None:
            lessons.append(lesson)
            part.append(material.part[person])
        if tell is not None:
            tell(done, len(material.hidden))
    found = Classroom(
        tuple(lessons),
        np.array(part, np.int64),
        tuple(ItemId(item.id) for item in material.stay.items),
    )
    return found if recipe.shards.count > 1 else peopled(found)


def peopled(found: Classroom) -> Classroom:
    """The same. Raises DataError: nobody of a part is left."""
    for which, name in ((TRAIN, "learn from"), (VALID, "choose on"), (TEST, "report on")):
        if not any(lesson.hits.any() for lesson in found.of(which)):
            raise DataError(f"nobody to {name} has a hidden item among the candidates: more data")
    return found


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The graph's numbers, by groups of people with histories of like length."""

    grouped: Grouped | None

    @staticmethod
    def of(arena: Arena, *, tuned: bool) -> "_Chosen":
        found = ours(arena, Settings()) if tuned else None
        return _Chosen(found if isinstance(found, Grouped) else None)

    def params(self, person: str) -> Params:
        if self.grouped is None:
            return Params(tune=None)
        return self.grouped.numbers(self.grouped.engine.view(person))


def save(found: Classroom, files: tuple[str, str] = (ARRAYS, NAMES)) -> dict[str, bytes]:
    """The two files."""
    number = {item: n for n, item in enumerate(found.ids)}
    numbers = {key: n for n, key in enumerate(found.keys)}
    every = found.lessons
    arrays: dict[str, npt.NDArray[Any]] = {
        "values": np.concatenate([lesson.features.values for lesson in every]),
        "hits": np.concatenate([lesson.hits for lesson in every]),
        "lengths": np.array([len(lesson.features) for lesson in every], np.int64),
        "targets": np.array([lesson.targets for lesson in every], np.int64),
        "part": found.part,
    }
    arrays["items"] = _flat([[number[c.id] for c in x.question.candidates] for x in every])
    asked = [[number[i.id] for i in lesson.question.history.items] for lesson in every]
    arrays["asked"], arrays["asked_lengths"] = _flat(asked), _lengths(asked)
    shown = [[numbers[key] for key in _content(lesson).history] for lesson in every]
    arrays["shown"], arrays["shown_lengths"] = _flat(shown), _lengths(shown)
    arrays["newer"] = np.concatenate([_content(lesson).newer for lesson in every])
    texts = {
        item.id: item.text
        for lesson in every
        for item in (*lesson.question.history.items, *lesson.question.candidates)
        if item.text
    }
    names = {
        "ids": list(found.ids),
        "people": [lesson.person for lesson in every],
        "texts": texts,
    }
    return {files[0]: packed(arrays), files[1]: json_bytes(names)}


def load(workshop: Workshop, files: tuple[str, str] = (ARRAYS, NAMES)) -> Classroom:
    """The lessons that the stage `label` wrote. Raises DataError: missing or damaged."""
    arrays, text = unpacked(workshop.read(files[0]), files[0]), workshop.read(files[1])
    try:
        names = json.loads(text)
        return _read(arrays, names)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise DataError(
            "damaged: delete it and run `distill label` again", where=files[1]
        ) from None


def _read(arrays: dict[str, npt.NDArray[Any]], names: dict[str, Any]) -> Classroom:
    ids = tuple(ItemId(item) for item in names["ids"])
    keys = [key_of(item) for item in ids]
    described = [Described(item, names["texts"].get(item, "")) for item in ids]
    ends = [
        np.cumsum(arrays[name]).tolist() for name in ("lengths", "asked_lengths", "shown_lengths")
    ]
    start, asked_at, shown_at, lessons = 0, 0, 0, []
    for n, person in enumerate(names["people"]):
        items = arrays["items"][start : ends[0][n]].tolist()
        asked = arrays["asked"][asked_at : ends[1][n]].tolist()
        shown = arrays["shown"][shown_at : ends[2][n]].tolist()
        content = Content(
            tuple(keys[item] for item in items),
            tuple(keys[item] for item in shown),
            arrays["newer"][shown_at : ends[2][n]],
        )
        values = arrays["values"][start : ends[0][n]]
        question = Question(
            History(person, tuple(described[item] for item in asked)),
            tuple(described[item] for item in items),
        )
        table = Features(values, np.arange(len(values), dtype=np.int64), content)
        hits = arrays["hits"][start : ends[0][n]]
        lessons.append(Lesson(question, table, hits, int(arrays["targets"][n])))
        start, asked_at, shown_at = ends[0][n], ends[1][n], ends[2][n]
    return Classroom(tuple(lessons), arrays["part"], ids)


def _content(lesson: Lesson) -> Content:
    if lesson.features.content is None:
        raise AssertionError("lessons say which items they are about")
    return lesson.features.content


def _flat(rows: Sequence[Sequence[int]]) -> Numbers:
    return np.array([each for row in rows for each in row], np.int64)


def _lengths(rows: Sequence[Sequence[int]]) -> Numbers:
    return np.array([len(row) for row in rows], np.int64)
