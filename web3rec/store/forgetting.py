"""Erasing what the ego did: records, local feedback, bare item names, cached replies.

Three ways to name what shall go; each is one transaction. Records that had left the device leave
a tombstone (id only) and are covered by a signed retraction, which travels like any record and
outlives what it covers. Records that never left leave nothing at all.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from web3rec.records import Kind
from web3rec.records.model import EVERYTHING
from web3rec.store.ingest import Source
from web3rec.store.own import Author, erase, rewrite, write_retraction
from web3rec.types import ItemKey, Millis

_COLUMNS = "seq, id, n, x, pos"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, and what was asked of others."""

    wish: str
    """What was asked for, in words that name no item"""
    at: Millis
    removed: Mapping[str, int] = field(default_factory=dict)
    """Stage -> how many entries were erased there"""
    retractions: int = 0
    """Signed retractions now waiting to travel: one per subject that had left the device"""


def forget_item(sql: sqlite3.Connection, key: ItemKey, author: Author, now: Millis) -> Receipt:
    """All the ego's acts on one item."""
    rows = _own(sql, "key = ? AND kind != ?", (key, Kind.RETRACT.value))
    left = erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        "feedback": _delete(sql, "feedback", "key = ?", (key,)),
        "items": _delete(sql, "items", "key = ? AND described = 0", (key,)),
    }
    if left:
        write_retraction(sql, key, author, now)
    return Receipt("one item", now, removed, retractions=int(left > 0))


def forget_since(sql: sqlite3.Connection, since: Millis, author: Author, now: Millis) -> Receipt:
    """All the ego's acts on items from a moment on; trust edges stay.

    A retraction names a subject, not a time, so it would cover earlier acts on the same items
    too: those are written anew behind it, with a higher sequence and their old time and level.
    """
    chosen = (since, Kind.TRUST.value, Kind.RETRACT.value)
    rows = _own(sql, "touched >= ? AND kind NOT IN (?, ?)", chosen)
    keys = {
        key
        for (key,) in sql.execute(
            "SELECT DISTINCT key FROM records WHERE source = 0 AND touched >= ? "
            "AND kind NOT IN (?, ?) AND pos IS NOT NULL",
            chosen,
        )
    }
    erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        "feedback": _delete(sql, "feedback", "at >= ?", (since,)),
        "items": _delete_orphans(sql),
    }
    for key in sorted(keys):
        write_retraction(sql, ItemKey(key), author, now)
        rewrite(sql, ItemKey(key), author, now)
    return Receipt("a span of time", now, removed, retractions=len(keys))


def forget_peer(sql: sqlite3.Connection, peer: bytes, author: Author, now: Millis) -> Receipt:
    """The ego's trust in one peer."""
    rows = _own(sql, "key = ? AND kind = ?", (peer, Kind.TRUST.value))
    left = erase(sql, rows, author.key.peer)
    if left:
        write_retraction(sql, peer, author, now)
    return Receipt("trust in one peer", now, {"records": len(rows)}, retractions=int(left > 0))


def forget_all(sql: sqlite3.Connection, author: Author, now: Millis) -> Receipt:
    """Everything the ego ever did, said or named; the key and others' records stay."""
    rows = _own(sql, "kind != ?", (Kind.RETRACT.value,))
    left = erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        "feedback": _delete(sql, "feedback", "1", ()),
        "items": _delete_orphans(sql),
        "peers": _delete(sql, "peers", "1", ()),
    }
    if left:
        write_retraction(sql, EVERYTHING, author, now)
    return Receipt("everything", now, removed, retractions=int(left > 0))


def _own(
    sql: sqlite3.Connection, where: str, values: tuple[object, ...]
) -> list[tuple[int, bytes, int, int, object]]:
    query = f"SELECT {_COLUMNS} FROM records WHERE source = {int(Source.OWN)} AND {where}"  # noqa: S608 - constants
    return sql.execute(query, values).fetchall()


def _delete(sql: sqlite3.Connection, table: str, where: str, values: tuple[object, ...]) -> int:
    return sql.execute(f"DELETE FROM {table} WHERE {where}", values).rowcount  # noqa: S608 - constants


def _delete_orphans(sql: sqlite3.Connection) -> int:
    """Items known only because the ego touched them, which it now never did."""
    return _delete(
        sql,
        "items",
        "described = 0 AND key NOT IN (SELECT key FROM records WHERE source = 0) "
        "AND key NOT IN (SELECT key FROM feedback)",
        (),
    )
