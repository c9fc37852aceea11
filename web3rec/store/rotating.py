"""The ego's key is replaced by another: one transaction that leaves the old or the new author.

Everything the old key said is taken back in its name, then it hands over; the new key takes over
and says what of that had left the device anew. What never left, and what waits, changes hands
without a word to anybody. The hand-over follows the retraction without a gap in the numbers: from
the one on the old key is not heard, below the other nothing of it lives.
"""

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from web3rec.clock import DAY_S
from web3rec.records import Kind, Record, SigningKey, seal
from web3rec.records.model import EVERYTHING, MAX_LIFETIME
from web3rec.records.succession import HANDS_OVER, TAKES_OVER
from web3rec.store import reading
from web3rec.store.database import FILE, Database
from web3rec.store.ingest import Placement, Source, insert
from web3rec.store.ladder import NEVER
from web3rec.store.own import Author, erase, number_for, told, write_retraction
from web3rec.store.sequence import next_n, raise_to
from web3rec.types import Millis, PeerId

_AUTHOR: Final = "author"
"""The setting that names the log's author once it is another than the one it was born with."""


@dataclass(frozen=True, slots=True)
class Turned:
    """What a rotation did."""

    old: PeerId
    new: PeerId
    anew: int
    """Records that had left, and leave again under the new key"""
    quietly: int
    """Records that had not left: they stay, or wait, under the new key"""


def turn_over(
    sql: sqlite3.Connection, author: Author, key: SigningKey, now: Millis, *, stolen: bool
) -> Turned:
    """Make `key` the author of this log in the place of `author`; the log must be opened anew.

    With `stolen` everything of the old key is taken back even if nothing had left from here:
    somebody else may have spoken with it.
    """
    old, by = author.key.peer, replace(author, key=key)
    rows = sql.execute(
        "SELECT seq, id, n, x, pos, envelope, touched, level, due FROM records "
        "WHERE author = ? AND kind NOT IN ('retract', 'rotate') ORDER BY seq",
        (old,),
    ).fetchall()
    left = erase(sql, rows, old)
    n = 0
    if left or stolen:
        n = write_retraction(sql, EVERYTHING, author, now).record.n + 1
        raise_to(sql, n)
    n = n or next_n(sql, now, author.device)
    _rotate(sql, author, key.peer, HANDS_OVER, n, now)
    _rotate(sql, by, old, TAKES_OVER, next_n(sql, now, author.device), now)
    for _, _, _, _, pos, envelope, touched, level, due in _in_order(rows):
        again = replace(told(envelope), author=key.peer, n=number_for(sql, level, by, now))
        place = Placement(Source.OWN, touched, level, due if pos is None else now)
        insert(sql, [seal(again, key)], place, me=key.peer)
    # What the old key has to say to the others is not to be let go for want of room.
    sql.execute("INSERT OR IGNORE INTO hosted (author) VALUES (?)", (old,))
    sql.execute(
        "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_AUTHOR, bytes(key.peer))
    )
    return Turned(old, key.peer, left, len(rows) - left)


def author_of(directory: Path) -> PeerId | None:
    """Whose log this is; None if it was never turned over, or there is none.

    Raises what `Database` raises.
    """
    if not (directory / FILE).exists():
        return None
    db = Database(directory, read_only=True)
    try:
        found = reading.setting(db, _AUTHOR)
    finally:
        db.close()
    return PeerId(found) if isinstance(found, bytes) else None


def _rotate(
    sql: sqlite3.Connection, author: Author, peer: PeerId, weight: int, n: int, now: Millis
) -> None:
    """Like a retraction it may leave from level 1 on, at once, whatever the level is by now."""
    t = now // 1000 - now // 1000 % DAY_S
    record = Record(author.key.peer, n, t, t + MAX_LIFETIME, Kind.ROTATE, peer, weight)
    place = Placement(Source.OWN, now, level=1, due=now)
    insert(sql, [seal(record, author.key)], place, me=author.key.peer)


def _in_order(
    rows: list[tuple[int, bytes, int, int, int | None, bytes, int, int, int]],
) -> list[tuple[int, bytes, int, int, int | None, bytes, int, int, int]]:
    """As they replace each other: see `reading.own_endorsements`."""
    placed, reached = [], 0
    for row in rows:
        place = reached if row[7] == NEVER else row[2]
        reached = max(reached, place)
        placed.append((place, row))
    return [row for _, row in sorted(placed, key=lambda pair: pair[0])]
