"""What the ego said about positions of its lists, and who had paid for them: earned trust's state.

Written down with the reply, because whoever pushed an item may withdraw its records afterwards.
Never leaves the device; see docs/earned-trust.md.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from web3rec.store.database import Database
from web3rec.types import Event, ItemKey, Millis, PeerId

_ACCEPTED: Final = {
    Event.LISTEN: True,
    Event.LIKE: True,
    Event.SHARE: True,
    Event.COLLECT: True,
    Event.SKIP: False,
    Event.NOT_INTERESTED: False,
}
"""What each act says of the position it answers; to look at an item says neither."""


def write(
    sql: sqlite3.Connection,
    event: Event,
    key: ItemKey,
    at: Millis,
    batch: str,
    paid: Sequence[tuple[PeerId, float]],
) -> None:
    """Remember a reply on one position; it replaces an earlier one on the same position."""
    if event not in _ACCEPTED or not batch or not paid:
        return
    sql.execute("DELETE FROM payments WHERE batch = ? AND key = ?", (batch, key))
    sql.executemany(
        "INSERT INTO payments (key, at, batch, accepted, payer, part) VALUES (?, ?, ?, ?, ?, ?)",
        [(key, at, batch, _ACCEPTED[event], payer, part) for payer, part in paid],
    )


def payments(db: Database) -> list[tuple[PeerId, bool, float]]:
    """(who paid, accepted, the part in positions) in the order in which they were given."""
    rows = db.rows("SELECT payer, accepted, part FROM payments ORDER BY seq")
    return [(PeerId(payer), bool(accepted), part) for payer, accepted, part in rows]


def pardon(sql: sqlite3.Connection, payer: PeerId) -> None:
    """Forget all replies on what one friend paid for: it starts anew."""
    sql.execute("DELETE FROM payments WHERE payer = ?", (payer,))
