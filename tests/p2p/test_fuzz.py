"""Y6: alive after any sequence of frames, on every protocol we serve.

Bytes begin as something valid and are bent: flipped, cut, repeated, filled with extremes. They are
written where each layer reads them: on TCP, inside Noise, as Yamux frames, as lines of negotiation
and inside streams of every protocol. How fast a stranger may go is not the subject here (floods
are), so those limits are lifted. `python -m tests.p2p.test_fuzz FRAMES SEED` runs it by hand.
"""

import gc
import json
import struct
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import trio
from libp2p.pubsub.pb import rpc_pb2
from libp2p.utils import encode_delim, encode_varint_prefixed

from p2p import libp2p_rpc, libp2p_swarm, libp2p_yamux
from p2p.acquaintances import Acquaintances
from p2p.contacts import Contacts
from p2p.libp2p_channel import SYNC
from p2p.libp2p_gossip import MESHSUB
from p2p.metering import Metering
from p2p.model_giving import ModelGiving
from p2p.model_shelf import ThreadedShelf
from p2p.model_wire import Ask, Chunk, Nothing, Want, encode
from p2p.options import NodeOptions
from p2p.sessions import host, keeper
from p2p.stats import Stats, Wishes
from p2p.transport import Channel, PeerName, Purpose, Serve
from p2p.turnstile import Turnstile
from p2p.visits import Visits
from tests.p2p.carriers import TOPIC, Peer, echo, eventually, gathering, libp2p_hosts
from tests.p2p.ledgers import NOW, FakeLedger, listens
from tests.p2p.shelves import bundle, inline, said
from tests.p2p.strangers import (
    assert_well,
    id_of,
    insides,
    noise_to,
    signed_by,
    stream_to,
    tcp_to,
    yamux_between,
)
from tests.web3rec.rerank.bundle.bundles import KEY
from web3rec.rerank.bundle import Bundle, Shelf

pytestmark = [pytest.mark.network, pytest.mark.slow]

GROWTH = 64 * 1024 * 1024
BATCH = 40
"""Frames written in one go, if the other end takes so many."""
MODEL = Purpose.MODEL.value
PROTOCOLS = [MESHSUB, SYNC, MODEL, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"]
UNPACED = {
    libp2p_yamux: ("FRAMES_PER_SECOND", "FRAMES_AT_ONCE"),
    libp2p_swarm: ("ARRIVALS_PER_SECOND", "ARRIVALS_AT_ONCE"),
    libp2p_rpc: (
        "MESSAGES_PER_SECOND", "MESSAGES_AT_ONCE", "IDS_PER_SECOND", "IDS_AT_ONCE",
        "CHANGES_PER_SECOND", "CHANGES_AT_ONCE",
    ),
}  # fmt: skip


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def rpcs(author: Peer) -> list[bytes]:
    full = rpc_pb2.RPC(senderRecord=b"record", publish=[signed_by(author, b"fuzz", 1)])
    full.subscriptions.add(subscribe=True, topicid=TOPIC)
    full.control.ihave.add(topicID=TOPIC, messageIDs=[b"0" * 40, b"1" * 40])
    full.control.iwant.add(messageIDs=[b"0" * 40])
    full.control.graft.add(topicID=TOPIC)
    full.control.prune.add(topicID=TOPIC, backoff=3).peers.add(peerID=b"peer")
    parts = [rpc_pb2.RPC(publish=full.publish), rpc_pb2.RPC(subscriptions=full.subscriptions)]
    parts += [rpc_pb2.RPC(control=full.control), rpc_pb2.RPC(), full]
    return [encode_varint_prefixed(part.SerializeToString()) for part in parts]


def sync_frames() -> list[bytes]:
    """The frames of the published vectors, a greeting first."""
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "sync.json").read_text())
    frames = [bytes.fromhex(one["hex"]) for one in vectors["frames"]]
    return [len(frame).to_bytes(4, "big") + frame for frame in frames]


def real_sessions(friend: Peer) -> Serve:
    """Serves strangers with real sync sessions over 300 records, and the friend with an echo."""
    ledger = FakeLedger("victim")
    ledger.add(listens("victim", 300))
    keep = keeper(ledger.judge, ledger.ingest)

    async def serve(opener: PeerName, channel: Channel) -> None:
        if opener == friend.transport.name:
            await echo(opener, channel)
        else:
            await host(channel, ledger, keep, salt=bytes(16))

    return serve


def model_frames() -> list[bytes]:
    """An exchange as it should be, the ask first."""
    frames = [encode(Ask()), *(encode(Want(first, 4)) for first in (0, 4, 8))]
    frames += [encode(said(bundle())), encode(Nothing()), encode(Chunk(0, b"chunk"))]
    return [len(frame).to_bytes(4, "big") + frame for frame in frames]


def real_exchanges(victim: Peer, directory: Path) -> Serve:
    """Serves a model of 12 chunks to whoever asks, again and again."""
    shelf = Shelf(directory)
    shelf.pin(KEY.peer)
    assert isinstance(shelf.install(bundle()), Bundle)
    stats, ledger, options = Stats(), FakeLedger("victim"), NodeOptions()
    peers = Acquaintances(ledger.judge, victim.transport.name, options)
    rng = np.random.default_rng(1)
    visits = Visits(60)
    contacts = Contacts(victim.transport, peers, visits, stats, Wishes(), lambda: NOW, rng)
    plenty = Metering(contacts, 1e12, 1e12)
    giving = ModelGiving(
        ThreadedShelf(shelf, inline), ledger, stats, peers, contacts, plenty, plenty
    )
    giving._turnstile = Turnstile(pause=0)
    return giving.serve


def corpus(author: Peer) -> dict[str, list[bytes]]:
    """For each layer or protocol, what an honest peer could send."""
    lines = [encode_delim(p.encode()) for p in ("/multistream/1.0.0", "ls", *PROTOCOLS)]
    headers = [
        struct.pack("!BBHII", 0, kind, flags, number, length) + b"data"[: 4 * (kind == 0)]
        for kind in (0, 1, 2)
        for flags in (0, 1, 2, 4, 8)
        for number, length in ((0, 4), (1, 4), (7, 4), (1001, 4))
    ]
    return {
        MESHSUB: rpcs(author),
        SYNC: [*sync_frames(), b"\0\0\0\5frame", bytes(4)],
        MODEL: [*model_frames(), b"\0\0\0\5frame", bytes(4)],
        "/ipfs/id/1.0.0": [b"\x05hello"],
        "/ipfs/ping/1.0.0": [bytes(32), b"\xff" * 32],
        "lines": lines,
        "yamux": headers,
        "noise": [*lines, *headers],
        "tcp": [lines[0] + encode_delim(b"/noise") + b"\0\x20" + bytes(32), *lines],
    }


def bent(unit: bytes, rng: np.random.Generator) -> bytes:
    """Something like it, or not very much."""
    out = bytearray(unit)
    at = int(rng.integers(0, len(out) + 1))
    match int(rng.integers(0, 14)):
        case 0 | 1 if out:
            out[at % len(out)] ^= int(rng.integers(1, 256))
        case 2:
            del out[at:]
        case 3:
            out[at:at] = rng.bytes(int(rng.integers(1, 20)))
        case 4:
            out[at : at + 4] = [b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80" * 4][at % 4]
        case 5:
            out += out[at:] * int(rng.integers(1, 4))
        case 6:
            out = bytearray(rng.bytes(int(rng.integers(0, 100))))
        case _:
            pass  # as it was: so that the next frame is read at all
    return bytes(out)


class Fuzzer:
    """A stranger and his bytes."""

    def __init__(self, stranger: Peer, victim: Peer, rng: np.random.Generator) -> None:
        self.stranger, self.victim, self.rng = stranger, victim, rng
        self.corpus = corpus(stranger)
        self.sent: Counter[str] = Counter()

    async def go(self, frames: int) -> None:
        """Write so many frames."""
        layers = list(self.corpus)
        share = np.array([0.34, 0.2, 0.1, 0.06, 0.08, 0.14, 0.04, 0.02, 0.02])
        while self.sent.total() < frames:
            layer = layers[int(self.rng.choice(len(layers), p=share))]
            with trio.move_on_after(2), suppress(Exception):  # refused, reset, hung up on: all do
                await self._batch(layer)

    async def _batch(self, layer: str) -> None:
        write, close = await self._open(layer)
        try:
            for n in range(BATCH):
                unit = self.corpus[layer][int(self.rng.integers(len(self.corpus[layer])))]
                greets = layer in (SYNC, MODEL) and n == 0 and self.rng.random() < 0.8
                frame = self.corpus[layer][0] if greets else bent(unit, self.rng)
                self.sent[layer] += 1
                if frame:
                    await write(frame)
                if n % 8 == 7:
                    await trio.lowlevel.checkpoint()
        finally:
            with trio.move_on_after(1):
                await close()

    async def _leave(self) -> None:
        await self.stranger.transport.hang_up(self.victim.transport.name)

    async def _open(
        self, layer: str
    ) -> tuple[Callable[[bytes], Awaitable[None]], Callable[[], Awaitable[None]]]:
        if layer == "tcp":
            tcp = await tcp_to(self.victim)
            return tcp.send_all, tcp.aclose
        if layer == "noise":
            secured = await noise_to(self.stranger, self.victim)
            return secured.write, secured.close
        await self.stranger.dial(self.victim)
        if layer == "yamux":
            muxer = yamux_between(self.stranger, self.victim)
            return muxer.secured_conn.write, self._leave  # what followed would be a frame's body
        if layer == "lines":
            bare = await yamux_between(self.stranger, self.victim).open_stream()
            return bare.write, bare.reset
        stream = await stream_to(self.stranger, self.victim, layer)
        return stream.write, stream.reset


async def fuzz(frames: int, seed: int) -> tuple[Counter[str], int]:
    """Send frames to a victim with an honest neighbour, who must be served all along.

    Returns how many went to which layer, and by how many bytes the process grew.
    """
    with TemporaryDirectory() as directory:
        return await fuzzed(Path(directory), frames, seed)


async def fuzzed(directory: Path, frames: int, seed: int) -> tuple[Counter[str], int]:
    async with gathering(libp2p_hosts(), 3, giving=echo) as (victim, friend, stranger):
        victim.serving = real_sessions(friend)
        victim.giving = real_exchanges(victim, directory)
        await friend.dial(victim)
        fuzzer = Fuzzer(stranger, victim, np.random.default_rng(seed))
        await fuzzer.go(min(500, frames // 10))  # loads what is loaded late
        await assert_well(victim, friend)
        before = resident()
        for part in range(1, 6):
            await fuzzer.go(frames * part // 5)
            assert id_of(friend) in insides(victim).gossip.peers
            await assert_well(victim, friend)
        grown = resident() - before
        await stranger.transport.hang_up(victim.transport.name)
        await eventually(lambda: stranger.transport.name not in victim.transport.peers())
        return fuzzer.sent, grown


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, names in UNPACED.items():
        for name in names:
            monkeypatch.setattr(module, name, 1e9)


async def test_Y6_alive_and_delivering_after_ten_thousand_bent_frames(unpaced: None) -> None:
    sent, grown = await fuzz(10_000, seed=1)
    assert sent.total() >= 10_000
    assert min(sent.values()) > 0
    assert len(sent) == 9
    assert grown <= GROWTH


@pytest.mark.nightly
async def test_Y6_alive_and_delivering_after_a_million_bent_frames(unpaced: None) -> None:
    sent, grown = await fuzz(1_000_000, seed=2)
    assert sent.total() >= 1_000_000
    assert grown <= GROWTH


async def test_Y6_the_fuzz_reaches_every_protocol_we_serve() -> None:
    async with gathering(libp2p_hosts(), 1, giving=echo) as (one,):
        assert set(insides(one).host.get_mux().get_protocols()) == set(PROTOCOLS)
        assert set(PROTOCOLS) <= set(corpus(one))


if __name__ == "__main__":
    for module, names in UNPACED.items():
        for name in names:
            setattr(module, name, 1e9)
    counts, growth = trio.run(fuzz, int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(f"{counts.total()} frames {dict(counts)}, {growth / 2**20:.1f} MiB more\n")
