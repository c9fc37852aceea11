"""The ego's own catalogue: items its app knows, by the ego's words and by likeness to what it did.

Nobody else's record has any part in it, so no sponsor pays for it and no attack reaches it. It
is where a list continues when the hard budget allows no further item, and all that an ego
without trust gets in closed mode. Likeness is thin: shared tags and creators, counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from web3rec.types import Item, ItemKey


def own_catalogue(
    catalogue: Mapping[ItemKey, Item],
    history: Iterable[ItemKey],
    allowed: Callable[[ItemKey], bool],
    limit: int,
    asked: Mapping[ItemKey, float] | None = None,
) -> list[tuple[ItemKey, float]]:
    """The likest items, score in (0, 1], falling; ties by key.

    Args:
        catalogue: every item the app described.
        history: what the ego did things with.
        allowed: whether an item may be proposed.
        limit: how many at most.
        asked: how well items match the ego's words, in [0, 1], if it gave any.

    Score: likeness is (1 + weight of shared tags and creator) / (1 + the most possible), the same
    for all with an empty history; with words, a third of that and two thirds of the match.

    Cost: O(catalogue).
    """
    taste: Counter[str] = Counter()
    for key in history:
        if key in catalogue:
            taste.update(_words(catalogue[key]))
    most = sum(taste.values())
    scored = [
        ((1 + sum(taste[word] for word in _words(item))) / (1 + most), key)
        for key, item in catalogue.items()
        if allowed(key)
    ]
    if asked:
        scored = [((2 * asked.get(key, 0.0) + likeness) / 3, key) for likeness, key in scored]
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return [(key, score) for score, key in scored[:limit]]


def _words(item: Item) -> set[str]:
    words = {f"tag {tag.casefold()}" for tag in item.tags}
    if item.creator:
        words.add(f"creator {item.creator.casefold()}")
    return words
