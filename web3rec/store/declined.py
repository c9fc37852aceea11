"""Ids of records that were seen and are not kept, so that nobody has to send them again.

Half an id, the tag of its author (for the day that author gets more room) and when it ends. In
memory only the first eight bytes of each, sorted: what is asked of them is asked of everything
that arrives.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.records import Signed
from web3rec.store.database import Database
from web3rec.store.known import ID_BYTES
from web3rec.store.room import TAG_BYTES, tag_of

NOBODY: Final = b""
"""Author of what was forgotten with its author: never asked for again, whatever room there is."""
_HEAD: Final = 8
_LOOSE: Final = 1_024
"""New ids kept apart from the sorted ones before they are sorted in."""

FROM_RECORDS: Final = (
    "INSERT OR IGNORE INTO declined (id, author, x) "  # noqa: S608 - constants
    f"SELECT substr(id, 1, {ID_BYTES}), substr(author, 1, {TAG_BYTES}), x "
    "FROM records WHERE pos IS NOT NULL AND "
)
FROM_TOMBSTONES: Final = FROM_RECORDS.replace(
    "FROM records WHERE pos IS NOT NULL", "FROM tombstones WHERE heard"
)
"""To be completed by which; what nobody outside has seen is left out."""


class Declined:
    """What is asked of the table in memory. Not thread-safe: whoever holds it locks."""

    def __init__(self, db: Database) -> None:
        """Nothing is read yet."""
        self._db = db
        self._sorted: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._loose: set[int] = set()
        self._stale = True

    def drop(self) -> None:
        """It may be out of step; what is asked until it is renewed is answered as before."""
        self._stale = True

    def renew(self) -> None:
        """Bring it in line with the table, if it may not be. Cost: .5 µs each."""
        if self._stale:
            query = f"SELECT substr(id, 1, {_HEAD}) FROM declined ORDER BY id"  # noqa: S608
            heads = np.frombuffer(b"".join([row[0] for row in self._db.rows(query)]), ">u8")
            self._sorted, self._loose, self._stale = heads.astype(np.uint64), set(), False

    def __len__(self) -> int:
        return len(self._sorted) + len(self._loose)

    def heads(self) -> frozenset[int]:
        """All that is kept, as numbers."""
        return frozenset(self._sorted.tolist()) | self._loose

    def has(self, id_: bytes) -> bool:
        """Whether a record was declined; asks no database, needs no lock. Cost: 2 µs."""
        head = int.from_bytes(id_[:_HEAD])
        if head in self._loose:
            return True
        heads = self._sorted
        if not len(heads):
            return False
        place = int(np.searchsorted(heads, np.uint64(head)))
        return place < len(heads) and int(heads[place]) == head

    def add(self, ids: Iterable[bytes]) -> None:
        """These were declined, too."""
        self._loose.update(int.from_bytes(id_[:_HEAD]) for id_ in ids)
        if len(self._loose) > _LOOSE:
            more = np.fromiter(self._loose, np.uint64, len(self._loose))
            self._sorted = np.unique(np.concatenate([self._sorted, more]))
            self._loose = set()


def decline(sql: sqlite3.Connection, signed: Sequence[Signed]) -> None:
    """Remember what came and is not kept."""
    sql.executemany(
        "INSERT OR IGNORE INTO declined (id, author, x) VALUES (?, ?, ?)",
        [(s.id[:ID_BYTES], tag_of(s.record.author), s.record.x) for s in signed],
    )


def take_in(sql: sqlite3.Connection, ids: Iterable[bytes]) -> None:
    """These are held, after all."""
    sql.executemany("DELETE FROM declined WHERE id = ?", [(id_[:ID_BYTES],) for id_ in ids])


def ascribe_to_nobody(sql: sqlite3.Connection, tag: bytes) -> None:
    """Of what was declined of an author, keep that it is not wanted, and no longer whose it was."""
    sql.execute("UPDATE declined SET author = ? WHERE author = ?", (NOBODY, tag))


def is_nobodys(sql: sqlite3.Connection, id_: bytes) -> bool:
    """Whether this was forgotten with its author."""
    query = "SELECT 1 FROM declined WHERE id = ? AND author = ?"
    return sql.execute(query, (id_[:ID_BYTES], NOBODY)).fetchone() is not None


def ask_again(sql: sqlite3.Connection, wanted: Callable[[bytes], bool]) -> int:
    """Forget what was declined of authors whose tag is wanted; returns how many tags that is.

    Cost: O(declined).
    """
    tags = [row[0] for row in sql.execute("SELECT DISTINCT author FROM declined")]
    asked = [(tag,) for tag in tags if tag != NOBODY and wanted(tag)]
    if asked:
        sql.execute("CREATE TEMP TABLE IF NOT EXISTS asked (tag BLOB PRIMARY KEY) WITHOUT ROWID")
        sql.executemany("INSERT INTO asked (tag) VALUES (?)", asked)
        sql.execute("DELETE FROM declined WHERE author IN (SELECT tag FROM asked)")
        sql.execute("DELETE FROM asked")
    return len(asked)
