"""items.i8: vectors of items, one byte a number, found by item key.

    0   8   magic "W3RVECS" and 01
    8  32   basis: sha256 of what says how numbers are to be read (the rotation of an SVD, say)
    40  4   rows, 1 to 200,000; unsigned, big-endian
    44  2   numbers per row, 1 to 1,024; unsigned, big-endian
    46  4   scale; float32, big-endian, finite, > 0: a number is its byte times this
    50      16 bytes of each row's item key, rising; then the rows, int8 from -127 to 127

The signs of an SVD's axes are arbitrary: vectors of another run look right and cost 20 % silently.
So the basis is hashed, and what is in another one is refused.
"""

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError
from web3rec.rerank.bundle.refusal import Ground, Unfit
from web3rec.types import ItemKey

MAGIC: Final = b"W3RVECS\x01"
MAX_ROWS: Final = 200_000
MAX_WIDTH: Final = 1024
KEY_BYTES: Final = 16
_HEAD: Final = struct.Struct(">8s32sIHf")


@dataclass(frozen=True, slots=True, eq=False)
class ItemVectors:
    """A table of item vectors."""

    basis: bytes
    """What the numbers mean; 32 bytes."""
    keys: npt.NDArray[np.bytes_] = field(repr=False)
    """S16[rows], rising."""
    rows: npt.NDArray[np.int8] = field(repr=False)
    """int8[rows, width]"""
    scale: float
    """A number is its int8 times this; > 0."""

    def of(self, items: list[ItemKey]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Vectors of some items, and which are known.

        Returns:
            float32[len(items), width], 0 where unknown; bool[len(items)]. O(len(items) log rows).
        """
        asked = np.array([item[:KEY_BYTES] for item in items], dtype=f"S{KEY_BYTES}")
        found = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        known = self.keys[found] == asked
        with np.errstate(over="ignore", invalid="ignore"):  # a stranger's scale
            vectors = self.rows[found].astype(np.float32) * np.float32(self.scale)
        vectors[~known] = 0
        return vectors, known


def basis_of(axes: npt.NDArray[np.float32]) -> bytes:
    """The hash of a basis given as axes, float32[width, any]: their bytes in little-endian."""
    plain = np.ascontiguousarray(axes, dtype="<f4")
    shape = ",".join(map(str, plain.shape)).encode()
    return hashlib.sha256(b"web3rec-basis-v1\0" + shape + b"\0" + plain.tobytes()).digest()


def read(data: bytes) -> ItemVectors:
    """The table in these bytes; its arrays are views of them. O(rows).

    Raises:
        Unfit: VECTORS.
    """
    if len(data) < _HEAD.size:
        raise Unfit(Ground.VECTORS, "items.i8 is cut off")
    magic, basis, count, width, scale = _HEAD.unpack_from(data)
    size = _HEAD.size + count * (KEY_BYTES + width)
    if magic != MAGIC or not 1 <= count <= MAX_ROWS or not 1 <= width <= MAX_WIDTH:
        raise Unfit(Ground.VECTORS, "items.i8 is not a table of item vectors, or too large")
    if len(data) != size or not 0 < scale < float("inf"):
        raise Unfit(Ground.VECTORS, "items.i8 is not as long as it says, or has no scale")
    ends = _HEAD.size + count * KEY_BYTES
    halves = np.frombuffer(data, dtype=">u8", count=2 * count, offset=_HEAD.size).reshape(count, 2)
    (first, last), (high, low) = halves[:-1].T, halves[1:].T
    if not ((first < high) | ((first == high) & (last < low))).all():
        raise Unfit(Ground.VECTORS, "keys in items.i8 do not rise")
    keys = np.frombuffer(data, dtype=f"S{KEY_BYTES}", count=count, offset=_HEAD.size)
    rows = np.frombuffer(data, dtype=np.int8, offset=ends).reshape(count, width)
    if bool((rows == -128).any()):
        raise Unfit(Ground.VECTORS, "items.i8 holds -128, which has no opposite")
    return ItemVectors(basis, keys, rows, scale)


def written(basis: bytes, vectors: dict[ItemKey, npt.NDArray[np.float32]]) -> bytes:
    """items.i8 for these vectors, each float32[width], quantised with one scale.

    Raises:
        DataError: none, too many, of several widths, not finite, or keys that are too short.
    """
    keys = sorted({key[:KEY_BYTES] for key in vectors})
    ordered = sorted(vectors, key=lambda key: key[:KEY_BYTES])
    if not 1 <= len(keys) <= MAX_ROWS or len(keys) != len(ordered) or len(basis) != 32:
        raise DataError(f"want 1 to {MAX_ROWS} items of different keys and a basis of 32 bytes")
    table = np.stack([np.asarray(vectors[key], dtype=np.float32) for key in ordered])
    if not np.isfinite(table).all() or not 1 <= table.shape[1] <= MAX_WIDTH:
        raise DataError(f"vectors must be finite and have 1 to {MAX_WIDTH} numbers")
    if any(len(key) != KEY_BYTES for key in keys):
        raise DataError(f"item keys need {KEY_BYTES} bytes")
    scale = np.float32(max(float(np.abs(table).max()) / 127, 1e-30))
    rounded = np.clip(np.rint(table / scale), -127, 127).astype(np.int8)
    head = _HEAD.pack(MAGIC, basis, len(keys), table.shape[1], float(scale))
    return b"".join((head, *keys, rounded.tobytes()))
