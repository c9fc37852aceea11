"""Real signed records of many authors, for what the network does with them."""

import hashlib
import time
from collections.abc import Iterator
from typing import Final

import numpy as np

from web3rec.records import Kind, Record, Signed, SigningKey, seal
from web3rec.records.model import DAY, DEFAULT_LIFETIME

AUTHORS: Final = 300
RECORDS: Final = 20_000
ITEMS: Final = 5_000
DAYS: Final = 20
"""Over which an author's records lie, up to today."""
TRUSTS: Final = 11
"""One in so many of an author's is a statement of trust; the others say what it liked or heard."""


def signed(
    rng: np.random.Generator, count: int = RECORDS, authors: int = AUTHORS
) -> Iterator[Signed]:
    """As many records as said, of each author about as many, no two alike, none retracted."""
    keys = [SigningKey.from_seed(rng.bytes(32)) for _ in range(authors)]
    today = int(time.time()) // DAY
    items = [hashlib.sha256(b"item %d" % n).digest()[:16] for n in range(ITEMS)]
    kinds = (Kind.LISTEN, Kind.LISTEN, Kind.LIKE, Kind.COLLECT)
    for n in range(count):
        number, nth = n % authors, n // authors
        day = today - DAYS + min(DAYS, nth // 4)
        item: bytes
        if nth % TRUSTS == 0:
            friend = keys[(number + 1 + nth // TRUSTS) % authors]
            kind, item, weight = Kind.TRUST, friend.peer, 8
        else:
            kind, item, weight = kinds[nth % len(kinds)], items[int(rng.integers(ITEMS))], 1
        key = keys[number]
        sequence = day << 24 | nth << 8
        when = day * DAY
        said = Record(key.peer, sequence, when, when + DEFAULT_LIFETIME, kind, item, weight)
        yield seal(said, key)
