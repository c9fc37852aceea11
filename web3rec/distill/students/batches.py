"""Lessons as rectangles: lists of unequal length filled up, vectors as rows of one table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.distill.lessons import Lesson
from web3rec.distill.students.hybrid import Vectors, VectorsOf
from web3rec.errors import DataError
from web3rec.rerank.features import NAMES
from web3rec.types import ItemKey, Weights

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Everything that training reads of lessons; l lists of up to n candidates and m own items."""

    table: Matrix
    """float32[rows, d]: vectors; the last row is zeros"""
    x: Matrix
    """float32[l, n, columns]"""
    items: Places
    """int64[l, n]: rows of the table"""
    history: Places
    """int64[l, m]"""
    newer: Matrix
    """float32[l, m]"""
    known: Marks
    """bool[l, m]: which places hold a known own item; where none does, the first, of zeros"""
    there: Marks
    """bool[l, n]: which places hold a candidate"""
    hits: Marks
    """bool[l, n]"""
    said: Matrix
    """float32[l, n]: what a teacher says; nan where nothing"""
    votes: Matrix
    """float32[l], >= 0"""

    def __len__(self) -> int:
        return len(self.x)


def batches(
    lessons: Sequence[Lesson],
    vectors: VectorsOf,
    labels: Sequence[Weights] | None = None,
    votes: Sequence[float] | None = None,
) -> Batches:
    """Lay lessons out.

    Args:
        lessons: with `features.content`; at least one.
        vectors: of each person.
        labels: what a teacher says of each list, float64[n] with nan where nothing; None: nothing.
        votes: how much each list counts, finite, >= 0; None: 1.

    Raises:
        DataError: no lessons, content or vectors; or labels or votes that do not fit them.

    Cost: O(candidates + own items) look-ups, and the rectangles' memory.
    """
    _check(lessons, labels, votes)
    rows, table = _table({lesson.person: vectors(lesson.person) for lesson in lessons})
    contents = [lesson.features.content for lesson in lessons]
    n = max(len(lesson.features) for lesson in lessons)
    m = max(1, *(len(content.history) for content in contents if content is not None))
    size, nothing = len(lessons), len(table) - 1
    x = np.zeros((size, n, len(NAMES)), np.float32)
    items, history = np.full((size, n), nothing), np.full((size, m), nothing)
    newer, known = np.zeros((size, m), np.float32), np.zeros((size, m), bool)
    there, hits = np.zeros((size, n), bool), np.zeros((size, n), bool)
    said = np.full((size, n), np.nan, np.float32)
    for at, (lesson, content) in enumerate(zip(lessons, contents, strict=True)):
        if content is None:
            raise DataError("lessons whose features name no items: make them with a School")
        place, count = rows[lesson.person], len(lesson.features)
        x[at, :count], there[at, :count] = lesson.features.values, True
        hits[at, :count] = lesson.hits
        items[at, :count] = [place.get(key, nothing) for key in content.items]
        own = [n for n, key in enumerate(content.history) if key in place]
        history[at, : len(own)] = [place[content.history[n]] for n in own]
        newer[at, : len(own)] = content.newer[own]
        known[at, : max(1, len(own))] = True
        if labels is not None:
            said[at, :count] = labels[at]
    loud = np.ones(size, np.float32) if votes is None else np.array(votes, np.float32)
    return Batches(table, x, items, history, newer, known, there, hits, said, loud)


def _check(
    lessons: Sequence[Lesson],
    labels: Sequence[Weights] | None,
    votes: Sequence[float] | None,
) -> None:
    if not lessons:
        raise DataError("no lessons to learn from")
    if labels is not None:
        sizes = [label.shape for label in labels]
        if sizes != [(len(lesson.features),) for lesson in lessons]:
            raise DataError(
                "wanted labels of one list for each lesson, a number for each candidate"
            )
        if any(np.isinf(label).any() for label in labels):
            raise DataError("wanted finite labels, or nan for no opinion")
    if votes is not None:
        loud = np.asarray(votes, np.float64)
        if loud.shape != (len(lessons),) or not ((loud >= 0) & np.isfinite(loud)).all():
            raise DataError("wanted a finite vote >= 0 for each lesson")
        if not loud.any():
            raise DataError("no lesson counts: every vote is 0")


def _table(of_person: dict[str, Vectors]) -> tuple[dict[str, dict[ItemKey, int]], Matrix]:
    """Each person's row of each item, and the rows, each set of vectors there once."""
    seen: dict[int, dict[ItemKey, int]] = {}
    parts: list[Matrix] = []
    at = 0
    for vectors in of_person.values():
        if id(vectors) not in seen:
            seen[id(vectors)] = {key: at + n for n, key in enumerate(vectors)}
            parts += [np.asarray(vector, np.float32) for vector in vectors.values()]
            at += len(vectors)
    widths = {part.shape for part in parts}
    if len(widths) != 1 or len(next(iter(widths))) != 1:
        raise DataError(f"wanted item vectors of one width, got {sorted(widths)}")
    table = np.stack([*parts, np.zeros_like(parts[0])])
    if not np.isfinite(table).all():
        raise DataError("wanted finite item vectors")
    return {person: seen[id(vectors)] for person, vectors in of_person.items()}, table
