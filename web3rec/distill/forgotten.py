"""Whom and what a publisher was asked to forget: known again when met, named nowhere.

    salt = HMAC-SHA256(key, kind ‖ 00 ‖ id)
    entry = sha256("web3rec-forgotten-v1" ‖ 00 ‖ salt ‖ id)

The data that a recipe reads lies elsewhere and may still hold a person or an item; whoever is on
this list is passed over whenever it is read. The key stays with the publisher, so an entry tells
nobody else whom it stands for, however many names they try. Who asked to be forgotten may be given
the salt of their own entry, and can then find it in the list whose hash is signed in the bundle.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from web3rec.errors import DataError, ParamError

DOMAIN: Final = b"web3rec-forgotten-v1\0"
KEY_BYTES: Final = 32
FILE: Final = "forgotten.json"


class Kind(StrEnum):
    """What an entry stands for."""

    PERSON = "person"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The list."""

    key: bytes = field(default=b"", repr=False)
    """32 secret bytes; none if nothing was forgotten yet"""
    entries: frozenset[bytes] = frozenset()
    """32 bytes each"""
    version: int = 1
    """The bundle's at least: it rises whenever something is forgotten, and never falls"""

    def __contains__(self, what: tuple[Kind, str]) -> bool:
        return bool(self.entries) and self.entry(*what) in self.entries

    def person(self, name: str) -> bool:
        """Whether a person is on the list. Cost: some 3 µs, nothing while the list is empty."""
        return (Kind.PERSON, name) in self

    def item(self, id_: str) -> bool:
        """Whether an item is, by the id that bundles use."""
        return (Kind.ITEM, id_) in self

    def salt(self, kind: Kind, id_: str) -> bytes:
        """32 bytes that only whoever has the key can compute; they prove one entry, no other."""
        said = kind.value.encode() + b"\0" + id_.encode(errors="surrogatepass")
        return hmac.digest(self.key, said, "sha256")

    def entry(self, kind: Kind, id_: str) -> bytes:
        """What stands in the list for it."""
        return entry(self.salt(kind, id_), id_)

    @property
    def commitment(self) -> bytes | None:
        """sha256 over the sorted entries, the manifest's `training.forgotten`; None: no entry."""
        if not self.entries:
            return None
        return hashlib.sha256(b"".join(sorted(self.entries))).digest()

    def with_(self, what: Iterable[tuple[Kind, str]], key: bytes, version: int) -> "Forgotten":
        """The list with more on it.

        Args:
            what: kinds and ids.
            key: 32 random bytes, for a list that has none yet.
            version: the next bundle's.

        Raises:
            ParamError: the version would not rise, or the key is no key.
        """
        if version <= self.version:
            raise ParamError("version", version, f"above {self.version}")
        if len(key) != KEY_BYTES:
            raise ParamError("key", f"{len(key)} bytes", f"{KEY_BYTES} bytes")
        keyed = Forgotten(self.key or key)
        more = frozenset(keyed.entry(*each) for each in what)
        return Forgotten(keyed.key, self.entries | more, version)

    def written(self) -> bytes:
        """As `read` reads it."""
        said = {
            "entries": sorted(one.hex() for one in self.entries),
            "key": self.key.hex(),
            "version": self.version,
        }
        return json.dumps(said, sort_keys=True, indent=1).encode() + b"\n"


NOTHING: Final = Forgotten()


def entry(salt: bytes, id_: str) -> bytes:
    """The entry of an id: what the one who was given the salt looks for in the list."""
    return hashlib.sha256(DOMAIN + salt + id_.encode(errors="surrogatepass")).digest()


def read(data: bytes) -> Forgotten:
    """The list from its file. Raises DataError: damaged; never an empty list instead."""
    try:
        said: dict[str, Any] = json.loads(data)
        found = Forgotten(
            bytes.fromhex(said["key"]),
            frozenset(map(bytes.fromhex, said["entries"])),
            said["version"],
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged() from None
    sizes = {len(found.key), *map(len, found.entries)}
    if sizes != {KEY_BYTES} or type(found.version) is not int or found.version < 1:
        raise _damaged()
    return found


def _damaged() -> DataError:
    return DataError(
        "damaged: bring it back from a copy, else who was forgotten is learnt from again",
        where=FILE,
    )
