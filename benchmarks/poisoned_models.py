"""What is trained on a training set that may be poisoned, with a weight for every person.

    everything  EASE on the whole catalogue: a collaborative teacher, no graph before it
    linear      the linear head on the graph's candidates
    vectors     the same, reading item vectors (weighted SVD) in place of three columns on trust
    hybrid      the hybrid student with these vectors; needs torch
    propagated  what `ours+rerank` learns: vectors by propagation, and a last layer that reads them;
                who counts less than one half has no part in the vectors

Lists that models learn from hide some of a person's items; vectors are fitted without those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from web3rec.distill.calibration import Profiles, votes
from web3rec.distill.lessons import Lesson
from web3rec.embeddings.fitting import FittingParams, fitted
from web3rec.embeddings.head import HeadParams, Vectored
from web3rec.embeddings.head import learnt as last_layer
from web3rec.embeddings.tables import Table
from web3rec.graph import Csr
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import Linear, learnt
from web3rec.rerank.model import ranked
from web3rec.store import key_of
from web3rec.types import ItemId, ItemKey, Weights

MODELS: Final = ("linear", "vectors", "hybrid", "propagated")
READ: Final = ("trust", "sponsors", "error")
"""Columns that say nothing where everybody is admitted: scalars of vectors stand there instead."""
WIDTH: Final = 32
RIDGE: Final = 100.0
Matrix = npt.NDArray[np.float64]
Vectors = Mapping[ItemKey, npt.NDArray[np.float32]]


def weighted(profiles: Profiles, weights: Mapping[str, float]) -> Weights:
    """float64[people], mean 1"""
    return votes(profiles.people, weights)


def vectors_of(profiles: Profiles, weights: Weights, ids: Sequence[ItemId]) -> Vectors:
    """Right singular vectors of the weighted matrix, rows and columns by their degree."""
    from scipy.sparse.linalg import svds

    held = profiles.matrix()
    degree = np.asarray(held.T @ weights)
    held = held.multiply(np.sqrt(weights / profiles.lengths)[:, None])
    held = held.multiply(1 / np.sqrt(np.maximum(degree, 1e-9))[None, :]).tocsr()
    _, values, right = svds(held, k=WIDTH, v0=np.ones(min(held.shape)), solver="arpack")
    found = (right.T * np.sqrt(values)) * np.sqrt(profiles.n_items / WIDTH)
    known = np.flatnonzero(profiles.holders)
    return {key_of(ids[n]): found[n].astype(np.float32) for n in known.tolist()}


def table_of(profiles: Profiles, weights: Mapping[str, float], ids: Sequence[ItemId]) -> Table:
    """Vectors by propagation, of those who count at least one half."""
    heard = [n for n, person in enumerate(profiles.people) if weights.get(person, 1.0) >= 0.5]
    rows = [np.sort(profiles.row(n)) for n in heard]
    owner = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    items = np.concatenate(rows)
    held = Csr.from_sorted(len(rows), profiles.n_items, owner, items, np.ones(len(items)))
    fit = fitted(held, FittingParams(width=64), np.random.default_rng(0))
    return Table.of([key_of(item) for item in ids], fit.vectors)


def reading(features: Features, vectors: Vectors) -> Features:
    """The list with what vectors say in the columns READ."""
    content = features.content
    if content is None:
        raise AssertionError("lists of lessons say which items they are of")
    nothing = np.zeros(WIDTH, np.float32)
    items = np.array([vectors.get(key, nothing) for key in content.items])
    known = [n for n, key in enumerate(content.history) if key in vectors]
    values = features.values.copy()
    if known:
        near = items @ np.array([vectors[content.history[n]] for n in known]).T
        fading = 0.9 ** content.newer[known]
        told = (near @ (fading / fading.sum()), near.mean(axis=1), near.max(axis=1))
        for name, column in zip(READ, told, strict=True):
            values[:, NAMES.index(name)] = column
    else:
        values[:, [NAMES.index(name) for name in READ]] = 0
    return Features(values, features.order, content)


@dataclass(frozen=True, slots=True)
class Reading:
    """A linear head that reads vectors; a `Reranker`."""

    head: Linear
    vectors: Vectors

    def scores(self, features: Features) -> Weights:
        return self.head.scores(reading(features, self.vectors))


def taught(
    name: str,
    lessons: Sequence[Lesson],
    vectors: Vectors,
    weights: Mapping[str, float],
    table: Table | None = None,
) -> Any:
    """One of MODELS, as a `Reranker`; `table` is for `propagated`."""
    useful = [lesson for lesson in lessons if lesson.hits.any()]
    vote = votes([lesson.person for lesson in useful], weights)
    if name == "hybrid":
        return _hybrid(useful, vote, vectors)
    examples = [one.example(float(v)) for one, v in zip(useful, vote, strict=True)]
    if name == "linear":
        return learnt(examples)
    if table is not None and name == "propagated":
        return Vectored(last_layer(examples, table, HeadParams(unread=READ)), table)
    read = [replace(e, features=reading(e.features, vectors)) for e in examples]
    return Reading(learnt(read), vectors)


def _hybrid(lessons: Sequence[Lesson], vote: Weights, vectors: Vectors) -> Any:
    from web3rec.distill.students.hybrid import Hybrid, HybridParams
    from web3rec.distill.training import TrainParams, trained

    judge = np.arange(len(lessons)) % 5 == 4
    some, valid = ([lessons[n] for n in np.flatnonzero(part).tolist()] for part in (~judge, judge))
    params = TrainParams(epochs=20, patience=5)
    found = trained(some, valid, vectors, params, HybridParams(), votes=vote[~judge].tolist())
    return Hybrid(found.weights, vectors)


def reranked(model: Any, lessons: Sequence[Lesson], depth: int) -> list[list[ItemId]]:
    """Everybody's first items by this model; the graph's where it is None."""
    found = []
    for lesson in lessons:
        order = lesson.features.order if model is None else ranked(model, lesson.features).order
        items = lesson.question.candidates
        found.append([items[n].id for n in order[:depth].tolist()])
    return found


def everything(
    profiles: Profiles,
    weights: Weights,
    lessons: Sequence[Lesson],
    ids: Sequence[ItemId],
    depth: int,
) -> list[list[ItemId]]:
    """EASE with weighted people, for who asks in `lessons`: first items of the whole catalogue.

    The least sum_u w_u |x_u - x_u B|^2 + ridge |B|^2: rows times sqrt(w_u), then as `eval.ease`.
    """
    held = profiles.matrix()
    rows = held.multiply(np.sqrt(weights)[:, None]).tocsr()
    number = {item: n for n, item in enumerate(ids)}
    asked = np.zeros((len(lessons), profiles.n_items))
    for n, lesson in enumerate(lessons):
        asked[n, [number[item.id] for item in lesson.question.history.items]] = 1
    inside = (rows @ rows.T).toarray()
    inside[np.diag_indices_from(inside)] += RIDGE
    kernel = np.linalg.inv(inside)
    spread = np.zeros(profiles.n_items)
    for first in range(0, len(kernel), 256):
        some = rows[first : first + 256]
        spread += np.asarray(some.multiply(kernel[first : first + 256] @ rows).sum(axis=0)).ravel()
    projected = asked - (asked @ rows.T) @ kernel @ rows
    scores = -projected / np.maximum(1e-12, 1 - spread)
    scores[asked > 0] = -np.inf
    scores[:, profiles.holders == 0] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    return [[ids[n] for n in row.tolist()] for row in order]
