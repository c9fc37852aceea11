"""Keys: made, kept in files, spelled as text, used to sign and to verify.

The only place where keys and nonces come from. `cryptography` does the Ed25519 arithmetic, but it
accepts public keys of small order, for which one signature fits every message; `verify` refuses
those, every second spelling of a point, and signature scalars S >= L, before it asks the library.
Sources: RFC 8032 §5.1; Chalkias, Garillot & Nikolaenko, "Taming the many EdDSAs", SSR 2020; the
multicodec table (ed25519-pub = 0xed); the libp2p peer id specification.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from multiformats import multibase

from web3rec import sealing
from web3rec.errors import DataError, KeyFileError, PassphraseError
from web3rec.records import keyfile
from web3rec.records.model import PEER_BYTES
from web3rec.types import PeerId

SIGNATURE_BYTES: Final = 64
SEED_BYTES: Final = 32
FIELD_PRIME: Final = 2**255 - 19
"""p: coordinates of the curve are integers below it."""
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""L: the order of the base point; a signature's S must lie below it."""

_Y8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
TORSION_YS: Final = frozenset({0, 1, FIELD_PRIME - 1, _Y8, FIELD_PRIME - _Y8})
"""The y coordinates of the 8 points whose order divides 8; a test computes them anew.

Sign bits are not looked at, so that (x = 0, sign 1), a second spelling, is refused with them.
"""

_DID_PREFIX: Final = "did:key:"
_MULTICODEC: Final = b"\xed\x01"
_LIBP2P_PREFIX: Final = bytes.fromhex("002408011220")
"""identity multihash, 36 bytes; protobuf PublicKey {Type = Ed25519, Data = 32 bytes}"""
_MAX_TEXT: Final = 128
"""Longer texts are no key in any spelling; base 58 takes quadratic time."""
_BASE58: Final = multibase.get("base58btc")


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A private key; whoever holds it speaks as `peer`. Its repr shows the public half only."""

    _private: Ed25519PrivateKey = field(repr=False)
    peer: PeerId

    @staticmethod
    def generate() -> "SigningKey":
        """A new key from the operating system's randomness."""
        return _signing_key(Ed25519PrivateKey.generate())

    @staticmethod
    def from_seed(seed: bytes) -> "SigningKey":
        """The key a 32-byte seed stands for: for tests and for the people of a data set.

        Raises:
            DataError: seed is not 32 bytes long.
        """
        if len(seed) != SEED_BYTES:
            raise DataError(f"a seed has {SEED_BYTES} bytes, got {len(seed)}: hash yours first")
        return _signing_key(Ed25519PrivateKey.from_private_bytes(seed))

    @staticmethod
    def load(path: Path, passphrase: str | Callable[[], str] | None = None) -> "SigningKey":
        """The key that `save` wrote there: PEM (PKCS 8, Ed25519), or that under a passphrase.

        Args:
            path: a file that only this user can read (mode 600).
            passphrase: used, or asked for if it is a callable, only where the file needs one.

        Raises:
            KeyFileError: missing, unreadable, readable by others, not such a key; the message
                says what to do.
            PassphraseError: it needs a passphrase and none was given, or that is not the one.
        """
        data = keyfile.read(path)
        if sealing.is_sealed(data):
            if passphrase is None:
                raise PassphraseError(
                    f"{path} is protected by a passphrase: give Options(passphrase=...), or "
                    "name a file that holds it in WEB3REC_PASSPHRASE_FILE"
                )
            said = passphrase if isinstance(passphrase, str) else passphrase()
            data = keyfile.unsealed(data, said, path)
        return _signing_key(_private(data, path))

    def save(self, path: Path, passphrase: str | None = None) -> None:
        """Write the key to a new file that only this user can read (mode 600).

        All or nothing: the file appears whole and on disk, or not at all. Never overwrites.

        Raises:
            KeyFileError: something is there already, or it cannot be written.
            ParamError: no possible passphrase.
        """
        keyfile.create(path, self._written(passphrase))

    def save_over(self, path: Path, passphrase: str | None = None) -> None:
        """Write the key in the place of the file that holds it; whole, or the old file stays.

        Raises as `save` does.
        """
        keyfile.replace(path, self._written(passphrase))

    def _written(self, passphrase: str | None) -> bytes:
        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem if passphrase is None else keyfile.sealed(pem, passphrase, self.peer)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of a message; the same every time."""
        return self._private.sign(message)


def is_weak(peer: bytes) -> bool:
    """True for keys nobody may speak by: of small order, or not the one spelling of a point.

    Does not tell whether the point is on the curve (`verify` fails if it is not). Total.
    """
    if len(peer) != PEER_BYTES:
        return True
    y = int.from_bytes(peer, "little") & (2**255 - 1)
    return y >= FIELD_PRIME or y in TORSION_YS


def verify(peer: PeerId, signature: bytes, message: bytes) -> bool:
    """Whether the holder of peer's private key signed exactly this message.

    Total: never raises. Refuses weak keys, the same points as R, and S >= L (so a signature cannot
    be changed by a third party). Cost: about 90 µs.
    """
    if is_weak(peer) or len(signature) != SIGNATURE_BYTES or is_weak(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(peer).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=1024)
def did_key(peer: PeerId) -> str:
    """The key as a decentralised identifier: did:key:z6Mk…

    Spelled once for the friends of one's lists: base 58 takes a tenth of a millisecond.
    """
    return _DID_PREFIX + _BASE58.encode(_MULTICODEC + peer)


def peer_from_did(text: str) -> PeerId:
    """The key in a did:key.

    Raises:
        DataError: not the did:key of an Ed25519 key.
    """
    raw = _unbase58(text.removeprefix(_DID_PREFIX))
    if raw[:2] == _MULTICODEC and len(raw) == 2 + PEER_BYTES:
        peer = PeerId(raw[2:])
        if did_key(peer) == text:
            return peer
    raise DataError(f"{text[:60]!r} is not the did:key of an Ed25519 key: want did:key:z6Mk…")


def libp2p_peer_id(peer: PeerId) -> str:
    """The key as a libp2p peer id: 12D3Koo…"""
    return _BASE58.encode(_LIBP2P_PREFIX + peer)[1:]  # libp2p leaves out multibase's z


def peer_from_libp2p(text: str) -> PeerId:
    """The key in a libp2p peer id.

    Raises:
        DataError: not the peer id of an Ed25519 key.
    """
    raw = _unbase58("z" + text)
    if raw.startswith(_LIBP2P_PREFIX) and len(raw) == len(_LIBP2P_PREFIX) + PEER_BYTES:
        peer = PeerId(raw[len(_LIBP2P_PREFIX) :])
        if libp2p_peer_id(peer) == text:
            return peer
    raise DataError(f"{text[:60]!r} is not the libp2p peer id of an Ed25519 key: want 12D3Koo…")


def parse_peer(text: str) -> PeerId:
    """The key a person typed: a did:key, a libp2p peer id or 64 hex digits.

    Raises:
        DataError: none of the three.
    """
    text = text.strip()
    if text.startswith("did:"):
        return peer_from_did(text)
    if re.fullmatch("[0-9a-fA-F]{64}", text):
        return PeerId(bytes.fromhex(text))
    if text.startswith("12D3Koo"):
        return peer_from_libp2p(text)
    raise DataError(f"{text[:60]!r} names no peer: want did:key:z6Mk…, 12D3Koo… or 64 hex digits")


def _unbase58(text: str) -> bytes:
    """Decode multibase base 58 (with its leading z); b"" if it is not that."""
    if len(text) > _MAX_TEXT or not text.startswith("z"):
        return b""
    try:
        return _BASE58.decode(text)
    except (ValueError, KeyError):
        return b""


def holder_of(path: Path) -> PeerId:
    """Whose key a key file holds; needs no passphrase, so a protected file is taken at its word.

    Raises KeyFileError.
    """
    data = keyfile.read(path)
    if sealing.is_sealed(data):
        return keyfile.shown(data, path)
    return _signing_key(_private(data, path)).peer


def _private(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(pem, password=None)
    except TypeError:
        raise KeyFileError(
            f"the key file {path} has a passphrase of another program: store it without one "
            "(`openssl pkey -in OLD -out NEW`), then `web3rec key protect`"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(
            f"{path} is not a private key in PEM: restore it from your backup; nothing was changed"
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"the key file {path} holds another kind of key, want Ed25519")
    return private


def _signing_key(private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(private, PeerId(private.public_key().public_bytes_raw()))
