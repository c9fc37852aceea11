"""Learning item vectors: what somebody has is to be likelier than all other items.

    user  u = d_u^-near  sum over its items  v_i / |v_i|
    loss = mean over (user, item) of who has what  -ln softmax(u . v / temperature)_item

v is that of `propagation`. An item's length says how likely it is for anybody, its direction for
whom; as part of somebody's past its direction alone counts. The same vectors serve as questions and
as answers, so a bundle needs one table, and scores are inner products whatever the rotation.

All items are in every softmax: on the LightGCN++ split of Last.fm this takes 20 s where pairs drawn
for BPR take ten minutes. Adam's steps and the slope are written out; the same numbers come out of
torch (tested where it is to be had). Sources: Liang et al., "Variational autoencoders for
collaborative filtering", WWW 2018 (the multinomial likelihood); Kingma & Ba, "Adam", ICLR 2015.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.embeddings.propagation import (
    Matrix,
    Propagation,
    PropagationParams,
    Sparse,
    degrees,
    pattern,
    unit,
    unit_slope,
)
from web3rec.errors import DataError, ParamError
from web3rec.graph import Csr

Numbers = npt.NDArray[np.int64]
LARGEST: Final = 1 << 26
"""Users of a batch times items: 256 MB of likelihoods."""
DEAF: Final = 1e-8
_FADING: Final = (np.float32(0.9), np.float32(0.999))


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingParams:
    """How vectors are learnt. Chosen on `valid` of the LightGCN++ split of Last.fm; see
    docs/decisions/0029.
    """

    width: int = 128
    """Numbers of a vector; 2 to 256."""
    epochs: int = 30
    """Rounds over all people; >= 1. 40 are no better."""
    batch: int = 256
    """People at once; >= 1."""
    rate: float = 0.01
    """Adam's step; > 0."""
    temperature: float = 1.0
    """> 0."""
    propagation: PropagationParams = field(default_factory=PropagationParams)

    def __post_init__(self) -> None:
        if not 2 <= self.width <= 256:
            raise ParamError("width", self.width, "from 2 to 256")
        for name in ("epochs", "batch"):
            if not getattr(self, name) >= 1:
                raise ParamError(name, getattr(self, name), "at least 1")
        for name in ("rate", "temperature"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What was learnt."""

    free: Matrix
    """float32[items, width]: e, to go on from"""
    vectors: Matrix
    """float32[items, width]: v; zeros for items that nobody has"""


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The loss of some people, and its slope."""

    walks: Propagation
    history: Sparse
    """users by items: what people are the sum of"""
    held: Sparse
    """users by items: ones"""
    temperature: np.float32

    @staticmethod
    def of(rows: Csr, params: FittingParams) -> "Likelihood":
        """Cost: O(nnz)."""
        held = pattern(rows)
        history = held.multiply((degrees(held)[0] ** -params.propagation.near)[:, None]).tocsr()
        walks = Propagation.of(rows, params.propagation)
        return Likelihood(walks, history.astype(np.float32), held, np.float32(params.temperature))

    def slope(self, free: Matrix, people: Numbers) -> tuple[float, Matrix]:
        """The loss of these people, each int, and its slope by e = `free`.

        Cost: O(people * items * width + nnz * width).
        """
        walked = self.walks.walked(free)
        vectors, towards = walked.vectors, unit(walked.vectors)
        history, held = self.history[people], self.held[people]
        users = history @ towards
        score = users @ vectors.T
        score /= self.temperature
        score -= score.max(axis=1, keepdims=True)
        own = held.tocoo()
        reached = score[own.row, own.col].astype(np.float64).sum()
        np.exp(score, out=score)
        heap = score.sum(axis=1, keepdims=True)
        count = np.diff(held.indptr)
        loss = float((np.log(heap[:, 0].astype(np.float64)) @ count - reached) / held.nnz)
        score *= count[:, None].astype(np.float32) / heap
        score[own.row, own.col] -= 1
        score /= np.float32(held.nnz) * self.temperature
        by_vectors = score.T @ users
        by_vectors += unit_slope(vectors, history.T @ (score @ vectors))
        return loss, self.walks.slope(walked, by_vectors)


def fitted(
    rows: Csr,
    params: FittingParams,
    rng: np.random.Generator,
    *,
    start: Matrix | None = None,
    tell: Callable[[int, int, float], None] | None = None,
) -> Fit:
    """Learn vectors of a graph's items.

    Args:
        rows: users by items; who has what, weights are not looked at.
        params: how.
        rng: draws the first vectors, and the order of people.
        start: float32[items, width] to go on from, such as the `free` of a fit on fewer acts: then
            the new vectors lie in the same basis, nearly.
        tell: of (epochs done, all, mean loss), after each epoch.

    Raises:
        DataError: nobody has anything, there are too many items, or `start` does not fit.

    Cost: epochs * users * items * width * 6 operations, one thread: 20 s for 1,900 users and
    14,000 items; and `batch` * items * 8 bytes.
    """
    able = np.flatnonzero(np.diff(rows.starts))
    known = np.bincount(rows.cols, minlength=rows.n_cols) > 0
    if not able.size:
        raise DataError("nobody has anything: there is nothing to learn from")
    if params.batch * rows.n_cols > LARGEST:
        raise DataError(
            f"wanted at most {LARGEST // params.batch:,} items, got {rows.n_cols:,}: "
            "lower `batch`, or leave rare items out"
        )
    drawn = 0.1 * rng.standard_normal((rows.n_cols, params.width), np.float32)
    free = drawn if start is None else np.array(start, np.float32)
    if free.shape != drawn.shape or not np.isfinite(free).all():
        raise DataError(f"wanted a finite start of {drawn.shape}, got {free.shape}")
    free *= known[:, None]
    likely = Likelihood.of(rows, params)
    adam = Adam(np.float32(params.rate), np.zeros_like(free), np.zeros_like(free))
    for epoch in range(params.epochs):
        order, total = rng.permutation(able), 0.0
        for first in range(0, order.size, params.batch):
            loss, slope = likely.slope(free, order[first : first + params.batch])
            adam.step(free, slope)
            total += loss * min(params.batch, order.size - first)
        if tell is not None:
            tell(epoch + 1, params.epochs, total / order.size)
    return Fit(free, likely.walks.walked(free).vectors * known[:, None])


@dataclass(slots=True)
class Adam:
    """Steps along the slope's mean, by its deviation."""

    rate: np.float32
    mean: Matrix
    square: Matrix
    steps: int = 0

    def step(self, weights: Matrix, slope: Matrix) -> None:
        """Change `weights` in place."""
        self.steps += 1
        first, second = _FADING
        self.mean += (1 - first) * (slope - self.mean)
        self.square += (1 - second) * (slope * slope - self.square)
        deviation = np.sqrt(self.square / np.float32(1 - float(second) ** self.steps))
        deviation += np.float32(DEAF)
        weights -= self.rate / np.float32(1 - float(first) ** self.steps) * self.mean / deviation
