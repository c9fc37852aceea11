"""The key a node proves itself with on the network; never the key that signs records.

Two keys, so that who watches connections does not learn who says what (property D4). Losing
this one costs nothing but a new peer id, so it is 32 random bytes in a file, without ceremony.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from p2p.errors import NodeError

FILE: Final = "transport.key"
SEED_BYTES: Final = 32


def transport_seed(directory: Path) -> bytes:
    """The seed kept in `directory`, made on first use (mode 600); 32 bytes.

    The file appears whole or not at all. The caller holds the directory's lock, so nobody makes
    a second one meanwhile.

    Raises:
        NodeError: the file cannot be read or written, or is not a seed; says what to do.
    """
    path = directory / FILE
    try:
        if not path.exists():
            _create(path)
        seed = path.read_bytes()
    except OSError as error:
        why = error.strerror or error
        raise NodeError(
            f"cannot use {path}: {why}; a node needs to write beside its log"
        ) from error
    if len(seed) != SEED_BYTES:
        raise NodeError(
            f"{path} must hold {SEED_BYTES} bytes, got {len(seed)}: delete it, and the node makes "
            "another and is known by a new peer id"
        )
    return seed


def _create(path: Path) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(SEED_BYTES))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
