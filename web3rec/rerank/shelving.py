"""Which bundle a device is to use: the file its app gave, else the one on its shelf."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from web3rec.rerank.bundle import Bundle, Refusal, Shelf, loaded
from web3rec.rerank.bundle.shelf import STATE
from web3rec.types import PeerId

Stamp = tuple[tuple[int, int, int] | None, ...]


def chosen(
    given: Path | None, publishers: Collection[PeerId], shelf: Shelf
) -> Bundle | Refusal | None:
    """The bundle, or why it cannot be used; None if there is none.

    Args:
        given: a file that takes the place of the shelf's bundle.
        publishers: whose file that may be, beside those whom the shelf has pinned.
        shelf: also says which versions were taken before: a file that is older is refused, too.

    Raises:
        DataError: the file cannot be read, or the shelf is damaged.
    """
    if given is None:
        return shelf.used()
    trusted = shelf.trusted()
    return loaded(given, replace(trusted, publishers=trusted.publishers | set(publishers)))


def stamp_of(given: Path | None, shelf: Shelf) -> Stamp:
    """Changes whenever another bundle may have come, or somebody was pinned or is no more."""
    return tuple(
        _of(path) for path in (given, shelf.directory / STATE) if path is not None
    )  # what changed a file's bytes in place, and its time back, is not found out


def _of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
