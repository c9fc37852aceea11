"""Verified records into the log, by the order-free merge rule, one transaction a batch.

How many sequences of an author are kept is told by `places`; see `room`.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from web3rec.records import Entry, Kind, Settled, Signed, settle
from web3rec.store.entries import bury, entries_of, erase, set_quarantine
from web3rec.store.expiry import note_latest
from web3rec.store.letting_go import Retraction, recall, remember, retractions
from web3rec.store.sequence import raise_to
from web3rec.types import PeerId, RecordId

Places = Callable[[PeerId], int]
"""How many sequences of an author are kept, of acts, of trust and of retractions each."""
_ABOVE_ALL: Final = (1 << 63) - 1

_FOR_GOOD: Final = (Kind.RETRACT, Kind.ROTATE)
"""What no retraction covers."""


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
    waiting: set[RecordId] = field(default_factory=set)
    """Ids not kept until retractions of their author are back: they shall be offered again"""


def merge(
    sql: sqlite3.Connection,
    signed: Sequence[Signed],
    placement: Placement,
    *,
    me: PeerId,
    places: Places,
) -> Merged:
    """Merge verified records; call inside a transaction. Whoever has no place is passed over.

    Cost: about 40 µs a record where nothing of the author's stands in its way, that is: the
    window has room, no sequence is taken, no retraction reaches it; else O(window) an author.
    """
    fresh: dict[PeerId, dict[RecordId, Signed]] = {}
    for one in signed:
        fresh.setdefault(one.record.author, {})[one.id] = one
    merged = Merged()
    placed: list[Signed] = []
    for author, arrivals in fresh.items():
        window = places(author)
        if not window:
            continue
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


def resettle(sql: sqlite3.Connection, author: PeerId, window: int) -> None:
    """Judge anew whether an author is quarantined, after a change outside `merge`."""
    memory, entries = recall(sql, author), entries_of(sql, author)
    forked = settle(entries, max(1, window), memory.below).quarantined
    set_quarantine(sql, author, quarantined=bool(entries) and (forked or bool(memory.forked)))


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

    True only if they are statements with sequences of their own, nothing is or gets full,
    every retraction lies below them, and nothing of the author's was let go. Asks indexes, no row.
    """
    numbers = {one.record.n for one in arrivals if one.record.kind not in _FOR_GOOD}
    if len(numbers) < len(arrivals):
        return False
    held = sql.execute(
        "SELECT n, kind FROM records WHERE author = ?1 "
        "UNION ALL SELECT n, NULL FROM tombstones WHERE author = ?1 "
        "UNION ALL SELECT ?2, 'retract' FROM let_go WHERE author = ?1",
        (author, _ABOVE_ALL),
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
    held = {entry.id: entry for entry in entries_of(sql, author)}
    new = {i: s for i, s in arrivals.items() if i not in held}
    if not new:
        return []
    entries = [*held.values(), *map(Entry.of, new.values())]
    before = recall(sql, author)
    memory = before.met(entry.id for entry in entries if entry.retracts or entry.rotates)
    settled = settle(entries, window, memory.below)
    corpses = {i for i in settled.dead if i not in held or not held[i].dead}
    evicted = settled.evicted & held.keys()
    if author == me:
        evicted -= _made_here(sql)
    if memory.below and memory.missing:
        merged.waiting |= (settle(entries, window).live - settled.live) & new.keys()
    memory = memory.without(_lost(sql, (held[i] for i in evicted), new, settled))
    if memory != before:
        remember(sql, author, memory)
    bury(sql, corpses, new, heard=placement.source is Source.PEER)
    erase(sql, evicted)
    forked = settled.quarantined or bool(memory.forked)
    set_quarantine(sql, author, quarantined=forked and author != me)
    merged.held |= new.keys() & (settled.live | settled.dead)
    merged.dropped |= evicted
    return [one for i, one in new.items() if i in settled.live]


def _lost(
    sql: sqlite3.Connection,
    held: Iterable[Entry],
    new: dict[RecordId, Signed],
    settled: Settled,
) -> list[Retraction]:
    """Retractions that found no place, or lost it; a third version of one is no loss."""
    came = [
        Retraction(i, one.record.n, one.record.x)
        for i, one in new.items()
        if i in settled.evicted and one.record.kind is Kind.RETRACT
    ]
    lost = [*retractions(sql, held), *came]
    return [one for one in lost if one.n < settled.floor] if lost else []


def _made_here(sql: sqlite3.Connection) -> set[RecordId]:
    found = sql.execute("SELECT id FROM records WHERE source = ?", (Source.OWN,))
    return {RecordId(row[0]) for row in found}
