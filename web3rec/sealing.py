"""Bytes under a passphrase: the envelope of protected key files and of encrypted exports.

    "W3RSEAL" 01 | purpose | cost | salt | nonce | shown | ciphertext, tag

The passphrase is stretched by Argon2id, the content sealed by ChaCha20-Poly1305, and everything
before the ciphertext is authenticated with it. A wrong passphrase and an altered file cannot be
told apart, and are not. Layout byte by byte: docs/protocol.md. Knows no files.
Sources: RFC 9106 (Argon2id; the second recommended parameters), RFC 8439.
"""

import secrets
import struct
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from web3rec.errors import DataError, Incompatible, ParamError, PassphraseError

MAGIC: Final = b"W3RSEAL"
VERSION: Final = 1
MAX_CONTENT: Final = 100 << 20
"""Bytes sealed at most: all of it is in memory at once."""
MAX_PASSPHRASE: Final = 1024
"""Characters."""
_SALT: Final = 16
_NONCE: Final = 12
_TAG: Final = 16
_COST: Final = struct.Struct(">IIB")
_MAX_LABEL: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a guess at the passphrase costs; read from a file it is bounded, too."""

    memory: int = 64 << 10
    """KiB, 8 a lane to 1 GiB; RFC 9106"""
    rounds: int = 3
    """1 to 16; RFC 9106"""
    lanes: int = 4
    """1 to 16; RFC 9106"""

    def __post_init__(self) -> None:
        if not 1 <= self.lanes <= 16:
            raise ParamError("lanes", self.lanes, "1 to 16")
        if not 8 * self.lanes <= self.memory <= 1 << 20:
            raise ParamError("memory", self.memory, f"{8 * self.lanes} to {1 << 20} KiB")
        if not 1 <= self.rounds <= 16:
            raise ParamError("rounds", self.rounds, "1 to 16")


USUAL: Final = Cost()
"""About .17 s of one core and 64 MiB a guess."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope taken apart; nothing in it is vouched for before `opened`."""

    purpose: bytes
    cost: Cost
    salt: bytes
    nonce: bytes
    shown: bytes
    """What can be read without the passphrase"""
    header: bytes
    content: bytes


def is_sealed(data: bytes) -> bool:
    """Whether these bytes say that they are such an envelope."""
    return data.startswith(MAGIC)


def sealed(
    content: bytes, passphrase: str, purpose: bytes, *, shown: bytes = b"", cost: Cost = USUAL
) -> bytes:
    """An envelope around content; another one every time.

    Args:
        content: at most MAX_CONTENT bytes.
        passphrase: 1 to MAX_PASSPHRASE characters; compared after Unicode NFC.
        purpose: what it is for; an envelope opens for that only.
        shown: what everybody may read, and nobody change unnoticed; at most 255 bytes.
        cost: of opening it.

    Raises ParamError, DataError (too long), Incompatible (no Argon2id in this OpenSSL).
    """
    if len(content) > MAX_CONTENT:
        raise DataError(f"at most {MAX_CONTENT >> 20} MiB can be sealed, got {len(content)} bytes")
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    header = b"".join(
        (
            MAGIC,
            bytes([VERSION]),
            _labelled(purpose),
            _COST.pack(cost.memory, cost.rounds, cost.lanes),
            salt,
            nonce,
            _labelled(shown),
        )
    )
    cipher = ChaCha20Poly1305(_stretched(passphrase, salt, cost))
    return header + cipher.encrypt(nonce, content, header)


def parsed(data: bytes, where: str) -> Sealed:
    """The parts of an envelope. Raises DataError (cut short, no envelope), Incompatible."""
    if not is_sealed(data):
        raise DataError("not sealed by web3rec", where=where)
    reader = _Reader(data, len(MAGIC), where)
    (version,) = reader.take(1)
    if version != VERSION:
        raise Incompatible(f"{where} is sealed in version {version}, want {VERSION}; upgrade")
    purpose = reader.label()
    memory, rounds, lanes = _COST.unpack(reader.take(_COST.size))
    try:
        cost = Cost(memory=memory, rounds=rounds, lanes=lanes)
    except ParamError:
        raise DataError("damaged: it asks for impossible work", where=where) from None
    salt, nonce = reader.take(_SALT), reader.take(_NONCE)
    shown = reader.label()
    header, content = data[: reader.at], data[reader.at :]
    if not _TAG <= len(content) <= MAX_CONTENT + _TAG:
        raise DataError("damaged: it is cut short, or too long", where=where)
    return Sealed(purpose, cost, salt, nonce, shown, header, content)


def opened(found: Sealed, passphrase: str, purpose: bytes, where: str) -> bytes:
    """The content, if the passphrase is right and nobody changed a bit of it.

    Raises DataError (made for another purpose), PassphraseError (wrong passphrase, or altered:
    nobody can tell which), ParamError (no possible passphrase), Incompatible.
    """
    if found.purpose != purpose:
        raise DataError(f"sealed, but not as {purpose.decode()}", where=where)
    cipher = ChaCha20Poly1305(_stretched(passphrase, found.salt, found.cost))
    try:
        return cipher.decrypt(found.nonce, found.content, found.header)
    except InvalidTag:
        raise PassphraseError(
            f"{where} does not open: the passphrase is wrong, or the file was altered"
        ) from None


def checked_passphrase(passphrase: object) -> str:
    """A passphrase in its one spelling. Raises ParamError, which never shows it."""
    wanted = f"a text of 1 to {MAX_PASSPHRASE} characters"
    if not isinstance(passphrase, str):
        raise ParamError("passphrase", type(passphrase).__name__, wanted)
    if not 1 <= len(passphrase) <= MAX_PASSPHRASE:
        raise ParamError("passphrase", f"{len(passphrase)} characters", wanted)
    if any("\ud800" <= c <= "\udfff" for c in passphrase):
        raise ParamError("passphrase", "half a surrogate pair", wanted)
    return unicodedata.normalize("NFC", passphrase)


def _stretched(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    text = checked_passphrase(passphrase).encode()
    try:
        stretching = Argon2id(
            salt=salt,
            length=32,
            iterations=cost.rounds,
            lanes=cost.lanes,
            memory_cost=cost.memory,
        )
        return stretching.derive(text)
    except UnsupportedAlgorithm:
        raise Incompatible(
            "this OpenSSL has no Argon2id, so nothing can be put under a passphrase here; "
            "install a newer `cryptography`"
        ) from None


def _labelled(label: bytes) -> bytes:
    if len(label) > _MAX_LABEL:
        raise ParamError("label", f"{len(label)} bytes", f"at most {_MAX_LABEL}")
    return bytes([len(label)]) + label


class _Reader:
    """A place in bytes; past their end it raises DataError."""

    def __init__(self, data: bytes, at: int, where: str) -> None:
        self._data, self.at, self._where = data, at, where

    def take(self, count: int) -> bytes:
        if self.at + count > len(self._data):
            raise DataError("damaged: it is cut short", where=self._where)
        self.at += count
        return self._data[self.at - count : self.at]

    def label(self) -> bytes:
        (length,) = self.take(1)
        return self.take(length)
