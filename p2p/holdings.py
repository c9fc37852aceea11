"""What a device knows of, sorted and hashed, so that two devices can compare it cheaply.

Pure: arrays only. An element is 20 bytes: the day its record expires (u32, big-endian) and the
first 16 bytes of the record's id, which fixes the day; elements are ordered as bytes. `Holdings`
outlives sessions, `Salted` belongs to one; `p2p.reconcile` compares.

A hash is half a block of AES-128 under a key that both ends made together for one session, so
nobody can prepare records that hide each other; the fingerprint of a range is the number of its
elements and the sum of their hashes, which running sums give for any range at once.
"""

import bisect
import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from p2p.errors import NodeError

Places = NDArray[np.int64]
"""Places in `Holdings`, 0 to n."""
Hashes = NDArray[np.uint64]

ID_BYTES: Final = 16
ELEMENT_BYTES: Final = 4 + ID_BYTES
HASH_BYTES: Final = 8
SALT_BYTES: Final = 16
"""What each end gives to the key of a session."""
DOMAIN: Final = b"web3rec-sync-1\0"
"""Hashed before both salts, so that the key fits nothing else."""

START: Final = b""
"""The bound before every element."""
END: Final = b"\xff" * (ELEMENT_BYTES + 1)
"""The bound behind every element."""


class HoldingsError(NodeError, ValueError):
    """What a ledger says it holds is not what `Holdings` can be made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """A set of elements, sorted: all that a device knows of and that lives beyond today.

    Make it once and keep it until the ledger changes; it depends on no session.
    """

    days: NDArray[np.uint32]
    """uint32[n], the day (unix seconds // 86,400) of each element's expiry; rising. Any row of
    numbers will do."""
    ids: bytes
    """16 n bytes: the first 16 of each record id, rising within a day, none twice."""
    keys: NDArray[np.uint64] = field(init=False, repr=False)
    """uint64[n]: the first 8 bytes of each element as a number; for searching."""

    def __post_init__(self) -> None:
        """Check and own the arrays. Cost: O(n), about 1 ms for 50,000.

        Raises HoldingsError: lengths that do not fit, a day outside u32, not sorted, one twice.
        """
        try:
            days = np.array(self.days, dtype=np.uint32).reshape(-1)
        except (OverflowError, TypeError, ValueError):
            raise HoldingsError("days must be a row of numbers in [0, 2^32)") from None
        n = len(days)
        if len(self.ids) != n * ID_BYTES:
            raise HoldingsError(
                f"{n} days need {n * ID_BYTES} bytes of ids, got {len(self.ids)}: "
                f"give the first {ID_BYTES} bytes of each record id"
            )
        ids = bytes(self.ids)
        heads = np.frombuffer(ids, ">u4")[:: ID_BYTES // 4].astype(np.uint64)
        keys = days.astype(np.uint64) << np.uint64(32) | heads
        days.flags.writeable = keys.flags.writeable = False
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "keys", keys)
        ties = np.flatnonzero(keys[1:] == keys[:-1]).tolist()
        if np.any(keys[1:] < keys[:-1]) or any(self.id(i) >= self.id(i + 1) for i in ties):
            raise HoldingsError("elements must be sorted by (day, id), each once: sort them first")

    @staticmethod
    def of(elements: AbstractSet[tuple[int, bytes]]) -> "Holdings":
        """Of a set of (day, 16-byte id). Cost: O(n log n) in Python; for tests and small sets."""
        order = sorted(elements)
        days = np.array([day for day, _ in order], dtype=np.uint32)
        return Holdings(days, b"".join(id_ for _, id_ in order))

    def __len__(self) -> int:
        return len(self.days)

    def id(self, i: int) -> bytes:
        """The 16 bytes of the i-th element's id."""
        return self.ids[ID_BYTES * i : ID_BYTES * (i + 1)]

    def element(self, i: int) -> bytes:
        """The 20 bytes of the i-th element."""
        return int(self.days[i]).to_bytes(4, "big") + self.id(i)

    def places(self, bounds: Sequence[bytes]) -> Places:
        """How many elements are below each bound. Cost: O(log n) a bound.

        Args:
            bounds: at most 20 bytes each, compared as bytes; or END.
        """
        heads = b"".join([bound[:8].ljust(8, b"\0") for bound in bounds])
        keys = np.frombuffer(heads, ">u8").astype(np.uint64)
        places: Places = np.searchsorted(self.keys, keys).astype(np.int64)
        for i, bound in enumerate(bounds):
            if len(bound) > 8:  # ends inside the id's later bytes: rare, so one by one
                low = int(places[i])
                tied = range(low, int(np.searchsorted(self.keys, keys[i], side="right")))
                at = bisect.bisect_left(tied, bound, key=self.element)
                places[i] = len(self) if bound == END else low + at
        return places

    def cuts(self, places: Places) -> list[bytes]:
        """The shortest bounds that part the elements before each place from those behind it.

        Args:
            places: int64[m], each 1 to n - 1.
        """
        rows = np.empty((2, len(places), ELEMENT_BYTES), dtype=np.uint8)
        ids = np.frombuffer(self.ids, dtype=np.uint8).reshape(-1, ID_BYTES)
        for row, at in zip(rows, (places - 1, places), strict=True):
            row[:, :4] = self.days[at].astype(">u4").view(np.uint8).reshape(-1, 4)
            row[:, 4:] = ids[at]
        ends = (rows[0] != rows[1]).argmax(axis=1) + 1
        return [row[:end].tobytes() for row, end in zip(rows[1], ends.tolist(), strict=True)]


def session_key(opener: bytes, server: bytes) -> bytes:
    """The 16-byte key of a session, of both ends' salts (16 bytes each, random, used once).

    Neither end alone, nor a third, knows it before the session: records that collide under it
    cannot be made in advance.
    """
    return hashlib.sha256(DOMAIN + opener + server).digest()[:16]


def hashes(ids: bytes, key: bytes) -> Hashes:
    """uint64 of each 16-byte id: the first half of its AES-128 block, big-endian.

    A pseudo-random function of single blocks, so no mode is wanted. Cost: 2 ns an id.
    """
    cipher = Cipher(algorithms.AES128(key), modes.ECB()).encryptor()  # noqa: S305 - see above
    return np.frombuffer(cipher.update(ids), ">u8")[::2].astype(np.uint64)


class Fingerprint(NamedTuple):
    """How many elements the sender holds in a range, and the sum of their hashes mod 2^64."""

    held: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class Salted:
    """Holdings under the key of one session. Cost: O(n), .5 ms for 50,000."""

    holdings: Holdings
    hashes: Hashes
    """uint64[n]."""
    sums: Hashes
    """uint64[n + 1]: sums[i] is that of the first i hashes, mod 2^64."""

    @staticmethod
    def of(holdings: Holdings, key: bytes) -> "Salted":
        """Hash everything once."""
        each = hashes(holdings.ids, key)
        sums = np.zeros(len(each) + 1, dtype=np.uint64)
        np.cumsum(each, out=sums[1:])
        return Salted(holdings, each, sums)

    def fingerprint(self, low: int, high: int) -> Fingerprint:
        """Of the elements from place `low` to before `high`."""
        return Fingerprint(high - low, (int(self.sums[high]) - int(self.sums[low])) % 2**64)
