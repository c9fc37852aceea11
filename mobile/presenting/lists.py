"""Rows of the list, where each stands, and the tags that somebody unknown may start from."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from mobile.viewmodel import ForYouRow, TagChoice, cover
from web3rec.batch import Recommendation
from web3rec.types import Item

TAGS: Final = 24
"""Tags offered in the cold start"""


def row_of(one: Recommendation) -> ForYouRow:
    """A recommendation as its row."""
    item = one.item
    title = item.title or str(item.id)
    picture = cover(str(item.id), item.title, item.creator)
    return ForYouRow(str(item.id), title, item.creator, one.reason, picture)


def placed(order: Sequence[str], pins: Mapping[str, int], gone: Collection[str]) -> list[str]:
    """An order in which some keep the place they have.

    Args:
        order: as it would be.
        pins: what keeps its place, in the order or not -> that place, from 0.
        gone: what is left out.

    >>> placed("abcd", {"x": 1, "d": 0}, {"c"})
    ['d', 'x', 'a', 'b']
    """
    found = [one for one in order if one not in pins and one not in gone]
    for one, place in sorted(pins.items(), key=lambda pin: pin[1]):
        if one not in gone:
            found.insert(min(place, len(found)), one)
    return found


def frequent_tags(
    items: Iterable[Item], chosen: Collection[str] = (), most: int = TAGS
) -> tuple[TagChoice, ...]:
    """The tags most items have, most frequent first; those chosen are among them in any case.

    Cost: O(items * tags).
    """
    counts = Counter(tag for item in items for tag in set(item.tags))
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    offered = frequent[:most] + [pair for pair in frequent[most:] if pair[0] in chosen]
    return tuple(TagChoice(tag, count, tag in chosen) for tag, count in offered)
