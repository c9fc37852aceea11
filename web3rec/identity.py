"""The device's author key: born with its directory, kept in a file only its owner can read."""

from pathlib import Path
from typing import Final

from web3rec.errors import KeyFileError, ReadOnly
from web3rec.records import SigningKey
from web3rec.store import LOG_FILE

KEY_FILE: Final = "author.key"


def author_key(directory: Path, *, read_only: bool) -> SigningKey:
    """Load the key of a directory, or make one if the directory is new.

    A log without its key gets no new one: its records would then be nobody's, silently.

    Raises KeyFileError (unreadable, no key, or a log without one), ReadOnly.
    """
    path = directory / KEY_FILE
    try:
        if path.exists():
            return SigningKey.load(path)
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
        key.save(path)
    except KeyFileError:
        if not path.exists():
            raise
        return SigningKey.load(path)  # somebody else was opening it for the first time, too
    return key
