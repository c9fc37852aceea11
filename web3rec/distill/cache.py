"""Judgements on disk: what was paid for once is never asked for again.

A row is one judgement: (teacher, sha256 of what it was asked) -> float64 values. Every row is a
transaction of its own, so whoever is killed loses at most the judgement being written. A row that
is not what it should be counts as missing. Judgements carry what people liked: `forget` deletes a
person's, and their bytes.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from web3rec.errors import CorruptStore, DataError, Incompatible, ParamError
from web3rec.types import Weights

VERSION: Final = 1
"""Of the table; in `user_version`."""
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS judgement (
    teacher TEXT NOT NULL,
    asked BLOB NOT NULL CHECK (length(asked) = 32),
    person BLOB NOT NULL CHECK (length(person) = 32),
    score BLOB NOT NULL CHECK (length(score) % 8 = 0),
    PRIMARY KEY (teacher, asked)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS judgement_of ON judgement (person);
"""


class Cache:
    """A file of judgements; may be used by several threads, and by several processes."""

    def __init__(self, path: Path) -> None:
        """Open or make it.

        Raises:
            CorruptStore: the file is damaged or no such file; it is left as it is.
            Incompatible: a newer version wrote it.
            DataError: it cannot be opened or made.
        """
        self._path, self._lock = path, threading.Lock()
        self._used: set[tuple[str, bytes]] = set()
        try:
            self._db = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise DataError(
                f"cannot be opened ({error}): is its folder there?", where=str(path)
            ) from None
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self._db.close()
            raise DataError(f"cannot be used ({error})", where=str(path)) from None
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise self._damaged(error) from error
        except Incompatible:
            self._db.close()
            raise

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise Incompatible(f"{self._path} has version {version}, this reads {VERSION}: upgrade")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA secure_delete = ON")
        if version < VERSION:
            self._db.executescript(f"BEGIN; {_TABLE} PRAGMA user_version = {VERSION}; COMMIT;")

    def get(self, teacher: str, asked: bytes, size: int) -> Weights | None:
        """float64[size] as it was put; None if there is none, or none of that size.

        Raises:
            ParamError: `asked` is no sha256.
            CorruptStore: the file is damaged.
        """
        _hash(asked)
        with self._lock:
            row = self._run(
                "SELECT score FROM judgement WHERE teacher = ? AND asked = ?", (teacher, asked)
            ).fetchone()
        if row is None or not isinstance(row[0], bytes) or len(row[0]) != 8 * size:
            return None
        self._used.add((teacher, asked))
        score = np.frombuffer(row[0], "<f8").astype(np.float64)
        return None if np.isinf(score).any() else score

    def put(self, teacher: str, asked: bytes, person: str, score: Weights) -> None:
        """Keep a judgement, in place of any that was there; on disk when this returns.

        (After a loss of power, not of the process, the last few may be missing.)

        Raises:
            ParamError: `asked` is no sha256, or a score is infinite.
            CorruptStore: the file is damaged.
            sqlite3.OperationalError: the disk is full or read-only, or another process held the
                file for half a minute; nothing that was kept is lost.
        """
        _hash(asked)
        if np.isinf(score).any():
            raise ParamError("score", "an infinite one", "finite, or nan for no opinion")
        row = (teacher, asked, _who(person), score.astype("<f8").tobytes())
        with self._lock:
            self._run("INSERT OR REPLACE INTO judgement VALUES (?, ?, ?, ?)", row)
            self._used.add((teacher, asked))

    def forget(self, person: str) -> int:
        """Delete a person's judgements, their bytes included; how many there were.

        Another process that reads at this moment may keep the log of changes, and bytes in it,
        until it is done: forget with nobody else at work.
        """
        with self._lock:
            gone = self._run("DELETE FROM judgement WHERE person = ?", (_who(person),)).rowcount
            self._run("PRAGMA wal_checkpoint(TRUNCATE)", ())
        return gone

    def keep(self, used: Collection[tuple[str, bytes]]) -> int:
        """Delete every judgement but these, their bytes included; how many were deleted.

        Args:
            used: teacher and sha256 of what it was asked, each.
        """
        with self._lock:
            rows = self._run("SELECT teacher, asked FROM judgement", ()).fetchall()
            gone = [row for row in rows if row not in used]
            for row in gone:
                self._run("DELETE FROM judgement WHERE teacher = ? AND asked = ?", row)
            self._run("VACUUM", ())
            self._run("PRAGMA wal_checkpoint(TRUNCATE)", ())
        return len(gone)

    @property
    def used(self) -> frozenset[tuple[str, bytes]]:
        """The judgements that were read or written since it was opened."""
        return frozenset(self._used)

    def __len__(self) -> int:
        """How many judgements there are. Cost: O(rows)."""
        with self._lock:
            return int(self._run("SELECT count(*) FROM judgement", ()).fetchone()[0])

    def close(self) -> None:
        """Close it; to be done once all threads are finished with it."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.OperationalError:
            raise  # busy, full, read-only: the machine's word says it best
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.DatabaseError) -> CorruptStore:
        return CorruptStore(
            f"{self._path} is not a readable cache ({error}): move it away and ask again"
        )


def _who(person: str) -> bytes:
    return hashlib.sha256(person.encode(errors="surrogatepass")).digest()


def _hash(asked: bytes) -> None:
    if len(asked) != 32:
        raise ParamError("asked", f"{len(asked)} bytes", "a sha256 of 32 bytes")
