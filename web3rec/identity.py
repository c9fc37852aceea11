"""The device's author key: born with its directory, kept in a file only its owner can read."""

from collections.abc import Callable
from pathlib import Path

from web3rec.errors import KeyFileError, ReadOnly
from web3rec.records import SigningKey
from web3rec.rotation import KEY_FILE, settle_rotation
from web3rec.store import LOG_FILE

__all__ = ["KEY_FILE", "author_key"]


def author_key(
    directory: Path, *, read_only: bool, passphrase: str | Callable[[], str] | None = None
) -> SigningKey:
    """Load the key of a directory, or make one if the directory is new.

    A log without its key gets no new one: its records would then be nobody's, silently. A
    passphrase given as a text protects a new key from the first; a callable is asked only for a
    key that is protected already.

    Raises AlreadyOpen (its key is being replaced), KeyFileError (unreadable, open to others, no
    key, or a log without one), PassphraseError, ReadOnly.
    """
    try:
        path = settle_rotation(directory, read_only=read_only)
        if path.exists():
            return SigningKey.load(path, passphrase)
        if (directory / LOG_FILE).exists():
            raise KeyFileError(
                f"{path} is missing, but the log beside it has an author; restore the key file, "
                "or use another directory"
            )
        if read_only:
            raise ReadOnly(f"there is no web3rec in {directory}; `web3rec init` makes one")
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ReadOnly(f"cannot use {directory}: {error.strerror or error}") from None
    key = SigningKey.generate()
    try:
        key.save(path, passphrase if isinstance(passphrase, str) else None)
    except KeyFileError:
        if not path.exists():
            raise
        return SigningKey.load(path, passphrase)  # somebody else opened it for the first time, too
    return key
