"""Putting something on the list of what is never shared, and what that does to the ego's records.

What had left before can be taken back, too. That is the ego's choice, because a retraction names
the item (by its key) to everyone for as long as it lives.
"""

import sqlite3
from dataclasses import dataclass, replace

from web3rec.records import seal
from web3rec.store import withheld
from web3rec.store.ingest import Placement, Source, insert
from web3rec.store.ladder import NEVER
from web3rec.store.own import Author, checked_id, erase, key_of, name_item, told, write_retraction
from web3rec.store.sequence import next_private
from web3rec.store.withheld import ABOUT_ITEMS
from web3rec.types import ItemKey, Millis


@dataclass(frozen=True, slots=True)
class Withholding:
    """What had to do with an item or a tag when it was put on the list."""

    stopped: int
    """The ego's records that waited to leave, and now stay for good"""
    left: int
    """Its records that had left: nobody gets them from here any more; who has them, has them"""
    retractions: int
    """Signed retractions now waiting to travel, one for each item of which something had left"""


def withhold_item(
    sql: sqlite3.Connection, item: str, author: Author, now: Millis, *, retract: bool
) -> Withholding:
    """Never share what the ego does with an item; take back what had left. Raises DataError."""
    name, key = checked_id(item), key_of(item)
    name_item(sql, name, key)
    withheld.add_item(sql, key)
    return _withhold(sql, author, now, retract=retract)


def withhold_tag(
    sql: sqlite3.Connection, tag: str, author: Author, now: Millis, *, retract: bool
) -> Withholding:
    """Never share what the ego does with items of this tag. Raises DataError."""
    withheld.add_tag(sql, tag)
    return _withhold(sql, author, now, retract=retract)


def _withhold(
    sql: sqlite3.Connection, author: Author, now: Millis, *, retract: bool
) -> Withholding:
    kept = withheld.keep_here(sql, author.key.peer)
    retracted = [key for key, _ in kept.left] if retract else []
    for key in retracted:
        _withdraw(sql, key, author, now)
    return Withholding(kept.stopped, sum(count for _, count in kept.left), len(retracted))


def _withdraw(sql: sqlite3.Connection, key: ItemKey, author: Author, now: Millis) -> None:
    """Take back what had left of an item and keep it here, as if it had been private always."""
    me = author.key.peer
    rows = sql.execute(
        "SELECT seq, id, n, x, pos, envelope, touched FROM records "  # noqa: S608 - constants
        f"WHERE author = ? AND key = ? AND {ABOUT_ITEMS} AND pos IS NOT NULL ORDER BY n, id",
        (me, key),
    ).fetchall()
    erase(sql, rows, me)
    for *_, envelope, touched in rows:
        again = replace(told(envelope), author=me, n=next_private(sql))
        insert(sql, [seal(again, author.key)], Placement(Source.OWN, touched, NEVER, 0), me=me)
    write_retraction(sql, key, author, now)
