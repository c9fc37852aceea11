"""Record v1: the one kind of value that devices sign, send, keep and forget.

Knows what a record is; not how it is written down (codec), signed (keys) or judged (rules).
Format: docs/protocol.md. All limits of the format stand here, each once.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from web3rec.types import ItemId, ItemKey, PeerId, RecordId

VERSION: Final = 1
MAX_BODY: Final = 512
"""Bytes of an encoded body at most."""
MAX_ENVELOPE: Final = 640
"""Bytes of an envelope at most: a body, a signature and the map around them."""
DAY: Final = 86_400
DEFAULT_LIFETIME: Final = 30 * DAY
MAX_LIFETIME: Final = 90 * DAY
MAX_SKEW: Final = 900
"""Seconds that a record's time may lie ahead of our clock."""
MAX_URI: Final = 64
"""Characters of an item URI inside a record."""
MAX_TAGS: Final = 16
MAX_TAG_CHARS: Final = 32
MAX_TITLE_CHARS: Final = 120
MAX_WEIGHT: Final = 8
ITEM_KEY_BYTES: Final = 16
PEER_BYTES: Final = 32
EVERYTHING: Final = "*"
"""The item of a retraction that covers all of its author's earlier records."""
_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What counts as white space, by value: `str.strip` alone goes by the tables of its Unicode, and
takes U+001C to 001F as well."""
_TO_LOWER: Final = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
EVERYTHING_KEY: Final = ItemKey(b"*")
"""What EVERYTHING goes by as bytes: shorter than any item key, so no item can pose as it."""


class Kind(StrEnum):
    """What a record says."""

    LISTEN = "listen"
    LIKE = "like"
    SHARE = "share"
    COLLECT = "collect"
    TRUST = "trust"
    ITEM = "item"
    RETRACT = "retract"
    ROTATE = "rotate"

    @property
    def is_interaction(self) -> bool:
        return self in INTERACTIONS

    @property
    def names_peer(self) -> bool:
        """True if `item` is a peer's key instead of an item."""
        return self in (Kind.TRUST, Kind.ROTATE)


INTERACTIONS: Final = (Kind.LISTEN, Kind.LIKE, Kind.SHARE, Kind.COLLECT)


@dataclass(frozen=True, slots=True)
class ItemMeta:
    """What an "item" record tells about an item."""

    title: str = ""
    creator: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One signed statement; field names in brackets are the keys on the wire.

    A plain value: `legality.illegal` says whether it is a legal one.
    """

    author: PeerId
    """[a] the key that signed it"""
    n: int
    """[n] the author's sequence, strictly rising: day << 24 | counter << 8 | device byte"""
    t: int
    """[t] unix seconds, day-granular by default"""
    x: int
    """[x] unix seconds from which it no longer counts; 0 < x - t <= MAX_LIFETIME"""
    kind: Kind
    """[k]"""
    item: bytes | str
    """[i] an item key, an item URI, a peer's key (trust, rotate) or EVERYTHING (retract)"""
    weight: int = 1
    """[w] 1..8: a bucket of about 4^(w-1) repetitions; for trust, eighths"""
    meta: ItemMeta | None = None
    """[m] for "item" only"""

    @property
    def key(self) -> ItemKey:
        """The subject as bytes: URIs are hashed, so both spellings of an item meet.

        A URI is hashed as it stands, legal ones being canonical: the subject of a record that is
        held does not change when this device learns of new characters.
        """
        if isinstance(self.item, bytes):
            return ItemKey(self.item)
        return EVERYTHING_KEY if self.item == EVERYTHING else _hash(self.item)


@dataclass(frozen=True, slots=True)
class Signed:
    """A record whose signature was checked (or just made), with the exact bytes that say so.

    Made only by `envelope.seal` and `rules.judge`: holding one means it was verified.
    """

    id: RecordId
    record: Record
    envelope: bytes


def canonical_uri(uri: str) -> str:
    """One spelling per item: NFC, no white space around it, A to Z before the first colon in lower
    case. Of texts of `characters.are_known` every Unicode from 14 on gives the same.

    >>> canonical_uri("  TRK:Blue Train ")
    'trk:Blue Train'
    """
    text = unicodedata.normalize("NFC", uri).strip(_SPACE)
    scheme, colon, rest = text.partition(":")
    if not colon:
        return text
    # Again NFC: there is a letter for j with a caron, but none for J with one.
    return unicodedata.normalize("NFC", f"{scheme.translate(_TO_LOWER)}:{rest}")


def item_key(item: bytes | str | ItemId) -> ItemKey:
    """The bytes an item goes by: the first 16 of sha256(canonical URI); bytes pass through."""
    if isinstance(item, bytes):
        return ItemKey(item)
    return _hash(canonical_uri(item))


def _hash(uri: str) -> ItemKey:
    return ItemKey(hashlib.sha256(uri.encode()).digest()[:ITEM_KEY_BYTES])
