"""A new author key in the place of the old one, so that a crash leaves either identity whole.

    author.key.next written ─► log turned over ─► author.key kept as author.key.1 ─► next in place
                            (one transaction: from here on the new key is the author)

Whoever opens the directory next finishes or undoes what was interrupted: what the log says counts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from web3rec.errors import AlreadyOpen, KeyFileError
from web3rec.records import SigningKey, holder_of, keyfile
from web3rec.store import Log
from web3rec.store.database import LOCK
from web3rec.store.rotating import Turned, author_of, turn_over
from web3rec.types import PeerId

KEY_FILE: Final = "author.key"
NEXT: Final = f"{KEY_FILE}.next"
"""A key that takes over as soon as the log says so; else the remains of an interrupted rotation."""

Reached = Callable[[str], None]
"""Told which step was just made; for tests, which end the process there."""


def _onwards(_step: str) -> None:
    pass


def rotate(
    directory: Path,
    log: Log,
    passphrase: str | None,
    *,
    stolen: bool,
    reached: Reached = _onwards,
) -> Turned:
    """Replace the author's key; closes the log. The new file is protected if a passphrase is given.

    Raises KeyFileError, ReadOnly, Closed. Whatever is raised, one of the two identities is whole.
    """
    log.check_open()
    new = SigningKey.generate()
    (directory / NEXT).unlink(missing_ok=True)
    new.save(directory / NEXT, passphrase)
    reached("the new key is written")
    turned = log.change(lambda sql, author, now: turn_over(sql, author, new, now, stolen=stolen))
    reached("the log is turned over")
    log.close()
    _put_in_place(directory, reached)
    return turned


def replaced_key(
    directory: Path, log: Log, passphrase: str | Callable[[], str] | None, *, stolen: bool
) -> PeerId:
    """`rotate`, under the passphrase the present key has, if it has one; the new author."""
    said = None
    if keyfile.is_protected(directory / KEY_FILE):
        said = passphrase() if callable(passphrase) else passphrase
    return rotate(directory, log, said, stolen=stolen).new


def settle_rotation(directory: Path, *, read_only: bool) -> Path:
    """The key file that counts, after finishing or undoing what was interrupted.

    Raises AlreadyOpen (somebody is at it now), KeyFileError, and what `Database` raises.
    """
    path, next_ = directory / KEY_FILE, directory / NEXT
    if not next_.exists():
        return path
    if read_only:
        return next_ if _counts(directory) else path
    with held_still(directory):
        if next_.exists():
            if _counts(directory):
                _put_in_place(directory, _onwards)
            else:
                next_.unlink()
                keyfile.sync_directory(directory)
    return path


@contextmanager
def held_still(directory: Path) -> Iterator[None]:
    """Nobody writes to a directory meanwhile. Raises AlreadyOpen: somebody does."""
    guard = FileLock(directory / LOCK)
    try:
        guard.acquire(timeout=0)
    except Timeout:
        raise AlreadyOpen(
            f"{directory} is in use by another web3rec; stop it, or open it read-only"
        ) from None
    try:
        yield
    finally:
        guard.release()


def former_keys(directory: Path) -> list[Path]:
    """The files of keys that were rotated away, the first one first."""
    found: list[Path] = []
    while (path := directory / f"{KEY_FILE}.{len(found) + 1}").exists():
        found.append(path)
    return found


def _counts(directory: Path) -> bool:
    """Whether the log was turned over to the key that waits."""
    author = author_of(directory)
    return author is not None and author == _holder(directory / NEXT)


def _holder(path: Path) -> PeerId | None:
    try:
        return holder_of(path)
    except KeyFileError:
        return None  # it was not written to its end, or is gone


def _put_in_place(directory: Path, reached: Reached) -> None:
    path, next_ = directory / KEY_FILE, directory / NEXT
    old = keyfile.read(path)
    kept = former_keys(directory)
    if not any(keyfile.read(one) == old for one in kept):
        keyfile.create(directory / f"{KEY_FILE}.{len(kept) + 1}", old)
    reached("the old key is kept")
    next_.replace(path)
    keyfile.sync_directory(directory)
    reached("the new key is in place")
