"""Verified records into the log, by the order-free merge rule, one transaction a batch."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from web3rec.records import Entry, Kind, Settled, Signed, settle
from web3rec.store.expiry import note_latest
from web3rec.store.ladder import NEVER
from web3rec.store.sequence import raise_to
from web3rec.types import ItemKey, PeerId, RecordId

_KINDS: Final = {kind.value: kind for kind in Kind}


class Source(IntEnum):
    """Whose record it is, from this device's point of view."""

    OWN = 0
    """The ego's, made here: never expires here, never pushed out by the author bound."""
    HOSTED = 1
    """Of another identity this node speaks for (simulations, demos)."""
    PEER = 2
    """Came over the network; the ego's own among them, if another device or a backup sent them."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a record enters the log."""

    source: Source
    touched: int
    """unix ms, the ego's own clock; 0 for others' records"""
    level: int
    """least privacy level at which it may leave"""
    due: int
    """unix ms before which it does not leave"""


@dataclass(slots=True)
class Merged:
    """What one batch changed."""

    stored: int = 0
    """Records that are new and live now"""
    held: set[RecordId] = field(default_factory=set)
    """Ids that joined: live or tombstoned"""
    dropped: set[RecordId] = field(default_factory=set)
    """Ids that left: pushed out by the author bound"""


def merge(
    sql: sqlite3.Connection,
    signed: Sequence[Signed],
    placement: Placement,
    *,
    me: PeerId,
    window: int,
) -> Merged:
    """Merge verified records; call inside a transaction.

    Cost: about 40 µs a record where nothing of the author's stands in its way, that is: the
    window has room, no sequence is taken, no retraction reaches it; else O(window) an author.
    """
    fresh: dict[PeerId, dict[RecordId, Signed]] = {}
    for one in signed:
        fresh.setdefault(one.record.author, {})[one.id] = one
    merged = Merged()
    placed: list[Signed] = []
    for author, arrivals in fresh.items():
        if _is_clear(sql, author, arrivals.values(), window):
            new = list(arrivals.values())
            merged.held |= arrivals.keys()
        else:
            new = _settle_in(sql, author, arrivals, merged, placement, me=me, window=window)
        if author == me:
            for one in arrivals.values():
                raise_to(sql, one.record.n)
        placed += new
    insert(sql, placed, placement, me=me)
    merged.stored = len(placed)
    if merged.held:
        note_latest(sql, max(one.record.t for one in signed))
    return merged


def resettle(sql: sqlite3.Connection, author: PeerId, window: int) -> Settled:
    """Judge anew whether an author is quarantined, after a change outside `merge`."""
    settled = settle(_entries_of(sql, author), window)
    _set_quarantine(sql, author, quarantined=settled.quarantined)
    return settled


def insert(
    sql: sqlite3.Connection, signed: Sequence[Signed], place: Placement, *, me: PeerId
) -> None:
    """Append records; those that came over the network are shared from here on."""
    if not signed:
        return
    shared = place.source is Source.PEER
    first = reserve(sql, len(signed)) if shared else 0
    sql.executemany(
        "INSERT INTO records (id, author, n, t, x, kind, key, weight, envelope, source, touched, "
        "level, due, pos) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                s.id, s.record.author, s.record.n, s.record.t, s.record.x, s.record.kind.value,
                s.record.key, s.record.weight, s.envelope, place.source,
                # The ego's own, come back: what they state is all that is known of their time.
                s.record.t * 1000 if shared and s.record.author == me else place.touched,
                place.level, place.due, first + number if shared else None,
            )
            for number, s in enumerate(signed)
        ],
    )  # fmt: skip


def reserve(sql: sqlite3.Connection, count: int) -> int:
    """The first of `count` free places in what is shared; never given twice."""
    row = sql.execute(
        "INSERT INTO settings (name, value) VALUES ('next_pos', ?1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + ?1 RETURNING value",
        (count,),
    ).fetchone()
    return int(row[0]) - count + 1


def _is_clear(
    sql: sqlite3.Connection, author: PeerId, arrivals: Collection[Signed], window: int
) -> bool:
    """Whether settling would call all arrivals live and change nothing else.

    True only if they are statements with sequences of their own, nothing is or gets full, and
    every retraction lies below them. Asks one index, no row.
    """
    numbers = {one.record.n for one in arrivals if one.record.kind is not Kind.RETRACT}
    if len(numbers) < len(arrivals):
        return False
    held = sql.execute(
        "SELECT n, kind FROM records WHERE author = ?1 "
        "UNION ALL SELECT n, NULL FROM tombstones WHERE author = ?1",
        (author,),
    ).fetchall()
    lowest = min(numbers)
    return len(held) + len(numbers) <= window and not any(
        n in numbers or (kind == Kind.RETRACT and n > lowest) for n, kind in held
    )


def _settle_in(
    sql: sqlite3.Connection,
    author: PeerId,
    arrivals: dict[RecordId, Signed],
    merged: Merged,
    placement: Placement,
    *,
    me: PeerId,
    window: int,
) -> list[Signed]:
    """The merge rule in full for one author; returns what is to be inserted."""
    held = {entry.id: entry for entry in _entries_of(sql, author)}
    new = {i: s for i, s in arrivals.items() if i not in held}
    if not new:
        return []
    settled = settle([*held.values(), *map(Entry.of, new.values())], window)
    corpses = {i for i in settled.dead if i not in held or not held[i].dead}
    evicted = settled.evicted & held.keys()
    if author == me:
        evicted -= _made_here(sql)
    _bury(sql, corpses, new, heard=placement.source is Source.PEER)
    _erase(sql, evicted)
    _set_quarantine(sql, author, quarantined=settled.quarantined and author != me)
    merged.held |= new.keys() & (settled.live | settled.dead)
    merged.dropped |= evicted
    return [one for i, one in new.items() if i in settled.live]


def _entries_of(sql: sqlite3.Connection, author: PeerId) -> list[Entry]:
    # What never left and never may is the ego's own affair: it has no place in any window.
    live = sql.execute(
        "SELECT id, n, kind, key FROM records WHERE author = ? AND (level < ? OR pos IS NOT NULL)",
        (author, NEVER),
    )
    entries = [
        Entry(id=RecordId(i), n=n, kind=_KINDS[kind], key=ItemKey(key), dead=False)
        for i, n, kind, key in live
    ]
    dead = sql.execute("SELECT id, n FROM tombstones WHERE author = ?", (author,))
    entries += [Entry.tombstone(RecordId(i), n) for i, n in dead]
    return entries


def _made_here(sql: sqlite3.Connection) -> set[RecordId]:
    found = sql.execute("SELECT id FROM records WHERE source = ?", (Source.OWN,))
    return {RecordId(row[0]) for row in found}


def _bury(
    sql: sqlite3.Connection, ids: set[RecordId], new: dict[RecordId, Signed], *, heard: bool
) -> None:
    """Tombstones in the place of records, held or just arrived (`heard` from the network, or not).

    What was held and had not left the device was heard by nobody.
    """
    arrived = [new[i] for i in sorted(ids & new.keys())]
    held = [(i,) for i in sorted(ids - new.keys())]
    sql.executemany(
        "INSERT OR IGNORE INTO tombstones (id, author, n, x, heard) VALUES (?, ?, ?, ?, ?)",
        [(one.id, one.record.author, one.record.n, one.record.x, heard) for one in arrived],
    )
    sql.executemany(
        "INSERT OR IGNORE INTO tombstones (id, author, n, x, heard) "
        "SELECT id, author, n, x, pos IS NOT NULL FROM records WHERE id = ?",
        held,
    )
    sql.executemany("DELETE FROM records WHERE id = ?", held)


def _erase(sql: sqlite3.Connection, ids: Iterable[RecordId]) -> None:
    rows = [(i,) for i in ids]
    sql.executemany("DELETE FROM records WHERE id = ?", rows)
    sql.executemany("DELETE FROM tombstones WHERE id = ?", rows)


def _set_quarantine(sql: sqlite3.Connection, author: PeerId, *, quarantined: bool) -> None:
    if quarantined:
        sql.execute("INSERT OR IGNORE INTO quarantine (author) VALUES (?)", (author,))
    else:
        sql.execute("DELETE FROM quarantine WHERE author = ?", (author,))
