"""Which of an author's records count: a pure function of the set of records, not of its order.

    acts          all but those below   ┐  of each, tombstones among them: the `window`
    trust         statements of trust   │  highest n, and per n the two smallest ids
    retractions                         ┘
    rotations     the MAX_ROTATIONS lowest n, and per n the two smallest ids

Retractions have a window of their own, so no stream of statements can push one out and let a replay
revive what it covered. When their window is full, its lowest n is a floor: below it no statement
is kept, because what a displaced retraction covered is no longer known. Trust has one too, so
that listening a lot takes nobody's trust back.

A retraction covers the statements of its author with a lower n and the same key (or any key, for
EVERYTHING), and is never covered itself: publishing anew takes a higher n. Two retractions
with one n cover everything below it; only the two smallest of perhaps many are held, and what
is dead must stay dead when a third one displaces the first.

A rotation says that a key is over, or follows another. It is for good: nothing covers it, no floor
holds of it, and of many the first count, so that nobody who has a key can speak on with it by
saying more. See `succession`.

Why that is order-free: each rule keeps the top of a total order, and no rule's outcome falls as the
set grows (windows, floor, coverage only rise). So `settle(held + arrivals)` is
`settle(everything seen)`, where held is what an earlier `settle` called live, and a tombstone for
what it called dead. The evicted may be dropped without a trace; they would be evicted again.

Knows ids, sequences and keys of one author; no payload, no clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from web3rec.errors import ParamError
from web3rec.records.model import EVERYTHING_KEY, Kind, Signed
from web3rec.types import ItemKey, RecordId

MAX_VERSIONS: Final = 2
"""Records kept per sequence: one is honest, two prove a fork, a third would prove nothing more."""

MAX_ROTATIONS: Final = 4
"""Sequences of rotations kept: two are honest (of whom it took over, to whom it hands over)."""

_Versions = dict[int, list["Entry"]]
"""n -> its entries, at most MAX_VERSIONS, smallest id first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What merging needs to know of a record.

    A tombstone is dead, and has no key and no kind but for whether it was trust.
    """

    id: RecordId
    n: int
    kind: Kind | None
    key: ItemKey | bytes
    dead: bool

    @staticmethod
    def of(signed: Signed) -> "Entry":
        """The entry of a live record."""
        record = signed.record
        return Entry(signed.id, record.n, record.kind, record.key, dead=False)

    @staticmethod
    def tombstone(id_: RecordId, n: int, *, trust: bool = False) -> "Entry":
        """What stays of a covered record: enough to know it again, not what it said."""
        return Entry(id_, n, Kind.TRUST if trust else None, b"", dead=True)

    @property
    def retracts(self) -> bool:
        return self.kind is Kind.RETRACT and not self.dead

    @property
    def rotates(self) -> bool:
        return self.kind is Kind.ROTATE and not self.dead

    @property
    def trusts(self) -> bool:
        return self.kind is Kind.TRUST


@dataclass(frozen=True, slots=True)
class Settled:
    """The state of one author; the three sets are disjoint and hold every id given."""

    live: frozenset[RecordId]
    """Kept whole: statements that no retraction covers, retractions and rotations."""
    dead: frozenset[RecordId]
    """Covered: erase the payload, keep a tombstone."""
    evicted: frozenset[RecordId]
    """Out of a window: drop without a trace; such a record may arrive again."""
    quarantined: bool
    """Two kept entries share a sequence: the author counts for nothing until one is gone."""
    floor: int = field(default=0, compare=False)
    """Statements with a lower n are not kept: a retraction that lies below it may cover them"""


def settle(entries: Iterable[Entry], window: int, below: int = 0) -> Settled:
    """Settle one author's entries, held ones and arrivals alike, in any order, with duplicates.

    Args:
        entries: all of one author. An id given both whole and dead is dead. Leave out what has
            expired: a retraction outlives what it covers, so nothing can come back by that.
        window: how many sequences of acts, of trust, and of retractions, to keep; >= 1. Settling
            again with a smaller one gives what that would have given from the start.
        below: statements with a lower n are evicted: retractions that are known, but no longer
            held, may cover them.

    Returns:
        At most `ids_within(window)` ids live or dead.

    Raises:
        ParamError: window < 1.

    Cost: O(k log k) for k entries.
    """
    if window < 1:
        raise ParamError("window", window, ">= 1")
    unique: dict[RecordId, Entry] = {}
    for entry in entries:
        if entry.dead or entry.id not in unique:
            unique[entry.id] = entry
    retractions = _newest((e for e in unique.values() if e.retracts), window)
    rotations = _oldest((e for e in unique.values() if e.rotates), MAX_ROTATIONS)
    floor = min(retractions) if len(retractions) == window else 0
    floor = max(floor, below)
    statements: _Versions = {}
    for trusts in (False, True):
        some = (
            e for e in unique.values() if e.trusts == trusts and not e.retracts and not e.rotates
        )
        for n, versions in _newest(some, window).items():
            if n >= floor:
                statements.setdefault(n, []).extend(versions)
    reach = _reach(retractions)
    everything = reach.get(EVERYTHING_KEY, 0)
    for_good = (retractions, rotations)
    live = {e.id for some in for_good for versions in some.values() for e in versions}
    dead: set[RecordId] = set()
    for n, versions in statements.items():
        for e in versions:
            covered = e.dead or n < max(everything, reach.get(e.key, 0))
            (dead if covered else live).add(e.id)
    return Settled(
        live=frozenset(live),
        dead=frozenset(dead),
        evicted=frozenset(unique.keys() - live - dead),
        quarantined=any(
            sum(len(some.get(n, ())) for some in (*for_good, statements)) > 1
            for n in retractions.keys() | rotations.keys() | statements.keys()
        ),
        floor=floor,
    )


def ids_within(window: int) -> int:
    """The most ids that `settle` keeps of one author."""
    return MAX_VERSIONS * (len(("acts", "trust", "retractions")) * window + MAX_ROTATIONS)


def _newest(entries: Iterable[Entry], window: int) -> _Versions:
    """The entries of the `window` highest distinct n, and of each n the smallest ids."""
    versions = _by_sequence(entries)
    return _smallest(versions, sorted(versions, reverse=True)[:window])


def _oldest(entries: Iterable[Entry], window: int) -> _Versions:
    """The same of the `window` lowest distinct n."""
    versions = _by_sequence(entries)
    return _smallest(versions, sorted(versions)[:window])


def _by_sequence(entries: Iterable[Entry]) -> _Versions:
    versions: _Versions = {}
    for entry in entries:
        versions.setdefault(entry.n, []).append(entry)
    return versions


def _smallest(versions: _Versions, chosen: Iterable[int]) -> _Versions:
    return {n: sorted(versions[n], key=lambda e: e.id)[:MAX_VERSIONS] for n in chosen}


def _reach(retractions: _Versions) -> dict[bytes, int]:
    """For each key, the n below which its statements are covered."""
    reach: dict[bytes, int] = {}
    for n, versions in retractions.items():
        key = versions[0].key if len(versions) == 1 else EVERYTHING_KEY
        reach[key] = max(n, reach.get(key, 0))
    return reach
