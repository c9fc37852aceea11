"""How a model travels from one device to another: the bytes of the frames.

Knows lengths and layouts only; a bundle's head and manifest are opaque here. All integers are
unsigned and big-endian. Every value has exactly one encoding, and the decoder is total: bytes
that are not such an encoding give None, never an exception.

    ask       version u8 | 1 u8
    offer     version u8 | 2 u8 | size u32 (2..8,388,608) | length u16 (1..24,576, < size)
              | beginning, that many bytes | hash 32, one for each chunk
    nothing   version u8 | 3 u8
    want      version u8 | 4 u8 | first u16 | count u8 (1..8)
    chunk     version u8 | 5 u8 | number u16 | 1..32,768 bytes

`size` counts the whole bundle. What follows the beginning is cut into chunks of 32 KiB, the last
of which may be shorter, numbered from 0; a hash is the sha256 of a chunk. docs/protocol.md says
the same for implementers.
"""

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

VERSION: Final = 1
"""First byte of every frame; another version is not understood and gives None."""
MAX_SIZE: Final = 8 * 1024 * 1024
"""Bytes of a whole bundle at most; as in `web3rec.rerank.bundle.container`."""
MAX_BEGINNING: Final = 24 * 1024
"""Bytes of head and manifest at most; bundles have 16,504 at present."""
CHUNK_BYTES: Final = 32 * 1024
"""Of every chunk but the last, which may be shorter."""
HASH_BYTES: Final = 32
MAX_CHUNKS: Final = MAX_SIZE // CHUNK_BYTES
"""Chunks of a bundle at most."""
MAX_COUNT: Final = 8
"""Chunks of one want at most: 256 KiB a round trip."""

_ASK, _OFFER, _NOTHING, _WANT, _CHUNK = range(1, 6)
_OFFER_LAYOUT: Final = struct.Struct(">BBIH")
_WANT_LAYOUT: Final = struct.Struct(">BBHB")
_CHUNK_LAYOUT: Final = struct.Struct(">BBH")


@dataclass(frozen=True, slots=True)
class Ask:
    """What do you have? Names nobody and nothing."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The model this device uses, so much of it that one can tell whether to fetch the rest."""

    size: int
    """Bytes of the whole bundle; 2 to MAX_SIZE."""
    beginning: bytes
    """Its head and manifest, which its publisher signed; opaque here. 1 to MAX_BEGINNING bytes,
    fewer than `size`."""
    hashes: bytes
    """sha256 of each chunk of what follows the beginning, 32 bytes each."""

    def __post_init__(self) -> None:
        """Raises ValueError for values out of range, or another number of hashes than chunks."""
        if not 1 <= len(self.beginning) <= MAX_BEGINNING:
            raise ValueError(f"a beginning has 1 to {MAX_BEGINNING} bytes")
        if not len(self.beginning) < self.size <= MAX_SIZE:
            raise ValueError(f"a bundle is longer than its beginning, and at most {MAX_SIZE}")
        if len(self.hashes) != HASH_BYTES * self.chunks:
            raise ValueError(f"{self.chunks} chunks want as many hashes of {HASH_BYTES} bytes")

    @property
    def rest(self) -> int:
        """Bytes behind the beginning."""
        return self.size - len(self.beginning)

    @property
    def chunks(self) -> int:
        """How many chunks those are; 1 to MAX_CHUNKS."""
        return -(-self.rest // CHUNK_BYTES)

    @property
    def key(self) -> bytes:
        """A name for these very bytes, if the hashes are true: 32 bytes."""
        return hashlib.sha256(encode(self)).digest()

    def length(self, number: int) -> int:
        """Bytes of a chunk; `number` is 0 to `chunks` - 1."""
        return min(CHUNK_BYTES, self.rest - CHUNK_BYTES * number)

    def fits(self, number: int, data: bytes) -> bool:
        """Whether these bytes are the chunk of that number. O(len(data))."""
        at = HASH_BYTES * number
        return (
            number < self.chunks
            and len(data) == self.length(number)
            and hashlib.sha256(data).digest() == self.hashes[at : at + HASH_BYTES]
        )


@dataclass(frozen=True, slots=True)
class Nothing:
    """No model is passed on from here."""


@dataclass(frozen=True, slots=True)
class Want:
    """Send these chunks, please, in order."""

    first: int
    """0 to 65,535."""
    count: int
    """1 to MAX_COUNT."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of what follows the beginning."""

    number: int
    """From 0; 0 to 65,535."""
    data: bytes
    """1 to CHUNK_BYTES bytes."""


Frame = Ask | Offer | Nothing | Want | Chunk


def offer(data: bytes, beginning: int) -> Offer:
    """What is said of a bundle of which `beginning` bytes are its head and manifest.

    Raises ValueError where `Offer` does. O(len(data)).
    """
    starts = range(beginning, len(data), CHUNK_BYTES)
    hashes = [hashlib.sha256(data[at : at + CHUNK_BYTES]).digest() for at in starts]
    return Offer(len(data), data[:beginning], b"".join(hashes))


def encode(frame: Frame) -> bytes:
    """The bytes of a frame; `decode` gives it back. Raises ValueError for a value out of range."""
    match frame:
        case Ask():
            return bytes((VERSION, _ASK))
        case Offer(size, beginning, hashes):
            head = _OFFER_LAYOUT.pack(VERSION, _OFFER, size, len(beginning))
            return b"".join((head, beginning, hashes))
        case Nothing():
            return bytes((VERSION, _NOTHING))
        case Want(first, count):
            if not (0 <= first < 1 << 16 and 1 <= count <= MAX_COUNT):
                raise ValueError(f"a want is of 1 to {MAX_COUNT} chunks, got {first}, {count}")
            return _WANT_LAYOUT.pack(VERSION, _WANT, first, count)
        case Chunk(number, data):
            if not (0 <= number < 1 << 16 and 1 <= len(data) <= CHUNK_BYTES):
                raise ValueError(f"a chunk has 1 to {CHUNK_BYTES} bytes, got {len(data)}")
            return _CHUNK_LAYOUT.pack(VERSION, _CHUNK, number) + data


def decode(data: bytes) -> Frame | None:  # noqa: PLR0911 - one return for each type of frame
    """The frame these bytes encode, or None. O(len(data))."""
    if len(data) < 2 or data[0] != VERSION:
        return None
    kind = data[1]
    if kind == _CHUNK and 0 < len(data) - _CHUNK_LAYOUT.size <= CHUNK_BYTES:
        return Chunk(_CHUNK_LAYOUT.unpack_from(data)[2], data[_CHUNK_LAYOUT.size :])
    if kind == _WANT and len(data) == _WANT_LAYOUT.size:
        _, _, first, count = _WANT_LAYOUT.unpack(data)
        return Want(first, count) if 1 <= count <= MAX_COUNT else None
    if kind == _OFFER and len(data) > _OFFER_LAYOUT.size:
        _, _, size, length = _OFFER_LAYOUT.unpack_from(data)
        end = _OFFER_LAYOUT.size + length
        try:
            return Offer(size, data[_OFFER_LAYOUT.size : end], data[end:])
        except ValueError:
            return None
    if len(data) != 2:
        return None
    return Ask() if kind == _ASK else Nothing() if kind == _NOTHING else None
