"""One SQLite file, one writer, one lock: the only place that speaks to the disk.

WAL with synchronous=FULL: what a `writing` block committed survives kill -9 and a power cut.
secure_delete overwrites what is erased; `scrub` empties the WAL, so that nothing forgotten is
left in either file. A second writer, in this process or another, gets AlreadyOpen. A file that
is not what it was when it was closed is refused (see `fingerprint`).
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlite_utils
from filelock import FileLock, Timeout

from web3rec.errors import AlreadyOpen, Closed, CorruptStore, Incompatible, ReadOnly, Web3recError
from web3rec.store import feed, fingerprint
from web3rec.store.schema import KNOWN, SCHEMA
from web3rec.types import PeerId

FILE: Final = "log.db"
LOCK: Final = "lock"

_DAMAGE: Final = ("malformed", "not a database", "disk image", "corrupt", "decode")


class Database:
    """The open file. Thread-safe: every use holds one re-entrant lock."""

    def __init__(self, directory: Path, *, read_only: bool = False) -> None:
        """Open, creating directory and file if need be.

        Raises AlreadyOpen (a writer holds the directory), CorruptStore (the file failed SQLite's
        check; it is left as it is), Incompatible (written by a newer version), ReadOnly.
        """
        self.path = directory / FILE
        self.read_only = read_only
        self.lock = threading.RLock()
        self._guard = FileLock(directory / LOCK)
        self._closed = False
        self._lost_track = True  # of whose statements changed
        if not read_only:
            self._prepare(directory)
        try:
            self._check_at_rest()
            self._sql = _connect(self.path, read_only=read_only)
            try:
                self._open()
            except BaseException:
                self._sql.close()
                raise
        except BaseException:
            self._guard.release()
            raise

    def _prepare(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._guard.acquire(timeout=0)
        except Timeout:
            raise AlreadyOpen(
                f"{directory} is in use by another web3rec; stop it, or open it read-only"
            ) from None
        except OSError as error:
            raise ReadOnly(f"cannot write to {directory}: {error.strerror or error}") from None

    def _check_at_rest(self) -> None:
        try:
            if not fingerprint.fits(self.path):
                raise CorruptStore(self._damaged("it changed since it was closed"))
            wal = self.path.with_name(self.path.name + "-wal")
            emptied = self.path.exists() and not self.path.stat().st_size
            if emptied and wal.exists() and wal.stat().st_size:  # SQLite would drop the WAL
                raise CorruptStore(self._damaged("it is empty, but what was written last is not"))
        except OSError as error:
            raise ReadOnly(f"cannot read {self.path}: {error.strerror or error}") from None

    def _open(self) -> None:
        self._sql.row_factory = None
        self._db = sqlite_utils.Database(self._sql, recursive_triggers=False, execute_plugins=False)
        with self._explained():
            verdict = self._sql.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise CorruptStore(self._damaged(verdict))
            newer = {row.name for row in SCHEMA.applied(self._db)} - KNOWN
            if newer:
                raise Incompatible(
                    f"{self.path} was written by a newer web3rec ({', '.join(sorted(newer))}); "
                    "upgrade web3rec to use it"
                )
            if self.read_only:
                if SCHEMA.pending(self._db):
                    raise Incompatible(f"{self.path} is of an older form; open it for writing once")
                return
            fingerprint.clear(self.path)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._sql.execute(f"PRAGMA {pragma}").fetchone()
            SCHEMA.apply(self._db)
            feed.listen(self._sql)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows of a query, as tuples."""
        with self.lock, self._explained():
            self._alive()
            return self._sql.execute(sql, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several queries of one moment: nobody else's change comes between them."""
        with self.lock, self._explained():
            self._alive()
            with self._db.atomic():
                yield

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed when the block ends, nothing of it kept when it raises."""
        with self.lock:
            self._alive()
            if self.read_only:
                raise ReadOnly(f"{self.path} was opened read-only; nothing was changed")
            try:
                with self._explained(), self._db.atomic():
                    yield self._sql
            except BaseException:
                self._lost_track = True  # somebody may have read what is now taken back
                raise

    def changed_authors(self) -> frozenset[PeerId] | None:
        """Whose statements changed since this was last asked, None if that is not known."""
        with self.lock, self._explained():
            self._alive()
            if self.read_only:
                return None
            lost, self._lost_track = self._lost_track, True
            with suppress(sqlite3.OperationalError):  # a disk that turned read-only
                found = feed.heard(self._sql)
                self._lost_track = False
            return None if lost or self._lost_track else found

    def foreign_changes(self) -> int:
        """A number that changes when another connection changed the file."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def scrub(self) -> bool:
        """Put the WAL's content into the file and cut it to nothing; False if a reader forbade it.

        Call outside of transactions.
        """
        with self.lock, self._explained():
            self._alive()
            busy = self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return not busy

    def close(self) -> None:
        """Close file and lock; again is nothing."""
        with self.lock:
            if self._closed:
                return
            self._closed = True
            complete = False
            try:
                if not self.read_only:
                    pragma = "PRAGMA wal_checkpoint(TRUNCATE)"
                    complete = not self._sql.execute(pragma).fetchone()[0]
            except sqlite3.DatabaseError:
                complete = False  # what is committed is safe in the WAL
            finally:
                self._sql.close()
                if complete:
                    fingerprint.leave(self.path)
                self._guard.release()

    def check_open(self) -> None:
        """Raises Closed if it was closed."""
        with self.lock:
            self._alive()

    def _alive(self) -> None:
        if self._closed:
            raise Closed("this recommender was closed; open it again to use it")

    def _damaged(self, why: str) -> str:
        return (
            f"{self.path} is damaged ({why}) and was left as it is; `web3rec doctor --quarantine` "
            "sets it aside and starts an empty one, which peers then refill"
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors in our words; never with a value from the file in them."""
        try:
            yield
        except Web3recError:
            raise
        except sqlite3.DatabaseError as error:
            if any(sign in str(error) for sign in _DAMAGE):
                why = str(error) if "decode" not in str(error) else "a text in it is no text"
                raise CorruptStore(self._damaged(why)) from None
            if isinstance(error, sqlite3.OperationalError):
                raise ReadOnly(
                    f"cannot use {self.path}: {error}; what was committed before is safe"
                ) from error
            raise


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only and not path.exists():
        raise ReadOnly(f"there is no log at {path}; `web3rec init` makes one")
    mode = "mode=ro" if read_only else "mode=rwc"
    connection = _connected(path, mode)
    if not read_only:
        return connection
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()
    except sqlite3.OperationalError:
        # Reading a WAL database wants a file for shared memory, and here none can be made. Where
        # there is no WAL either, nobody has the log open: its file is all there is.
        if path.with_name(path.name + "-wal").exists():
            return connection
        connection.close()
        return _connected(path, f"{mode}&immutable=1")
    except sqlite3.DatabaseError:
        return connection  # damaged: said by the check that follows
    return connection


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=10,
        )
    except sqlite3.OperationalError as error:
        raise ReadOnly(f"cannot open {path}: {error}") from error


def quarantine(directory: Path) -> Path | None:
    """Set a damaged log aside under a name that says so; returns its new place.

    The file and its WAL keep their bytes, for whoever can still read them.
    Returns None where there is no log. Raises AlreadyOpen while a writer holds the directory.
    """
    path = directory / FILE
    if not path.exists():
        return None
    guard = FileLock(directory / LOCK)
    try:
        guard.acquire(timeout=0)
    except Timeout:
        raise AlreadyOpen(f"{directory} is in use; stop the other web3rec first") from None
    try:
        count = 1
        while (aside := path.with_name(f"{FILE}.damaged-{count}")).exists():
            count += 1
        for suffix in ("-wal", "-shm", "-journal", ""):  # a WAL must not meet a new file
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        fingerprint.clear(path)
        return aside
    finally:
        guard.release()
