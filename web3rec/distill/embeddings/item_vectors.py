"""Vectors of a data set's items, by the keys that bundles know items by.

A student learns with vectors that were fitted without anybody's targets, and devices get vectors
fitted on everything. `again` fits the second from the first and turns them into its basis, so that
what a student learnt to read stays where it was.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.adapters import Dataset
from web3rec.distill.embeddings.alignment import rotation
from web3rec.embeddings.fitting import FittingParams, fitted
from web3rec.embeddings.propagation import unit
from web3rec.embeddings.tables import Table
from web3rec.errors import DataError
from web3rec.eval.arena import Arena
from web3rec.store import key_of
from web3rec.types import ItemId, ItemKey, Weights

Matrix = npt.NDArray[np.float32]
_NOTHING: Final[Mapping[str, Collection[ItemId]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ItemVectors:
    """Vectors of the items that somebody has."""

    ids: tuple[ItemId, ...]
    """None twice"""
    free: Matrix = field(repr=False)
    """float32[len(ids), width]: what was learnt, to go on from"""
    vectors: Matrix = field(repr=False)
    """float32[len(ids), width]"""
    place: Mapping[ItemId, int] = field(init=False, repr=False)
    """Where each item stands"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", {item: n for n, item in enumerate(self.ids)})

    @staticmethod
    def of(
        dataset: Dataset,
        params: FittingParams,
        rng: np.random.Generator,
        *,
        hidden: Mapping[str, Collection[ItemId]] = _NOTHING,
        start: "ItemVectors | None" = None,
    ) -> "ItemVectors":
        """Fit them.

        Args:
            dataset: who has what; local acts do not count, and trust is not looked at.
            params: how.
            rng: draws first vectors and the order of people.
            hidden: person -> items that must not be learnt of the person.
            start: a fit to go on from, of the same width.

        Raises:
            DataError: nobody has anything, there are too many items, or widths that differ.

        Cost: that of `embeddings.fitted`.
        """
        nothing: frozenset[ItemId] = frozenset()
        away = {person: frozenset(own) for person, own in hidden.items()}
        stay = tuple(act for act in dataset.acts if act.item not in away.get(act.user, nothing))
        arena = Arena.of(replace(dataset, acts=stay, trust=()))
        ids = tuple(arena.named(ItemKey(key) for key in arena.graph.items.terms))
        first = None if start is None else _first(ids, start, params, rng)
        found = fitted(arena.graph.rows, params, rng, start=first)
        return ItemVectors(ids, found.free, found.vectors)

    def again(
        self, dataset: Dataset, params: FittingParams, rng: np.random.Generator
    ) -> "ItemVectors":
        """Fit on more acts, in the basis of these. Raises and costs as `of`."""
        found = ItemVectors.of(dataset, params, rng, start=self)
        both = [(n, self.place[item]) for n, item in enumerate(found.ids) if item in self.place]
        if not both:
            raise DataError("the two data sets have no item in common", where=dataset.name)
        new, old = (np.array(side) for side in zip(*both, strict=True))
        turn = rotation(unit(found.vectors[new]), unit(self.vectors[old]))
        return replace(found, free=found.free @ turn, vectors=found.vectors @ turn)

    def table(self) -> Table:
        """As a bundle holds them: int8, by `store.key_of`."""
        return Table.of([key_of(item) for item in self.ids], self.vectors)

    def towards(self, history: Collection[ItemId]) -> Weights | None:
        """What a past comes to: the mean of its items' directions, float64[width]; None if nothing
        of it is known.
        """
        known = [self.place[item] for item in history if item in self.place]
        if not known:
            return None
        found: Weights = unit(self.vectors[known]).astype(np.float64).mean(axis=0)
        return found


def _first(
    ids: tuple[ItemId, ...], start: ItemVectors, params: FittingParams, rng: np.random.Generator
) -> Matrix:
    """Where to start: what is known of an item, else as if nothing were."""
    if start.free.shape[1] != params.width:
        raise DataError(f"wanted a start of width {params.width}, got {start.free.shape[1]}")
    found: Matrix = 0.1 * rng.standard_normal((len(ids), params.width), np.float32)
    for n, item in enumerate(ids):
        if item in start.place:
            found[n] = start.free[start.place[item]]
    return found
