"""Ids become dense int32 once, here; between the two ends of the pipeline there are only arrays."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from web3rec.types import Indices


@dataclass(frozen=True, slots=True)
class Vocab:
    """A set of ids in ascending byte order, each with its position.

    The order depends on the set alone, never on arrival: two devices (or one device before and
    after forgetting) that know the same ids number them alike.
    """

    terms: tuple[bytes, ...]
    _number: dict[bytes, int] = field(repr=False, compare=False)

    @staticmethod
    def of(ids: Iterable[bytes]) -> "Vocab":
        """The vocabulary of these ids; duplicates count once. Cost: O(n log n)."""
        terms = tuple(sorted(set(ids)))
        return Vocab(terms, {term: number for number, term in enumerate(terms)})

    def __len__(self) -> int:
        return len(self.terms)

    def __contains__(self, term: object) -> bool:
        return term in self._number

    def number(self, term: bytes) -> int | None:
        """The position of one id, None if it is not here."""
        return self._number.get(term)

    def numbers(self, terms: Iterable[bytes]) -> Indices:
        """int32 positions of those ids that are here, in the order given; others are left out."""
        found = (self._number.get(term) for term in terms)
        return np.array([number for number in found if number is not None], np.int32)
