"""Body and signature in one piece: what travels and what is stored.

The envelope is the DAG-CBOR map {"b": body, "s": signature}. Both sizes are known, so there is
one layout and no decoder is needed:

    a2 | 61 'b' | head of a byte string, shortest form | body | 61 's' | 58 40 | signature
"""

import hashlib
from typing import Final

from web3rec.errors import DataError
from web3rec.records.codec import encode
from web3rec.records.keys import SIGNATURE_BYTES, SigningKey
from web3rec.records.model import Record, Signed
from web3rec.types import RecordId

DOMAIN: Final = b"web3rec-record-v1\0"
"""Signed before every body, so that no signature made elsewhere with the same key fits a record."""

_BEFORE: Final = b"\xa2\x61b"
_BETWEEN: Final = b"\x61s\x58\x40"
_TAIL: Final = len(_BETWEEN) + SIGNATURE_BYTES


def seal(record: Record, key: SigningKey) -> Signed:
    """Sign a record.

    Raises:
        DataError: the record is not legal, too long, or its author is not this key.
    """
    if record.author != key.peer:
        raise DataError("a record is signed by its author: the key belongs to another peer")
    body = encode(record)
    return Signed(record_id(body), record, wrap(body, key.sign(DOMAIN + body)))


def record_id(body: bytes) -> RecordId:
    """What a record goes by: sha256 of its body, 32 bytes."""
    return RecordId(hashlib.sha256(body).digest())


def wrap(body: bytes, signature: bytes) -> bytes:
    """The envelope of a body of less than 65,536 bytes and its 64-byte signature."""
    return b"".join((_BEFORE, _head(len(body)), body, _BETWEEN, signature))


def unwrap(envelope: bytes) -> tuple[bytes, bytes] | None:
    """(body, signature) of an envelope; None if the bytes are not exactly one. Never raises.

    The body may be anything: only its frame is read.
    """
    if len(envelope) < len(_BEFORE) + 1 + _TAIL:
        return None
    width = {0x58: 2, 0x59: 3}.get(envelope[len(_BEFORE)], 1)
    body, signature = envelope[len(_BEFORE) + width : -_TAIL], envelope[-SIGNATURE_BYTES:]
    return (body, signature) if wrap(body, signature) == envelope else None


def _head(length: int) -> bytes:
    """The head of a CBOR byte string in its shortest form; length < 65,536."""
    if length < 24:
        return bytes([0x40 | length])
    return bytes([0x58, length]) if length < 256 else b"\x59" + length.to_bytes(2, "big")
