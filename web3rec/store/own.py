"""The ego's own acts become signed records, here and nowhere else.

The sequence n never repeats for one key: it starts above everything in the log and above today's
first number, and its last byte is drawn anew each time the log is opened, so that a restored
backup and the device it was taken from do not collide.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from web3rec.clock import DAY_S
from web3rec.errors import DataError
from web3rec.records import Kind, Record, Signed, SigningKey, canonical_uri, item_key, seal
from web3rec.records.model import DEFAULT_LIFETIME, MAX_LIFETIME, MAX_URI
from web3rec.store.ingest import Placement, Source, insert
from web3rec.store.ladder import level_of
from web3rec.types import Event, ItemId, ItemKey, Millis, PeerId

MAX_ID = 512
"""Characters of an app's item id at most."""
EVENT_KINDS = {
    Event.LISTEN: Kind.LISTEN,
    Event.LIKE: Kind.LIKE,
    Event.SHARE: Kind.SHARE,
    Event.COLLECT: Kind.COLLECT,
}


@dataclass(frozen=True, slots=True)
class OwnAct:
    """One thing the ego did with an item."""

    event: Event
    item: ItemId | str
    at: Millis
    weight: int = 1
    batch: str = ""
    """The recommendation batch it answers, if any; never leaves the device"""


@dataclass(frozen=True, slots=True)
class Author:
    """Who signs, at which privacy level, and how long a release may wait."""

    key: SigningKey
    level: int
    device: int
    """The device byte of n, 0..255"""
    delay: tuple[Millis, ...] = ()
    """Delays to use in turn, one per record; none means at once"""


def checked_id(item: str) -> ItemId:
    """An app's item id in canonical form. Raises DataError."""
    if not isinstance(item, str) or not (text := canonical_uri(item)):
        raise DataError(f"an item id must be non-empty text such as 'trk:42', got {item!r}")
    if len(text) > MAX_ID:
        raise DataError(f"an item id must be at most {MAX_ID} characters, got {len(text)}")
    if text == "*":
        raise DataError("'*' cannot be an item id: in a retraction it means everything")
    return ItemId(text)


def write_acts(
    sql: sqlite3.Connection, acts: Sequence[OwnAct], author: Author, now: Millis
) -> list[Signed]:
    """Store acts: signed where their kind may ever leave, as plain feedback where not."""
    made: list[Signed] = []
    for number, act in enumerate(acts):
        item = checked_id(act.item)
        key = item_key(item)
        sql.execute(
            "INSERT OR IGNORE INTO items (key, uri, title, creator, tags, described) "
            "VALUES (?, ?, '', '', '[]', 0)",
            (key, item),
        )
        if act.event.is_local or act.batch:
            sql.execute(
                "INSERT INTO feedback (key, kind, at, batch) VALUES (?, ?, ?, ?)",
                (key, act.event.value, act.at, act.batch),
            )
        if not act.event.is_local:
            made.append(
                _write(sql, EVENT_KINDS[act.event], item, act.weight, act.at, author, now, number)
            )
    return made


def write_trust(
    sql: sqlite3.Connection, peer: PeerId, weight: int, author: Author, now: Millis
) -> Signed:
    """State trust in a peer, in eighths."""
    return _write(sql, Kind.TRUST, peer, weight, now, author, now, 0)


def write_retraction(
    sql: sqlite3.Connection, subject: bytes | str, author: Author, now: Millis
) -> Signed:
    """Ask everyone who holds the ego's earlier records of this subject to erase them.

    It is due at once, whatever the delay of other records.
    """
    at_once = Author(author.key, author.level, author.device)
    return _write(sql, Kind.RETRACT, subject, 1, now, at_once, now, 0, lifetime=MAX_LIFETIME)


def _write(
    sql: sqlite3.Connection,
    kind: Kind,
    subject: bytes | str,
    weight: int,
    at: Millis,
    author: Author,
    now: Millis,
    number: int,
    *,
    lifetime: int = DEFAULT_LIFETIME,
) -> Signed:
    exact = author.level == 3
    seconds = _stated_time(at, now, lifetime)
    t = seconds if exact else seconds - seconds % DAY_S
    if kind.is_interaction and isinstance(subject, str) and not (exact and len(subject) <= MAX_URI):
        subject = item_key(subject)
    record = Record(
        author=author.key.peer,
        n=_next_n(sql, now, author.device),
        t=t,
        x=t + lifetime,
        kind=kind,
        item=subject,
        weight=weight,
    )
    signed = seal(record, author.key)
    # A retraction follows records that did leave, whatever the level is by now.
    level = 1 if kind is Kind.RETRACT else level_of(kind, author.level)
    wait = author.delay[number % len(author.delay)] if author.delay else 0
    insert(sql, [signed], Placement(Source.OWN, at, level, now + wait))
    return signed


def _stated_time(at: Millis, now: Millis, lifetime: int) -> int:
    """Seconds to state in the record.

    An act older than half a lifetime (an imported history) is stated as of now: records say what
    counts lately, and one that is born expired would say nothing. The true time stays local.
    """
    fresh = now - lifetime * 500 <= at <= now
    return (at if fresh else now) // 1000


def _next_n(sql: sqlite3.Connection, now: Millis, device: int) -> int:
    """The next sequence number; remembered even if its record is forgotten."""
    row = sql.execute("SELECT value FROM settings WHERE name = 'last_n'").fetchone()
    last = int(row[0]) if row else 0
    today = now // 1000 // DAY_S
    n = max((last >> 8) + 1, today << 16) << 8 | device
    sql.execute(
        "INSERT INTO settings (name, value) VALUES ('last_n', ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (n,),
    )
    return n


def erase(
    sql: sqlite3.Connection, rows: Sequence[tuple[int, bytes, int, int, object]], author: PeerId
) -> int:
    """Erase own records (seq, id, n, x, pos); tombstones for those that had left the device.

    Returns how many had left.
    """
    left = [(i, author, n, x) for _, i, n, x, pos in rows if pos is not None]
    sql.executemany("INSERT OR IGNORE INTO tombstones (id, author, n, x) VALUES (?, ?, ?, ?)", left)
    sql.executemany("DELETE FROM records WHERE seq = ?", [(row[0],) for row in rows])
    return len(left)


def rewrite(sql: sqlite3.Connection, key: ItemKey, author: Author, now: Millis) -> None:
    """Write the ego's acts on an item anew, above a retraction that would else cover them."""
    rows = sql.execute(
        "SELECT seq, id, n, x, pos, kind, weight, touched, level FROM records "
        "WHERE source = ? AND key = ? AND kind NOT IN ('retract', 'trust') ORDER BY n",
        (Source.OWN, key),
    ).fetchall()
    erase(sql, [row[:5] for row in rows], author.key.peer)
    for *_, kind, weight, touched, level in rows:
        again = _write(sql, Kind(kind), key, weight, Millis(touched), author, now, 0)
        sql.execute("UPDATE records SET level = ? WHERE id = ?", (level, again.id))


def touched_items(rows: Sequence[tuple[bytes, int]]) -> dict[ItemKey, Millis]:
    """When the ego last touched each item."""
    latest: dict[ItemKey, Millis] = {}
    for key, at in rows:
        latest[ItemKey(key)] = Millis(max(at, latest.get(ItemKey(key), 0)))
    return latest
