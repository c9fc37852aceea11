"""Tokens for callers over TCP: one line in a file that only the node's user can read."""

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final

from p2p.errors import NodeError

_LEAST: Final = 32
"""Characters of a token somebody wrote: 24 random bytes in base 64."""


def token_of(path: Path) -> str:
    """The token in the file; a new one of 256 bits if there is none.

    Raises:
        NodeError: others can read the file, it is not ours, or holds no token. Never says what
            it holds.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return _made(path)
    except OSError as error:
        raise NodeError(f"cannot read the token file {path}: {error.strerror}") from None
    with os.fdopen(file, "rb") as opened:
        seen = os.fstat(opened.fileno())
        if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.geteuid():
            raise NodeError(f"the token file {path} is not a file of yours: remove it")
        if seen.st_mode & 0o077:
            raise NodeError(
                f"others can read the token file {path}: remove it and start again, which makes "
                "a new token"
            )
        text = opened.read(1_024).decode("ascii", errors="replace").strip()
    if not re.fullmatch(rf"[A-Za-z0-9._~+/=-]{{{_LEAST},512}}", text):
        raise NodeError(
            f"the token file {path} must hold one token of {_LEAST} to 512 letters, digits or "
            "-._~+/= : remove it and start again, which makes one"
        )
    return text


def _made(path: Path) -> str:
    token = secrets.token_urlsafe(32)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="ascii") as file:
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise NodeError(f"cannot write the token file {path}: {error.strerror}") from None
    return token
