"""A model that is still on its way: the chunks that came, kept over restarts, one model at most.

    directory/draft-<hex>.part    chunks 0, 1, … of what follows head and manifest, without gaps

Named after the offer they belong to, but not trusted: what a disk, a kill or another offer left
there counts only as far as it has the hashes of this one.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from p2p.model_wire import CHUNK_BYTES, MAX_SIZE, Offer
from web3rec.errors import DataError

_PATTERN: Final = "draft-*.part"


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts in a directory. Every method raises DataError if the directory cannot be used."""

    directory: Path
    """Made when the first chunk is kept."""

    def resumed(self, offer: Offer) -> int:
        """How many chunks of an offer are here, from the first on; drafts of others go.

        O(bytes that are here).
        """
        path = self._path(offer)
        try:
            for other in self.directory.glob(_PATTERN):
                if other != path:
                    self._adopt(other, path)
            data = _read(path, MAX_SIZE) if path.exists() else b""
        except OSError as e:
            raise _unusable(path, e) from None
        have = 0
        while have < offer.chunks and offer.fits(have, _piece(data, have, offer)):
            have += 1
        return have

    def keep(self, offer: Offer, number: int, chunk: bytes) -> None:
        """Keep a chunk; all before it are here, and whatever is behind it is forgotten."""
        path = self._path(offer)
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
                file.truncate(number * CHUNK_BYTES)
                file.seek(number * CHUNK_BYTES)
                file.write(chunk)
        except OSError as e:
            raise _unusable(path, e) from None

    def whole(self, offer: Offer) -> bytes:
        """The bundle, head and manifest included, as far as it is here."""
        path = self._path(offer)
        try:
            return offer.beginning + _read(path, offer.rest)
        except OSError as e:
            raise _unusable(path, e) from None

    def drop(self) -> None:
        """Keep no draft."""
        try:
            for path in self.directory.glob(_PATTERN):
                path.unlink(missing_ok=True)
        except OSError as e:
            raise _unusable(self.directory, e) from None

    def _adopt(self, other: Path, path: Path) -> None:
        """What came under another offer may have been true all the same."""
        if path.exists():
            other.unlink(missing_ok=True)
        else:
            other.replace(path)

    def _path(self, offer: Offer) -> Path:
        return self.directory / f"draft-{offer.key.hex()[:16]}.part"


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _piece(data: bytes, number: int, offer: Offer) -> bytes:
    at = CHUNK_BYTES * number
    return data[at : at + offer.length(number)]


def _unusable(path: Path, error: OSError) -> DataError:
    return DataError(f"cannot be used ({error.strerror})", where=str(path))
