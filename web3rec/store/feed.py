"""Whose statements changed: noted by the database itself, whatever code changed them.

Triggers that live as long as the connection write down the author of every record that is added,
erased or changed in what it says, and of everyone who enters or leaves quarantine. They see what
this connection does, and nobody else may write while it is open. The notes are part of the
transaction that makes them; they are kept in memory and never reach the disk.
"""

import sqlite3
from typing import Final

from web3rec.types import PeerId

_SAYS: Final = "id, author, n, t, x, kind, key, weight, source, touched"
"""Columns that a statement consists of; the others say when it may leave."""

_NOTES: Final = (
    "CREATE TEMP TABLE changed_authors (author BLOB PRIMARY KEY) WITHOUT ROWID",
    *(
        f"CREATE TEMP TRIGGER changed_by_{table}_{what.split()[0]} AFTER {what} ON main.{table} "
        f"BEGIN {body} END"
        for table, what, body in (
            ("records", "INSERT", "INSERT OR IGNORE INTO changed_authors VALUES (new.author);"),
            ("records", "DELETE", "INSERT OR IGNORE INTO changed_authors VALUES (old.author);"),
            (
                "records",
                f"UPDATE OF {_SAYS}",
                "INSERT OR IGNORE INTO changed_authors VALUES (old.author), (new.author);",
            ),
            ("quarantine", "INSERT", "INSERT OR IGNORE INTO changed_authors VALUES (new.author);"),
            ("quarantine", "DELETE", "INSERT OR IGNORE INTO changed_authors VALUES (old.author);"),
        )
    ),
)


def listen(sql: sqlite3.Connection) -> None:
    """Note changes from now on; once a connection, outside of transactions."""
    sql.execute("PRAGMA temp_store=MEMORY")
    for statement in _NOTES:
        sql.execute(statement)


def heard(sql: sqlite3.Connection) -> frozenset[PeerId]:
    """Whose statements changed since this was last asked."""
    rows = sql.execute("SELECT author FROM changed_authors").fetchall()
    if rows:
        sql.execute("DELETE FROM changed_authors")
    return frozenset(PeerId(author) for (author,) in rows)
