"""Making room: an author is let go, or gets a smaller window, and nothing unsound comes of it.

Two things an author did must not be undone by that, for whoever wants to undo them has only to
send the old records again once there is room:

    what it took back   A retraction that is let go may cover more than is left here. Until it is
                        back, or over, no statement below it is kept (`Memory.below`).
    that its key is over  A rotation that is let go is waited for likewise: until then nothing of
                        its author's is kept.
    that it forked      An author that is quarantined when it is let go stays so until one of the
                        two versions is over (`Memory.forked`).

A row of memory an author: the seats of the pool are lost to chance, of a million strangers some
hundreds ever lose one (`room`), and the table is bounded besides.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from web3rec.records import Entry, settle
from web3rec.store.entries import entries_of, erase, set_quarantine
from web3rec.store.known import ID_BYTES
from web3rec.types import PeerId, RecordId

MISSING: Final = 64
"""Retractions whose return is waited for; if more are gone only time lifts the floor."""
_TOO_MANY: Final = b"*"
_NO_FLOOR: Final = 1 << 63
"""Above every n: nothing of the author is kept."""


class Retraction(NamedTuple):
    """What is known of a retraction that is let go."""

    id: RecordId
    n: int
    x: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of an author of whom something was let go."""

    below: int = 0
    """Statements with a lower n are not kept"""
    missing: frozenset[bytes] | None = frozenset()
    """Halves of the ids of the retractions whose return lifts this; None: nothing does"""
    x: int = 0
    """unix s at which the last of them is over"""
    forked: int = 0
    """unix s until which the author is quarantined"""

    def met(self, ids: Iterable[RecordId]) -> "Memory":
        """Once these retractions are here."""
        if not self.missing:
            return self
        missing = self.missing.difference(i[:ID_BYTES] for i in ids)
        return replace(self, missing=missing) if missing else Memory(forked=self.forked)

    def without(self, gone: Iterable[Retraction]) -> "Memory":
        """Once these retractions are let go."""
        found = list(gone)
        if not found:
            return self
        missing = self.missing
        if missing is not None:
            missing |= {one.id[:ID_BYTES] for one in found}
        return replace(
            self,
            below=max(self.below, *(one.n for one in found)),
            missing=missing if missing is not None and len(missing) <= MISSING else None,
            x=max(self.x, *(one.x for one in found)),
        )


def recall(sql: sqlite3.Connection, author: PeerId) -> Memory:
    """What is remembered; an empty memory if nothing is."""
    row = sql.execute(
        "SELECT below, missing, x, forked FROM let_go WHERE author = ?", (author,)
    ).fetchone()
    if row is None:
        return Memory()
    below, packed, x, forked = row
    halves = (packed[at : at + ID_BYTES] for at in range(0, len(packed), ID_BYTES))
    return Memory(below, None if packed == _TOO_MANY else frozenset(halves), x, forked)


def remember(sql: sqlite3.Connection, author: PeerId, memory: Memory) -> None:
    if not (memory.below or memory.forked):
        sql.execute("DELETE FROM let_go WHERE author = ?", (author,))
        return
    packed = _TOO_MANY if memory.missing is None else b"".join(sorted(memory.missing))
    sql.execute(
        "INSERT OR REPLACE INTO let_go (author, below, missing, x, forked) VALUES (?, ?, ?, ?, ?)",
        (author, memory.below, packed, memory.x, memory.forked),
    )


def retractions(sql: sqlite3.Connection, entries: Iterable[Entry]) -> list[Retraction]:
    """Those entries that are held retractions, with when they end."""
    return [
        Retraction(entry.id, entry.n, x)
        for entry in entries
        if entry.retracts
        for (x,) in sql.execute("SELECT x FROM records WHERE id = ?", (entry.id,))
    ]


def trim(
    sql: sqlite3.Connection, author: PeerId, window: int, *, crowded: bool = False
) -> frozenset[RecordId]:
    """What is held of an author settles into a smaller window, or into none; the ids let go.

    Args:
        sql: in a transaction.
        author: whose.
        window: places left.
        crowded: whether that is for the crowd of strangers alone. What is kept of them is a
            function of the set of records, in whatever order they come: then a fork that is no
            longer in the window is none. Nobody is heard by that who is not trusted.

    Cost: O(what is held of it).
    """
    held = {entry.id: entry for entry in entries_of(sql, author)}
    memory = recall(sql, author)
    quarantined, gone, floor = False, frozenset(held), _NO_FLOOR
    if window:
        settled = settle(held.values(), window, memory.below)
        quarantined, gone, floor = settled.quarantined, settled.evicted, settled.floor
    if not gone:
        return gone
    if not quarantined and not (crowded and window) and _is_quarantined(sql, author):
        memory = replace(memory, forked=max(memory.forked, _fork_ends(sql, author)))
    lost = retractions(sql, (held[i] for i in gone))
    memory = memory.without(one for one in lost if one.n < floor)
    if not window:
        memory = memory.without(_rotations(sql, author))
    erase(sql, gone)
    remember(sql, author, memory)
    set_quarantine(sql, author, quarantined=quarantined or bool(memory.forked and window))
    return gone


def lapse(sql: sqlite3.Connection, now: int) -> list[PeerId]:
    """Forget what is over; returns the authors whose quarantine may be over by that."""
    freed = sql.execute("SELECT author FROM let_go WHERE forked BETWEEN 1 AND ?", (now,)).fetchall()
    sql.execute("UPDATE let_go SET forked = 0 WHERE forked <= ?", (now,))
    sql.execute("UPDATE let_go SET below = 0, missing = x'', x = 0 WHERE x <= ?", (now,))
    sql.execute("DELETE FROM let_go WHERE below = 0 AND forked = 0")
    return [PeerId(author) for (author,) in freed]


def bound(sql: sqlite3.Connection, most: int, rank: Callable[[PeerId], int]) -> None:
    """Let go of the memory itself where there is too much: of those who are last in the row."""
    (count,) = sql.execute("SELECT count(*) FROM let_go").fetchone()
    if count <= most:
        return
    authors = [PeerId(row[0]) for row in sql.execute("SELECT author FROM let_go")]
    last = sorted(authors, key=rank)[most:]
    sql.executemany("DELETE FROM let_go WHERE author = ?", [(author,) for author in last])


def _rotations(sql: sqlite3.Connection, author: PeerId) -> list[Retraction]:
    """Held rotations, as if they took everything back."""
    rows = sql.execute(
        "SELECT id, x FROM records WHERE author = ? AND kind = 'rotate'", (author,)
    ).fetchall()
    return [Retraction(RecordId(i), _NO_FLOOR - 1, x) for i, x in rows]


def _is_quarantined(sql: sqlite3.Connection, author: PeerId) -> bool:
    row = sql.execute("SELECT 1 FROM quarantine WHERE author = ?", (author,)).fetchone()
    return row is not None


def _fork_ends(sql: sqlite3.Connection, author: PeerId) -> int:
    """When of every two versions that are held one is over; 0 if there are none."""
    (ends,) = sql.execute(
        "SELECT max(first) FROM (SELECT min(x) AS first FROM ("
        "SELECT n, x FROM records WHERE author = ?1 "
        "UNION ALL SELECT n, x FROM tombstones WHERE author = ?1"
        ") GROUP BY n HAVING count(*) > 1)",
        (author,),
    ).fetchone()
    return int(ends or 0)
