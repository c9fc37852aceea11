"""The bytes of a bundle: a head of fixed length, a manifest, then the files, without gaps.

    0    8   magic "W3RBNDL" and the version of the layout, 01
    8   32   the publisher's Ed25519 key
    40  64   signature of DOMAIN ‖ 00 ‖ bytes 0 to 39 ‖ bytes 104 to 119 ‖ manifest
    104 16   lengths of manifest, items.i8, model.onnx, weights.npz; 4 × unsigned, big-endian
    120      manifest.json, then the files in that order; a length of 0: there is no such file

Knows places, lengths and the signature; the manifest is bytes here. Whoever has the head and the
manifest can check the signature before asking for the rest, which is why they come first.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from web3rec.errors import DataError
from web3rec.records.keys import SIGNATURE_BYTES, SigningKey, verify
from web3rec.records.model import PEER_BYTES
from web3rec.rerank.bundle.refusal import Ground, Unfit
from web3rec.types import PeerId

MAGIC: Final = b"W3RBNDL\x01"
DOMAIN: Final = b"web3rec-bundle-v1"
"""Separates these signatures from those of records and of anything else a key signs."""
FILES: Final = ("items.i8", "model.onnx", "weights.npz")
"""Files a bundle may hold, in the order of the layout."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""A whole bundle at most."""
MAX_MANIFEST: Final = 16 * 1024
"""The manifest at most, bytes."""
_LENGTHS: Final = struct.Struct(">4I")
_SIGNED_TO: Final = len(MAGIC) + PEER_BYTES
_SIGNATURE_TO: Final = _SIGNED_TO + SIGNATURE_BYTES
HEAD_BYTES: Final = _SIGNATURE_TO + _LENGTHS.size


@dataclass(frozen=True, slots=True)
class Head:
    """The first 120 bytes, taken apart."""

    publisher: PeerId
    """Who says to have signed."""
    signature: bytes
    """64 bytes."""
    lengths: tuple[int, int, int, int]
    """Bytes of the manifest and of FILES."""

    @property
    def total(self) -> int:
        """Bytes of the whole bundle."""
        return HEAD_BYTES + sum(self.lengths)

    @property
    def manifest_end(self) -> int:
        """Where the manifest ends: as many bytes are enough to check the signature."""
        return HEAD_BYTES + self.lengths[0]


def head(data: bytes) -> Head:
    """The head that these bytes (a bundle, or its beginning) start with.

    Raises:
        Unfit: LAYOUT or SIZE.
    """
    if len(data) < HEAD_BYTES or data[: len(MAGIC)] != MAGIC:
        raise Unfit(Ground.LAYOUT, "these are not the bytes of a bundle")
    lengths = _LENGTHS.unpack(data[_SIGNATURE_TO:HEAD_BYTES])
    found = Head(PeerId(data[len(MAGIC) : _SIGNED_TO]), data[_SIGNED_TO:_SIGNATURE_TO], lengths)
    if found.total > MAX_BYTES:
        raise Unfit(Ground.SIZE, f"it says it has {found.total} bytes, at most {MAX_BYTES}")
    if not 2 <= lengths[0] <= MAX_MANIFEST:
        raise Unfit(Ground.SIZE, f"a manifest of {lengths[0]} bytes, want 2 to {MAX_MANIFEST}")
    return found


def signed_manifest(data: bytes, found: Head) -> bytes:
    """The manifest, if the publisher named in the head signed it together with that head.

    Raises:
        Unfit: LAYOUT (cut off) or SIGNATURE.
    """
    if len(data) < found.manifest_end:
        raise Unfit(Ground.LAYOUT, "cut off inside the manifest")
    manifest = data[HEAD_BYTES : found.manifest_end]
    message = _message(data[:_SIGNED_TO], data[_SIGNATURE_TO:HEAD_BYTES], manifest)
    if not verify(found.publisher, found.signature, message):
        raise Unfit(Ground.SIGNATURE, "the signature is not that of the publisher it names")
    return manifest


def files(data: bytes, found: Head) -> dict[str, bytes]:
    """The files of a whole bundle by name; those of length 0 are left out.

    Raises:
        Unfit: LAYOUT: bytes are missing or left over.
    """
    if len(data) != found.total:
        raise Unfit(Ground.LAYOUT, f"{len(data)} bytes, the head says {found.total}")
    held: dict[str, bytes] = {}
    start = found.manifest_end
    for name, length in zip(FILES, found.lengths[1:], strict=True):
        if length:
            held[name] = data[start : start + length]
        start += length
    return held


def packed(manifest: bytes, held: Mapping[str, bytes], key: SigningKey) -> bytes:
    """A bundle signed by its publisher; the same bytes every time.

    Raises:
        DataError: a file that no bundle has, an empty one, or more bytes than fit.
    """
    if set(held) - set(FILES) or not all(held.values()):
        raise DataError(f"a bundle holds {', '.join(FILES)}, none empty; got {sorted(held)}")
    parts = [manifest, *(held.get(name, b"") for name in FILES)]
    total = HEAD_BYTES + sum(map(len, parts))
    if total > MAX_BYTES or len(manifest) > MAX_MANIFEST:
        raise DataError(
            f"{total} bytes with a manifest of {len(manifest)}: at most {MAX_BYTES} and "
            f"{MAX_MANIFEST}; quantise, or leave out item vectors"
        )
    start, lengths = MAGIC + key.peer, _LENGTHS.pack(*map(len, parts))
    signature = key.sign(_message(start, lengths, manifest))
    return b"".join((start, signature, lengths, *parts))


def _message(start: bytes, lengths: bytes, manifest: bytes) -> bytes:
    return b"".join((DOMAIN, b"\0", start, lengths, manifest))
