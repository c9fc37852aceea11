"""Models between whole nodes: real recommenders with real shelves; at the end real libp2p."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from p2p import Node, NodeOptions, model_getting, model_wire
from p2p.libp2p_host import Libp2pTransport
from p2p.memory import Network
from p2p.options import ModelUsed
from p2p.transport import Channel, PeerName, Purpose
from tests.p2p.carriers import echo, eventually, gathering, libp2p_hosts
from tests.p2p.shelves import bundle, said
from tests.p2p.town import Town
from tests.web3rec.rerank.bundle.bundles import KEY
from web3rec import Event, Options, Recommender
from web3rec.rerank.bundle import Bundle

pytestmark = pytest.mark.slow

NEW = bundle(2)


class Devices:
    """Recommenders by name, that share without delay."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path, self._stack = path, stack

    def __call__(self, name: str, *, pin: bool = False, has: bytes | None = None) -> Recommender:
        rec = Recommender.open(self._path / name, Options(share_delay_hours=0))
        rec.share(2)
        if pin or has is not None:
            rec.shelf.pin(KEY.peer)
        if has is not None:
            assert isinstance(rec.shelf.install(has), Bundle)
        return self._stack.enter_context(rec)


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    with ExitStack() as stack:
        yield Devices(tmp_path, stack)


@pytest.fixture
def town(rng: np.random.Generator) -> Town:
    return Town(Network(rng, delay=0.01))


@pytest.mark.usefixtures("inline")
async def test_X3_who_pinned_ends_with_the_same_model_and_who_pinned_nobody_with_none(
    devices: Devices, autojump_clock: trio.testing.MockClock, town: Town
) -> None:
    hosts = [town.host(n) for n in range(1, 4)]
    ann, bob, cat = devices("ann", has=NEW), devices("bob", pin=True), devices("cat")
    ann.record(Event.LIKE, "trk:1")
    async with trio.open_nursery() as nursery:
        nodes = []
        for rec, host in zip((ann, bob, cat), hosts, strict=True):
            options = NodeOptions(bootstrap=[hosts[0].address] * (rec is not ann), sync_gap=0)
            nodes.append(Node(rec, options, host))
            await nursery.start(nodes[-1].run)
        with trio.fail_after(60):
            while nodes[1].status().models_fetched == 0:  # noqa: ASYNC110 - virtual time
                await trio.sleep(0.5)
        await trio.sleep(60)
        status = nodes[1].status()
        assert status.model_used == nodes[0].status().model_used == ModelUsed("toy", 2)
        assert status.model_draft is None
        assert status.offences == {}
        assert nodes[2].status().model_used is None
        nursery.cancel_scope.cancel()
    assert bob.shelf.offered() == NEW
    assert cat.shelf.offered() is None
    assert not cat.shelf.directory.exists()
    assert set(hosts[2].models) <= {model_wire.encode(model_wire.Nothing())}, "it was asked"


@pytest.mark.network
async def test_a_model_travels_over_libp2p_and_goes_on_after_a_restart(
    devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A budget that lets about half of it go at once; then both leave, and come back."""
    monkeypatch.setattr(model_getting, "SETTLE_SECONDS", 0.5)
    ann, bob = devices("ann", has=NEW), devices("bob", pin=True)
    async with trio.open_nursery() as nursery:
        giver = Node(ann, NodeOptions(bytes_per_minute=400_000.0))
        await nursery.start(giver.run)
        taker = Node(bob, NodeOptions(bootstrap=giver.status().addresses))
        await nursery.start(taker.run)
        with trio.fail_after(40):
            while taker.status().model_bytes < 4 * model_wire.CHUNK_BYTES:  # noqa: ASYNC110
                await trio.sleep(0.1)
        giver.close()
        taker.close()
    had = sum(path.stat().st_size for path in bob.shelf.directory.glob("draft-*"))
    assert 4 * model_wire.CHUNK_BYTES <= had < len(NEW)
    async with trio.open_nursery() as nursery:
        giver = Node(ann)
        await nursery.start(giver.run)
        taker = Node(bob, NodeOptions(bootstrap=giver.status().addresses))
        await nursery.start(taker.run)
        with trio.fail_after(40):
            while not taker.status().models_fetched:  # noqa: ASYNC110
                await trio.sleep(0.1)
        assert taker.status().model_bytes == said(NEW).rest - had
        assert taker.status().offences == giver.status().offences == {}
        giver.close()
        taker.close()
    assert bob.shelf.offered() == NEW


@pytest.mark.network
async def test_a_host_that_serves_no_models_says_so_without_blame_and_syncs_on() -> None:
    async with gathering(libp2p_hosts(), 2) as (one, other):
        await one.dial(other)
        with pytest.raises(ConnectionError):
            async with one.transport.open(
                other.transport.name, timeout=5, purpose=Purpose.MODEL
            ) as channel:
                await channel.send(b"hello")
        assert await one.ask(other, b"still") == [b"echo still"]
        assert one.transport.offences == other.transport.offences == {}


@pytest.mark.network
async def test_models_and_records_travel_side_by_side_over_one_connection() -> None:
    make = libp2p_hosts()
    async with gathering(make, 1) as (one,):
        host = make(1)
        assert isinstance(host, Libp2pTransport)
        async with host.running(one.judge, echo, models=_shout):
            await host.dial(one.transport.addresses[0])
            await eventually(lambda: host.name in one.transport.peers())
            async with (
                one.transport.open(host.name, timeout=5) as records,
                one.transport.open(host.name, timeout=5, purpose=Purpose.MODEL) as models,
            ):
                await models.send(b"a")
                await records.send(b"b")
                assert await records.receive() == b"echo b"
                assert await models.receive() == b"A"


async def _shout(_peer: PeerName, channel: Channel) -> None:
    while (frame := await channel.receive()) is not None:
        await channel.send(frame.upper())
