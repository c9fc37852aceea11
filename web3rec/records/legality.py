"""The law of record v1: what a record may hold, for writing and for reading alike.

Knows no bytes (codec), no signature (keys), no clock (rules). Limits: model. `broken_rule` needs no
table of Unicode, so all devices say the same and a record it forbids may be held against whoever
brings it; what does need one is apart, in `misspelling`.
"""

import re
from collections.abc import Iterator
from typing import Final

from web3rec.records.characters import are_known
from web3rec.records.model import (
    EVERYTHING,
    ITEM_KEY_BYTES,
    MAX_LIFETIME,
    MAX_TAG_CHARS,
    MAX_TAGS,
    MAX_TITLE_CHARS,
    MAX_URI,
    MAX_WEIGHT,
    PEER_BYTES,
    ItemMeta,
    Kind,
    Record,
    canonical_uri,
)

MAX_N: Final = 2**63
"""Sequences lie below this: they fit a signed 64-bit column."""
MAX_TIME: Final = 2**40
"""Times lie below this (the year 36,812), so that no sum of them can overflow."""

# Control characters (a set fixed for ever by Unicode's stability policy), line and paragraph
# separators, and the overrides that make a text read differently from what it is.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


_NOT_CANONICAL: Final = (
    "i must be a canonical URI: NFC, no white space around it, scheme in lower case"
)


def illegal(record: Record) -> str | None:
    """What forbids this record, in a sentence without its key or item; None if it is legal.

    Trusts no annotation: a record built by hand may hold any type anywhere. Its encoded length is
    the codec's business.
    """
    return broken_rule(record) or misspelling(record)


def broken_rule(record: Record) -> str | None:
    """`illegal`, but for the spelling of a URI that goes beyond ASCII."""
    return next(_problems(record), None)


def misspelling(record: Record) -> str | None:
    """What forbids a record with no broken rule: its URI goes beyond ASCII, and wrongly so.

    Only this rule asks Unicode's tables (NFC). Devices whose Unicode is 14 or later say the same.
    """
    item = record.item
    if not isinstance(item, str) or item.isascii():
        return None
    if not are_known(item):
        return "i must be a URI of characters that Unicode 14 has: name the item by its hash"
    return _NOT_CANONICAL if canonical_uri(item) != item else None


def _problems(record: Record) -> Iterator[str]:
    """The broken rules in order; only the first is meaningful, as later rules build on earlier."""
    if type(record.author) is not bytes or len(record.author) != PEER_BYTES:
        yield f"a (author) must be {PEER_BYTES} bytes"
    if not _is_integer(record.n, 0, MAX_N):
        yield f"n must be an integer in [0, 2^63), got {record.n!r:.40}"
    yield from _time_problems(record.t, record.x, record.kind)
    if not _is_integer(record.weight, 1, MAX_WEIGHT + 1):
        yield f"w must be an integer in 1..{MAX_WEIGHT}, got {record.weight!r:.40}"
    if not isinstance(record.kind, Kind):
        yield f"k must be one of {', '.join(Kind)}"
    yield from _peer_problems(record) if record.kind.names_peer else _item_problems(record)
    if record.kind is Kind.ITEM:
        yield from _meta_problems(record.meta)
    elif record.meta is not None:
        yield f"m must be absent from a {record.kind}"


def _time_problems(t: int, x: int, kind: Kind) -> Iterator[str]:
    """The rules of "t" and "x"."""
    if not _is_integer(t, 0, MAX_TIME):
        yield f"t must be an integer in [0, 2^40), got {t!r:.40}"
    if not _is_integer(x, 0, MAX_TIME):
        yield f"x must be an integer in [0, 2^40), got {x!r:.40}"
    if not 0 < x - t <= MAX_LIFETIME:
        yield f"x - t must lie in (0, {MAX_LIFETIME}] seconds, got {x - t}"
    if kind is Kind.RETRACT and x - t != MAX_LIFETIME:
        yield f"x - t of a retraction must be {MAX_LIFETIME} seconds, got {x - t}"


def _peer_problems(record: Record) -> Iterator[str]:
    """The rules of "i" where it is another peer's key."""
    if type(record.item) is not bytes or len(record.item) != PEER_BYTES:
        yield f"i of a {record.kind} must be a peer's key, {PEER_BYTES} bytes"
    if record.item == record.author:
        yield f"i of a {record.kind} must be another than the author"


def _item_problems(record: Record) -> Iterator[str]:
    """The rules of "i" where it is an item, or what a retraction covers."""
    item = record.item
    if type(item) is bytes:
        if not ITEM_KEY_BYTES <= len(item) <= PEER_BYTES:
            yield f"i must have {ITEM_KEY_BYTES} to {PEER_BYTES} bytes, got {len(item)}"
    elif type(item) is not str:
        yield "i must be bytes or text"
    elif item == EVERYTHING:
        if record.kind is not Kind.RETRACT:
            yield f"i of a {record.kind} must not be {EVERYTHING!r}"
    elif not item or not _is_plain(item, MAX_URI):
        yield f"i must be a URI of 1 to {MAX_URI} printable characters, got {len(item)}"
    elif item.isascii() and canonical_uri(item) != item:
        yield _NOT_CANONICAL


def _meta_problems(meta: ItemMeta | None) -> Iterator[str]:
    """The rules of "m"."""
    if not isinstance(meta, ItemMeta):
        yield "m (title, creator, tags) must be there for an item"
        return
    if not (_is_plain(meta.title, MAX_TITLE_CHARS) and _is_plain(meta.creator, MAX_TITLE_CHARS)):
        yield f"title and creator must be texts of at most {MAX_TITLE_CHARS} printable characters"
    if type(meta.tags) is not tuple or len(meta.tags) > MAX_TAGS:
        yield f"tags must be at most {MAX_TAGS} texts"
    if not all(tag and _is_plain(tag, MAX_TAG_CHARS) for tag in meta.tags):
        yield f"tags must be texts of 1 to {MAX_TAG_CHARS} printable characters"


def _is_integer(value: object, low: int, below: int) -> bool:
    """Whether value is an int, not a bool, in [low, below)."""
    return type(value) is int and low <= value < below


def _is_plain(text: object, longest: int) -> bool:
    return type(text) is str and len(text) <= longest and not _UNPRINTABLE.search(text)
