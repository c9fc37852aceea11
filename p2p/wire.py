"""How records travel as gossip: the bytes of a message.

Knows lengths and layouts only; an envelope is opaque here. All integers are unsigned and
big-endian. Every value has exactly one encoding, and the decoder is total: bytes that are not
such an encoding give None, never an exception.

    message   version u8 | count u8 (1..32) | count x envelope            at most 8 KiB
    envelope  length u16 (1..640) | that many bytes

What a sync sends is `p2p.sync_wire`. docs/protocol.md says the same for implementers.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from web3rec.records.model import MAX_ENVELOPE

VERSION: Final = 1
"""First byte of everything sent; another version is not understood and gives None."""
MAX_RECORDS: Final = 32
"""Envelopes of one gossip message at most."""
MAX_BYTES: Final = 8 * 1024
"""Bytes of one gossip message at most."""

_LENGTH = struct.Struct(">H")


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
