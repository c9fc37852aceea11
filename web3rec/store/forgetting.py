"""Erasing what the ego did, or what is held of a peer: records, replies, bare names, payments.

Ways to name what shall go; each is one transaction. Own records that had left the device leave a
tombstone (id only) and are covered by a signed retraction, which travels like any record and
outlives what it covers. Own records that never left leave nothing at all.

What others said is theirs, and nothing is asked of anybody: their records go here, and stay away
(see `forget_heard`).
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from web3rec.records.model import EVERYTHING
from web3rec.store import declined, earning, letting_go, withheld
from web3rec.store.own import Author, erase, rewrite, write_retraction
from web3rec.store.receipt import ALL, ITEM, LATELY, PEER, SPAN, TRUST, Receipt, Trail
from web3rec.store.room import tag_of
from web3rec.types import ItemKey, Millis, PeerId

_COLUMNS: Final = "seq, id, n, x, pos, key, envelope"
_ACTS: Final = "kind NOT IN ('retract', 'rotate', 'trust')"


def forget_item(
    sql: sqlite3.Connection, key: ItemKey, author: Author, now: Millis, trail: Trail
) -> Receipt:
    """All the ego's acts on one item."""
    rows = _own(sql, author, f"key = ? AND {_ACTS}", (key,), trail)
    trail.subjects.append(key)
    left = erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        **_feedback(sql, "key = ?", (key,), trail),
        "items": _unnamed(sql, "key = ? AND described = 0", (key,), trail),
    }
    if left:
        write_retraction(sql, key, author, now)
    return Receipt(ITEM, now, removed, retractions=int(left > 0))


def forget_since(
    sql: sqlite3.Connection,
    since: Millis,
    author: Author,
    now: Millis,
    trail: Trail,
    item: ItemKey | None = None,
) -> Receipt:
    """All the ego's acts on items from a moment on, or only on `item`; trust edges stay.

    A retraction names a subject, not a time, so it would cover earlier acts on the same items
    too: those are written anew behind it, with a higher sequence and their old time and level.
    """
    only, named = ("", ()) if item is None else (" AND key = ?", (item,))
    rows = _own(sql, author, f"touched >= ?{only} AND {_ACTS}", (since, *named), trail)
    left = {key for _, _, _, _, pos, key, _ in rows if pos is not None}
    erase(sql, rows, author.key.peer)
    removed = {
        "records": len(rows),
        **_feedback(sql, f"at >= ?{only}", (since, *named), trail),
        "items": _delete_orphans(sql, author, trail, only, named),
    }
    for key in sorted(left):
        write_retraction(sql, key, author, now)
        trail.replaced += rewrite(sql, ItemKey(key), author, now)
    wish = SPAN if item is None else LATELY
    return Receipt(wish, now, removed, retractions=len(left))


def forget_peer(
    sql: sqlite3.Connection, keys: Sequence[PeerId], author: Author, now: Millis, trail: Trail
) -> Receipt:
    """The ego's trust in one person, by whatever key, and what it called it.

    Whether it is blocked stays.
    """
    records = named = retractions = 0
    for peer in keys:
        rows = _own(sql, author, "key = ? AND kind = 'trust'", (peer,), trail)
        trail.subjects.append(peer)
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
    return Receipt(TRUST, now, removed, retractions)


def forget_heard(
    sql: sqlite3.Connection, keys: Sequence[PeerId], author: Author, now: Millis, trail: Trail
) -> Receipt:
    """All that is held of one person, by whatever key: the trust in it, its name, what it said.

    What was here is remembered by half an id and without an author, until it is over, so that it
    is neither asked for nor taken again, whatever room there is (see `declined.NOBODY`). What the
    person says from now on is heard as a stranger's, unless it is blocked. What it had taken back
    stays taken back: see `letting_go`.
    """
    trust = forget_peer(sql, keys, author, now, trail)
    heard = dead = 0
    keys_changed: list[bytes] = []
    for peer in keys:
        rows = sql.execute(
            f"SELECT {_COLUMNS} FROM records WHERE author = ? AND kind != 'rotate'",  # noqa: S608
            (peer,),
        ).fetchall()
        trail.note(rows)
        heard += len(rows)
        keys_changed += _rotations(sql, peer)
        dead += _count(sql, "tombstones", peer)
        letting_go.trim(sql, peer, 0)
        for table in ("quarantine", "quotas", "hosted"):
            _delete(sql, table, "author = ?", (peer,))
        declined.ascribe_to_nobody(sql, tag_of(peer))
    # Waited for (`letting_go`): without it nothing its author says is heard.
    declined.take_in(sql, keys_changed)
    removed = {**trust.removed, "heard": heard, "tombstones": dead}
    return Receipt(PEER, now, removed, trust.retractions)


def forget_all(sql: sqlite3.Connection, author: Author, now: Millis, trail: Trail) -> Receipt:
    """Everything the ego ever did, said or named; settings, the key and others' records stay."""
    rows = _own(sql, author, "kind NOT IN ('retract', 'rotate')", (), trail)
    left = erase(sql, rows, author.key.peer)
    listed = withheld.clear(sql)
    removed = {
        "records": len(rows),
        **_feedback(sql, "1", (), trail),
        "items": _delete_orphans(sql, author, trail),
        "peers": _delete(sql, "peers", "1", ()),
        "withheld": listed,
        "neighbours": _delete(sql, "reputation", "1", ()) + _delete(sql, "addresses", "1", ()),
    }
    _delete(sql, "settings", "name = 'last_private'", ())
    if left:
        write_retraction(sql, EVERYTHING, author, now)
    return Receipt(ALL, now, removed, retractions=int(left > 0))


def last_rows(sql: sqlite3.Connection) -> list[tuple[str, int]]:
    """The last number given in each table that counts its rows."""
    return sql.execute("SELECT name, seq FROM sqlite_sequence").fetchall()


def _own(
    sql: sqlite3.Connection, author: Author, where: str, values: tuple[object, ...], trail: Trail
) -> list[tuple[int, bytes, int, int, object, bytes, bytes]]:
    """The ego's records: made here, or come back from another device or a backup."""
    query = f"SELECT {_COLUMNS} FROM records WHERE author = ? AND {where}"  # noqa: S608 - constants
    rows = sql.execute(query, (author.key.peer, *values)).fetchall()
    trail.note(rows)
    return rows


def _delete(sql: sqlite3.Connection, table: str, where: str, values: tuple[object, ...]) -> int:
    return sql.execute(f"DELETE FROM {table} WHERE {where}", values).rowcount  # noqa: S608 - constants


def _count(sql: sqlite3.Connection, table: str, author: bytes) -> int:
    query = f"SELECT count(*) FROM {table} WHERE author = ?"  # noqa: S608 - constants
    return int(sql.execute(query, (author,)).fetchone()[0])


def _rotations(sql: sqlite3.Connection, author: PeerId) -> list[bytes]:
    found = sql.execute("SELECT id FROM records WHERE author = ? AND kind = 'rotate'", (author,))
    return [id_ for (id_,) in found]


def _feedback(
    sql: sqlite3.Connection, where: str, values: tuple[object, ...], trail: Trail
) -> dict[str, int]:
    """Feedback, and with it who had paid for the positions it judged."""
    said = sql.execute(f"SELECT seq FROM feedback WHERE {where}", values)  # noqa: S608 - constants
    trail.feedback += [seq for (seq,) in said]
    paid = _delete(sql, "payments", where, values)
    return {"feedback": _delete(sql, "feedback", where, values), "payments": paid}


def _unnamed(sql: sqlite3.Connection, where: str, values: tuple[object, ...], trail: Trail) -> int:
    names = sql.execute(f"SELECT uri FROM items WHERE {where}", values)  # noqa: S608 - constants
    trail.names += [uri for (uri,) in names]
    return _delete(sql, "items", where, values)


def _delete_orphans(
    sql: sqlite3.Connection,
    author: Author,
    trail: Trail,
    only: str = "",
    named: tuple[object, ...] = (),
) -> int:
    """Items known only because the ego touched them, which it now never did, nor withholds."""
    return _unnamed(
        sql,
        "described = 0 AND key NOT IN (SELECT key FROM records WHERE author = ?) "  # noqa: S608 - constants
        "AND key NOT IN (SELECT key FROM feedback) "
        f"AND key NOT IN (SELECT key FROM withheld_items){only}",
        (author.key.peer, *named),
        trail,
    )
