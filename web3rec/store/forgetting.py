"""Erasing what the ego did: records, local feedback, bare item names, cached replies.

Three ways to name what shall go; each is one transaction. Records that had left the device leave
a tombstone (id only) and are covered by a signed retraction, which travels like any record and
outlives what it covers. Records that never left leave nothing at all.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from web3rec.records.model import EVERYTHING
from web3rec.store import earning, withheld
from web3rec.store.own import Author, erase, rewrite, write_retraction
from web3rec.types import ItemKey, Millis, PeerId

_COLUMNS: Final = "seq, id, n, x, pos, key"


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
    rows = _own(sql, author, "key = ? AND kind NOT IN ('retract', 'trust')", (key,))
    left = erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        "feedback": _feedback(sql, "key = ?", (key,)),
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
    where = "touched >= ? AND kind NOT IN ('retract', 'trust')"
    rows = _own(sql, author, where, (since,))
    left = {key for *_, pos, key in rows if pos is not None}
    erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        "feedback": _feedback(sql, "at >= ?", (since,)),
        "items": _delete_orphans(sql, author),
    }
    for key in sorted(left):
        write_retraction(sql, key, author, now)
        rewrite(sql, ItemKey(key), author, now)
    return Receipt("a span of time", now, removed, retractions=len(left))


def forget_peer(
    sql: sqlite3.Connection, keys: Sequence[PeerId], author: Author, now: Millis
) -> Receipt:
    """The ego's trust in one person, by whatever key, and what it called it.

    Whether it is blocked stays.
    """
    records = named = retractions = 0
    for peer in keys:
        rows = _own(sql, author, "key = ? AND kind = 'trust'", (peer,))
        left = erase(sql, rows, author.key.peer)
        named += _delete(sql, "peers", "peer = ? AND blocked = 0", (peer,))
        named += sql.execute(
            "UPDATE peers SET name = '' WHERE peer = ? AND name != ''", (peer,)
        ).rowcount
        if left:
            write_retraction(sql, peer, author, now)
        earning.pardon(sql, peer)
        records += len(rows)
        retractions += int(left > 0)
    removed = {"records": records, "peers": named}
    return Receipt("trust in one peer", now, removed, retractions)


def forget_all(sql: sqlite3.Connection, author: Author, now: Millis) -> Receipt:
    """Everything the ego ever did, said or named; settings, the key and others' records stay."""
    rows = _own(sql, author, "kind NOT IN ('retract', 'rotate')", ())
    left = erase(sql, rows, author.key.peer)
    listed = withheld.clear(sql)
    removed = {
        "records": len(rows),
        "feedback": _feedback(sql, "1", ()),
        "items": _delete_orphans(sql, author),
        "peers": _delete(sql, "peers", "1", ()),
        "withheld": listed,
        "neighbours": _delete(sql, "reputation", "1", ()) + _delete(sql, "addresses", "1", ()),
    }
    _delete(sql, "settings", "name = 'last_private'", ())
    if left:
        write_retraction(sql, EVERYTHING, author, now)
    return Receipt("everything", now, removed, retractions=int(left > 0))


def _own(
    sql: sqlite3.Connection, author: Author, where: str, values: tuple[object, ...]
) -> list[tuple[int, bytes, int, int, object, bytes]]:
    """The ego's records: made here, or come back from another device or a backup."""
    query = f"SELECT {_COLUMNS} FROM records WHERE author = ? AND {where}"  # noqa: S608 - constants
    return sql.execute(query, (author.key.peer, *values)).fetchall()


def _delete(sql: sqlite3.Connection, table: str, where: str, values: tuple[object, ...]) -> int:
    return sql.execute(f"DELETE FROM {table} WHERE {where}", values).rowcount  # noqa: S608 - constants


def _feedback(sql: sqlite3.Connection, where: str, values: tuple[object, ...]) -> int:
    """Feedback, and with it (not counted apart) who had paid for the positions it judged."""
    _delete(sql, "payments", where, values)
    return _delete(sql, "feedback", where, values)


def _delete_orphans(sql: sqlite3.Connection, author: Author) -> int:
    """Items known only because the ego touched them, which it now never did, nor withholds."""
    return _delete(
        sql,
        "items",
        "described = 0 AND key NOT IN (SELECT key FROM records WHERE author = ?) "
        "AND key NOT IN (SELECT key FROM feedback) "
        "AND key NOT IN (SELECT key FROM withheld_items)",
        (author.key.peer,),
    )
