"""Verified records into the log, by the order-free merge rule, one transaction a batch."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from web3rec.records import Entry, Kind, Settled, Signed, settle
from web3rec.types import ItemKey, PeerId, RecordId


class Source(IntEnum):
    """Whose record it is, from this device's point of view."""

    OWN = 0
    """The ego's, made here: never expires here, never pushed out by the author bound."""
    HOSTED = 1
    """Of another identity this node speaks for (simulations, demos)."""
    PEER = 2
    """Came over the network."""


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


@dataclass(frozen=True, slots=True)
class Merged:
    """What one batch changed."""

    stored: int
    """Records that are new and live now"""
    buried: int
    """Records, new or held, that a retraction turned into tombstones"""
    held: frozenset[RecordId]
    """Ids that joined: live or tombstoned"""
    dropped: frozenset[RecordId]
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

    Cost: O(window) per author in the batch.
    """
    fresh: dict[PeerId, dict[RecordId, Signed]] = {}
    for one in signed:
        fresh.setdefault(one.record.author, {})[one.id] = one
    stored = buried = 0
    joined: set[RecordId] = set()
    gone: set[RecordId] = set()
    for author, arrivals in fresh.items():
        held = _entries_of(sql, author)
        own = _own_ids(sql) if author == me else set()
        known = {entry.id for entry in held}
        new = {i: s for i, s in arrivals.items() if i not in known}
        if not new:
            continue
        settled = settle([*held, *(_entry(s) for s in new.values())], window)
        placed = [new[i] for i in new if i in settled.live]
        _insert(sql, placed, placement)
        corpses = {i for i in settled.dead if not _was_dead(i, held)}
        _bury(sql, author, corpses, new)
        evicted = (settled.evicted & known) - own
        _erase(sql, evicted)
        _set_quarantine(sql, author, quarantined=settled.quarantined and author != me)
        stored += len(placed)
        buried += len(corpses)
        joined |= set(new) & (settled.live | settled.dead)
        gone |= evicted
    return Merged(stored, buried, frozenset(joined), frozenset(gone))


def resettle(sql: sqlite3.Connection, author: PeerId, window: int) -> Settled:
    """Apply the merge rule to what is held of one author, after a change outside `merge`."""
    settled = settle(_entries_of(sql, author), window)
    _set_quarantine(sql, author, quarantined=settled.quarantined)
    return settled


def insert(sql: sqlite3.Connection, signed: Iterable[Signed], placement: Placement) -> None:
    """Append the ego's own new records; their sequence is above all others by construction."""
    _insert(sql, list(signed), placement)


def next_pos(sql: sqlite3.Connection) -> int:
    """The next free place in what is shared; never given twice."""
    row = sql.execute(
        "INSERT INTO settings (name, value) VALUES ('next_pos', 1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
    ).fetchone()
    return int(row[0])


def _entry(signed: Signed) -> Entry:
    record = signed.record
    return Entry(id=signed.id, n=record.n, kind=record.kind, key=record.key, dead=False)


def _entries_of(sql: sqlite3.Connection, author: PeerId) -> list[Entry]:
    live = sql.execute("SELECT id, n, kind, key FROM records WHERE author = ?", (author,))
    entries = [
        Entry(id=RecordId(i), n=n, kind=Kind(kind), key=ItemKey(key), dead=False)
        for i, n, kind, key in live
    ]
    dead = sql.execute("SELECT id, n FROM tombstones WHERE author = ?", (author,))
    entries += [Entry(id=RecordId(i), n=n, kind=None, key=ItemKey(b""), dead=True) for i, n in dead]
    return entries


def _own_ids(sql: sqlite3.Connection) -> set[RecordId]:
    found = sql.execute("SELECT id FROM records WHERE source = ?", (Source.OWN,))
    return {RecordId(row[0]) for row in found}


def _was_dead(record_id: RecordId, held: Sequence[Entry]) -> bool:
    return any(entry.id == record_id and entry.dead for entry in held)


def _insert(sql: sqlite3.Connection, signed: Sequence[Signed], place: Placement) -> None:
    shared_at_once = place.source is Source.PEER
    sql.executemany(
        "INSERT INTO records (id, author, n, t, x, kind, key, weight, envelope, source, touched, "
        "level, due, pos) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                s.id, s.record.author, s.record.n, s.record.t, s.record.x, s.record.kind.value,
                s.record.key, s.record.weight, s.envelope, place.source, place.touched,
                place.level, place.due, next_pos(sql) if shared_at_once else None,
            )
            for s in signed
        ],
    )  # fmt: skip


def _bury(
    sql: sqlite3.Connection, author: PeerId, ids: set[RecordId], new: dict[RecordId, Signed]
) -> None:
    for record_id in sorted(ids):
        if record_id in new:
            n, x = new[record_id].record.n, new[record_id].record.x
        else:
            n, x = sql.execute("SELECT n, x FROM records WHERE id = ?", (record_id,)).fetchone()
        sql.execute(
            "INSERT OR IGNORE INTO tombstones (id, author, n, x) VALUES (?, ?, ?, ?)",
            (record_id, author, n, x),
        )
    _erase_records(sql, ids)


def _erase(sql: sqlite3.Connection, ids: Iterable[RecordId]) -> None:
    ids = list(ids)
    _erase_records(sql, ids)
    sql.executemany("DELETE FROM tombstones WHERE id = ?", [(i,) for i in ids])


def _erase_records(sql: sqlite3.Connection, ids: Iterable[RecordId]) -> None:
    sql.executemany("DELETE FROM records WHERE id = ?", [(i,) for i in ids])


def _set_quarantine(sql: sqlite3.Connection, author: PeerId, *, quarantined: bool) -> None:
    if quarantined:
        sql.execute("INSERT OR IGNORE INTO quarantine (author) VALUES (?)", (author,))
    else:
        sql.execute("DELETE FROM quarantine WHERE author = ?", (author,))
