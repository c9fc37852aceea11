"""In which order people did things: what models of sequences are trained on.

What has one and the same time is one moment, and nobody knows the order within it: half of some
data sets' neighbouring acts share a second, and an order made up from ids would be learnt, too.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from web3rec.adapters import Dataset
from web3rec.types import ItemId

Moments = tuple[tuple[ItemId, ...], ...]
"""One person's items, oldest moment first; within a moment in no order that means anything."""
_NOTHING: Final[Mapping[str, Collection[ItemId]]] = MappingProxyType({})


def histories(
    dataset: Dataset, hidden: Mapping[str, Collection[ItemId]] = _NOTHING
) -> dict[str, Moments]:
    """Everybody's moments, without what is hidden.

    Args:
        dataset: acts; local kinds do not count, and an item counts when it was last touched.
        hidden: person -> items that are not to be seen.

    Returns:
        By person, in the order of the data set; those with nothing left are not in it. Acts
        without a time make up one first moment.

    Cost: O(acts log acts).
    """
    last: dict[str, dict[ItemId, int]] = {person: {} for person in dataset.people}
    away = {person: frozenset(items) for person, items in hidden.items()}
    nothing: frozenset[ItemId] = frozenset()
    for act in dataset.acts:
        if not act.kind.is_local and act.item not in away.get(act.user, nothing):
            mine = last[act.user]
            at = -1 if act.at is None else act.at
            mine[act.item] = max(at, mine.get(act.item, at))
    found: dict[str, Moments] = {}
    for person, times in last.items():
        moments: dict[int, list[ItemId]] = {}
        for item, at in times.items():
            moments.setdefault(at, []).append(item)
        if moments:
            found[person] = tuple(tuple(sorted(moments[at])) for at in sorted(moments))
    return found


def sequence(moments: Moments, rng: np.random.Generator) -> list[ItemId]:
    """The items oldest first, each moment in an order that is drawn."""
    found: list[ItemId] = []
    for moment in moments:
        found += [moment[n] for n in rng.permutation(len(moment)).tolist()]
    return found
