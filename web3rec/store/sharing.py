"""What of the log may be shown to others, and in which order: the ledger's side of the store."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from web3rec.records import Kind
from web3rec.store.database import Database
from web3rec.store.ingest import Source, reserve
from web3rec.store.known import ID_BYTES
from web3rec.store.ladder import MAX_LIVE_LISTENS
from web3rec.types import Millis

_ONE: Final = (
    "SELECT kind, envelope FROM records WHERE id BETWEEN ? AND ? AND pos IS NOT NULL AND x > ? "
    "AND (source = ? OR level <= ?)"
)
_LAST: Final = b"\xff" * ID_BYTES
"""Behind the last id that begins with given bytes."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of what is shared."""

    envelopes: tuple[bytes, ...]
    cursor: int
    """Where to go on"""
    more: bool
    """False if this page reached the end"""


@dataclass(frozen=True, slots=True)
class Pending:
    """One of the ego's records that has not left the device."""

    seq: int
    envelope: bytes
    due: Millis
    level: int
    crowded: bool = False
    """A listen, when more wait than have room among those that live out there: not all will leave
    unless older ones lapse in time"""


def release(db: Database, level: int, now: Millis) -> tuple[bytes, ...]:
    """Give every own or hosted record that may leave now its place; returns their envelopes.

    Retractions first. Durable before it returns: a crash between release and sending loses
    nothing, since catch-up serves what was released.
    """
    if level == 0 or not releasable(db, level, now):
        return ()
    with db.writing() as sql:
        room = _room(sql.execute(*_live_listens(now)).fetchone()[0])
        chosen = _releasable(sql.execute(*_query(level, now)).fetchall(), room)
        first = reserve(sql, len(chosen))
        sql.executemany(
            "UPDATE records SET pos = ? WHERE seq = ?",
            [(first + number, one.seq) for number, one in enumerate(chosen)],
        )
    return tuple(one.envelope for one in chosen)


def releasable(db: Database, level: int, now: Millis) -> tuple[Pending, ...]:
    """What `release` would give out now; changes nothing."""
    if level == 0:
        return ()
    with db.lock:
        room = _room(db.rows(*_live_listens(now))[0][0])
        return tuple(_releasable(db.rows(*_query(level, now)), room))


def waiting(db: Database, level: int, now: Millis) -> tuple[Pending, ...]:
    """Everything of the ego's that would leave at this level, now or once its delay is over."""
    if level == 0:
        return ()
    with db.reading():
        room = _room(db.rows(*_live_listens(now))[0][0])
        rows = db.rows(
            "SELECT seq, envelope, due, level, level < 3 AND kind = ? FROM records "
            "WHERE pos IS NULL AND source = ? AND level <= ? AND x > ? ORDER BY due, seq",
            (Kind.LISTEN.value, Source.OWN, level, now // 1000),
        )
    crowded = sum(counts for *_, counts in rows) > room
    return tuple(
        Pending(seq, env, Millis(due), lv, crowded and bool(counts))
        for seq, env, due, lv, counts in rows
    )


def departed(db: Database, me: bytes, limit: int) -> tuple[int, tuple[Pending, ...]]:
    """How many of the author's live records left the device, and the newest of them.

    When one left is not kept: not before it was `due`. Cost: O(the author's records).
    """
    rows = db.rows(
        "SELECT seq, envelope, due, level FROM records WHERE author = ? AND source = ? "
        "AND pos IS NOT NULL ORDER BY pos DESC",
        (me, Source.OWN),
    )
    found = tuple(Pending(seq, env, Millis(due), level) for seq, env, due, level in rows[:limit])
    return len(rows), found


def since(db: Database, level: int, now: Millis, cursor: int, limit: int) -> Page:
    """Shared live records after a cursor, oldest place first. Cost: O(limit)."""
    if level == 0:
        return Page((), cursor, more=False)
    rows = db.rows(
        "SELECT pos, envelope FROM records WHERE pos > ? AND x > ? "
        "AND (source = ? OR level <= ?) ORDER BY pos LIMIT ?",
        (cursor, now // 1000, Source.PEER, level, limit + 1),
    )
    page = rows[:limit]
    return Page(
        tuple(envelope for _, envelope in page),
        page[-1][0] if page else cursor,
        more=len(rows) > limit,
    )


def envelopes(db: Database, level: int, now: Millis, ids: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those of these records that `since` may show; retractions first, else in the order asked.

    Args:
        db: the log.
        level: the privacy level; at 0 nothing is shown.
        now: unix ms.
        ids: the first 16 bytes of each id; what is unknown, or no such bytes, is passed over.

    Cost: one search of the index an id, about 5 µs.
    """
    if level == 0:
        return ()
    found: list[tuple[str, bytes]] = []
    with db.reading():
        for id_ in ids:
            if len(id_) == ID_BYTES:
                found += db.rows(_ONE, (id_, id_ + _LAST, now // 1000, Source.PEER, level))
    taken_back = [envelope for kind, envelope in found if kind == Kind.RETRACT]
    others = [envelope for kind, envelope in found if kind != Kind.RETRACT]
    return (*taken_back, *others)


def digest(db: Database, level: int, now: Millis) -> tuple[int, bytes]:
    """(count, order-free digest) of all live record ids that `since` may show at this level.

    Equal digests: two logs show the same. Nothing is shown at level 0. Cost: O(records).
    """
    ids = (
        db.rows(
            "SELECT id FROM records WHERE pos IS NOT NULL AND x > ? AND (source = ? OR level <= ?)",
            (now // 1000, Source.PEER, level),
        )
        if level
        else []
    )
    return len(ids), hashlib.sha256(b"".join(sorted(row[0] for row in ids))).digest()


def _query(level: int, now: Millis) -> tuple[str, tuple[object, ...]]:
    sql = (
        "SELECT seq, envelope, due, level, kind, source FROM records WHERE pos IS NULL "
        "AND source IN (?, ?) AND level <= ? AND due <= ? AND x > ? ORDER BY seq DESC"
    )
    return sql, (Source.OWN, Source.HOSTED, level, now, now // 1000)


def _live_listens(now: Millis) -> tuple[str, tuple[object, ...]]:
    return (
        "SELECT count(*) FROM records WHERE source = ? AND kind = ? AND pos IS NOT NULL AND x > ?",
        (Source.OWN, Kind.LISTEN.value, now // 1000),
    )


def _room(live_listens: int) -> int:
    return max(0, MAX_LIVE_LISTENS - live_listens)


def _releasable(rows: Sequence[tuple[int, bytes, int, int, str, int]], room: int) -> list[Pending]:
    """Listens, newest first, as far as there is room, and all else; retractions lead."""
    chosen: list[tuple[bool, Pending]] = []
    for seq, envelope, due, level, kind, source in rows:
        if kind == Kind.LISTEN and source == Source.OWN and level < 3:
            if room == 0:
                continue
            room -= 1
        chosen.append((kind != Kind.RETRACT, Pending(seq, envelope, Millis(due), level)))
    chosen.sort(key=lambda pair: (pair[0], pair[1].seq))
    return [pending for _, pending in chosen]
