"""Bundles of many chunks, devices that have a shelf, and the bytes of false offers."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import trio

from p2p.memory import Network
from p2p.model_shelf import ThreadedShelf
from p2p.model_wire import CHUNK_BYTES, Chunk, Offer, encode, offer
from p2p.transport import Transport
from tests.p2p.ledgers import FakeLedger
from tests.p2p.peers import Peer, Spy
from tests.web3rec.rerank.bundle.bundles import BASIS, FILES, KEY, MANIFEST
from web3rec.records import SigningKey
from web3rec.rerank.bundle import Bundle, Shelf, container, items, sealed
from web3rec.rerank.bundle.shelf import STATE
from web3rec.types import ItemKey

T = TypeVar("T")
_SEEN: dict[Path, tuple[int | None, bytes | None]] = {}


@cache
def bundle(
    version: int = 1, *, rows: int = 20_000, key: SigningKey = KEY, name: str = "toy"
) -> bytes:
    """A sound bundle; 20,000 rows of item vectors are 380 kB, 12 chunks."""
    rng = np.random.default_rng(version)
    vectors = {
        ItemKey(hashlib.sha256(n.to_bytes(4)).digest()[:16]): row
        for n, row in enumerate(rng.normal(size=(rows, 3)).astype(np.float32))
    }
    files = {**FILES, "items.i8": items.written(BASIS, vectors)}
    return sealed(replace(MANIFEST, version=version, name=name), files, key)


def said(data: bytes) -> Offer:
    return offer(data, container.head(data).manifest_end)


def chunk(data: bytes, number: int) -> bytes:
    """The frame of a chunk."""
    of = said(data)
    at = len(of.beginning) + CHUNK_BYTES * number
    return encode(Chunk(number, data[at : at + of.length(number)]))


async def inline(work: Callable[[], T]) -> T:
    """No worker threads: a clock that jumps when all tasks wait could not see them working."""
    await trio.lowlevel.checkpoint()
    return work()


def device(
    network: Network,
    path: Path,
    name: str,
    *,
    pins: tuple[SigningKey, ...] = (),
    has: bytes | None = None,
    level: int = 2,
    spied: bool = False,
) -> Peer:
    """A device with these pins, and this bundle in use (whose publisher it pinned as well)."""
    shelf = Shelf(path / name / "models")
    for key in pins:
        shelf.pin(key.peer)
    if has is not None:
        shelf.pin(container.head(has).publisher)
        assert isinstance(shelf.install(has), Bundle)
    host: Transport = Spy(network.host(name)) if spied else network.host(name)
    return Peer(FakeLedger(name, level=level), host, shelf=ThreadedShelf(shelf, inline))


def in_use(one: Peer) -> bytes | None:
    """The very bytes; looked at anew where the shelf changed."""
    assert one.shelf is not None
    state = one.shelf.shelf.directory / STATE
    stamp = state.stat().st_ino if state.exists() else None
    if _SEEN.get(state, (0, None))[0] != stamp:
        _SEEN[state] = stamp, one.shelf.shelf.offered()
    return _SEEN.get(state, (0, None))[1]
