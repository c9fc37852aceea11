"""The log's tables, as an ordered list of migrations; each is applied in one transaction with the
row that records it. Never edit one that was released: append the next.
"""

from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

SCHEMA: Final = Migrations("web3rec")


@SCHEMA()
def records_and_what_is_left_of_them(db: Database) -> None:
    """Records, tombstones, what never leaves the device, and what we know about peers."""
    for statement in (
        # Records are appended and erased, never changed; `pos` is their place in what is shared,
        # given when they become shareable, so that a cursor over it misses nothing.
        """CREATE TABLE records (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            author BLOB NOT NULL,
            n INTEGER NOT NULL,
            t INTEGER NOT NULL,
            x INTEGER NOT NULL,
            kind TEXT NOT NULL,
            key BLOB NOT NULL,
            weight INTEGER NOT NULL,
            envelope BLOB NOT NULL,
            source INTEGER NOT NULL,
            touched INTEGER NOT NULL,
            level INTEGER NOT NULL,
            due INTEGER NOT NULL,
            pos INTEGER UNIQUE
        )""",
        # With the kind, merging asks this index alone whether anything stands in a record's way.
        "CREATE INDEX records_by_author ON records (author, n, kind)",
        "CREATE INDEX records_by_expiry ON records (x) WHERE source != 0",
        "CREATE INDEX records_of_items ON records (key) WHERE kind = 'item'",
        # No item, no kind: an id, and what the merge rule needs to stay order-free.
        """CREATE TABLE tombstones (
            id BLOB PRIMARY KEY, author BLOB NOT NULL, n INTEGER NOT NULL, x INTEGER NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX tombstones_by_author ON tombstones (author, n)",
        "CREATE INDEX tombstones_by_expiry ON tombstones (x)",
        "CREATE TABLE quarantine (author BLOB PRIMARY KEY) WITHOUT ROWID",
        """CREATE TABLE items (
            key BLOB PRIMARY KEY, uri TEXT NOT NULL, title TEXT NOT NULL, creator TEXT NOT NULL,
            tags TEXT NOT NULL, described INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE feedback (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL, kind TEXT NOT NULL,
            at INTEGER NOT NULL, batch TEXT NOT NULL
        )""",
        """CREATE TABLE peers (
            peer BLOB PRIMARY KEY, name TEXT NOT NULL, blocked INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE cursors (
            peer TEXT PRIMARY KEY, log_id BLOB NOT NULL, cursor INTEGER NOT NULL
        ) WITHOUT ROWID""",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    ):
        db.execute(statement)


@SCHEMA()
def payments_for_positions(db: Database) -> None:
    """Who paid for the positions that the ego accepted or rejected: see `earning`."""
    db.execute(
        """CREATE TABLE payments (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL, at INTEGER NOT NULL,
            batch TEXT NOT NULL, accepted INTEGER NOT NULL, payer BLOB NOT NULL, part REAL NOT NULL
        )"""
    )
    db.execute("CREATE INDEX payments_for ON payments (batch, key)")


@SCHEMA()
def what_was_seen_and_is_not_kept(db: Database) -> None:
    """Ids that were declined, what is remembered of authors let go, and quotas: see `keeping`."""
    for statement in (
        # Half an id, a quarter of its author's, and when it ends: what others offer in vain.
        """CREATE TABLE declined (
            id BLOB PRIMARY KEY, author BLOB NOT NULL, x INTEGER NOT NULL
        ) WITHOUT ROWID""",
        # Whether the network has seen it; and in which window it counts.
        "ALTER TABLE tombstones ADD COLUMN heard INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE tombstones ADD COLUMN trust INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE let_go (
            author BLOB PRIMARY KEY, below INTEGER NOT NULL, missing BLOB NOT NULL,
            forked INTEGER NOT NULL, x INTEGER NOT NULL
        ) WITHOUT ROWID""",
        "CREATE TABLE quotas (author BLOB PRIMARY KEY, quota INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE hosted (author BLOB PRIMARY KEY) WITHOUT ROWID",
        "CREATE INDEX records_of_trust ON records (author) WHERE kind = 'trust'",
    ):
        db.execute(statement)


@SCHEMA()
def what_is_never_shared(db: Database) -> None:
    """Items and tags the ego withholds; and whoever changed its key is found without a search."""
    for statement in (
        "CREATE TABLE withheld_items (key BLOB PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE withheld_tags (tag TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE INDEX records_of_rotations ON records (author) WHERE kind = 'rotate'",
    ):
        db.execute(statement)


@SCHEMA()
def what_is_known_of_neighbours(db: Database) -> None:
    """Whom something is held against, and where peers can be dialled: see `neighbours`."""
    for statement in (
        """CREATE TABLE reputation (
            is_place INTEGER NOT NULL, name TEXT NOT NULL, guilt REAL NOT NULL,
            bans INTEGER NOT NULL, remaining REAL NOT NULL, PRIMARY KEY (is_place, name)
        ) WITHOUT ROWID""",
        """CREATE TABLE addresses (
            address TEXT PRIMARY KEY, source INTEGER NOT NULL, teller TEXT NOT NULL,
            share TEXT NOT NULL, learned REAL NOT NULL, reached REAL, failures INTEGER NOT NULL,
            anchor INTEGER NOT NULL
        ) WITHOUT ROWID""",
    ):
        db.execute(statement)


@SCHEMA()
def sync_needs_no_cursors(db: Database) -> None:
    """What two devices lack of each other is found by comparing, not by how far each read."""
    for statement in ("DROP TABLE cursors", "DELETE FROM settings WHERE name = 'log_id'"):
        db.execute(statement)


KNOWN: Final = frozenset(
    {
        "records_and_what_is_left_of_them",
        "payments_for_positions",
        "what_was_seen_and_is_not_kept",
        "what_is_never_shared",
        "what_is_known_of_neighbours",
        "sync_needs_no_cursors",
    }
)
"""Names of all migrations here; a database that has others was written by a newer version."""
