"""Is every row what it must be? Looks at one moment of the log, and changes nothing.

    always   the whole file by SQLite's own check; what tables promise each other
    deep     each record from its bytes: canonical, its id, its columns, its signature; and the
             merge rule: settling an author's rows anew must change nothing

Works beside a running node; it sees the log as of the moment it begins.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from web3rec.records import Entry, Kind, settle
from web3rec.records.codec import Refused, read
from web3rec.records.envelope import DOMAIN, record_id, unwrap
from web3rec.records.keys import is_weak, verify
from web3rec.records.model import Record
from web3rec.store.database import Database
from web3rec.store.ingest import Source
from web3rec.store.ladder import NEVER
from web3rec.store.sequence import HEARD_BELOW
from web3rec.types import ItemKey, PeerId, RecordId

Told = Callable[[int, int], None]
"""Is told how much of how much is done."""

_KINDS: Final = {kind.value.encode(): kind for kind in Kind}
_AT_ONCE: Final = 500
"""Rows read at a time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be."""

    table: str
    row: str
    """Its sequence number or, where a table has none, the beginning of its key in hex; "" for a
    whole table"""
    what: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked at, and what is wrong with it."""

    records: int
    tombstones: int
    authors: int
    faults: tuple[Fault, ...]


def look(
    db: Database, me: PeerId, window: int, *, deep: bool, told: Told, signatures: bool = True
) -> Found:
    """Check a log; `me` is its author, `window` the bound its records were merged by.

    Raises what `Database` raises where the file cannot be read at all. Cost: milliseconds; deep,
    some 200 µs a record, and 50 without `signatures`.
    """
    with db.reading():
        faults = [*_structure(db), *_relations(db, me)]
        ((records,),) = db.rows("SELECT count(*) FROM records")
        ((tombstones,),) = db.rows("SELECT count(*) FROM tombstones")
        authors = [
            author
            for (author,) in db.rows(
                "SELECT author FROM records UNION SELECT author FROM tombstones "
                "UNION SELECT author FROM quarantine"
            )
        ]
        if deep:
            total = records + len(authors)
            faults += _records(db, lambda done: told(done, total), signatures=signatures)
            faults += _merged(db, me, window, authors, lambda done: told(records + done, total))
    return Found(records, tombstones, len(authors), tuple(faults))


def _structure(db: Database) -> Iterator[Fault]:
    for (line,) in db.rows("PRAGMA integrity_check(20)"):
        if line != "ok":
            yield Fault("the file", "", str(line))


def _relations(db: Database, me: PeerId) -> Iterator[Fault]:
    """What tables promise each other, and rows of theirs."""
    asked: tuple[tuple[str, str, str, tuple[object, ...]], ...] = (
        ("records", "is a tombstone, too", "id IN (SELECT id FROM tombstones)", ()),
        ("records", "has a place beyond the last one given", f"pos > {_setting('next_pos')}", ()),
        (
            "records",
            "was made here with a number beyond the last one given",
            f"source = ? AND level < ? AND n < ? AND n > {_setting('last_n')}",
            (Source.OWN, NEVER, HEARD_BELOW),
        ),
        (
            "records",
            "was made here, but by somebody else",
            # of a key that was replaced its retractions and its rotations stay
            "source = ? AND author != ? AND kind NOT IN ('retract', 'rotate')",
            (Source.OWN, me),
        ),
        (
            "feedback",
            "is about an item without a name",
            "key NOT IN (SELECT key FROM items)",
            (),
        ),
        (
            "payments",
            "answers nothing that was said",
            "(batch, key) NOT IN (SELECT batch, key FROM feedback)",
            (),
        ),
    )  # fmt: skip
    for table, what, where, values in asked:
        rows = db.rows(f"SELECT seq FROM {table} WHERE {where} ORDER BY seq", values)  # noqa: S608 - constants
        for (seq,) in rows:
            yield Fault(table, str(seq), what)


def _setting(name: str) -> str:
    return f"coalesce((SELECT value FROM settings WHERE name = '{name}'), 0)"  # noqa: S608 - constants


def _records(db: Database, told: Callable[[int], None], *, signatures: bool) -> Iterator[Fault]:
    """Each record from its bytes."""
    last, done = -1, 0
    while True:
        rows = db.rows(
            "SELECT seq, id, author, n, t, x, CAST(kind AS BLOB), key, weight, envelope "
            "FROM records WHERE seq > ? ORDER BY seq LIMIT ?",
            (last, _AT_ONCE),
        )
        if not rows:
            return
        for seq, *columns, envelope in rows:
            what = wrong_with(columns, envelope, signatures=signatures)
            if what:
                yield Fault("records", str(seq), what)
        last, done = rows[-1][0], done + len(rows)
        told(done)


def wrong_with(  # noqa: PLR0911 - one a check
    columns: list[Any], envelope: object, *, signatures: bool = True
) -> str:
    """What is wrong with a row (id, author, n, t, x, kind, key, weight) and its bytes; "" if
    nothing is.
    """
    parts = unwrap(envelope) if isinstance(envelope, bytes) else None
    if parts is None:
        return "its bytes are no envelope"
    body, signature = parts
    record = read(body)
    if isinstance(record, Refused):
        return f"its body is no record: {record.flaw}"
    if columns[0] != record_id(body):
        return "its id is not that of its bytes"
    if columns[1:] != _columns(record):
        return "its columns do not say what its bytes say"
    if is_weak(record.author):
        return "its author's key is weak"
    if signatures and not verify(record.author, signature, DOMAIN + body):
        return "its author did not sign it"
    return ""


def _columns(record: Record) -> list[object]:
    kind = record.kind.value.encode()
    return [record.author, record.n, record.t, record.x, kind, record.key, record.weight]


def _merged(
    db: Database, me: PeerId, window: int, authors: list[PeerId], told: Callable[[int], None]
) -> Iterator[Fault]:
    """Settle every author anew.

    The ego's own stay here whatever the window says, and no retraction covers what never left.
    Others may have had less room than the window; what fits there fits here.
    """
    quarantined = {author for (author,) in db.rows("SELECT author FROM quarantine")}
    let_go = {author: rest for author, *rest in db.rows("SELECT author, below, forked FROM let_go")}
    for number, author in enumerate(authors, 1):
        rows = db.rows(
            "SELECT seq, id, n, CAST(kind AS BLOB), key, source FROM records WHERE author = ? "
            "AND (author != ? OR level < ? OR pos IS NOT NULL)",
            (author, me, NEVER),
        )
        place = {i: str(seq) for seq, i, *_ in rows}
        own = {i for _, i, *_, source in rows if source == Source.OWN}
        below, forked = let_go.get(author, (0, 0))
        entries = [
            Entry(RecordId(i), n, _KINDS[kind], ItemKey(key), dead=False)
            for _, i, n, kind, key, _ in rows
            if kind in _KINDS
        ]
        dead = db.rows("SELECT id, n, trust FROM tombstones WHERE author = ?", (author,))
        entries += [Entry.tombstone(RecordId(i), n, trust=bool(trust)) for i, n, trust in dead]
        settled = settle(entries, window, below)
        for i in sorted(settled.dead & place.keys()):
            yield Fault("records", place[i], "was retracted, and is still here")
        if author != me:
            for i in sorted(settled.evicted - own):
                table = "records" if i in place else "tombstones"
                yield Fault(table, place.get(i, i.hex()[:16]), "does not fit its author's window")
            if (settled.quarantined or bool(forked and entries)) != (author in quarantined):
                what = "is quarantined for no reason" if author in quarantined else "forked"
                yield Fault("quarantine", author.hex()[:16], f"its author {what}")
        told(number)
