"""What the log's file looked like when it was closed, so that damage at rest is noticed.

SQLite checks the structure of its file, not the values in it: a flipped bit in a weight or in
the privacy level would pass for the truth. So whoever closes the log leaves the file's hash
beside it, and whoever opens it compares. While it is open for writing there is no hash, nor
after a crash; then only SQLite's own check stands.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

SUFFIX: Final = ".sum"


def fits(path: Path) -> bool:
    """False only if the file is not what it was when it was last closed. Cost: one read of it."""
    left = _left(path)
    if not left:
        return True
    try:
        found = _hash(path)
    except FileNotFoundError:
        return True  # taken away, not damaged
    return found == left or _left(path) != left  # the latter: opened by a writer meanwhile


def leave(path: Path) -> None:
    """Take the fingerprint of a file that is closed and complete; without space, leave none."""
    with contextlib.suppress(OSError):
        beside = _beside(path)
        with beside.open("w", encoding="ascii") as file:
            beside.chmod(0o600)
            file.write(_hash(path))
            file.flush()
            os.fsync(file.fileno())


def clear(path: Path) -> None:
    """Take the fingerprint away, for good even if the power fails: the file is about to change."""
    if not _beside(path).exists():
        return
    _beside(path).unlink()
    with contextlib.suppress(OSError):  # a directory cannot be synced everywhere
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _left(path: Path) -> str:
    """The fingerprint that was left; "" if there is none, or it was not written to its end."""
    try:
        text = _beside(path).read_text("ascii")
    except (OSError, ValueError):
        return ""
    return text if len(text) == hashlib.sha256().digest_size * 2 else ""


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)
