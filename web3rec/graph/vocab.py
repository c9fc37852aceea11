"""Ids become dense int32 once, here; between the two ends of the pipeline there are only arrays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from web3rec.graph.packing import Packed
from web3rec.types import Indices


@dataclass(frozen=True, slots=True, eq=False)
class Vocab:  # noqa: PLW1641 - equal by content, which is too large to hash
    """A set of ids in ascending byte order, each with its position.

    The order depends on the set alone, never on arrival: two devices (or one device before and
    after forgetting) that know the same ids number them alike. Memory: 33 bytes for a person, 17
    for an item, where a tuple and a dict take some 200.
    """

    ids: Packed
    """Ascending, none twice; made by `of`, `numbering` or `merged` only"""

    def __post_init__(self) -> None:
        for array in (self.ids.words, self.ids.lengths):
            array.flags.writeable = False

    @staticmethod
    def of(ids: Iterable[bytes]) -> "Vocab":
        """The vocabulary of these ids; duplicates count once. Cost: O(n log n)."""
        return Vocab(Packed.of(set(ids)).sorted()[0])

    @staticmethod
    def numbering(ids: Packed) -> tuple["Vocab", Indices]:
        """The vocabulary of these ids, and int32[len(ids)]: the number of each. O(n log n)."""
        distinct, number = ids.sorted()
        return Vocab(distinct.trimmed()), number

    @property
    def terms(self) -> "Terms":
        """The ids as bytes, in order; each is made when it is asked for."""
        return Terms(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, term: object) -> bool:
        return isinstance(term, bytes) and self.number(term) is not None

    def __eq__(self, other: object) -> bool:
        """The same ids, hence the same numbers."""
        if not isinstance(other, Vocab):
            return NotImplemented
        return np.array_equal(self.ids.lengths, other.ids.lengths) and np.array_equal(
            self.ids.words, other.ids.words
        )

    def number(self, term: bytes) -> int | None:
        """The position of one id, None if it is not here; for several, `numbers` is faster."""
        found = self.numbers([term])
        return int(found[0]) if found.size else None

    def numbers(self, terms: Iterable[bytes]) -> Indices:
        """int32 positions of those ids that are here, in the order given; others are left out."""
        found = self.found(Packed.of([term for term in terms if len(term) <= self._longest()]))
        return found[found >= 0]

    def found(self, ids: Packed) -> Indices:
        """int32[len(ids)]: the position of each id, -1 if it is not here. O(len(ids) log n)."""
        if not len(self) or not len(ids):
            return np.full(len(ids), -1, np.int32)
        places = self.places(ids)
        at = np.minimum(places, len(self) - 1)
        same = (places < len(self)) & (self.ids.lengths[at] == ids.lengths)
        for ours, asked in zip(self.ids.words, ids.widened(len(self.ids.words)), strict=True):
            same &= ours[at] == asked
        return np.where(same, at, -1).astype(np.int32)

    def places(self, ids: Packed) -> npt.NDArray[np.int64]:
        """int64[len(ids)]: how many ids of this vocabulary are below each of those asked for."""
        width = max(len(self.ids.words), len(ids.words))
        ours = [*self.ids.widened(width), self.ids.lengths]
        asked = [*ids.widened(width), ids.lengths]
        low = np.zeros(len(ids), np.int64)
        high = np.full(len(ids), len(self), np.int64)
        told = 0  # leading words by which low and high are settled already
        while told < len(ours) and (low == 0).all() and (high == len(self)).all():
            low = np.searchsorted(ours[told], asked[told], "left")
            high = np.searchsorted(ours[told], asked[told], "right")
            told += 1
        while (still := np.flatnonzero(low < high)).size and told < len(ours):
            middle = (low[still] + high[still]) // 2
            below = _below([key[middle] for key in ours[told:]], [k[still] for k in asked[told:]])
            low[still[below]] = middle[below] + 1
            high[still[~below]] = middle[~below]
        return low

    def chosen(self, at: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Vocab":
        """Those at these positions, which must rise, or where a mask is true."""
        some = self.ids.taken(at)
        return self if len(some) == len(self) else Vocab(some.trimmed())

    def joined(self, others: "Vocab") -> "Vocab":
        """The union. Cost: O(n + len(others) log n)."""
        return self.merged(np.ones(len(self), np.bool_), others)[0]

    def merged(self, kept: npt.NDArray[np.bool_], others: "Vocab") -> tuple["Vocab", Indices]:
        """This vocabulary without what is not kept, and with what others have.

        Args:
            kept: bool[len(self)].
            others: more ids; some may be here, kept or not.

        Returns:
            The union, and int32[len(self)]: the new number of each, -1 for what is gone. What
            stays keeps its order, so renumbering a sorted list leaves it sorted.

        Cost: O(n + len(others) log n); nothing is sorted.
        """
        here = others.found_in(self)
        kept = kept.copy()
        kept[here[here >= 0]] = True
        new = others.ids.taken(here < 0)
        if kept.all() and not len(new):
            return self, np.arange(len(self), dtype=np.int32)
        rank: npt.NDArray[np.int64] = np.cumsum(kept) - kept  # how many kept ids are below
        places = self.places(new)
        before = np.append(rank, kept.sum())[places]
        ids = self.ids.taken(kept).inserted(before, new).trimmed()
        shift = np.cumsum(np.bincount(places, minlength=len(self) + 1))[:-1]
        number = np.where(kept, rank + shift, -1).astype(np.int32)
        return Vocab(ids), number

    def found_in(self, other: "Vocab") -> Indices:
        """int32[len(self)]: the number of each of these ids in the other, -1 where it lacks."""
        return other.found(self.ids)

    def _longest(self) -> int:
        return 8 * len(self.ids.words)


class Terms(Sequence[bytes]):
    """The ids of a vocabulary as a sequence of bytes; equal to any sequence of the same ids."""

    __slots__ = ("_ids",)

    def __init__(self, ids: Packed) -> None:
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...

    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(at, slice):
            return tuple(self._ids.taken(np.arange(len(self))[at]))
        return self._ids[at]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._ids)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Terms({list(self)!r})"


def _below(
    ours: list[npt.NDArray[np.unsignedinteger]], asked: list[npt.NDArray[np.unsignedinteger]]
) -> npt.NDArray[np.bool_]:
    """Where ours come before those asked for, the first key deciding, then the next."""
    below = np.zeros(ours[0].size, np.bool_)
    for mine, theirs in zip(reversed(ours), reversed(asked), strict=True):
        below = (mine < theirs) | ((mine == theirs) & below)
    return below
