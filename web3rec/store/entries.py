"""What the log holds of one author, as the merge rule sees it, and what it does as that says."""

import sqlite3
from collections.abc import Collection, Mapping
from typing import Final

from web3rec.records import Entry, Kind, Signed
from web3rec.store import declined
from web3rec.store.ladder import NEVER
from web3rec.types import ItemKey, PeerId, RecordId

_KINDS: Final = {kind.value: kind for kind in Kind}


def entries_of(sql: sqlite3.Connection, author: PeerId) -> list[Entry]:
    """All that is held of an author, dead or alive."""
    # What never left and never may is the ego's own affair: it has no place in any window.
    live = sql.execute(
        "SELECT id, n, kind, key FROM records WHERE author = ? AND (level < ? OR pos IS NOT NULL)",
        (author, NEVER),
    )
    entries = [
        Entry(id=RecordId(i), n=n, kind=_KINDS[kind], key=ItemKey(key), dead=False)
        for i, n, kind, key in live
    ]
    dead = sql.execute("SELECT id, n, trust FROM tombstones WHERE author = ?", (author,))
    entries += [Entry.tombstone(RecordId(i), n, trust=bool(trust)) for i, n, trust in dead]
    return entries


def bury(
    sql: sqlite3.Connection,
    ids: Collection[RecordId],
    new: Mapping[RecordId, Signed],
    *,
    heard: bool,
) -> None:
    """Tombstones in the place of records, held or just arrived (`heard` from the network, or not).

    What was held and had not left the device was heard by nobody.
    """
    arrived = [new[i] for i in sorted(new.keys() & set(ids))]
    held = [(i,) for i in sorted(set(ids) - new.keys())]
    sql.executemany(
        "INSERT OR IGNORE INTO tombstones (id, author, n, x, heard, trust) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                one.id,
                one.record.author,
                one.record.n,
                one.record.x,
                heard,
                one.record.kind is Kind.TRUST,
            )
            for one in arrived
        ],
    )
    sql.executemany(
        "INSERT OR IGNORE INTO tombstones (id, author, n, x, heard, trust) "
        "SELECT id, author, n, x, pos IS NOT NULL, kind = 'trust' FROM records WHERE id = ?",
        held,
    )
    sql.executemany("DELETE FROM records WHERE id = ?", held)


def erase(sql: sqlite3.Connection, ids: Collection[RecordId]) -> None:
    """Out of a window: nothing stays but, if others may offer it again, that it is not wanted."""
    rows = [(i,) for i in ids]
    for statement in (
        f"{declined.FROM_RECORDS} id = ?",
        f"{declined.FROM_TOMBSTONES} id = ?",
        "DELETE FROM records WHERE id = ?",
        "DELETE FROM tombstones WHERE id = ?",
    ):
        sql.executemany(statement, rows)


def set_quarantine(sql: sqlite3.Connection, author: PeerId, *, quarantined: bool) -> None:
    if quarantined:
        sql.execute("INSERT OR IGNORE INTO quarantine (author) VALUES (?)", (author,))
    else:
        sql.execute("DELETE FROM quarantine WHERE author = ?", (author,))
