"""A spy at the transport of whole nodes: real recommenders, real logs, every byte they hand over.

What a log lets out is tests/web3rec/store/test_outbound.py's; here is what the node around it adds.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.stream_muxer.yamux.yamux import HEADER_SIZE

from p2p import Node, NodeOptions, sync_wire, wire
from p2p.libp2p_host import Libp2pTransport
from p2p.libp2p_yamux import PacedConnection
from p2p.memory import Network
from p2p.model_wire import Ask, Nothing, encode
from p2p.sync_wire import Done, Hello, Over, Peers, Ranges, Records, Want
from p2p.transport import PeerName
from tests.p2p.shelves import chunk
from tests.p2p.shelves import said as offered
from tests.p2p.town import Resident, Town
from tests.web3rec.devices import ME, device, said
from tests.web3rec.rerank.bundle.bundles import KEY, toy
from tests.web3rec.store.logs import ANN, BOB, CAT, HandClock
from web3rec import Event, Item, Recommender
from web3rec.records import SigningKey, did_key, libp2p_peer_id
from web3rec.rerank.bundle import Bundle
from web3rec.store.own import told

pytestmark = pytest.mark.slow

MODEL = toy()
PUBLIC = ("trk:public 1", "trk:public 2")
SECRETS = ("trk:secret 1", "trk:secret 2", "trk:secret 3")


@pytest.fixture
def town(rng: np.random.Generator) -> Town:
    return Town(Network(rng, delay=0.01))


def opened(path: Path, key: SigningKey, level: int) -> Recommender:
    rec = device(path, HandClock(), key=key, share_delay_hours=0)
    rec.share(level)
    return rec


def records_in(sent: Sequence[bytes]) -> list[bytes]:
    """All envelopes among what was handed over; fails on bytes of neither protocol."""
    found: list[bytes] = []
    for data in sent:
        frame = sync_wire.decode(data)
        if frame is None:
            message = wire.unpack(data)
            assert message is not None, "neither gossip nor sync"
            found += message
        elif isinstance(frame, Records):
            found += frame.envelopes
        else:
            assert isinstance(frame, Hello | Ranges | Want | Peers | Over | Done)
    return found


async def live(rec: Recommender) -> set[bytes]:
    """A while of a person's life, some of it private; what the outbox announced on the way."""
    announced: set[bytes] = set()
    rec.add_items([Item(SECRETS[2], tags=("hush",))])
    rec.withhold(tag="hush")
    for event in Event:
        rec.record(event, PUBLIC[0])
        rec.record(event, SECRETS[2])
    with rec.private():
        rec.record(Event.LIKE, SECRETS[0])
        rec.trust(CAT.peer, 0.5)
    rec.trust(ANN.peer, 0.5, name="Ann")
    rec.block(BOB.peer)
    announced |= {one.envelope for one in rec.log.outbox()}
    await trio.sleep(20)
    rec.record(Event.LIKE, PUBLIC[1])
    rec.forget(item=PUBLIC[0])
    announced |= {one.envelope for one in rec.log.outbox()}
    await trio.sleep(100)
    return announced


@pytest.mark.usefixtures("inline")
@pytest.mark.parametrize("level", [0, 1, 2, 3])
async def test_D1_D2_all_that_a_node_sends_was_announced_or_is_others_word(
    autojump_clock: trio.testing.MockClock, tmp_path: Path, town: Town, level: int
) -> None:
    """Gossip, sync frames, addresses and models, both ways, over two minutes with two others."""
    hub, spied = town.host(1), town.host(2)
    theirs = [one.envelope for one in said(ANN, range(5))]
    with opened(tmp_path / "hub", BOB, 2) as other, opened(tmp_path / "me", ME, level) as rec:
        other.log.ingest(said(ANN, range(5)))
        for one in (rec, other):
            one.shelf.pin(KEY.peer)
        assert isinstance(rec.shelf.install(MODEL), Bundle)
        before = {one.envelope for one in rec.log.outbox()}
        async with trio.open_nursery() as nursery:
            await nursery.start(Node(other, NodeOptions(sync_gap=0), hub).run)
            options = NodeOptions(bootstrap=[hub.address], sync_interval=5, sync_gap=0)
            await nursery.start(Node(rec, options, spied).run)
            announced = before | await live(rec)
            other.log.ingest(said(CAT, range(5)))
            await trio.sleep(30)
            nursery.cancel_scope.cancel()
        sent = records_in(spied.sent)
        mine = [one for one in sent if told(one).author == ME.peer]
        assert set(sent) <= announced | set(theirs) | {one.envelope for one in said(CAT, range(5))}
        assert set(mine) <= announced
        assert bool(mine) == bool(announced) == (level > 0)
        if level == 0:
            assert not sent
            assert not [data for data in spied.sent if isinstance(sync_wire.decode(data), Peers)]
        mine_too = {encode(Ask()), encode(offered(MODEL)), chunk(MODEL, 0)}
        assert set(spied.models) == (mine_too if level else {encode(Nothing())})
        assert other.shelf.offered() == (MODEL if level else None)
        everything = b"".join(spied.sent + spied.models)
        for name in (*SECRETS, "Ann"):
            assert name.encode() not in everything
        assert {told(one).author for one in records_in(hub.sent)} >= {ANN.peer}, "it was answered"
        assert len(rec.log.known()) >= 10, "and it heard"


@dataclass
class Twin:
    """A node whose chance and device byte are given."""

    rec: Recommender
    host: Resident


def twin(path: Path, town: Town, level: int) -> Twin:
    rec = opened(path, ME, level)
    rec.log._device = 7
    return Twin(rec, town.host(2))


def in_secret(rec: Recommender, what: str) -> None:
    match what:
        case "local":
            rec.record(Event.SKIP, SECRETS[0])
        case "private":
            with rec.private():
                rec.record(Event.LIKE, SECRETS[1])
        case "block":
            rec.block(CAT.peer)
        case "withhold":
            rec.withhold(item=SECRETS[2])
            rec.record(Event.LIKE, SECRETS[2])
        case _:
            with rec.private():
                rec.trust(ANN.peer, 0.7, name="Ann")


def trace(path: Path, level: int, public: Sequence[str], hidden: Sequence[Sequence[str]]) -> bytes:
    """All that one node sends in a minute of public acts, and secret ones in between."""
    town = Town(Network(np.random.default_rng(3), delay=0.01))
    hub = town.host(1)
    out: list[tuple[float, bytes]] = []

    async def main() -> None:
        with opened(path / "hub", BOB, 2) as other:
            one = twin(path / "me", town, level)
            other.log.ingest(said(ANN, range(5)))
            async with trio.open_nursery() as nursery:
                await nursery.start(Node(other, NodeOptions(sync_gap=0), hub).run)
                options = NodeOptions(bootstrap=[hub.address], sync_interval=5, sync_gap=0)
                await nursery.start(Node(one.rec, options, one.host).run)
                for item, deeds in zip(public, hidden, strict=True):
                    await trio.sleep(7)
                    for deed in deeds:
                        in_secret(one.rec, deed)
                    if level:
                        one.rec.record(Event.LIKE, item)
                await trio.sleep(20)
                nursery.cancel_scope.cancel()
            out.append((trio.current_time(), b"".join(one.host.sent + one.host.models)))
            one.rec.close()

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    return out[0][1]


HIDDEN: tuple[list[list[str]], ...] = (
    [[], [], []],
    [["local", "private"], ["block", "trust"], ["withhold"]],
    [["withhold", "private", "private"], [], ["local", "trust", "block"]],
)


@pytest.mark.usefixtures("inline", "foreseen")
@pytest.mark.parametrize("level", [0, 1])
def test_D5_two_private_histories_leave_one_trace(tmp_path: Path, level: int) -> None:
    """The same moments, the same public acts, the same chance: the same bytes in the same order."""
    public = (PUBLIC[0], PUBLIC[1], "trk:public 3")
    traces = [
        trace(tmp_path / f"{level} {n}", level, public, hidden) for n, hidden in enumerate(HIDDEN)
    ]
    assert traces[0]
    assert traces[1] == traces[0]
    assert traces[2] == traces[0]
    other = trace(tmp_path / "other", 1, (*public[:2], "trk:another"), HIDDEN[0])
    assert other != traces[0], "what is public shows"


# -- real sockets -----------------------------------------------------------------------------


class Tap:
    """A TCP proxy on loopback that keeps what passes, both ways."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.port = 0

    @asynccontextmanager
    async def before(self, port: int) -> AsyncGenerator[None]:
        async with trio.open_nursery() as nursery:
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            self.port = listener.socket.getsockname()[1]

            async def pass_on(client: trio.SocketStream) -> None:
                server = await trio.open_tcp_stream("127.0.0.1", port)
                async with server, trio.open_nursery() as both:
                    both.start_soon(self._copy, client, server)
                    both.start_soon(self._copy, server, client)

            nursery.start_soon(trio.serve_listeners, pass_on, [listener])
            yield
            nursery.cancel_scope.cancel()

    async def _copy(self, one: trio.SocketStream, other: trio.SocketStream) -> None:
        try:
            async for data in one:
                self.seen += data
                await other.send_all(data)
            await other.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return


async def identified(node: Node, peer: PeerName) -> None:
    """Ask a neighbour who it is, as any other implementation does on connecting."""
    transport = node._transport
    assert isinstance(transport, Libp2pTransport)
    stream = await transport._running().host.new_stream(ID.from_base58(peer), [TProtocol(IDENTIFY)])
    assert len(await stream.read(4096)) > 50
    await stream.close()


IDENTIFY = "/ipfs/id/1.0.0"


@pytest.mark.network
async def test_D4_the_author_s_key_is_in_no_byte_around_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Handshake, identify, gossip's own messages, sync's frames; on the wire, and inside Noise.

    Both sign records with one key and connect with another. Neither has said anything yet, so
    its author's key has no business anywhere.
    """
    inside = bytearray()
    read = PacedConnection.read

    async def overheard(self: PacedConnection, n: int | None = None) -> bytes:
        data = await read(self, n)
        inside.extend(data if len(data) != HEADER_SIZE else b"")
        return data

    monkeypatch.setattr(PacedConnection, "read", overheard)
    tap = Tap()
    keys = [SigningKey.from_seed(bytes([n]) * 32) for n in (201, 202)]
    with ExitStack() as stack:
        recs = [
            stack.enter_context(device(tmp_path / str(n), key=key, share_delay_hours=0))
            for n, key in enumerate(keys)
        ]
        for rec in recs:
            rec.share(1)
        options = NodeOptions(sync_interval=0.5, sync_gap=0)
        nodes = [Node(rec, options) for rec in recs]
        async with trio.open_nursery() as nursery:
            await nursery.start(nodes[0].run)
            _, _, _, _, port, *rest = nodes[0].status().addresses[0].split("/")
            async with tap.before(int(port)):
                await nursery.start(nodes[1].run)
                nodes[1].dial(f"/ip4/127.0.0.1/tcp/{tap.port}/{'/'.join(rest)}")
                with trio.fail_after(30):
                    while min(node.status().syncs for node in nodes) < 2:  # noqa: ASYNC110
                        await trio.sleep(0.05)
                await identified(nodes[1], PeerName(nodes[0].status().peer_id))
                for node in nodes:
                    node.close()
            nursery.cancel_scope.cancel()
        names = [node.status().peer_id for node in nodes]
    assert len(tap.seen) > 1000
    assert b"/multistream/1.0.0" in tap.seen, "what comes before Noise is there to be read"
    assert b"/web3rec/sync/1" in inside
    assert b"/meshsub/1.1.0" in inside
    assert b"/ipfs/id/1.0.0" in inside
    for key in keys:
        spelled = libp2p_peer_id(key.peer)
        assert spelled not in names
        for form in (
            key.peer,
            key.peer.hex().encode(),
            spelled.encode(),
            did_key(key.peer).encode(),
        ):
            assert bytes(form) not in tap.seen
            assert bytes(form) not in inside
