"""The personal part: what the ego's own replies say, on top of a shared score; exactly forgettable.

    A = ridge I + sum over shown lists  sum over their items  (x - x_mean)(x - x_mean)^T
    b =           sum over shown lists  sum over their items  (x - x_mean)(y - y_mean)
    w = A^-1 b

x is an item's features as the shared head scales them, y the ego's reply to it. Only differences
within one list teach anything: else it would learn to dislike whatever the shared score puts to the
top, since most of what is shown is never taken (measured: docs/decisions/0027).

A list adds a sum of squares to A, rank one for each item, and forgetting takes it out by the same
numbers. Features, and what a list comes to, are rounded to a grid, so that all sums are exact in
float64: in whatever order things were learnt and forgotten, A and b are bit for bit those of a
device that never learnt what was forgotten.

Only the ego's replies are learnt from. Peers have a part through features alone, which are clipped.
Source: ridge regression, Hoerl & Kennard, Technometrics 12(1), 1970. Sherman and Morrison's update
of the inverse would save a solve of 15 unknowns, some 20 µs a list, and drift.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError, ParamError
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.linear import Linear
from web3rec.types import ItemKey, Weights

Matrix = npt.NDArray[np.float64]
GRID: Final = 1024.0
"""Steps to the unit of a scaled feature and of a reply; what a list comes to has GRID^2."""
CLIP: Final = 8.0
"""Largest scaled feature, either way: eight standard deviations."""
LONGEST: Final = 200
"""Items of a list at most. A sum over one is at most 200 * 64 * 2^20 steps, below 2^34."""
MOST: Final = 1 << 16
"""Lists learnt at most, so that sums stay below 2^53 steps, where float64 counts them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterParams:
    """How fast it learns."""

    ridge: float = 50.0
    """Pull towards knowing nothing, in replies of evidence; > 0. 50 and 300 are alike on MovieLens
    100K, where replies were replayed."""
    weight: float = 1.0
    """What the personal score counts beside the shared one; >= 0. Replayed on MovieLens: 1 gains or
    does nothing, 3 gains more on small and loses on 100K."""

    def __post_init__(self) -> None:
        if not 0 < self.ridge < float("inf"):
            raise ParamError("ridge", self.ridge, "> 0")
        if not 0 <= self.weight < float("inf"):
            raise ParamError("weight", self.weight, ">= 0")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A list that the ego saw, and what it replied."""

    keys: tuple[ItemKey, ...]
    """The items, none twice"""
    rows: Matrix
    """float64[len(keys), len(NAMES)]: their scaled features when they were shown, on the grid"""
    replies: Weights
    """float64[len(keys)] in [-1, 1], on the grid: 1 accepted, -1 rejected, 0 let pass"""

    @staticmethod
    def of(keys: Sequence[ItemKey], rows: Matrix, replies: Sequence[float]) -> "Shown":
        """Clip features to CLIP, and round.

        Args:
            keys: the items.
            rows: float64[len(keys), len(NAMES)], scaled features (`Linear.scaled`).
            replies: each in [-1, 1].

        Raises:
            DataError: lengths that differ, an item twice, NaN, or more than LONGEST items.
            ParamError: a reply out of range.
        """
        if rows.shape != (len(keys), len(NAMES)) or len(replies) != len(keys):
            raise DataError(
                f"wanted {len(NAMES)} features and a reply for each of {len(keys)} items, got "
                f"{rows.shape} and {len(replies)}"
            )
        if len(set(keys)) != len(keys) or len(keys) > LONGEST or np.isnan(rows).any():
            raise DataError(f"wanted at most {LONGEST} items, each once and without NaN")
        for reply in replies:
            if not -1 <= reply <= 1:
                raise ParamError("reply", reply, "in [-1, 1]")
        rounded = np.rint(np.array(replies, np.float64) * GRID) / GRID
        return Shown(tuple(keys), _on_grid(rows), rounded)

    def without(self, key: ItemKey) -> "Shown":
        """As if the item had not been in it."""
        kept = [n for n, other in enumerate(self.keys) if other != key]
        keys = tuple(self.keys[n] for n in kept)
        return Shown(keys, self.rows[kept], self.replies[kept])

    @property
    def sums(self) -> Matrix:
        """float64[len(NAMES), len(NAMES) + 1]: what it adds to A, and to b in the last column."""
        if not self.keys:
            return _nothing()
        x = np.column_stack([self.rows, self.replies])
        x = x - x.mean(axis=0)
        found: Matrix = np.rint(x[:, :-1].T @ x * GRID**2) / GRID**2
        return found


def _nothing() -> Matrix:
    return np.zeros((len(NAMES), len(NAMES) + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """What the ego's replies come to. A value: learning and forgetting give the next one."""

    lists: Mapping[str, Shown] = field(default_factory=dict)
    """By the list's name. Rows tell what the ego knew when it saw the list, so the whole of it is
    as private as the log, and is deleted with it"""
    sums: Matrix = field(default_factory=_nothing)
    """The sum of `Shown.sums`, exact"""

    @staticmethod
    def of(lists: Iterable[tuple[str, Shown]]) -> "Adapter":
        """Learnt from nothing but these; of two of one name the later counts. O(lists^2)."""
        adapter = Adapter()
        for name, shown in lists:
            adapter = adapter.learnt(name, shown)
        return adapter

    def learnt(self, name: str, shown: Shown) -> "Adapter":
        """With one more list; it replaces an earlier one of that name, such as before a reply.

        Raises:
            DataError: MOST are learnt already.

        Cost: O(items * len(NAMES)^2), and O(lists) to copy what is kept.
        """
        if len(self.lists) >= MOST and name not in self.lists:
            raise DataError(f"{MOST:,} lists are learnt already: forget some first")
        sums = self.sums + shown.sums
        if name in self.lists:
            sums -= self.lists[name].sums
        return Adapter(MappingProxyType({**self.lists, name: shown}), sums)

    def forgotten(self, key: ItemKey) -> "Adapter":
        """As if that item had never been in any list.

        Cost: O(lists), and O(items * len(NAMES)^2) for each that it was in.
        """
        adapter = self
        for name, shown in self.lists.items():
            if key in shown.keys:
                adapter = adapter.learnt(name, shown.without(key))
        return adapter

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


def _on_grid(rows: Matrix) -> Matrix:
    found: Matrix = np.rint(np.clip(rows, -CLIP, CLIP) * GRID) / GRID
    return found
