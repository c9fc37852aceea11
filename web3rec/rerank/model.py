"""What a reranker is, and the guard around it: always a permutation, never an accident.

    Features ─► Reranker.scores ─► ranked: an order, or the graph's own with the reason

A model may have come from elsewhere, so nothing it answers is taken on trust: the wrong number of
scores, NaN, infinity, an error of its own or too long a time leave the graph's order (X4). Whatever
the scores, the order is a permutation of what was proposed (M6). Scores that tie keep the graph's
order, else the rounding of a quantised model would rank by accident.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError, Web3recError
from web3rec.rerank.features import Features
from web3rec.types import Weights


class ModelError(Web3recError):
    """A reranker that cannot answer; its message says why, for the owner of the device.

    A backend turns what its runtime throws into this, or into a Web3recError of its own.
    """


class Reranker(Protocol):
    """A model of some kind."""

    def scores(self, features: Features) -> Weights:
        """Score each candidate.

        Args:
            features: the candidates; may be none.

        Returns:
            float64[n], finite; higher is better. Scores compare within one list only.

        Raises:
            ModelError: it cannot answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeepOrder:
    """The graph's own order."""

    def scores(self, features: Features) -> Weights:
        """float64[n]: the best candidate's n, falling by one with each place."""
        found = np.empty(len(features))
        found[features.order] = np.arange(len(features), 0, -1)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How long a model may take. The clock is the caller's: this part has none."""

    seconds: float = 0.05
    """Most that one list may take; > 0. A bundle that needs more for 200 candidates is refused."""
    clock: Callable[[], float]
    """Seconds that only rise, such as `time.monotonic`"""

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ParamError("seconds", self.seconds, "> 0")


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """The candidates in order."""

    order: npt.NDArray[np.int64]
    """int64[n], a permutation: the rows of the features, best first"""
    reason: str | None
    """Why it is the graph's order, if the model was not heeded; else None"""


def ranked(reranker: Reranker, features: Features, allowance: Allowance | None = None) -> Ranked:
    """Ask a reranker, and keep the graph's order if its answer is no good.

    Args:
        reranker: asked once.
        features: the candidates.
        allowance: how long it may take; any time, if not given. It is not interrupted: an answer
            that comes late is not heeded.

    Returns:
        A permutation, whatever the reranker answers. Only errors that are no Web3recError pass:
        they are bugs of ours.

    Cost: that of the reranker, and O(n log n).
    """
    start = allowance.clock() if allowance else 0.0
    try:
        scores = np.asarray(reranker.scores(features))
    except Web3recError as e:  # ModelError, or what a backend refuses a file with
        return Ranked(features.order, f"the model gave up: {e}")
    if allowance and (took := allowance.clock() - start) > allowance.seconds:
        return Ranked(
            features.order,
            f"the model took {1000 * took:.0f} ms, allowed are {1000 * allowance.seconds:.0f}",
        )
    if scores.shape != (len(features),):
        wanted = len(features)
        return Ranked(
            features.order, f"the model gave scores of shape {scores.shape}, wanted ({wanted},)"
        )
    if scores.dtype.kind not in "fiu" or not np.isfinite(scores).all():
        return Ranked(features.order, "the model gave scores that are no finite numbers")
    falling = np.argsort(-scores[features.order].astype(np.float64), kind="stable")
    return Ranked(features.order[falling], None)
