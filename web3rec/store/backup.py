"""A consistent copy of the log, taken while others write: a directory that can be opened.

SQLite writes the copy in one read transaction and leaves out free pages, so nothing forgotten is
in it. The copy is read back before it gets its name: it appears whole, or not at all. Restored, it
never gives a sequence number twice: see `sequence`.
"""

import os
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from web3rec.errors import CorruptStore, ReadOnly
from web3rec.store import fingerprint
from web3rec.store.database import FILE, Database
from web3rec.store.verify import Told, look
from web3rec.types import PeerId


@dataclass(frozen=True, slots=True)
class Copied:
    """A backup that was made and read back."""

    path: Path
    records: int
    size: int
    """Bytes of the log's copy"""
    keys: tuple[str, ...]
    """Names of the key files that are in it"""


def backup(
    directory: Path,
    target: Path,
    *,
    me: PeerId,
    window: int,
    keys: tuple[Path, ...] = (),
    told: Told = lambda _done, _total: None,
) -> Copied:
    """Copy the log of `directory`, and these key files, to the new directory `target`.

    Raises:
        ReadOnly: something is at `target` already, or it cannot be written.
        CorruptStore: the log, or what was written, is not sound; nothing is left at `target`.
    """
    if os.path.lexists(target):
        raise ReadOnly(f"{target} is there already: a backup never overwrites; choose another name")
    try:
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))  # mode 700
    except OSError as error:
        raise ReadOnly(f"cannot write to {target.parent}: {error.strerror or error}") from None
    try:
        copy = draft / FILE
        _copy(directory, copy)
        with closing(Database(draft, read_only=True)) as db:
            found = look(db, me, window, deep=True, told=told)
        if found.faults:
            raise CorruptStore(
                f"{len(found.faults)} rows of the log are not sound, so no backup was made; "
                "`web3rec verify --deep` lists them"
            )
        _leave_alone(draft)
        fingerprint.leave(copy)
        for key in keys:
            _copy_key(key, draft / key.name)
        _sync(draft)
        draft.rename(target)
    except OSError as error:
        raise ReadOnly(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _sync(target.parent)
    names = tuple(key.name for key in keys)
    return Copied(target, found.records, (target / FILE).stat().st_size, names)


def _copy(directory: Path, copy: Path) -> None:
    with closing(Database(directory, read_only=True)) as db:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            db.rows("VACUUM INTO ?", (str(copy),))
        except ReadOnly as error:  # in SQLite's words: what it could not write is the copy
            raise ReadOnly(f"cannot write the backup: {error.__cause__ or error}") from None
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _leave_alone(draft: Path) -> None:
    """Take away what reading the copy back may have left beside it."""
    for path in draft.iterdir():
        if path.name != FILE:
            path.unlink()


def _copy_key(key: Path, to: Path) -> None:
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # a directory cannot be synced everywhere
    finally:
        os.close(descriptor)
