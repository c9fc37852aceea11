"""Who has how much room: whom trust reaches by their quota, all others in one small pool.

A place is room for one act, one statement of trust and one retraction: the windows of the merge
rule are as many places wide. Whoever has no quota is a stranger. Strangers sit in a pool that has
a fixed number of places: as long as they are few they share it, the more they are the less each
has, and when none could have less the seats go to those with the smallest rank. The rank is a hash
with a salt of this device's own, so nobody can choose to be kept, nor whom to push out, and two
devices keep different strangers. Nobody with a quota has less than a stranger: where it would, the
pool gives it a stranger's share, too.

So who sits, and how wide, depends on which strangers were ever heard, not on the order: a seat is
lost only to a smaller rank, and a share falls only as strangers become more.

Knows authors and numbers; no records, no files.
"""

import hashlib
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from web3rec.errors import ParamError
from web3rec.types import PeerId

SALT_BYTES: Final = 16
TAG_BYTES: Final = 8
"""Of an author's key, where an author is named in passing."""


def tag_of(author: PeerId) -> bytes:
    """What an author is called beside ids that are not held."""
    return author[:TAG_BYTES]


def rank(salt: bytes, tag: bytes) -> int:
    """Where a stranger stands in the row for seats; 64 bits, smallest first."""
    return int.from_bytes(hashlib.blake2b(tag, digest_size=8, key=salt).digest())


@dataclass(frozen=True, slots=True)
class Seating:
    """What became of the strangers when some more were met."""

    new: frozenset[PeerId]
    """Got a seat"""
    out: tuple[PeerId, ...]
    """Had a seat, and lost it"""
    refused: tuple[PeerId, ...]
    """Had none, and got none"""
    narrowed: bool
    """Everybody's share fell"""


class Room:
    """Who has how many places. Not thread-safe; changes with what is met."""

    def __init__(
        self,
        *,
        window: int,
        most: int,
        least: int,
        pool: int,
        salt: bytes,
        quotas: Mapping[PeerId, int],
        guests: Collection[PeerId],
    ) -> None:
        """Nobody sits yet.

        Args:
            window: places of guests; >= most.
            most: places of anybody else at most; >= 1.
            least: places of a stranger at least; 1 to most.
            pool: places of all strangers.
            salt: SALT_BYTES random bytes of this device.
            quotas: places of those who are no strangers, 1 to most.
            guests: the ego and whom this device hosts: they have all of `window`.

        Raises:
            ParamError: a number out of its range.
        """
        if not 1 <= least <= most:
            raise ParamError("least", least, f"1 to {most} places")
        if pool < 0:
            raise ParamError("pool", pool, ">= 0 places")
        for quota in quotas.values():
            if type(quota) is not int or not 1 <= quota <= most:
                raise ParamError("quota", quota, f"a whole number of places, 1 to {most}")
        self.window, self.most, self.least, self.pool = window, most, least, pool
        self._salt, self._quotas, self._guests = salt, dict(quotas), set(guests)
        self._stairs = sorted(quotas.values())
        self._row: list[tuple[int, PeerId]] = []
        self._seated: set[PeerId] = set()

    @property
    def seats(self) -> int:
        """Strangers that are kept at most."""
        return self.pool // self.least

    @property
    def strangers(self) -> int:
        """Those who sit."""
        return len(self._row)

    @property
    def share(self) -> int:
        """Places of each stranger: `most`, halved until all who have no more have as many."""
        share = self.most
        while share > self.least and share * self._sharers(share) > self.pool:
            share = max(self.least, share // 2)
        return share

    def _sharers(self, share: int) -> int:
        """How many have a share of the pool if a share is so much."""
        return len(self._row) + bisect_left(self._stairs, share)

    def __iter__(self) -> Iterator[PeerId]:
        """The strangers, by rank."""
        return (author for _, author in self._row)

    def is_guest(self, author: PeerId) -> bool:
        """Whether it is the ego, or hosted here."""
        return author in self._guests

    def is_stranger(self, author: PeerId) -> bool:
        return author not in self._quotas and author not in self._guests

    def places(self, author: PeerId) -> int:
        """How many places an author has; 0 for a stranger without a seat."""
        if author in self._guests:
            return self.window
        quota = self._quotas.get(author)
        if quota is None:
            return self.share if author in self._seated else 0
        return max(quota, self.share)

    def room_for(self, author: PeerId) -> int:
        """How many places an author would have if it were met."""
        sits = self.is_stranger(author) and self.could_sit(tag_of(author))
        return self.share if sits else self.places(author)

    def could_sit(self, tag: bytes) -> bool:
        """Whether a stranger of this tag would get a seat, or has one."""
        place = bisect_left(self._row, (rank(self._salt, tag), PeerId(b"")))
        return place < self.seats

    def meet(self, authors: Iterable[PeerId]) -> Seating:
        """Give seats to strangers, known or new; some may lose theirs to them.

        Cost: O(log strangers) each, and a copy of the row for who is new.
        """
        before = self.share
        came = {a for a in authors if self.is_stranger(a) and a not in self._seated}
        for author in came:
            insort(self._row, (rank(self._salt, tag_of(author)), author))
        out = [author for _, author in self._row[self.seats :]]
        del self._row[self.seats :]
        self._seated |= came
        self._seated.difference_update(out)
        lost = tuple(author for author in out if author not in came)
        refused = tuple(author for author in out if author in came)
        return Seating(frozenset(came & self._seated), lost, refused, self.share < before)

    def leave(self, authors: Iterable[PeerId]) -> None:
        """Of these strangers nothing is held any more."""
        gone = self._seated.intersection(authors)
        if gone:
            self._row = [place for place in self._row if place[1] not in gone]
            self._seated -= gone

    def host(self, authors: Iterable[PeerId]) -> None:
        """Speak for these from now on."""
        came = set(authors) - self._guests
        self.leave(came)
        self._guests |= came
