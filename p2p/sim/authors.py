"""Who signs what in a run: honest authors with something to say, and strangers' rubbish."""

import hashlib
from typing import Final

import numpy as np

from p2p import wire
from web3rec.records import Kind, Record, Signed, SigningKey, seal
from web3rec.records.model import DAY
from web3rec.types import Millis, PeerId

TODAY: Final = 20_000 * DAY
"""The day on which every run begins; any would do."""
BEGIN: Final = Millis((TODAY + 3_600) * 1_000)
LIFETIME: Final = 30 * DAY


class Author:
    """One key and its records, each with the next sequence number."""

    def __init__(self, seed: int, name: str) -> None:
        """The key follows from both; it protects nothing."""
        self._key = SigningKey.from_seed(hashlib.sha256(f"sim {seed} {name}".encode()).digest())
        self._n = 0
        self.likings: list[Signed] = []
        """Its likes that stand."""

    @property
    def peer(self) -> PeerId:
        return self._key.peer

    def likes(self, item: bytes) -> Signed:
        """A new record about an item, 16 bytes."""
        signed = self._sealed(Kind.LIKE, item, LIFETIME)
        self.likings.append(signed)
        return signed

    def retracts(self, liking: Signed) -> Signed:
        """Takes back what it said of an item."""
        self.likings.remove(liking)
        item = liking.record.item
        return self._sealed(Kind.RETRACT, item, 3 * LIFETIME)

    def _sealed(self, kind: Kind, item: bytes | str, lifetime: int) -> Signed:
        self._n += 1
        record = Record(
            author=self._key.peer,
            n=(TODAY // DAY) << 24 | self._n << 8,
            t=TODAY,
            x=TODAY + lifetime,
            kind=kind,
            item=item,
        )
        return seal(record, self._key)


def rubbish(seed: int, count: int, rng: np.random.Generator) -> list[bytes]:
    """Messages for the invalid flood: a quarter each forged, malformed, no message at all, and
    well signed by a key nobody trusts. Cost: 100 µs each.
    """
    messages = []
    author = Author(seed, "nobody")
    for i in range(count):
        if i % 50 == 0:
            author = Author(seed, f"nobody {i}")
        envelope = author.likes(rng.bytes(16)).envelope
        match i % 4:
            case 0:  # one bit of the signature, the last field, turned
                at = len(envelope) - 64 + int(rng.integers(64))
                envelope = envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :]
            case 1:
                envelope = rng.bytes(len(envelope))
            case 2:
                messages.append(rng.bytes(300))
                continue
        messages.append(wire.pack([envelope]))
    return messages
