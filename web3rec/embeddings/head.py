"""A hybrid whose only learnt layer is its last: columns, and how near a candidate is to the past.

    z = [columns, attended, mean, closest, known, length]      score = z . w

Attention is set, not learnt: each item of the history counts by 1 / |v| (see `tables`) and fades by
newer acts. w is the least of a convex loss, as of `rerank.linear`, so it is the same whatever it is
started from. What comes out is a `HybridWeights`: it can be bundled, rounded and taught further.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from web3rec.embeddings.propagation import Matrix
from web3rec.embeddings.tables import EXTRA, Table
from web3rec.errors import DataError, ParamError
from web3rec.rerank.bundle.hybrid import SCALARS, HybridWeights, scores
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import CONSTANT, Example, Lists
from web3rec.rerank.model import ModelError
from web3rec.types import Weights

FADES: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
"""What an item of the history may lose for each newer act, before softmax; e^-.2 is .82."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadParams:
    """How the last layer is learnt."""

    l2: float = 3.0
    """Weight of the pull towards the graph's order, in lists of evidence; > 0. That of
    `LinearParams`."""
    unread: tuple[str, ...] = ()
    """Columns that get no weight."""

    def __post_init__(self) -> None:
        if not 0 < self.l2 < float("inf"):
            raise ParamError("l2", self.l2, "> 0")
        if unknown := set(self.unread) - set(NAMES):
            raise ParamError("unread", min(unknown), "columns of the features")


class Inputs(NamedTuple):
    """What a hybrid reads of one list."""

    x: Matrix
    items: Matrix
    history: Matrix
    newer: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Vectored:
    """A hybrid and its table; a `Reranker`."""

    weights: HybridWeights
    table: Table

    def scores(self, features: Features) -> Weights:
        """float64[n]. Raises ModelError if the features do not say which items they are of."""
        if not len(features):
            return np.zeros(0)
        found: Weights = scores(self.weights, *inputs(features, self.table)).astype(np.float64)
        return found


def inputs(features: Features, table: Table) -> Inputs:
    """Look a list's vectors up, as a device does. Raises ModelError: nothing says which items."""
    if features.content is None:
        raise ModelError("this model reads item vectors, and was not told which items these are")
    content = features.content
    items = table.vectors.of(list(content.items))[0]
    history, known = table.vectors.of(list(content.history))
    if not known.any():
        return Inputs(features.values, items, np.zeros((1, table.width), np.float32), _zero())
    newer = content.newer[known].astype(np.float32)
    return Inputs(features.values, items, history[known], newer)


def _zero() -> Matrix:
    return np.zeros(1, np.float32)


def attending(table: Table, fade: float) -> HybridWeights:
    """The hybrid with its attention set, and a last layer of zeros."""
    width, single = table.width, np.float32
    query, key = np.zeros((width, 1), single), np.zeros((width, 1), single)
    query[-EXTRA], key[-1] = 1, -table.stretch
    blend = np.zeros((width, EXTRA), single)
    blend[-EXTRA:] = np.eye(EXTRA)
    count = len(NAMES) + SCALARS + EXTRA
    return HybridWeights(
        scale=np.ones(len(NAMES), single),
        shift=np.zeros(len(NAMES), single),
        query=query,
        key=key,
        decay=np.full(1, fade, single),
        blend=blend,
        hidden=np.zeros((count, 1), single),
        hidden_bias=_zero(),
        last=np.zeros((1, 1), single),
        last_bias=_zero(),
        skip=np.zeros((count, 1), single),
    )


def learnt(examples: Sequence[Example], table: Table, params: HeadParams) -> HybridWeights:
    """Learn the last layer, and which of `FADES` fits best.

    Args:
        examples: lists whose features say which items they are of.
        table: fitted without what was right in them.
        params: see there.

    Raises:
        DataError: there are no lists.
        ModelError: a list does not say which items it is of.

    Cost: some 3 ms a list and fade, and O(candidates * columns^2) a step of Newton's.
    """
    if not examples:
        raise DataError("no lists to learn from")
    told = [inputs(example.features, table) for example in examples]
    timed = any((each.newer != each.newer[0]).any() for each in told)
    best = None
    for fade in FADES if timed else FADES[:1]:
        weights = attending(table, fade)
        rows = np.concatenate([read(weights, each) for each in told])
        loss, skip = _least(rows, examples, params)
        if best is None or loss < best[0]:
            best = (loss, weights, skip)
    assert best is not None  # noqa: S101 - FADES is not empty
    return replace(best[1], skip=best[2][:, None].astype(np.float32))


def read(weights: HybridWeights, told: Inputs) -> npt.NDArray[np.float64]:
    """float64[n, columns]: z of one list; see `bundle.hybrid`."""
    w = weights
    reach = (
        (told.items @ w.query) @ (told.history @ w.key).T / np.float32(np.sqrt(w.query.shape[1]))
    )
    share = np.exp(reach - w.decay * told.newer)
    share /= share.sum(axis=1, keepdims=True)
    used, near = told.items * (share @ told.history), told.items @ told.history.T
    said = (used.sum(axis=1), near.mean(axis=1), near.max(axis=1))
    return np.column_stack([told.x * w.scale + w.shift, *said, used @ w.blend]).astype(np.float64)


def _least(
    rows: npt.NDArray[np.float64], examples: Sequence[Example], params: HeadParams
) -> tuple[float, Weights]:
    """The least loss, and the weights of raw columns that have it."""
    spread = rows.std(axis=0)
    unread = spread <= CONSTANT
    unread[[NAMES.index(name) for name in params.unread]] = True
    scale = np.where(unread, 1.0, spread)
    laid = np.where(unread, 0.0, (rows - rows.mean(axis=0)) / scale)
    lengths = np.array([len(example.features) for example in examples])
    lists = Lists(
        laid,
        np.cumsum(lengths) - lengths,
        np.concatenate([e.vote * e.hits / e.hits.sum() for e in examples]),
        np.array([example.vote for example in examples]),
    )
    prior = np.zeros(rows.shape[1])
    prior[NAMES.index("graph")] = 1.0

    def whole(at: Weights) -> float:
        return lists.loss(at) + params.l2 / 2 * float((at - prior) @ (at - prior))

    def slope(at: Weights) -> Weights:
        return lists.slope(at)[0] + params.l2 * (at - prior)

    def bend(at: Weights) -> npt.NDArray[np.float64]:
        return lists.slope(at)[1] + params.l2 * np.eye(len(at))

    found = minimize(whole, prior, method="trust-exact", jac=slope, hess=bend)
    weights: Weights = np.where(unread, 0.0, found.x / scale)
    return float(found.fun), weights
