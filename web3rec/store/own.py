"""The ego's own acts become signed records, here and nowhere else.

A record is written in the form of the privacy level it is made at (see `ladder`); what never
may leave is local feedback, or a private record: one of level NEVER, with a number of its own
series (see `sequence`), so that what others see is the same to the byte whether it is there or not.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from web3rec.clock import DAY_S
from web3rec.errors import CorruptStore, DataError, ParamError
from web3rec.records import (
    Kind,
    Record,
    Signed,
    SigningKey,
    canonical_uri,
    illegal,
    item_key,
    seal,
)
from web3rec.records.codec import read
from web3rec.records.envelope import unwrap
from web3rec.records.legality import misspelling
from web3rec.records.model import (
    DEFAULT_LIFETIME,
    ITEM_KEY_BYTES,
    MAX_LIFETIME,
    MAX_WEIGHT,
    PEER_BYTES,
)
from web3rec.store import earning
from web3rec.store.ingest import Placement, Source, insert
from web3rec.store.ladder import NEVER, level_of
from web3rec.store.sequence import next_n, next_private
from web3rec.store.withheld import ABOUT_ITEMS, withheld_among
from web3rec.types import Event, ItemId, ItemKey, Millis, PeerId

MAX_ID: Final = 512
"""Characters of an app's item id at most."""
MAX_AT: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""
MAX_BATCH_ID: Final = 64
HASH_SCHEME: Final = "hash:"
"""Ids of this scheme name an item by its key: so it is called where nobody described it."""
EVENT_KINDS: Final = {
    Event.LISTEN: Kind.LISTEN,
    Event.LIKE: Kind.LIKE,
    Event.SHARE: Kind.SHARE,
    Event.COLLECT: Kind.COLLECT,
}


@dataclass(frozen=True, slots=True)
class OwnAct:
    """One thing the ego did with an item.

    Raises ParamError for what is out of range; the item is checked when it is recorded.
    """

    event: Event
    item: ItemId | str
    at: Millis
    """unix ms, 0 to the year 9999"""
    weight: int = 1
    """1..8: a bucket of about 4 ** (weight - 1) repetitions"""
    batch: str = ""
    """The recommendation batch it answers, if any; never leaves the device"""
    paid: tuple[tuple[PeerId, float], ...] = ()
    """Who paid for the position it answers, and what part; the recommender fills it in"""
    private: bool = False
    """It never leaves the device, at any level"""

    def __post_init__(self) -> None:
        if not isinstance(self.event, Event):
            raise ParamError("event", self.event, "an Event, such as Event.LIKE")
        if type(self.at) is not int or not 0 <= self.at <= MAX_AT:
            raise ParamError("at", self.at, "whole unix milliseconds from 0 to the year 9999")
        if type(self.weight) is not int or not 1 <= self.weight <= MAX_WEIGHT:
            raise ParamError("weight", self.weight, f"a whole number from 1 to {MAX_WEIGHT}")
        if not isinstance(self.batch, str) or len(self.batch) > MAX_BATCH_ID:
            raise ParamError("batch", self.batch, "the id of a batch, as `recommend` gave it")


@dataclass(frozen=True, slots=True)
class Author:
    """Who signs, at which privacy level, and how long a release may wait."""

    key: SigningKey
    level: int
    """0 in a private session, whatever the ladder says"""
    device: int
    """The device byte of n, 0..255"""
    delay: tuple[Millis, ...] = ()
    """Delays to use in turn, one per record; none means at once"""


def checked_id(item: str) -> ItemId:
    """An app's item id in canonical form. Raises DataError."""
    if not isinstance(item, str) or not (text := canonical_uri(item)):
        raise DataError(f"an item id must be non-empty text such as 'trk:42', got {item!r:.80}")
    if len(text) > MAX_ID:
        raise DataError(f"an item id must be at most {MAX_ID} characters, got {len(text)}")
    if text == "*":
        raise DataError("'*' cannot be an item id: in a retraction it means everything")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise DataError(f"an item id must be Unicode text, got half a surrogate pair: {text!r:.80}")
    if text.startswith(HASH_SCHEME):
        return ItemId(f"{HASH_SCHEME}{_unhashed(text).hex()}")
    return ItemId(text)


def key_of(item: str) -> ItemKey:
    """The key of an app's item id, or of the `hash:` name of an item nobody described.

    The only way from an id to a key, so that what was recorded is found again. Raises DataError.
    """
    name = checked_id(item)
    return _unhashed(name) if name.startswith(HASH_SCHEME) else item_key(name)


def _unhashed(name: str) -> ItemKey:
    digits = name.removeprefix(HASH_SCHEME)
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if not ITEM_KEY_BYTES <= len(key) <= PEER_BYTES or len(digits) != 2 * len(key):
        raise DataError(
            f"{name!r:.80} is no item hash: want {HASH_SCHEME} and "
            f"{2 * ITEM_KEY_BYTES} to {2 * PEER_BYTES} hex digits"
        )
    return ItemKey(key)


def write_acts(
    sql: sqlite3.Connection, acts: Sequence[OwnAct], author: Author, now: Millis
) -> list[Signed]:
    """Store acts: signed where their kind may ever leave, as plain feedback where not."""
    made: list[Signed] = []
    kept = withheld_among(sql, {key_of(act.item) for act in acts})
    unshared = replace(author, level=0)
    for number, act in enumerate(acts):
        item, key = checked_id(act.item), key_of(act.item)
        by = unshared if act.private or key in kept else author
        name_item(sql, item, key)
        if act.event.is_local or act.batch:
            sql.execute(
                "INSERT INTO feedback (key, kind, at, batch) VALUES (?, ?, ?, ?)",
                (key, act.event.value, act.at, act.batch),
            )
            earning.write(sql, act.event, key, act.at, act.batch, act.paid)
        if not act.event.is_local:
            made.append(
                _write(sql, EVENT_KINDS[act.event], item, act.weight, act.at, by, now, number)
            )
    return made


def name_item(sql: sqlite3.Connection, item: ItemId, key: ItemKey) -> None:
    """Remember what an item is called, so that it can be shown; `add_items` describes it."""
    sql.execute(
        "INSERT OR IGNORE INTO items (key, uri, title, creator, tags, described) "
        "VALUES (?, ?, '', '', '[]', 0)",
        (key, item),
    )


def write_trust(
    sql: sqlite3.Connection, peer: PeerId, weight: int, author: Author, now: Millis
) -> Signed:
    """State trust in a peer, in eighths; whatever it had lost of it before is forgiven."""
    earning.pardon(sql, peer)
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
    # Only acts have an exact form: trust and retractions may leave at level 1, whenever made.
    exact = author.level == 3 and kind.is_interaction
    seconds = _stated_time(at, now, lifetime)
    t = seconds if exact else seconds - seconds % DAY_S
    # A retraction follows records that did leave, whatever the level is by now.
    level = 1 if kind is Kind.RETRACT else level_of(kind, author.level)
    record = Record(
        author=author.key.peer,
        n=number_for(sql, level, author, now),
        t=t,
        x=t + lifetime,
        kind=kind,
        item=subject,
        weight=weight,
    )
    if kind.is_interaction and isinstance(subject, str):
        hashed = replace(record, item=key_of(subject))
        plain = exact and not subject.startswith(HASH_SCHEME) and illegal(record) is None
        record = record if plain else hashed
    signed = seal(record, author.key)
    wait = author.delay[number % len(author.delay)] if author.delay else 0
    place = Placement(Source.OWN, at, level, now + wait)
    insert(sql, [signed], place, me=author.key.peer)
    return signed


def number_for(sql: sqlite3.Connection, level: int, author: Author, now: Millis) -> int:
    """The next sequence number of a record of this level."""
    return next_private(sql) if level == NEVER else next_n(sql, now, author.device)


def _stated_time(at: Millis, now: Millis, lifetime: int) -> int:
    """Seconds to state in the record.

    An act older than half a lifetime (an imported history) is stated as of now: records say what
    counts lately, and one that is born expired would say nothing. The true time stays local.
    """
    fresh = now - lifetime * 500 <= at <= now
    return (at if fresh else now) // 1000


def erase(sql: sqlite3.Connection, rows: Sequence[tuple[Any, ...]], author: PeerId) -> int:
    """Erase own records (seq, id, n, x, pos, ...); tombstones for those that had left the device.

    Returns how many had left.
    """
    left = [(i, author, n, x) for _, i, n, x, pos, *_ in rows if pos is not None]
    sql.executemany("INSERT OR IGNORE INTO tombstones (id, author, n, x) VALUES (?, ?, ?, ?)", left)
    sql.executemany("DELETE FROM records WHERE seq = ?", [(row[0],) for row in rows])
    return len(left)


def rewrite(sql: sqlite3.Connection, key: ItemKey, author: Author, now: Millis) -> list[bytes]:
    """Write the ego's acts on an item anew, above a retraction that would else cover them.

    Returns the old ids of those that had not left: nothing is left of these.

    Only the sequence changes: each says what it said, at the level and not before the time it
    was meant to leave. Those that never left and never may, no retraction covers.
    """
    me = author.key.peer
    rows = sql.execute(
        "SELECT seq, id, n, x, pos, envelope, touched, level, due FROM records "  # noqa: S608
        f"WHERE author = ? AND key = ? AND {ABOUT_ITEMS} AND (level < ? OR pos IS NOT NULL) "
        "ORDER BY n, id",
        (me, key, NEVER),
    ).fetchall()
    erase(sql, rows, me)
    for *_, envelope, touched, level, due in rows:
        again = replace(told(envelope), author=me, n=number_for(sql, level, author, now))
        place = Placement(Source.OWN, touched, level, due)
        insert(sql, [seal(again, author.key)], place, me=me)
    return [id_ for _, id_, _, _, pos, *_ in rows if pos is None]


def told(envelope: bytes) -> Record:
    """The record in an envelope of the log, which was verified when it came in.

    A URI that the law of spelling has not always refused is told as its hash, the same item.
    """
    parts = unwrap(envelope)
    record = read(parts[0]) if parts else None
    if not isinstance(record, Record):
        raise CorruptStore("a record in the log does not read as one; run `web3rec doctor`")
    return replace(record, item=record.key) if misspelling(record) else record
