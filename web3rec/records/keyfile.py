"""Files that hold a key: only this user reads them, and they are there whole or not at all."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from web3rec import sealing
from web3rec.errors import DataError, KeyFileError
from web3rec.records.model import PEER_BYTES
from web3rec.types import PeerId

MAX_BYTES: Final = 16_384
"""A key file is much shorter; a longer one is something else."""
PURPOSE: Final = b"key"


def read(path: Path) -> bytes:
    """The bytes of a key file. Raises KeyFileError: missing, unreadable, open to others."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise KeyFileError(
            f"no key file at {path}: restore it from your backup, or start a new identity in "
            "an empty directory"
        ) from error
    except OSError as error:
        raise KeyFileError(
            f"cannot read the key file {path} ({error.strerror}): give this user the right to "
            "read it, mode 600"
        ) from error
    if os.name == "posix" and mode & 0o077:
        raise KeyFileError(
            f"others on this machine can read the key file {path} (mode {mode:04o}), so it may "
            f"be theirs by now: `chmod 600 {path}`, and `web3rec rotate --stolen` if you doubt it"
        )
    return data


def create(path: Path, data: bytes) -> None:
    """Write a new key file; durable. Raises KeyFileError; never overwrites."""
    try:
        _write_new(path, data)
    except FileExistsError as error:
        raise KeyFileError(
            f"{path} exists and a key is never overwritten: load it, or choose another place"
        ) from error
    except OSError as error:
        raise _cannot_write(path, error) from error


def replace(path: Path, data: bytes) -> None:
    """Put other bytes in the place of a key file, at one stroke; durable. Raises KeyFileError."""
    try:
        draft = _draft(path, data)
        try:
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error


def sealed(pem: bytes, passphrase: str, peer: PeerId) -> bytes:
    """A key under a passphrase; the public half can be read by all who can read the file."""
    return sealing.sealed(pem, passphrase, PURPOSE, shown=peer)


def unsealed(data: bytes, passphrase: str, path: Path) -> bytes:
    """The key in a protected file. Raises KeyFileError (damaged), PassphraseError, ParamError."""
    return sealing.opened(_parsed(data, path), passphrase, PURPOSE, str(path))


def shown(data: bytes, path: Path) -> PeerId:
    """Whose key a protected file says it holds. Raises KeyFileError."""
    return PeerId(_parsed(data, path).shown)


def is_protected(path: Path) -> bool:
    """Whether a key file wants a passphrase. Raises KeyFileError."""
    return sealing.is_sealed(read(path))


def sync_directory(path: Path) -> None:
    """What was renamed, made or removed in a directory stays so if the power fails."""
    with contextlib.suppress(OSError):  # a directory cannot be synced everywhere
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _parsed(data: bytes, path: Path) -> sealing.Sealed:
    try:
        found = sealing.parsed(data, str(path))
    except DataError as error:
        raise KeyFileError(f"{error}; restore it from your backup") from None
    if found.purpose != PURPOSE or len(found.shown) != PEER_BYTES:
        raise KeyFileError(f"{path} is sealed, but holds no key; restore it from your backup")
    return found


def _cannot_write(path: Path, error: OSError) -> KeyFileError:
    return KeyFileError(
        f"cannot write the key file {path} ({error.strerror}): choose a directory that "
        "exists, is writable and has space"
    )


def _draft(path: Path, data: bytes) -> Path:
    """A file beside path with these bytes, on disk, mode 600."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _write_new(path: Path, data: bytes) -> None:
    """Create path with data, durable, mode 600; FileExistsError if anything is there."""
    draft = _draft(path, data)
    try:
        try:
            path.hardlink_to(draft)  # unlike a rename, fails if path exists
        except FileExistsError:
            raise
        except OSError:  # no hard links here (Android, FAT): the second best
            if os.path.lexists(path):
                raise FileExistsError(path) from None
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)
