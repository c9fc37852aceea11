"""No change without evidence: a head is used only if it serves people whom it has not learnt from.

The lists are dealt into two halves. A head learnt from either is judged on the other, so that every
list is judged once, by a head that never saw it:

    gain_l = NDCG of list l by the head - NDCG of it in the graph's order

If the mean gain by vote is some standard errors above 0, the head learnt from all lists is used,
else the graph's order stands. As in `rank.tuning`, which chooses numbers on the same evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError
from web3rec.rerank.linear import Example, LinearParams, learnt
from web3rec.rerank.model import Allowance, KeepOrder, Reranker, ranked
from web3rec.types import Weights

DEPTH: Final = 20
"""Places of a list that are judged: what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateParams:
    """How much evidence is asked for."""

    least_lists: int = 16
    """Lists below which nothing is learnt; >= 2. Guess, to be measured."""
    caution: float = 2.0
    """Standard errors by which the mean gain must be above 0; >= 0. Two: a head that does not help
    passes once in forty times."""

    def __post_init__(self) -> None:
        if not self.least_lists >= 2:
            raise ParamError("least_lists", self.least_lists, "at least 2")
        if not 0 <= self.caution < float("inf"):
            raise ParamError("caution", self.caution, ">= 0")


@dataclass(frozen=True, slots=True)
class Gated:
    """What is used, and on what evidence."""

    reranker: Reranker
    """A `Linear`, or `KeepOrder`"""
    lists: int
    """How many were judged"""
    gain: float = 0.0
    """Mean gain by vote, a difference of NDCG at DEPTH"""
    error: float = 0.0
    """Its standard error"""

    @property
    def passed(self) -> bool:
        return not isinstance(self.reranker, KeepOrder)


def gated(
    examples: Sequence[Example],
    params: LinearParams | None = None,
    gate: GateParams | None = None,
) -> Gated:
    """Learn a head if it is worth it.

    Args:
        examples: lists, dealt by turns: the first, third, ... against the others. Those of
            `history.examples` are in no order that matters.
        params: how it learns.
        gate: see there.

    Cost: three times that of `learnt`.
    """
    gate = gate or GateParams()
    if len(examples) < gate.least_lists:
        return Gated(KeepOrder(), len(examples))
    gains = np.zeros(len(examples))
    for half in (0, 1):
        head = learnt(examples[1 - half :: 2], params)
        gains[half::2] = [gain(head, example) for example in examples[half::2]]
    mean, error = _mean(gains, np.array([example.vote for example in examples]))
    passed = mean > gate.caution * error
    return Gated(learnt(examples, params) if passed else KeepOrder(), len(examples), mean, error)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model that was learnt elsewhere is worth here."""

    lists: int
    """How many were judged"""
    gain: float = 0.0
    """Mean gain by vote, a difference of NDCG at DEPTH"""
    error: float = 0.0
    """Its standard error"""
    reason: str | None = None
    """Why it is not used; None: it is"""


def judged(
    reranker: Reranker,
    examples: Sequence[Example],
    gate: GateParams | None = None,
    allowance: Allowance | None = None,
) -> Judged:
    """Whether a model that did not learn from these lists serves them better than the graph.

    Args:
        reranker: asked once for each list; no longer than until it first fails.
        examples: the device's own, as from `history.examples`.
        gate: see there.
        allowance: how long it may take for a list.

    Cost: that of the reranker.
    """
    gate = gate or GateParams()
    if len(examples) < gate.least_lists:
        few = f"{len(examples)} lists to judge it by, wanted {gate.least_lists}"
        return Judged(len(examples), reason=few)
    gains = np.zeros(len(examples))
    for at, example in enumerate(examples):
        found = ranked(reranker, example.features, allowance)
        if found.reason is not None:
            return Judged(at, reason=found.reason)
        gains[at] = ndcg(example.hits[found.order]) - ndcg(example.hits[example.features.order])
    mean, error = _mean(gains, np.array([example.vote for example in examples]))
    reason = None
    if not mean > gate.caution * error:
        wanted = f"wanted {gate.caution:g} standard errors above 0"
        reason = f"it gains {mean:+.4f} (±{error:.4f}) NDCG on this device's own window, {wanted}"
    return Judged(len(examples), mean, error, reason)


def gain(reranker: Reranker, example: Example) -> float:
    """NDCG at DEPTH by the reranker, less that in the graph's order; in [-1, 1]."""
    found = ranked(reranker, example.features).order
    return ndcg(example.hits[found]) - ndcg(example.hits[example.features.order])


def ndcg(hits: npt.NDArray[np.bool_]) -> float:
    """Of a list whose places are hits or not; what is not in the list cannot be asked for."""
    attention = 1 / np.log2(np.arange(min(DEPTH, len(hits))) + 2.0)
    best = attention[: np.count_nonzero(hits)].sum()
    return float(attention @ hits[:DEPTH] / best) if best > 0 else 0.0


def _mean(gains: Weights, votes: Weights) -> tuple[float, float]:
    """Mean by vote, and its standard error."""
    share = votes / votes.sum()
    mean = float(share @ gains)
    count = 1 / float((share**2).sum())
    spread = float((share**2) @ (gains - mean) ** 2)
    return mean, float(np.sqrt(spread * count / max(count - 1, 1e-9)))
