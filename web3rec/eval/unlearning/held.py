"""Who has what, as a set of pairs: what is learnt from, and what may be forgotten.

A pair is one number, user * items + item, so sets of pairs are sorted arrays and what remains after
forgetting is a difference of two.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from web3rec.errors import DataError

Numbers = npt.NDArray[np.int64]
Sparse = Any
"""scipy.sparse's csr_matrix of float64, which has no types."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Pairs of users and items, each once; nobody changes it."""

    codes: Numbers
    """int64[pairs], rising: user * n_items + item"""
    n_users: int
    """Users who could have something; >= 1"""
    n_items: int
    """>= 1"""

    def __post_init__(self) -> None:
        """Raises DataError for pairs out of order, twice, or of nobody."""
        if self.n_users < 1 or self.n_items < 1:
            raise DataError(f"wanted users and items, got {self.n_users} and {self.n_items}")
        codes = self.codes
        if codes.size and not 0 <= codes[0] <= codes[-1] < self.n_users * self.n_items:
            raise DataError("wanted pairs of these users and items, got others")
        if (np.diff(codes) <= 0).any():
            raise DataError("wanted pairs in rising order, each once")

    @staticmethod
    def of(users: npt.ArrayLike, items: npt.ArrayLike, n_users: int, n_items: int) -> "Held":
        """From two columns in any order; a pair told twice counts once. Cost: O(p log p)."""
        codes = np.asarray(users, np.int64) * n_items + np.asarray(items, np.int64)
        return Held(np.unique(codes), n_users, n_items)

    def __len__(self) -> int:
        return int(self.codes.size)

    @property
    def users(self) -> Numbers:
        """int64[pairs]"""
        return self.codes // self.n_items

    @property
    def items(self) -> Numbers:
        """int64[pairs]"""
        return self.codes % self.n_items

    def only(self, codes: Numbers) -> "Held":
        """Those pairs alone, whether they are here or not; codes may be in any order."""
        return Held(np.unique(codes), self.n_users, self.n_items)

    def less(self, gone: "Held") -> "Held":
        """What remains. Cost: O(pairs + gone log pairs)."""
        kept = np.delete(self.codes, self.places(gone.codes))
        return Held(kept, self.n_users, self.n_items)

    def both(self, other: "Held") -> "Held":
        """The pairs of `other` that are here. Cost: O(other log pairs)."""
        return Held(self.codes[self.places(other.codes)], self.n_users, self.n_items)

    def places(self, codes: Numbers) -> Numbers:
        """int64[<= codes]: where those that are here stand, in the order asked."""
        at = np.searchsorted(self.codes, codes)
        known = at < self.codes.size
        known[known] = self.codes[at[known]] == codes[known]
        return at[known]

    def plus(self, more: "Held") -> "Held":
        """Both."""
        return Held(np.union1d(self.codes, more.codes), self.n_users, self.n_items)

    def wider(self, n_users: int) -> "Held":
        """The same pairs where there are more users."""
        return Held(self.codes, n_users, self.n_items)

    def by(self, users: npt.NDArray[np.bool_]) -> "Held":
        """The pairs of some users; bool[n_users]. Cost: O(users log pairs + their pairs)."""
        some = np.flatnonzero(users)
        first, last = (np.searchsorted(self.codes, (some + n) * self.n_items) for n in (0, 1))
        count = last - first
        flat = np.arange(int(count.sum())) + np.repeat(first - (np.cumsum(count) - count), count)
        return Held(self.codes[flat], self.n_users, self.n_items)

    def has(self, codes: Numbers) -> npt.NDArray[np.bool_]:
        """bool[codes]: which of these are here. Cost: O(codes log pairs)."""
        at = np.searchsorted(self.codes, codes)
        found: npt.NDArray[np.bool_] = np.take(np.append(self.codes, -1), at) == codes
        return found

    def matrix(self) -> Sparse:
        """float64 csr, users by items, of ones. Cost: O(pairs)."""
        starts = np.searchsorted(self.codes, np.arange(self.n_users + 1) * self.n_items)
        shape = (self.n_users, self.n_items)
        return csr_matrix((np.ones(len(self)), self.items.astype(np.int32), starts), shape)

    def lengths(self) -> Numbers:
        """int64[n_users]: how much each has."""
        return np.bincount(self.users, minlength=self.n_users)

    def listeners(self) -> Numbers:
        """int64[n_items]: how many have each."""
        return np.bincount(self.items, minlength=self.n_items)
