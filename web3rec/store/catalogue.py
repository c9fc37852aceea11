"""What items are called: the app's own catalogue first, then what trusted peers say."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Final

from web3rec.errors import CorruptStore, DataError
from web3rec.store.database import Database
from web3rec.store.own import checked_id, key_of, told
from web3rec.types import Item, ItemId, ItemKey, PeerId, RecordId

MAX_TEXT: Final = 500
"""Characters of a title or creator kept at most."""
MAX_TAGS: Final = 64
MAX_TAG_TEXT: Final = 100
"""Tags of an item, and characters of each, kept at most."""
_AT_ONCE: Final = 500
"""Values of one SQL statement."""


def add_items(sql: sqlite3.Connection, items: Iterable[Item]) -> int:
    """Describe items; a later description replaces an earlier one. Returns how many.

    Raises DataError.
    """
    rows = []
    for item in items:
        name = checked_id(item.id)
        if isinstance(item.tags, str) or not isinstance(item.tags, Collection):
            raise DataError(f"tags must be several texts such as ('jazz',), got {item.tags!r:.80}")
        tags = [_text(tag)[:MAX_TAG_TEXT] for tag in item.tags][:MAX_TAGS]
        title, creator = _text(item.title)[:MAX_TEXT], _text(item.creator)[:MAX_TEXT]
        rows.append((key_of(name), name, title, creator, json.dumps(tags, ensure_ascii=False)))
    sql.executemany(
        "INSERT INTO items (key, uri, title, creator, tags, described) VALUES (?, ?, ?, ?, ?, 1) "
        "ON CONFLICT (key) DO UPDATE SET uri = excluded.uri, title = excluded.title, "
        "creator = excluded.creator, tags = excluded.tags, described = 1",
        rows,
    )
    return len(rows)


def all_items(db: Database, *, described: bool = True) -> dict[ItemKey, Item]:
    """Every item we have a name for; only those an app described, unless told otherwise."""
    where = " WHERE described = 1" if described else ""
    rows = db.rows(f"SELECT key, uri, title, creator, tags FROM items{where}")  # noqa: S608 - constants
    return {ItemKey(key): _item(*rest) for key, *rest in rows}


def some_items(db: Database, keys: Collection[ItemKey]) -> dict[ItemKey, Item]:
    """Those of these items we have a name for, described or not. Cost: O(keys)."""
    found: dict[ItemKey, Item] = {}
    for some in _pieces(keys):
        rows = db.rows(
            f"SELECT key, uri, title, creator, tags FROM items WHERE key IN ({_marks(some)})",  # noqa: S608
            some,
        )
        found |= {ItemKey(key): _item(*rest) for key, *rest in rows}
    return found


def descriptions(
    db: Database, now: int, keys: Collection[ItemKey] | None = None
) -> list[tuple[ItemKey, PeerId, RecordId, Item]]:
    """Live "item" records of peers at `now` (unix s): (item, author, record id, their name for it).

    Only of these items, if given; none of a quarantined author.
    """
    sql = (
        "SELECT key, author, id, envelope FROM records WHERE kind = 'item' "
        "AND (source = 0 OR x > ?) AND author NOT IN (SELECT author FROM quarantine)"
    )
    rows = []
    if keys is None:
        rows = db.rows(sql, (now,))
    else:
        for some in _pieces(keys):
            rows += db.rows(f"{sql} AND key IN ({_marks(some)})", (now, *some))
    return [
        (ItemKey(key), PeerId(author), RecordId(record_id), _described(envelope))
        for key, author, record_id, envelope in rows
    ]


def nameless(key: ItemKey) -> Item:
    """An item nobody described: its short hash is all there is to show."""
    return Item(ItemId(f"hash:{key.hex()}"), title=f"unknown item {key.hex()[:8]}")


def _pieces(keys: Collection[ItemKey]) -> Iterable[list[ItemKey]]:
    wanted = sorted(set(keys))
    return (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _text(value: object) -> str:
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise DataError(f"title, creator and tags must be Unicode text, got {value!r:.80}")
    return value


def _item(uri: str, title: str, creator: str, tags: str) -> Item:
    return Item(ItemId(uri), title=title, creator=creator, tags=tuple(json.loads(tags)))


def _described(envelope: bytes) -> Item:
    record = told(envelope)
    if record.meta is None:
        raise CorruptStore("an item record in the log does not read as one; run `web3rec doctor`")
    uri = record.item if isinstance(record.item, str) else nameless(record.key).id
    return Item(ItemId(uri), record.meta.title, record.meta.creator, record.meta.tags)
