"""What is past its time is erased, and stays erased whatever the clock does next.

A clock that jumps ahead erases too much; when it is set back, what was erased would be welcome
again, and with it what its author had retracted, for the tombstones are gone too. So the floor
remembers the erased by two numbers: they expired at `x` at the latest, and were made at `t` at
the latest. Under a clock that only rises the floor refuses nothing that is not expired anyway;
after a jump it refuses what was there before the jump, and nothing that is made after it.
"""

import sqlite3
from typing import Final, NamedTuple

from web3rec.records import Record
from web3rec.records.model import MAX_SKEW
from web3rec.store.database import Database
from web3rec.types import Millis

_NAMES: Final = ("expired_x", "expired_t")


class Floor(NamedTuple):
    """The latest expiry and the latest time among all that was erased because it expired."""

    x: int
    t: int

    def covers(self, record: Record) -> bool:
        """Whether a record may be one of those."""
        return record.x <= self.x and record.t <= self.t


def floor(db: Database) -> Floor:
    rows = dict(db.rows("SELECT name, value FROM settings WHERE name IN (?, ?)", _NAMES))
    return Floor(*(int(rows.get(name, -1)) for name in _NAMES))


def lapsed(db: Database, now: int) -> int:
    """How many of others' records are past their time (`now` in unix seconds) but still held.

    Or quarantines that outlast their records, and are over.
    """
    return int(
        db.rows("SELECT count(*) FROM records WHERE x <= ? AND source != 0", (now,))[0][0]
        + db.rows("SELECT count(*) FROM tombstones WHERE x <= ?", (now,))[0][0]
        + db.rows("SELECT count(*) FROM let_go WHERE forked BETWEEN 1 AND ?", (now,))[0][0]
    )


def note_latest(sql: sqlite3.Connection, t: int) -> None:
    """Remember the latest time of any record that was merged."""
    _rise(sql, "latest_t", t)


def surely_past(db: Database) -> Millis:
    """Unix ms that the clock was past when something was merged; 0 if nothing was."""
    rows = db.rows("SELECT value FROM settings WHERE name = 'latest_t'")
    return Millis(max(0, int(rows[0][0]) - MAX_SKEW) * 1000 if rows else 0)


def erase_lapsed(sql: sqlite3.Connection, now: int) -> tuple[int, list[bytes]]:
    """Erase others' records and all tombstones past their time; raises the floor accordingly.

    Returns how many records, and the authors whose quarantine may be over by that.
    """
    values = (now, now)
    (latest,) = sql.execute(
        "SELECT max(x) FROM (SELECT x FROM records WHERE x <= ? AND source != 0 "
        "UNION ALL SELECT x FROM tombstones WHERE x <= ?)",
        values,
    ).fetchone()
    if latest is None:
        return 0, []
    row = sql.execute("SELECT value FROM settings WHERE name = 'latest_t'").fetchone()
    _rise(sql, "expired_x", latest)
    _rise(sql, "expired_t", int(row[0]) if row else -1)
    authors = sql.execute(
        "SELECT DISTINCT author FROM quarantine WHERE author IN "
        "(SELECT author FROM records WHERE x <= ? AND source != 0) "
        "OR author IN (SELECT author FROM tombstones WHERE x <= ?)",
        values,
    ).fetchall()
    sql.execute("DELETE FROM tombstones WHERE x <= ?", (now,))
    gone = sql.execute("DELETE FROM records WHERE x <= ? AND source != 0", (now,)).rowcount
    return gone, [author for (author,) in authors]


def _rise(sql: sqlite3.Connection, name: str, value: int) -> None:
    sql.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (name, value),
    )
