"""How records travel: the bytes of a gossip message and of the catch-up frames.

Knows lengths and layouts only; an envelope is opaque here. All integers are unsigned and
big-endian. Every value has exactly one encoding, and every decoder is total: bytes that are not
such an encoding give None, never an exception.

    message   version u8 | count u8 (1..32) | count x envelope            at most 8 KiB
    envelope  length u16 (1..640) | that many bytes
    request   version u8 | log id 16 | cursor u64 | limit u32 (1..5000) | held u64 | digest 32
    header    version u8 | 1 u8 | restarted u8 (0, 1) | log id 16
    batch     version u8 | 2 u8 | more u8 (0, 1) | cursor u64 | count u16 (0..96) | envelopes
    same      version u8 | 3 u8 | restarted u8 (0, 1) | log id 16 | cursor u64

A request has 69 bytes, a header 19, a same 27. Cursors and counts stay below 2^63, because a log
keeps them in a signed column. docs/protocol.md says the same for implementers.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from web3rec.records.model import MAX_ENVELOPE

VERSION: Final = 1
"""First byte of everything sent; another version is not understood and gives None."""
MAX_RECORDS: Final = 32
"""Envelopes of one gossip message at most."""
MAX_BYTES: Final = 8 * 1024
"""Bytes of one gossip message at most."""
MAX_BATCH: Final = 96
"""Envelopes of one catch-up batch at most: 96 of the largest fit into 64 KiB."""
MAX_SESSION: Final = 5_000
"""Records of one catch-up session at most."""
LOG_ID_BYTES: Final = 16
NO_LOG: Final = bytes(LOG_ID_BYTES)
"""The log id of somebody who has never asked here before."""
DIGEST_BYTES: Final = 32
NO_DIGEST: Final = bytes(DIGEST_BYTES)
"""The digest of somebody who does not say what it shares."""
MAX_CURSOR: Final = 2**63 - 1

_HEADER, _BATCH, _SAME = 1, 2, 3
_LENGTH = struct.Struct(">H")
_REQUEST_LAYOUT = struct.Struct(f">B{LOG_ID_BYTES}sQIQ{DIGEST_BYTES}s")
_HEADER_LAYOUT = struct.Struct(f">BBB{LOG_ID_BYTES}s")
_BATCH_LAYOUT = struct.Struct(">BBBQH")
_SAME_LAYOUT = struct.Struct(f">BBB{LOG_ID_BYTES}sQ")


@dataclass(frozen=True, slots=True)
class Request:
    """Catch-up, the question: what stands in your log behind this cursor?"""

    log_id: bytes
    """The log the cursor belongs to, 16 bytes; NO_LOG if we never asked."""
    cursor: int
    """Where we stopped last time; 0 to MAX_CURSOR."""
    limit: int
    """Records we are ready to take; 1 to MAX_SESSION."""
    held: int = 0
    """How many records we share ourselves; 0 to MAX_CURSOR; 0 if we do not say."""
    digest: bytes = NO_DIGEST
    """Of those records, 32 bytes: equal digests, equal records. NO_DIGEST if we do not say."""


@dataclass(frozen=True, slots=True)
class Header:
    """Catch-up, first frame of the answer: whose log follows, and from where."""

    log_id: bytes
    """The answering log, 16 bytes."""
    restarted: bool
    """True if the asker's cursor meant nothing there and the answer starts at 0."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Catch-up, every further frame: some records, and where the log was read up to."""

    envelopes: tuple[bytes, ...]
    """At most MAX_BATCH."""
    cursor: int
    """Ask from here next time; 0 to MAX_CURSOR."""
    more: bool
    """True if the log goes on behind the cursor."""


@dataclass(frozen=True, slots=True)
class Same:
    """Catch-up, the only frame of an answer to somebody who holds what we hold."""

    log_id: bytes
    """The answering log, 16 bytes."""
    restarted: bool
    """True if the asker's cursor meant nothing there."""
    cursor: int
    """The end of that log: ask from here next time; 0 to MAX_CURSOR."""


Frame = Header | Batch | Same


def pack(envelopes: Sequence[bytes]) -> bytes:
    """One gossip message; `unpack` gives the same envelopes back.

    Raises ValueError when there are none, more than MAX_RECORDS, one that is empty or above
    MAX_ENVELOPE bytes, or more than MAX_BYTES in all; `split` makes batches that fit.
    """
    if not 1 <= len(envelopes) <= MAX_RECORDS:
        raise ValueError(f"a message holds 1 to {MAX_RECORDS} envelopes, got {len(envelopes)}")
    message = bytes((VERSION, len(envelopes))) + _joined(envelopes)
    if len(message) > MAX_BYTES:
        raise ValueError(f"a message has at most {MAX_BYTES} bytes, got {len(message)}: split it")
    return message


def unpack(data: bytes) -> tuple[bytes, ...] | None:
    """The envelopes of a gossip message, or None if it is not one. Cost: O(len(data))."""
    if not 2 < len(data) <= MAX_BYTES or data[0] != VERSION or not 1 <= data[1] <= MAX_RECORDS:
        return None
    return _parted(data, 2, data[1])


def split(envelopes: Iterable[bytes], most: int = MAX_RECORDS) -> list[tuple[bytes, ...]]:
    """Cut a row of envelopes into batches that `pack` takes; order is kept.

    Args:
        envelopes: each 1 to MAX_ENVELOPE bytes.
        most: envelopes of one batch at most, 1 to MAX_RECORDS.
    """
    batches: list[tuple[bytes, ...]] = []
    batch: list[bytes] = []
    size = 2
    for envelope in envelopes:
        grown = size + _LENGTH.size + len(envelope)
        if batch and (len(batch) == most or grown > MAX_BYTES):
            batches.append(tuple(batch))
            batch, grown = [], 2 + _LENGTH.size + len(envelope)
        batch.append(envelope)
        size = grown
    if batch:
        batches.append(tuple(batch))
    return batches


def encode_request(request: Request) -> bytes:
    """The 69 bytes of a request. Raises ValueError for a field outside its range."""
    _check_place(request.log_id, request.cursor)
    if not 0 <= request.held <= MAX_CURSOR:
        raise ValueError(f"a log holds 0 to 2^63 - 1 records, got {request.held}")
    if len(request.digest) != DIGEST_BYTES:
        raise ValueError(f"a digest has {DIGEST_BYTES} bytes, got {len(request.digest)}")
    if not 1 <= request.limit <= MAX_SESSION:
        raise ValueError(f"a session has 1 to {MAX_SESSION} records, got {request.limit}")
    return _REQUEST_LAYOUT.pack(
        VERSION, request.log_id, request.cursor, request.limit, request.held, request.digest
    )


def decode_request(data: bytes) -> Request | None:
    """The request these bytes encode, or None."""
    if len(data) != _REQUEST_LAYOUT.size:
        return None
    version, log_id, cursor, limit, held, digest = _REQUEST_LAYOUT.unpack(data)
    if version != VERSION or max(cursor, held) > MAX_CURSOR or not 1 <= limit <= MAX_SESSION:
        return None
    return Request(log_id, cursor, limit, held, digest)


def encode_frame(frame: Frame) -> bytes:
    """One frame of an answer, at most 64 KiB. Raises ValueError for a field outside its range."""
    if isinstance(frame, Header):
        _check_place(frame.log_id, 0)
        return _HEADER_LAYOUT.pack(VERSION, _HEADER, frame.restarted, frame.log_id)
    if isinstance(frame, Same):
        _check_place(frame.log_id, frame.cursor)
        return _SAME_LAYOUT.pack(VERSION, _SAME, frame.restarted, frame.log_id, frame.cursor)
    _check_place(NO_LOG, frame.cursor)
    count = len(frame.envelopes)
    if count > MAX_BATCH:
        raise ValueError(f"a batch holds at most {MAX_BATCH} envelopes, got {count}")
    fixed = _BATCH_LAYOUT.pack(VERSION, _BATCH, frame.more, frame.cursor, count)
    return fixed + _joined(frame.envelopes)


def decode_frame(data: bytes) -> Frame | None:
    """The frame these bytes encode, or None. Cost: O(len(data))."""
    if len(data) < 3 or data[0] != VERSION or data[2] > 1:
        return None
    flag = bool(data[2])
    if data[1] == _HEADER and len(data) == _HEADER_LAYOUT.size:
        return Header(data[3:], restarted=flag)
    if data[1] == _SAME and len(data) == _SAME_LAYOUT.size:
        log_id, cursor = _SAME_LAYOUT.unpack(data)[3:]
        return None if cursor > MAX_CURSOR else Same(log_id, restarted=flag, cursor=cursor)
    if data[1] == _BATCH and len(data) >= _BATCH_LAYOUT.size:
        cursor, count = _BATCH_LAYOUT.unpack_from(data)[3:]
        if cursor > MAX_CURSOR or count > MAX_BATCH:
            return None
        envelopes = _parted(data, _BATCH_LAYOUT.size, count)
        return None if envelopes is None else Batch(envelopes, cursor, more=flag)
    return None


def _check_place(log_id: bytes, cursor: int) -> None:
    if len(log_id) != LOG_ID_BYTES:
        raise ValueError(f"a log id has {LOG_ID_BYTES} bytes, got {len(log_id)}")
    if not 0 <= cursor <= MAX_CURSOR:
        raise ValueError(f"a cursor is 0 to 2^63 - 1, got {cursor}")


def _joined(envelopes: Sequence[bytes]) -> bytes:
    for envelope in envelopes:
        if not 1 <= len(envelope) <= MAX_ENVELOPE:
            raise ValueError(f"an envelope has 1 to {MAX_ENVELOPE} bytes, got {len(envelope)}")
    return b"".join(_LENGTH.pack(len(envelope)) + envelope for envelope in envelopes)


def _parted(data: bytes, at: int, count: int) -> tuple[bytes, ...] | None:
    """Exactly `count` envelopes from offset `at` to the very end, or None."""
    envelopes = []
    for _ in range(count):
        if at + _LENGTH.size > len(data):
            return None
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if not 1 <= length <= MAX_ENVELOPE or at + length > len(data):
            return None
        envelopes.append(data[at : at + length])
        at += length
    return tuple(envelopes) if at == len(data) else None
