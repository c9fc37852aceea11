"""What items are called: the app's own catalogue first, then what trusted peers say."""

import json
import sqlite3
from collections.abc import Iterable

from web3rec.errors import CorruptStore, DataError
from web3rec.records import Record, decode, item_key
from web3rec.records.envelope import unwrap
from web3rec.store.database import Database
from web3rec.store.own import checked_id
from web3rec.types import Item, ItemId, ItemKey, PeerId, RecordId

MAX_TEXT = 500
"""Characters of a title or creator kept at most."""


def add_items(sql: sqlite3.Connection, items: Iterable[Item]) -> int:
    """Describe items; a later description replaces an earlier one. Returns how many."""
    rows = []
    for item in items:
        name = checked_id(item.id)
        if isinstance(item.tags, str):
            raise DataError(f"tags must be several texts such as ('jazz',), got {item.tags!r}")
        tags = json.dumps([str(tag) for tag in item.tags], ensure_ascii=False)
        rows.append((item_key(name), name, item.title[:MAX_TEXT], item.creator[:MAX_TEXT], tags))
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


def descriptions(db: Database) -> list[tuple[ItemKey, PeerId, RecordId, Item]]:
    """Live "item" records of peers: (item, author, record id, what they call it)."""
    rows = db.rows("SELECT key, author, id, envelope FROM records WHERE kind = 'item'")
    return [
        (ItemKey(key), PeerId(author), RecordId(record_id), _told(envelope))
        for key, author, record_id, envelope in rows
    ]


def nameless(key: ItemKey) -> Item:
    """An item nobody described: its short hash is all there is to show."""
    return Item(ItemId(f"hash:{key.hex()}"), title=f"unknown item {key.hex()[:8]}")


def _item(uri: str, title: str, creator: str, tags: str) -> Item:
    return Item(ItemId(uri), title=title, creator=creator, tags=tuple(json.loads(tags)))


def _told(envelope: bytes) -> Item:
    """The description inside an envelope that was verified when it came in."""
    parts = unwrap(envelope)
    record = decode(parts[0]) if parts else None
    if not isinstance(record, Record) or record.meta is None:
        raise CorruptStore("an item record in the log does not read as one; run `web3rec doctor`")
    uri = record.item if isinstance(record.item, str) else nameless(record.key).id
    return Item(ItemId(uri), record.meta.title, record.meta.creator, record.meta.tags)
