"""Ids as numbers that compare like bytes, so that millions are sorted and looked up by NumPy.

An id is cut into words of eight bytes, first word first, read as big-endian numbers and filled up
with zeros. Words compared in turn, and then the lengths, order ids as Python orders bytes: where
two differ only in the zeros that filled one of them up, that one is shorter and comes first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.types import Indices

WORD: Final = 8
LONGEST: Final = 255
"""Bytes of an id at most."""

Words = npt.NDArray[np.uint64]
Lengths = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Ids side by side, in some order; 8 bytes a word and 1 for the length of each."""

    words: Words
    """uint64[words of an id, n]: one row a word, so that the first alone tells most ids apart"""
    lengths: Lengths
    """uint8[n]"""

    @staticmethod
    def of(ids: Iterable[bytes]) -> "Packed":
        """Pack ids, in the order given. Raises ValueError for one longer than 255 bytes."""
        told = ids if isinstance(ids, list) else list(ids)
        if not told:
            return Packed(np.zeros((1, 0), np.uint64), np.zeros(0, np.uint8))
        lengths = np.fromiter(map(len, told), np.int64, len(told))
        longest = int(lengths.max())
        if longest > LONGEST:
            raise ValueError(f"an id must be at most {LONGEST} bytes, got {longest}")
        width = _words_of(longest)
        filled = np.array(told, dtype=f"S{width * WORD}")
        words = filled.view(">u8").reshape(len(told), width).T
        return Packed(np.ascontiguousarray(words, np.uint64), lengths.astype(np.uint8))

    @staticmethod
    def of_rows(rows: npt.NDArray[np.uint8]) -> "Packed":
        """Pack ids of one length that lie in memory row by row.

        Args:
            rows: uint8[n, length], one id a row.

        Raises:
            ValueError: an id longer than 255 bytes.
        """
        n, length = rows.shape
        if length > LONGEST:
            raise ValueError(f"an id must be at most {LONGEST} bytes, got {length}")
        width = _words_of(length)
        filled = np.zeros((n, width * WORD), np.uint8)
        filled[:, :length] = rows
        words = filled.view(">u8").T
        return Packed(np.ascontiguousarray(words, np.uint64), np.full(n, length, np.uint8))

    def __len__(self) -> int:
        return self.lengths.size

    def __getitem__(self, at: int) -> bytes:
        return self.words[:, at].astype(">u8").tobytes()[: self.lengths[at]]

    def __iter__(self) -> Iterator[bytes]:
        width = WORD * len(self.words)
        data = self.words.T.astype(">u8").tobytes()
        for number, length in enumerate(self.lengths.tolist()):
            yield data[number * width : number * width + length]

    def taken(self, at: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Packed":
        """Those at these positions, or where a mask is true."""
        return Packed(self.words[:, at], self.lengths[at])

    def inserted(self, at: npt.NDArray[np.integer], others: "Packed") -> "Packed":
        """With others, each before the position given for it; `at` must not decrease."""
        width = max(len(self.words), len(others.words))
        words = np.insert(self.widened(width), at, others.widened(width), axis=1)
        return Packed(words, np.insert(self.lengths, at, others.lengths))

    def trimmed(self) -> "Packed":
        """The same ids without words that none of them needs."""
        width = _words_of(int(self.lengths.max(initial=0)))
        return Packed(np.ascontiguousarray(self.words[:width]), self.lengths)

    def widened(self, width: int) -> Words:
        """Exactly `width` words of each, filled up with zeros; of longer ids, the first."""
        if width <= len(self.words):
            return self.words[:width]
        return np.concatenate([self.words, np.zeros((width - len(self.words), len(self)), "u8")])

    def sorted(self) -> tuple["Packed", Indices]:
        """The ids in ascending order, each once; and the place therein of each that is here.

        Cost: O(n log n), the sort reading one word of each if that tells them apart.
        """
        n = len(self)
        if not n:
            return self, np.zeros(0, np.int32)
        keys = [key for key in (*self.words, self.lengths) if key.min() != key.max()]
        order = np.argsort(keys[0]) if keys else np.arange(n)
        rises = _changes(keys[:1], order)
        if (_changes(keys[1:], order) & ~rises).any():  # one first word, several ids
            order = np.lexsort(keys[::-1])
            rises = _changes(keys, order)
        number = np.empty(n, np.int32)
        number[order] = np.cumsum(rises) - 1
        return self.taken(order[rises]), number


def _changes(
    keys: list[Words | Lengths] | list[Words], order: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Where, in this order, any of the keys differs from the one before; true at first."""
    changes = np.zeros(order.size, np.bool_)
    for key in keys:
        laid = key[order]
        changes[1:] |= laid[1:] != laid[:-1]
    changes[:1] = True
    return changes


def _words_of(length: int) -> int:
    return max(1, -(-length // WORD))
