"""The baseline everybody has to beat: what most people took, minus what the ego knows."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from web3rec.adapters import Act
from web3rec.types import ItemId


def by_popularity(acts: Iterable[Act]) -> tuple[ItemId, ...]:
    """All items touched, those of most distinct people first, ties by id; local acts do not count.

    Cost: O(acts); compute it once and give it to `popular` for every ego.
    """
    pairs = {(act.user, act.item) for act in acts if not act.kind.is_local}
    counts = Counter(item for _, item in pairs)
    return tuple(sorted(counts, key=lambda item: (-counts[item], item)))


def popular(ranking: Sequence[ItemId], seen: Collection[ItemId], limit: int) -> tuple[ItemId, ...]:
    """The first `limit` items of the ranking that are not in `seen`."""
    found: list[ItemId] = []
    for item in ranking:
        if len(found) >= limit:
            break
        if item not in seen:
            found.append(item)
    return tuple(found)
