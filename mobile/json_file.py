"""One small JSON object in one file: written whole or not at all, read without ever raising.

What stands in such a file decides nothing about safety: whoever reads it checks each value.
"""

import contextlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LONGEST: Final = 16 * 1024
"""Bytes; a longer file is not one of ours."""


def read(path: Path) -> dict[str, object]:
    """What the file says; {} if it is not there, damaged, too long, or not a plain file.

    Never raises and never waits, whatever is at the path: a link, a pipe, a folder, a hundred
    thousand brackets.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return {}
            data = file.read(LONGEST + 1)
        said = json.loads(data) if len(data) <= LONGEST else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def write(path: Path, said: Mapping[str, object], *, durable: bool = True) -> None:
    """Put the object at the path, readable by this user only; the old one stays until it is there.

    Args:
        path: the file; its folder is made if need be (0700).
        said: what JSON can say.
        durable: also after a power failure, which costs two fsyncs (tens of ms on a phone).
            Without, it survives the end of the process, and a power failure may undo it.

    Raises OSError: the folder cannot be written, or is full.
    """
    draft = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(json.dumps(said, indent=1, sort_keys=True).encode("ascii"))
            file.flush()
            if durable:
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # a folder cannot be synced everywhere
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
