"""What the ego never shares: items it named, and items that carry a tag it named.

The list is kept here only. Nothing that is withheld has a level at which it may leave: acts on it
are written as private ones, what had not left yet becomes private, and what had left is served no
more. So nothing that releases or serves records needs to know of this list. It holds of an item
from the moment it is named, or the app's catalogue gives it such a tag; taking the name back is
consent for the future, not for the past.
"""

import json
import sqlite3
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from web3rec.errors import DataError
from web3rec.store.database import Database
from web3rec.store.ingest import Source
from web3rec.store.ladder import NEVER
from web3rec.types import ItemKey, PeerId

MAX_TAG: Final = 100
"""Characters of a tag at most, as in the catalogue."""
ABOUT_ITEMS: Final = "kind NOT IN ('trust', 'retract', 'rotate')"
"""Records that name an item because the ego did something with it."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is never shared."""

    items: tuple[str, ...] = ()
    """The app's ids, or `hash:` names; sorted"""
    tags: tuple[str, ...] = ()
    """In small letters; sorted"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept here from now on."""

    stopped: int
    """Records that had not left"""
    left: tuple[tuple[ItemKey, int], ...]
    """Items of which records had left, and how many of each"""


def add_item(sql: sqlite3.Connection, key: ItemKey) -> None:
    """Put an item on the list; `keep_here` must follow in the same transaction."""
    sql.execute("INSERT OR IGNORE INTO withheld_items (key) VALUES (?)", (key,))


def add_tag(sql: sqlite3.Connection, tag: str) -> None:
    """Put a tag on the list; `keep_here` must follow. Raises DataError."""
    sql.execute("INSERT OR IGNORE INTO withheld_tags (tag) VALUES (?)", (checked_tag(tag),))


def remove_item(sql: sqlite3.Connection, key: ItemKey) -> bool:
    """Take an item off the list; False if it was not on it."""
    return sql.execute("DELETE FROM withheld_items WHERE key = ?", (key,)).rowcount > 0


def remove_tag(sql: sqlite3.Connection, tag: str) -> bool:
    """Take a tag off the list; False if it was not on it. Raises DataError."""
    tag = checked_tag(tag)
    return sql.execute("DELETE FROM withheld_tags WHERE tag = ?", (tag,)).rowcount > 0


def clear(sql: sqlite3.Connection) -> int:
    """Empty the list; returns how long it was."""
    items = sql.execute("DELETE FROM withheld_items").rowcount
    return items + sql.execute("DELETE FROM withheld_tags").rowcount


def withheld(db: Database) -> Withheld:
    """The list."""
    with db.reading():
        items = db.rows("SELECT key, uri FROM withheld_items LEFT JOIN items USING (key)")
        tags = db.rows("SELECT tag FROM withheld_tags ORDER BY tag")
    names = sorted(f"hash:{key.hex()}" if uri is None else uri for key, uri in items)
    return Withheld(tuple(names), tuple(tag for (tag,) in tags))


def withheld_among(sql: sqlite3.Connection, keys: Collection[ItemKey]) -> set[ItemKey]:
    """Those of these items that are withheld now. Cost: O(keys)."""
    found: set[ItemKey] = set()
    tags = _tags(sql)
    for key in set(keys):
        if sql.execute("SELECT 1 FROM withheld_items WHERE key = ?", (key,)).fetchone():
            found.add(key)
        elif tags:
            row = sql.execute("SELECT tags FROM items WHERE key = ?", (key,)).fetchone()
            if row and _carries(row[0], tags):
                found.add(key)
    return found


def keep_here(sql: sqlite3.Connection, me: PeerId) -> Kept:
    """See to it that nothing withheld may leave; after a change of the list or the catalogue.

    Cost: O(the ego's records + the catalogue); the latter only if a tag is on the list.
    """
    keys = {ItemKey(key) for (key,) in sql.execute("SELECT key FROM withheld_items")}
    if tags := _tags(sql):
        described = sql.execute("SELECT key, tags FROM items WHERE tags != '[]'")
        keys |= {ItemKey(key) for key, told in described if _carries(told, tags)}
    stopped, left = 0, []
    if keys:
        # Records of the ego's that came back over the network would be served as others' are.
        mine = sql.execute(
            "SELECT key, sum(pos IS NULL), sum(pos IS NOT NULL) FROM records "  # noqa: S608
            f"WHERE author = ? AND (level < ? OR source != ?) AND {ABOUT_ITEMS} GROUP BY key",
            (me, NEVER, Source.OWN),
        ).fetchall()
        for key, waiting, gone in mine:
            if key in keys:
                stopped += waiting
                left += [(ItemKey(key), gone)] if gone else []
                sql.execute(
                    "UPDATE records SET level = ?, source = ? "  # noqa: S608 - constants
                    f"WHERE author = ? AND key = ? AND {ABOUT_ITEMS}",
                    (NEVER, Source.OWN, me, key),
                )
    return Kept(stopped, tuple(sorted(left)))


def keep_tagged(sql: sqlite3.Connection, me: PeerId) -> None:
    """`keep_here` after a change of the catalogue. Cost: nothing where no tag is on the list."""
    if _tags(sql):
        keep_here(sql, me)


def checked_tag(tag: str) -> str:
    """A tag as it is compared. Raises DataError."""
    if not isinstance(tag, str) or any("\ud800" <= c <= "\udfff" for c in tag):
        raise DataError("a tag must be Unicode text, such as 'jazz'")
    if not 1 <= len(text := folded(tag)) <= MAX_TAG:
        raise DataError(f"a tag must have 1 to {MAX_TAG} characters, got {len(text)}")
    return text


def folded(tag: str) -> str:
    """One spelling for a tag: Jazz, ` jazz` and JAZZ are the same."""
    return unicodedata.normalize("NFC", tag).strip().casefold()


def _tags(sql: sqlite3.Connection) -> frozenset[str]:
    return frozenset(tag for (tag,) in sql.execute("SELECT tag FROM withheld_tags"))


def _carries(told: str, tags: frozenset[str]) -> bool:
    """Whether a catalogue's list of tags, as it is stored, holds one of these."""
    return any(folded(tag) in tags for tag in json.loads(told))
