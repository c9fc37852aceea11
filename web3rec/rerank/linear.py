"""The linear head: a score that is a weighted sum of scaled features, learnt list by list.

    score_i = w . (x_i - mean) / scale
    loss(w) = sum over lists l  v_l sum over hits h of l  -ln softmax(score)_h / hits of l
              + l2 / 2 |w - w0|^2

The loss is strictly convex, so there is one best w whatever it is started from: leaving a list out
and learning again from the old weights gives what never having had the list gives, to 1e-8; mean
and scale are those of the lists that are left. That makes this head exactly forgettable. It is
drawn towards w0, which leaves the graph's order as it is, so that a few lists change little.

Source: Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007
(ListNet's top-one probability); Newton's method with a falling step, which needs no learning rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError, ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.types import Weights

Matrix = npt.NDArray[np.float64]
CONSTANT: Final = 1e-6
"""A column that varies by less than this is left unscaled: its weight then stays what it was."""
ROUNDS: Final = 100
"""Newton steps at most; five to ten are usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearParams:
    """How the head learns."""

    l2: float = 3.0
    """Weight of the pull towards the graph's order, in lists of evidence; > 0. Validation people of
    MovieLens 100K, small and Last.fm: 1 to 30 are alike (docs/decisions/0027)."""
    graph: float = 1.0
    """What w0 gives the column `graph` (scaled), all others 0; >= 0."""
    gradient: float = 1e-9
    """Length of the gradient at which learning ends, in lists of evidence; > 0."""

    def __post_init__(self) -> None:
        for name in ("l2", "gradient"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0")
        if not 0 <= self.graph < float("inf"):
            raise ParamError("graph", self.graph, ">= 0")

    @property
    def prior(self) -> Weights:
        """float64[len(NAMES)]: w0."""
        found = np.zeros(len(NAMES))
        found[NAMES.index("graph")] = self.graph
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One list, and what somebody went on to do."""

    features: Features
    hits: npt.NDArray[np.bool_]
    """bool[n]: the candidates that were right; at least one"""
    vote: float = 1.0
    """v_l, how much the list counts; > 0"""

    def __post_init__(self) -> None:
        """Raises DataError if nothing in it was right, or the lengths differ."""
        if self.hits.shape != (len(self.features),) or not self.hits.any():
            raise DataError(
                f"wanted a hit among {len(self.features)} candidates, got {self.hits.sum()} "
                f"among {self.hits.shape}"
            )
        if not 0 < self.vote < float("inf"):
            raise ParamError("vote", self.vote, "> 0")


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A learnt head; a `Reranker`."""

    weights: Weights
    """float64[len(NAMES)]: w"""
    mean: Weights
    """float64[len(NAMES)]"""
    scale: Weights
    """float64[len(NAMES)], > 0"""

    def __post_init__(self) -> None:
        """Raises DataError if an array is not finite or has another length, or a scale is 0."""
        for name in ("weights", "mean", "scale"):
            array = getattr(self, name)
            if array.shape != (len(NAMES),) or not np.isfinite(array).all():
                raise DataError(f"wanted {len(NAMES)} finite numbers as {name}, got {array.shape}")
        if not (self.scale > 0).all():
            raise DataError("wanted scales above 0")

    def scaled(self, features: Features) -> Matrix:
        """float64[n, len(NAMES)]: what the weights apply to."""
        return scaled(features, self.mean, self.scale)

    def scores(self, features: Features) -> Weights:
        """float64[n]. Cost: O(n * len(NAMES))."""
        found: Weights = self.scaled(features) @ self.weights
        return found


def scaled(features: Features, mean: Weights, scale: Weights) -> Matrix:
    """float64[n, len(NAMES)]: (x - mean) / scale."""
    found: Matrix = (features.values.astype(np.float64) - mean) / scale
    return found


def scaling(examples: Sequence[Example]) -> tuple[Weights, Weights]:
    """(mean, scale) of each column over all candidates; a constant column has scale 1."""
    rows = np.concatenate([example.features.values for example in examples]).astype(np.float64)
    spread = rows.std(axis=0)
    return rows.mean(axis=0), np.where(spread > CONSTANT, spread, 1.0)


def learnt(
    examples: Sequence[Example],
    params: LinearParams | None = None,
    *,
    like: Linear | None = None,
) -> Linear:
    """Learn a head from lists.

    Args:
        examples: the lists; without any, the head is w0.
        params: see there.
        like: a head to start from, such as the one learnt before something was forgotten. It saves
            steps and leaves no trace.

    Returns:
        The one head of least loss, whatever it was started from.

    Cost: O(candidates * len(NAMES)^2) a Newton step; 300 lists of 200 take some 100 ms in all.
    """
    params = params or LinearParams()
    if not examples:
        return Linear(params.prior, np.zeros(len(NAMES)), np.ones(len(NAMES)))
    mean, scale = scaling(examples)
    start = params.prior if like is None else like.weights * scale / like.scale
    return Linear(least(Lists.of(examples, mean, scale), start, params), mean, scale)


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Examples laid end to end, scaled."""

    rows: Matrix
    """float64[candidates, len(NAMES)]"""
    starts: npt.NDArray[np.int64]
    """int64[lists]: the first row of each"""
    wanted: Weights
    """float64[candidates]: v_l / hits of l for a hit, else 0"""
    votes: Weights
    """float64[lists]: v_l"""

    @staticmethod
    def of(examples: Sequence[Example], mean: Weights, scale: Weights) -> "Lists":
        """Cost: O(candidates * len(NAMES))."""
        lengths = np.array([len(example.features) for example in examples], np.int64)
        return Lists(
            np.concatenate([scaled(example.features, mean, scale) for example in examples]),
            np.cumsum(lengths) - lengths,
            np.concatenate([e.vote * e.hits / e.hits.sum() for e in examples]),
            np.array([example.vote for example in examples]),
        )

    def loss(self, weights: Weights) -> float:
        """The sum over lists, without the pull."""
        score = self.rows @ weights
        most = np.maximum.reduceat(score, self.starts)
        ends = np.append(self.starts[1:], len(score))
        risen = np.exp(score - np.repeat(most, ends - self.starts))
        heap = most + np.log(np.add.reduceat(risen, self.starts))
        return float(self.votes @ heap - self.wanted @ score)

    def slope(self, weights: Weights) -> tuple[Weights, Matrix]:
        """Gradient and Hessian of `loss`; float64[len(NAMES)] and its square."""
        score = self.rows @ weights
        lengths = np.append(self.starts[1:], len(score)) - self.starts
        risen = np.exp(score - np.repeat(np.maximum.reduceat(score, self.starts), lengths))
        chance = risen / np.repeat(np.add.reduceat(risen, self.starts), lengths)
        chance *= np.repeat(self.votes, lengths)
        gradient: Weights = (chance - self.wanted) @ self.rows
        middle = np.add.reduceat(chance[:, None] * self.rows, self.starts)
        hessian: Matrix = (self.rows * chance[:, None]).T @ self.rows
        hessian -= (middle / self.votes[:, None]).T @ middle
        return gradient, hessian


def least(lists: Lists, start: Weights, params: LinearParams) -> Weights:
    """float64[len(NAMES)]: the weights of least loss, pulled towards the graph's order."""
    prior, weights = params.prior, start.copy()

    def whole(at: Weights) -> float:
        return lists.loss(at) + params.l2 / 2 * float((at - prior) @ (at - prior))

    for _ in range(ROUNDS):
        gradient, hessian = lists.slope(weights)
        gradient += params.l2 * (weights - prior)
        if np.linalg.norm(gradient) <= params.gradient:
            break
        hessian[np.diag_indices_from(hessian)] += params.l2
        step = np.linalg.solve(hessian, gradient)
        promised, here, length = float(gradient @ step), whole(weights), 1.0
        if promised > 1e-9 * max(1.0, abs(here)):  # nearer, rounding hides what a step gains
            while whole(weights - length * step) > here - 0.1 * length * promised and length > 1e-6:
                length /= 2
        weights = weights - length * step
    return weights
