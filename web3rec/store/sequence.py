"""The ego's sequence numbers: strictly rising, never given twice, not even by a restored backup.

n = day << 24 | counter << 8 | device byte. What stays on this device counts apart, from 1 on, so
that no gap in the numbers others see tells how much there is of it.

A copy of the directory knows nothing of what the original wrote later, so each opening draws a
device byte of its own, other than the one that signed last: two histories that go on from one
copy do not meet.
"""

import secrets
import sqlite3
from typing import Final

from web3rec.clock import DAY_S
from web3rec.types import Millis

HEARD_BELOW: Final = 1 << 62
"""A number of ours heard from others counts below this only: whoever stole the key shall not
use up the numbers that are left."""


def draw_device(last: int) -> int:
    """A device byte for this opening, 0..255; `last` is the last sequence number given."""
    return ((last & 0xFF) + 1 + secrets.randbelow(255)) & 0xFF


def next_n(sql: sqlite3.Connection, now: Millis, device: int) -> int:
    """The next number; remembered even if its record is forgotten. Call inside a transaction."""
    row = sql.execute("SELECT value FROM settings WHERE name = 'last_n'").fetchone()
    last = int(row[0]) if row else 0
    today = now // 1000 // DAY_S
    n = max((last >> 8) + 1, today << 16) << 8 | device
    raise_to(sql, n)
    return n


def next_private(sql: sqlite3.Connection) -> int:
    """The next number of a record that never leaves. Call inside a transaction."""
    row = sql.execute(
        "INSERT INTO settings (name, value) VALUES ('last_private', 1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
    ).fetchone()
    return int(row[0])


def raise_to(sql: sqlite3.Connection, n: int) -> None:
    """Give only numbers above n from now on: ours came back to us, from a device or a backup."""
    if n < HEARD_BELOW:
        sql.execute(
            "INSERT INTO settings (name, value) VALUES ('last_n', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            (n,),
        )
