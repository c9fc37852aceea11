"""How a sync session travels: the bytes of its frames.

Knows lengths and layouts only; an envelope and an address are opaque here. All integers are
unsigned and big-endian. Every value has exactly one encoding, and the decoder is total: bytes
that are not such an encoding give None, never an exception.

    hello     version u8 | 1 u8 | flags u8 (bit 0: serves nothing) | take u16 (0..5000) | salt 16
    ranges    version u8 | 2 u8 | range, range, … to the end of the frame
    want      version u8 | 3 u8 | hash u64, … (1..8191) to the end of the frame
    records   version u8 | 4 u8 | count u8 (1..96) | count x (length u16 (1..640) | that many bytes)
    peers     version u8 | 5 u8 | count u8 (1..32) | count x (length u16 (1..256) | UTF-8)
    over      version u8 | 6 u8
    done      version u8 | 7 u8 | more u8 (0, 1)

    range     head u8 (mode << 5 | shared) | fresh u8 | fresh bytes | content
              mode 0 skip, no content · 1 part, held varint | total u64 · 2 listing, n varint |
              n x u64 · a varint is LEB128, below 2^32

A range's upper bound is the first `shared` bytes of the bound before it (of nothing, at the start
of a frame) and the fresh bytes; no fresh bytes and shared 0 mean the end of all. docs/protocol.md
says the same for implementers.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from p2p.holdings import ELEMENT_BYTES, END, HASH_BYTES, SALT_BYTES, START
from p2p.reconcile import Listing, Part, Range, Skip
from web3rec.records.model import MAX_ENVELOPE

VERSION: Final = 1
"""First byte of every frame; another version is not understood and gives None."""
MAX_FRAME: Final = 64 * 1024
"""Bytes of a frame at most; `p2p.transport` has the same limit."""
MAX_TAKE: Final = 5_000
"""Records of one session at most, each way."""
MAX_BATCH: Final = 96
"""Envelopes of one frame at most: 96 of the largest fit."""
MAX_WANT: Final = (MAX_FRAME - 2) // HASH_BYTES
"""Hashes of one want frame at most."""
MAX_PEERS: Final = 32
"""Addresses of one peers frame at most."""
MAX_ADDRESS: Final = 256
"""Bytes of one address at most."""
MAX_COUNT: Final = 2**32 - 1
"""Elements of a range at most."""

_HELLO, _RANGES, _WANT, _RECORDS, _PEERS, _OVER, _DONE = range(1, 8)
_SKIP, _PART, _LISTING = range(3)
_HELLO_LAYOUT: Final = struct.Struct(f">BBBH{SALT_BYTES}s")
_LENGTH: Final = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame of each end."""

    serves: bool
    """False at privacy level 0: no record of ours leaves, so do not ask."""
    take: int
    """Records we are ready to take in this session; 0 to MAX_TAKE."""
    salt: bytes
    """Our part of the session's key: 16 random bytes, used once."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """What is known of the differences so far."""

    ranges: tuple[Range, ...]
    """At least one; the last is no skip, and no skip follows a skip."""


@dataclass(frozen=True, slots=True)
class Want:
    """Send these, please."""

    hashes: bytes
    """8 bytes each, of what the other end listed in its last turn; 1 to MAX_WANT hashes."""


@dataclass(frozen=True, slots=True)
class Records:
    """Some records, in the order they are to be kept."""

    envelopes: tuple[bytes, ...]
    """1 to MAX_BATCH."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Where others may be found."""

    addresses: tuple[str, ...]
    """1 to MAX_PEERS, each 1 to MAX_ADDRESS bytes of UTF-8; opaque here."""


@dataclass(frozen=True, slots=True)
class Over:
    """End of a turn: answer what I said of ranges."""


@dataclass(frozen=True, slots=True)
class Done:
    """End of the last turn of this end."""

    more: bool
    """True if another session would find more to send, either way."""


Frame = Hello | Ranges | Want | Records | Peers | Over | Done


def encode(frame: Frame) -> bytes:  # noqa: PLR0911 - one return for each type of frame
    """The bytes of a frame; `decode` gives it back. Raises ValueError for a value out of range."""
    match frame:
        case Hello():
            return _hello(frame)
        case Ranges(ranges):
            frames = packed(ranges)
            if len(frames) != 1:
                raise ValueError(f"these ranges take {len(frames)} frames: use `packed`")
            return frames[0]
        case Want(hashes):
            if len(hashes) % HASH_BYTES or not 1 <= len(hashes) // HASH_BYTES <= MAX_WANT:
                raise ValueError(f"a want has 1 to {MAX_WANT} hashes of {HASH_BYTES} bytes")
            return bytes((VERSION, _WANT)) + hashes
        case Records(envelopes):
            return _texts(_RECORDS, envelopes, MAX_BATCH, MAX_ENVELOPE)
        case Peers(addresses):
            return _texts(_PEERS, [one.encode() for one in addresses], MAX_PEERS, MAX_ADDRESS)
        case Over():
            return bytes((VERSION, _OVER))
        case Done(more):
            return bytes((VERSION, _DONE, more))


def decode(data: bytes) -> Frame | None:  # noqa: PLR0911
    """The frame these bytes encode, or None. Cost: O(len(data))."""
    if not 2 <= len(data) <= MAX_FRAME or data[0] != VERSION:
        return None
    kind = data[1]
    if kind == _RANGES:
        ranges = _ranges(data)
        return Ranges(ranges) if ranges else None
    if kind == _WANT:
        hashes = data[2:]
        return Want(hashes) if hashes and len(hashes) % HASH_BYTES == 0 else None
    if kind == _OVER:
        return Over() if len(data) == 2 else None
    if len(data) == 2:
        return None
    if kind == _RECORDS:
        envelopes = _parted(data, MAX_BATCH, MAX_ENVELOPE)
        return Records(envelopes) if envelopes else None
    if kind == _PEERS:
        return _peers(data)
    if kind == _HELLO and len(data) == _HELLO_LAYOUT.size:
        _, _, flags, take, salt = _HELLO_LAYOUT.unpack(data)
        return Hello(not flags, take, salt) if flags <= 1 and take <= MAX_TAKE else None
    if kind == _DONE and len(data) == 3 and data[2] <= 1:
        return Done(bool(data[2]))
    return None


def packed(ranges: Iterable[Range]) -> list[bytes]:
    """Ranges frames, as few as hold these ranges; each after the first begins with a skip.

    Args:
        ranges: rising; the last is no skip, and no skip follows a skip.

    Raises ValueError when a single range does not fit into a frame, or a bound does not rise.
    """
    frames: list[bytes] = []
    head = bytes((VERSION, _RANGES))
    pieces, size, before, skip = [head], len(head), START, b""
    for piece in ranges:
        if piece[0] <= before:
            raise ValueError("each bound must be above the one before")
        if isinstance(piece, Skip):  # said with what follows it, be it in the next frame
            skip, before = _range(piece, before), piece.upper
            continue
        coded = skip + _range(piece, before)
        if size + len(coded) > MAX_FRAME and len(pieces) > 1:
            frames.append(b"".join(pieces))
            coded = _range(Skip(before), START) + _range(piece, before)
            pieces, size = [head], len(head)
        size += len(coded)
        if size > MAX_FRAME:
            raise ValueError(f"a range must fit into a frame of {MAX_FRAME} bytes")
        pieces.append(coded)
        before, skip = piece[0], b""
    return [*frames, b"".join(pieces)] if len(pieces) > 1 else frames


def _hello(hello: Hello) -> bytes:
    if not 0 <= hello.take <= MAX_TAKE:
        raise ValueError(f"a session takes 0 to {MAX_TAKE} records, got {hello.take}")
    if len(hello.salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, got {len(hello.salt)}")
    return _HELLO_LAYOUT.pack(VERSION, _HELLO, not hello.serves, hello.take, hello.salt)


def _texts(kind: int, texts: Sequence[bytes], most: int, longest: int) -> bytes:
    if not 1 <= len(texts) <= most:
        raise ValueError(f"a frame of this type has 1 to {most} entries, got {len(texts)}")
    for text in texts:
        if not 1 <= len(text) <= longest:
            raise ValueError(f"an entry has 1 to {longest} bytes, got {len(text)}")
    joined = b"".join([_LENGTH.pack(len(text)) + text for text in texts])
    return bytes((VERSION, kind, len(texts))) + joined


def _parted(data: bytes, most: int, longest: int) -> tuple[bytes, ...] | None:
    """Exactly data[2] entries from offset 3 to the very end, or None."""
    if not 1 <= data[2] <= most:
        return None
    entries, at = [], 3
    for _ in range(data[2]):
        if at + _LENGTH.size > len(data):
            return None
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if not 1 <= length <= longest or at + length > len(data):
            return None
        entries.append(data[at : at + length])
        at += length
    return tuple(entries) if at == len(data) else None


def _peers(data: bytes) -> Peers | None:
    texts = _parted(data, MAX_PEERS, MAX_ADDRESS)
    try:
        return None if texts is None else Peers(tuple(text.decode() for text in texts))
    except UnicodeDecodeError:
        return None


def _range(piece: Range, before: bytes) -> bytes:
    """A range behind a bound; that bound is lower than the range's own."""
    upper = piece[0]
    if upper == END:
        shared, fresh = 0, b""
    else:
        most = min(len(before), len(upper))
        shared = 0
        while shared < most and before[shared] == upper[shared]:
            shared += 1
        fresh = upper[shared:]
        if len(upper) > ELEMENT_BYTES or fresh[-1:] == b"\0":
            raise ValueError(f"a bound has at most {ELEMENT_BYTES} bytes and ends in no zero")
    if isinstance(piece, Skip):
        return bytes((_SKIP << 5 | shared, len(fresh))) + fresh
    if isinstance(piece, Part):
        head = bytes((_PART << 5 | shared, len(fresh))) + fresh
        return head + _varint(piece.held) + piece.total.to_bytes(8, "big")
    n, rest = divmod(len(piece.hashes), HASH_BYTES)
    if rest:
        raise ValueError(f"a listing has whole hashes of {HASH_BYTES} bytes")
    return bytes((_LISTING << 5 | shared, len(fresh))) + fresh + _varint(n) + piece.hashes


def _varint(number: int) -> bytes:
    """LEB128: seven bits a byte, the lowest first, the top bit set on all but the last."""
    if number < 128:
        return bytes((number,))
    if number > MAX_COUNT:
        raise ValueError(f"a range holds at most {MAX_COUNT} elements, got {number}")
    coded = bytearray()
    while number > 127:
        coded.append(number & 127 | 128)
        number >>= 7
    coded.append(number)
    return bytes(coded)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The varint at an offset, and the offset behind it; (-1, at) if there is none."""
    number = 0
    for i, byte in enumerate(data[at : at + 5]):
        number |= (byte & 127) << 7 * i
        if byte < 128:
            shortest = byte or not i
            return (number, at + i + 1) if shortest and number <= MAX_COUNT else (-1, at)
    return -1, at


def _ranges(data: bytes) -> tuple[Range, ...] | None:
    """The ranges from offset 2 to the very end, or None if they are not in their one spelling."""
    ranges: list[Range] = []
    at, end, before, mode = 2, len(data), START, _PART
    while at < end:
        if at + 2 > end or before == END:
            return None
        skipped = mode == _SKIP
        mode, shared, n_fresh = data[at] >> 5, data[at] & 31, data[at + 1]
        fresh = data[at + 2 : at + 2 + n_fresh]
        upper = _bound(before, shared, fresh)
        at += 2 + n_fresh
        if upper is None or at > end or mode > _LISTING or (skipped and mode == _SKIP):
            return None
        before = upper
        if mode == _SKIP:
            ranges.append(Skip(upper))
            continue
        number, at = _number(data, at)
        size = 8 if mode == _PART else HASH_BYTES * number
        if number < 0 or at + size > end:
            return None
        content = data[at : at + size]
        at += size
        if mode == _PART:
            ranges.append(Part(upper, number, int.from_bytes(content, "big")))
        else:
            ranges.append(Listing(upper, content))
    return None if mode == _SKIP else tuple(ranges)


def _bound(before: bytes, shared: int, fresh: bytes) -> bytes | None:
    """A bound above the one before, as `_range` spells it; None if there is none, or another way.

    Shared as far as it goes and with no zero at its end, so that no bound has two spellings.
    """
    if not fresh:
        return None if shared else END
    if shared > len(before) or shared + len(fresh) > ELEMENT_BYTES or not fresh[-1]:
        return None
    if shared < len(before) and fresh[0] <= before[shared]:
        return None
    return before[:shared] + fresh
