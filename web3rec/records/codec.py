"""Record <-> body bytes: strict DAG-CBOR, one accepted byte string per record.

What is legal is decided in one place for both directions (legality). The decoder is total: whatever
the bytes, it returns. Four guards stand around the library: the size cap, a scan of the nesting
(`dag-cbor` takes 48 ms to refuse 300 open lists, and raises RecursionError from 500), a catch of
everything it may raise, and the comparison with the re-encoding. Format: docs/protocol.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import dag_cbor
from dag_cbor.ipld import IPLDKind

from web3rec.errors import DataError
from web3rec.records.flaw import Flaw
from web3rec.records.legality import broken_rule, illegal, misspelling
from web3rec.records.model import MAX_BODY, VERSION, ItemMeta, Kind, Record
from web3rec.types import PeerId

MAX_DEPTH: Final = 4
"""Open lists and maps at most, one inside the other; version 1 needs 3."""

_KEYS: Final = frozenset("aikntvwx")
_KEYS_ITEM: Final = _KEYS | {"m"}
_META_KEYS: Final = frozenset({"title", "creator", "tags"})
_KINDS: Final = {kind.value: kind for kind in Kind}

_NUMBER: Final = rb"([\x00-\x17]|\x18[\x18-\xff]|\x19(?!\0).{2}|\x1a(?!\0\0).{4}|\x1b(?!\0{4}).{8})"
"""An unsigned integer in its shortest form."""
_TOLD: Final = b"|".join(bytes([0x60 + len(kind)]) + kind.encode() for kind in _KINDS)
_USUAL: Final = re.compile(
    rb"\xa8\x61a\x58\x20(.{32})\x61i(\x50.{16}|\x58\x20.{32})\x61k(" + _TOLD + rb")"
    rb"\x61n" + _NUMBER + rb"\x61t" + _NUMBER + rb"\x61v\x01\x61w" + _NUMBER + rb"\x61x" + _NUMBER,
    re.DOTALL,
)
"""The canonical bytes of a record about a hashed item or a peer, nearly all there are: whatever
matches is strict DAG-CBOR, so the library need not decode and encode it again (85 µs)."""


_OF_16: Final = 0x50
"""The head of a CBOR byte string of 16 bytes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why bytes are not a record; `detail` holds no key and no item, so it may be logged."""

    flaw: Flaw
    detail: str


def encode(record: Record) -> bytes:
    """The canonical body of a record: the bytes that are signed.

    Raises:
        DataError: the record is not legal, or longer than MAX_BODY bytes.
    """
    problem = illegal(record)
    if problem:
        raise DataError(f"not a legal record: {problem}")
    fields: dict[str, IPLDKind] = {
        "v": VERSION,
        "a": record.author,
        "n": record.n,
        "t": record.t,
        "x": record.x,
        "k": record.kind.value,
        "i": record.item,
        "w": record.weight,
    }
    if record.meta is not None:
        meta = record.meta
        fields["m"] = {"title": meta.title, "creator": meta.creator, "tags": [*meta.tags]}
    try:
        body = dag_cbor.encode(fields)
    except UnicodeEncodeError as error:  # a lone surrogate
        raise DataError(f"not a legal record: a text in it is not Unicode ({error})") from error
    if len(body) > MAX_BODY:
        raise DataError(
            f"a record takes at most {MAX_BODY} bytes, this one {len(body)}: "
            "shorten the title, the creator or the tags"
        )
    return body


def decode(body: bytes) -> Record | Flaw:
    """The record these bytes spell, or what is wrong with them. Never raises.

    Signature and clock are not looked at: `rules.judge` does. Cost: about 90 µs for a record.
    """
    found = examine(body)
    return found.flaw if isinstance(found, Refused) else found


def examine(body: bytes) -> Record | Refused:
    """`decode`, with a detail for the log beside the flaw. Never raises."""
    found = read(body)
    if isinstance(found, Refused):
        return found
    problem = misspelling(found)
    return Refused(Flaw.SPELLING, problem) if problem else found


def read(body: bytes) -> Record | Refused:  # noqa: PLR0911 - a ladder of checks, cheap first
    """`examine`, but whether a URI beyond ASCII is well spelled is not looked at. Never raises.

    For what is held: it was judged when it came in, and what Unicode learns later undoes nothing.
    """
    if len(body) > MAX_BODY:
        return Refused(Flaw.OVERSIZE, f"body of {len(body)} bytes, want at most {MAX_BODY}")
    usual = _usual(body)
    if usual is not None:
        problem = broken_rule(usual)
        return Refused(Flaw.ILLEGAL, problem) if problem else usual
    if not is_shallow(body):
        return Refused(Flaw.MALFORMED, "body is cut short, too deep or not plain CBOR")
    try:
        value = dag_cbor.decode(body)
        same = dag_cbor.encode(value) == body
    except Exception as error:  # noqa: BLE001 - strangers feed this library; see the file's head
        return Refused(Flaw.NOT_CANONICAL, f"not strict DAG-CBOR ({type(error).__name__})")
    if not same:
        return Refused(Flaw.NOT_CANONICAL, "body differs from its re-encoding")
    if not isinstance(value, dict):
        return Refused(Flaw.MALFORMED, "body is not a map")
    version = value.get("v")
    if type(version) is int and version > VERSION:
        return Refused(Flaw.VERSION, f"version {version}, want {VERSION}")
    found = _record(value)
    if isinstance(found, str):
        return Refused(Flaw.ILLEGAL, found)
    problem = broken_rule(found)
    return Refused(Flaw.ILLEGAL, problem) if problem else found


def _usual(body: bytes) -> Record | None:
    """The record `_USUAL` bytes spell, not yet checked by `broken_rule`; None for any others."""
    match = _USUAL.fullmatch(body)
    if match is None:
        return None
    author, sized, kind, *numbers = match.groups()
    item = sized[1:] if sized[0] == _OF_16 else sized[2:]
    if kind[1:] == b"item":  # needs an "m"; the long way says so
        return None
    n, t, w, x = (int.from_bytes(number[1:] or number, "big") for number in numbers)
    return Record(PeerId(author), n, t, x, _KINDS[kind[1:].decode()], item, w, None)


def _record(fields: Mapping[str, IPLDKind]) -> Record | str:
    """The record a map spells, not yet checked by `broken_rule`; or why there is none."""
    match fields:
        case {
            "v": int(version),
            "a": bytes(author),
            "n": int(n),
            "t": int(t),
            "x": int(x),
            "k": str(kind),
            "i": bytes() | str() as item,
            "w": int(weight),
        } if type(version) is int and version == VERSION:
            pass
        case _:
            return f"version {VERSION} needs v, a, n, t, x, k, i and w, each of its type"
    if kind not in _KINDS:
        return f"k must be one of {', '.join(Kind)}"
    meta = _meta(fields.get("m")) if kind == Kind.ITEM else None
    if fields.keys() != (_KEYS if meta is None else _KEYS_ITEM):
        return 'a key too many, or not the "m" that an item needs'
    return Record(PeerId(author), n, t, x, _KINDS[kind], item, weight, meta)


def _meta(fields: IPLDKind) -> ItemMeta | None:
    """What "m" tells; None if it is not a map of a title, a creator and a list of tags."""
    if not isinstance(fields, dict) or fields.keys() != _META_KEYS:
        return None
    title, creator, tags = fields["title"], fields["creator"], fields["tags"]
    if not (isinstance(title, str) and isinstance(creator, str) and isinstance(tags, list)):
        return None
    texts = tuple(tag for tag in tags if isinstance(tag, str))
    return ItemMeta(title, creator, texts) if len(texts) == len(tags) else None


def is_shallow(data: bytes) -> bool:
    """Whether data is one plain CBOR item, whole, with at most MAX_DEPTH open at once.

    Plain: integers, bytes, texts, lists, maps, simple values and floats; no tags, no indefinite
    lengths. Only the heads are walked, so the library below sees nothing deep or cut short.
    Cost: O(number of items), about 8 µs for a record.
    """
    at, end = 0, len(data)
    left = [1]  # items still to come, per open list or map; the outermost is the whole
    while left:
        if left[-1] == 0:
            left.pop()
            continue
        left[-1] -= 1
        if at >= end:
            return False
        major, size = data[at] >> 5, data[at] & 31
        width = 1 << (size - 24) if size >= 24 else 0
        if size >= 24:
            size = int.from_bytes(data[at + 1 : at + 1 + width], "big")
        at += 1 + width + (size if major in (2, 3) else 0)
        if major in (4, 5):
            left.append(size << (major - 4))
        if major == 6 or width > 8 or at > end or len(left) > MAX_DEPTH + 1:
            return False
    return at == end
