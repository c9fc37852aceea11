"""Rows of the list, where each stands, and the tags that somebody unknown may start from."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from mobile.viewmodel import ForYouRow, TagChoice, cover
from web3rec.batch import Recommendation
from web3rec.types import Item, ItemKey, PeerId

TAGS: Final = 24
"""Tags offered in the cold start"""


def row_of(one: Recommendation, why: str = "") -> ForYouRow:
    """A recommendation as its row; `why`: instead of its reason in full."""
    item = one.item
    title = item.title or str(item.id)
    picture = cover(str(item.id), item.title, item.creator)
    return ForYouRow(str(item.id), title, item.creator, why or one.reason, picture)


def brief(
    one: Recommendation, title: Callable[[ItemKey], str], name: Callable[[PeerId], str]
) -> str:
    """Why, for a line of a phone: what of the ego's own it goes with comes first.

    The sheet "Why" has the reason in full. The reason itself where there is no path.

    Args:
        one: the recommendation.
        title: how an item of the ego's is called.
        name: how a peer is called.
    """
    path = one.path
    if path is None or one.source in ("catalogue", "words", "popular"):
        return one.reason
    if path.via is None and all(part.role != "pool" for part in one.contributions):
        return one.reason
    through = "your other friends" if path.via is None else name(path.via)
    return f"With “{title(path.own)}”, through {through}"


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
