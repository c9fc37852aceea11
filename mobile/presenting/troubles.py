"""What went wrong, in words for a person: what it is, and what to do."""

from typing import Final

from web3rec.errors import (
    AlreadyOpen,
    Closed,
    CorruptStore,
    DataError,
    Incompatible,
    KeyFileError,
    ParamError,
    PassphraseError,
    ReadOnly,
    Web3recError,
)

_WORDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (AlreadyOpen, "The store is in use by another process. Close that, then try again."),
    (CorruptStore, "The store is damaged. It was left as it is; nothing was deleted: {error}"),
    (Incompatible, "The store was written by a newer version of this app. Update the app."),
    (PassphraseError, "The passphrase is missing, or is not the right one."),
    (KeyFileError, "The key file cannot be used: {error}"),
    (ReadOnly, "It cannot be written: the disk is full or read-only. Nothing kept is lost."),
    (Closed, "The store is closed. Try again."),
    (ParamError, "That is out of range: {error}."),
    (DataError, "That cannot be used: {error}."),
    (Web3recError, "{error}."),
    (FileNotFoundError, "There is no such file."),
    (PermissionError, "This file may not be read or written."),
    (OSError, "The file cannot be read or written: {error}."),
)  # fmt: skip
FATAL: Final = (AlreadyOpen, CorruptStore, Incompatible, KeyFileError)
"""With these there is no working store."""


def words_for(error: Exception) -> str:
    """One or two sentences; of an error that nobody expected only its kind is told."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            said = error.strerror if isinstance(error, OSError) else str(error)
            return words.format(error=said or type(error).__name__).replace("..", ".")
    return f"Something went wrong ({type(error).__name__}). What was kept is safe."
