"""The catalogue as rows that are made when they are looked at, and the search in it.

A word of the query matches where a word of the title, the creator or a tag begins with it; accents
and capitals do not matter. All words must match.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, overload

from mobile.viewmodel import LibraryRow, cover
from web3rec.rank.sources.tokens import phrase_of
from web3rec.types import Item

_LETTERS: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
)
"""Letters that no accent can be taken off, as people without them on the keyboard type them."""
_GAPS: Final = re.compile("[^a-z0-9]+")
_TITLE, _CREATOR, _TAG = 4, 2, 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One item, and its words as they are searched."""

    item: str
    title: str
    creator: str
    folded: tuple[str, str, str]
    """Of title, creator and tags; a space before each word"""


class Catalogue:
    """All items by title, ready to be searched."""

    def __init__(self, items: Iterable[Item]) -> None:
        """Cost: 5 to 10 µs an item."""
        once = cache(folded)  # creators and tags come back
        made = [(folded(item.title or str(item.id)), item) for item in items]
        made.sort(key=lambda pair: (pair[0], str(pair[1].id)))
        self.entries = tuple(
            Entry(
                str(item.id),
                item.title or str(item.id),
                item.creator,
                (title, once(item.creator), "".join(map(once, item.tags))),
            )
            for title, item in made
        )

    def found(self, query: str) -> tuple[Entry, ...]:
        """What a query finds, best first: what stands in the title before what is said elsewhere.

        All, by title, for a query without words. Cost: 1 µs an item.
        """
        words = [f" {word}" for word in folded(query).split()]
        if not words:
            return self.entries
        ranked: list[tuple[int, int]] = []
        for at, entry in enumerate(self.entries):
            title, creator, tags = entry.folded
            score = 0
            for word in words:
                if word in title:
                    score += _TITLE + 2 * title.startswith(word)
                elif word in creator:
                    score += _CREATOR
                elif word in tags:
                    score += _TAG
                else:
                    break
            else:
                ranked.append((-score, at))
        ranked.sort()
        return tuple(self.entries[at] for _, at in ranked)


class Rows(Sequence[LibraryRow]):
    """Rows of some entries; each is made when it is looked at. Immutable."""

    def __init__(self, entries: Sequence[Entry], liked: Collection[str] = frozenset()) -> None:
        """`liked`: ids of what the ego likes."""
        self._entries, self._liked = entries, frozenset(liked)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LibraryRow]:
        return map(self._made, self._entries)

    @overload
    def __getitem__(self, at: int) -> LibraryRow: ...
    @overload
    def __getitem__(self, at: slice) -> "Rows": ...
    def __getitem__(self, at: int | slice) -> "LibraryRow | Rows":
        if isinstance(at, slice):
            return Rows(self._entries[at], self._liked)
        return self._made(self._entries[at])

    def __eq__(self, other: object) -> bool:
        """The same entries, liked alike. Cost: nothing where they are the same object."""
        if not isinstance(other, Rows):
            return NotImplemented
        same = self._entries is other._entries or self._entries == other._entries
        return same and self._liked == other._liked

    def __hash__(self) -> int:
        return hash((len(self._entries), self._liked))

    def _made(self, entry: Entry) -> LibraryRow:
        picture = cover(entry.item, entry.title, entry.creator)
        return LibraryRow(
            entry.item, entry.title, entry.creator, picture, entry.item in self._liked
        )


def folded(text: str) -> str:
    """A text's words, each after a space, as they are compared.

    >>> folded("Ærø by Bicycle!"), folded("?")
    (' aero by bicycle', '')
    """
    if text.isascii():  # the same, ten times as fast
        words = _GAPS.sub(" ", text.lower()).strip()
    else:
        words = phrase_of(text).translate(_LETTERS)
    return f" {words}" if words else ""
