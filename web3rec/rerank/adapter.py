"""The personal part: what the ego's own replies say, on top of a shared score; exactly forgettable.

    A = ridge I + sum over replies x x^T        b = sum over replies x y        w = A^-1 b

x is a candidate's features as the shared head scales them, y what the ego replied. Each reply is a
rank-one update of A, and forgetting it the downdate by the same numbers. Features are clipped and
rounded to a grid of 1/1024 first, so that every sum here is exact in float64 (products are whole
multiples of 2^-20, and 53 bits hold 2^27 of the largest): in whatever order things were learnt and
forgotten, A and b are bit for bit those of a device that never learnt what was forgotten.

Only the ego's replies are learnt from. Peers have a part through features alone, which are clipped.
Source of the updates: ridge regression in its normal equations; Hoerl & Kennard, Technometrics
12(1), 1970. Sherman and Morrison's update of the inverse would save a solve of 15 unknowns, some
20 µs a list, and drift.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError, ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import Linear
from web3rec.types import ItemKey, Weights

GRID: Final = 1024.0
"""Steps to the unit of a scaled feature and of a reply."""
CLIP: Final = 8.0
"""Largest scaled feature, either way: eight standard deviations."""
MOST: Final = 1 << 20
"""Replies learnt at most: sums stay exact up to 2^27, and no ego comes near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterParams:
    """How fast it learns."""

    ridge: float = 50.0
    """Pull towards knowing nothing, in replies of evidence; > 0. Guess, to be measured."""
    weight: float = 1.0
    """What the personal score counts beside the shared one; >= 0. Guess, to be measured."""

    def __post_init__(self) -> None:
        if not 0 < self.ridge < float("inf"):
            raise ParamError("ridge", self.ridge, "> 0")
        if not 0 <= self.weight < float("inf"):
            raise ParamError("weight", self.weight, ">= 0")


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """What was learnt from one reply."""

    row: Weights
    """float64[len(NAMES)]: the item's scaled features when it was shown, on the grid"""
    value: float
    """In [-1, 1], on the grid: 1 accepted, -1 rejected"""

    @staticmethod
    def of(row: Weights, value: float) -> "Reply":
        """Clip to CLIP and round to the grid.

        Args:
            row: float64[len(NAMES)], scaled features (`Linear.scaled`).
            value: in [-1, 1].

        Raises:
            DataError: another length, or NaN.
            ParamError: value out of range.
        """
        if row.shape != (len(NAMES),) or np.isnan(row).any():
            raise DataError(f"wanted {len(NAMES)} numbers to learn from, got {row.shape} or NaN")
        if not -1 <= value <= 1:
            raise ParamError("value", value, "in [-1, 1]")
        return Reply(_on_grid(row), round(value * GRID) / GRID)


def _nothing() -> npt.NDArray[np.float64]:
    return np.zeros((len(NAMES), len(NAMES) + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """What the ego's replies come to. A value: learning and forgetting give the next one."""

    replies: Mapping[ItemKey, Reply] = field(default_factory=dict)
    """The last reply to each item. Rows tell what the ego knew when it replied, so the whole of it
    is as private as the log, and is deleted with it"""
    sums: npt.NDArray[np.float64] = field(default_factory=_nothing)
    """float64[len(NAMES), len(NAMES) + 1]: sum of x x^T, and of x y in the last column; exact"""

    @staticmethod
    def of(replies: Iterable[tuple[ItemKey, Reply]]) -> "Adapter":
        """Learnt from nothing but these, the later of two to one item counting. O(replies)."""
        adapter = Adapter()
        for key, reply in replies:
            adapter = adapter.learnt(key, reply)
        return adapter

    def learnt(self, key: ItemKey, reply: Reply) -> "Adapter":
        """With one more reply; it replaces an earlier one to the item.

        Raises:
            DataError: MOST are learnt already.

        Cost: O(len(NAMES)^2), and O(replies) to copy what is kept.
        """
        before = self.forgotten(key)
        if len(before.replies) >= MOST:
            raise DataError(f"{MOST:,} replies are learnt already: forget some first")
        kept = MappingProxyType({**before.replies, key: reply})
        return Adapter(kept, before.sums + _part(reply))

    def forgotten(self, key: ItemKey) -> "Adapter":
        """As if the reply to that item had never been; the same if there was none."""
        reply = self.replies.get(key)
        if reply is None:
            return self
        kept = {other: said for other, said in self.replies.items() if other != key}
        return Adapter(MappingProxyType(kept), self.sums - _part(reply))

    def weights(self, params: AdapterParams) -> Weights:
        """float64[len(NAMES)]: w; zeros where nothing was learnt. Cost: O(len(NAMES)^3)."""
        matrix = self.sums[:, :-1] + params.ridge * np.eye(len(NAMES))
        return np.linalg.solve(matrix, self.sums[:, -1]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Adapted:
    """A shared head with the ego's own beside it; a `Reranker`."""

    shared: Linear
    adapter: Adapter
    params: AdapterParams = field(default_factory=AdapterParams)

    def scores(self, features: Features) -> Weights:
        """float64[n]: the shared score, and `weight` times the reply to be expected."""
        own = _on_grid(self.shared.scaled(features)) @ self.adapter.weights(self.params)
        found: Weights = self.shared.scores(features) + self.params.weight * own
        return found


def _part(reply: Reply) -> npt.NDArray[np.float64]:
    return np.outer(reply.row, np.append(reply.row, reply.value))


def _on_grid(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = np.rint(np.clip(rows, -CLIP, CLIP) * GRID) / GRID
    return found
