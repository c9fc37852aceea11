"""Daemons that pass models on, with strangers among them who lie, stall and send nonsense."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from p2p import model_getting, model_wire
from p2p.memory import MemoryTransport, Network
from p2p.model_wire import Ask, Chunk, Nothing, Offer, Want, decode, encode
from p2p.options import NodeOptions
from p2p.reputation import Offence
from p2p.transport import Channel, PeerName, Purpose
from tests.p2p.ledgers import listens
from tests.p2p.passing import NEW, OLD, drafts, frames, running, until
from tests.p2p.peers import Peer, ignore, say_nothing, start
from tests.p2p.shelves import bundle, chunk, device, in_use, said
from tests.web3rec.rerank.bundle.bundles import KEY, STRANGER
from web3rec.rerank.bundle import Bundle


@pytest.fixture
def net(rng: np.random.Generator) -> Network:
    return Network(rng, delay=0.02)


@asynccontextmanager
async def stranger(
    net: Network, name: str, serving: Callable[[PeerName, Channel], object]
) -> AsyncGenerator[MemoryTransport]:
    """Somebody whose answers are the test's."""
    host = net.host(name)
    async with host.running(ignore, say_nothing, models=serving):  # type: ignore[arg-type]
        yield host


def as_it_is(_number: int, frame: bytes) -> bytes:
    return frame


def answering(
    *first: bytes,
    bent: Callable[[int, bytes], bytes] = as_it_is,
    data: bytes = NEW,
    log: list[int] | None = None,
) -> Callable[..., object]:
    """Serves an exchange with these first frames, and then chunks as they are bent."""

    async def serve(_peer: PeerName, channel: Channel) -> None:
        if await channel.receive() is None:
            return
        for frame in first:
            await channel.send(frame)
        while (asked := await channel.receive()) is not None:
            want = decode(asked)
            assert isinstance(want, Want)
            for number in range(want.first, want.first + want.count):
                if log is not None:
                    log.append(number)
                await channel.send(bent(number, chunk(data, number)))

    return serve


async def with_stranger(
    net: Network, bob: Peer, host: MemoryTransport, nursery: trio.Nursery, *more: Peer
) -> None:
    bootstrap = [f"/memory/{host.name}", *(f"/memory/{one.transport.name}" for one in more)]
    for one in more:
        await start(nursery, one, NodeOptions(sync_gap=0))
    await start(nursery, bob, NodeOptions(bootstrap=bootstrap, sync_gap=0))


def flipped(at: int) -> Callable[[int, bytes], bytes]:
    return lambda number, data: data[:-1] + bytes([data[-1] ^ 1]) if number == at else data


async def test_X3_a_tampered_chunk_is_found_at_once_and_the_honest_bring_the_rest(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    sent: list[int] = []
    bob, ann = device(net, tmp_path, "bob", pins=(KEY,)), device(net, tmp_path, "ann", has=NEW)
    liar = answering(encode(said(NEW)), bent=flipped(4), log=sent)
    async with stranger(net, "a-liar", liar) as host, trio.open_nursery() as nursery:
        await with_stranger(net, bob, host, nursery)
        await until(lambda: bob.stats.offences)
        assert bob.stats.offences == {"a-liar": 1}
        assert max(sent) < 8, "no further window was asked for"
        await start(nursery, ann, NodeOptions(bootstrap=["/memory/bob"], sync_gap=0))
        await until(lambda: in_use(bob) == NEW, within=300)
        assert bob.stats.model_bytes == said(NEW).rest, "the four true chunks were kept"
        assert ann.stats.model_bytes <= said(NEW).rest - 4 * model_wire.CHUNK_BYTES
        nursery.cancel_scope.cancel()


def lies() -> tuple[bytes, Offer]:
    """Bytes with a sound beginning and a rest of somebody's own, and an offer of them."""
    beginning = said(NEW).beginning
    false = beginning + bytes(len(NEW) - len(beginning))
    return false, said(false)


async def test_X3_who_lies_about_the_hashes_is_found_in_the_end_and_the_shelf_stays(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    false, offered = lies()
    bob, ann = device(net, tmp_path, "bob", has=OLD), device(net, tmp_path, "ann", has=NEW)
    liar = answering(encode(offered), data=false)
    async with stranger(net, "a-liar", liar) as host, trio.open_nursery() as nursery:
        await with_stranger(net, bob, host, nursery)
        await until(lambda: bob.stats.offences)
        assert bob.stats.offences == {"a-liar": 1}
        assert in_use(bob) == OLD
        assert bob.stats.model_draft is None
        await start(nursery, ann, NodeOptions(bootstrap=["/memory/bob"], sync_gap=0))
        await until(lambda: in_use(bob) == NEW, within=300)
        assert bob.stats.offences == {"a-liar": 1}, "nobody pays for another's lie"
        nursery.cancel_scope.cancel()
    assert not list((tmp_path / "bob" / "models").glob("draft-*"))


async def test_X3_a_lie_that_stalls_holds_the_honest_up_for_a_while_only(
    net: Network, tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It offers the newer version with false hashes, and never ends."""
    monkeypatch.setattr(model_getting, "PATIENCE_SECONDS", 90.0)
    false, offered = lies()
    bob, ann = device(net, tmp_path, "bob", pins=(KEY,)), device(net, tmp_path, "ann", has=NEW)

    async def stall(_peer: PeerName, channel: Channel) -> None:
        await channel.receive()
        await channel.send(encode(offered))
        await channel.receive()
        await channel.send(chunk(false, 0))
        await trio.sleep_forever()

    async with stranger(net, "a-liar", stall) as host, trio.open_nursery() as nursery:
        await with_stranger(net, bob, host, nursery, ann)
        took = await until(lambda: in_use(bob) == NEW, within=600)
        assert 90 < took < 300
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("what", "first"),
    [
        ("no frame", b"\1\2rubbish"),
        ("too large", b"\1\2\0\x80\0\1\0\3abc" + bytes(32 * 257)),
        ("a chunk for a greeting", encode(Chunk(0, b"x"))),
        ("an ask for an answer", encode(Ask())),
    ],
)
async def test_Y6_what_is_no_answer_is_an_offence(
    net: Network, tmp_path: Path, autojump_clock: MockClock, what: str, first: bytes
) -> None:
    bob = device(net, tmp_path, "bob", pins=(KEY,))
    async with stranger(net, "mallory", answering(first)) as host, trio.open_nursery() as nursery:
        await with_stranger(net, bob, host, nursery)
        await until(lambda: bob.stats.offences)
        assert bob.stats.offences == {"mallory": 1}
        await until(lambda: bob.stats.neighbours[0].score >= 0.99 * Offence.BROKEN_MODEL.weight)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "first",
    [
        encode(Nothing()),
        encode(model_wire.offer(b"W3RBNDL\x09" + bytes(500), 300)),  # of a later age
        encode(said(bundle(5, key=STRANGER, rows=10))),
        encode(model_wire.Offer(len(NEW) - 1, said(NEW).beginning, said(NEW).hashes)),
        b"\2\2 another version",
        b"",
    ],
)
async def test_what_is_not_for_us_is_nobody_s_fault(
    net: Network, tmp_path: Path, autojump_clock: MockClock, first: bytes
) -> None:
    bob = device(net, tmp_path, "bob", pins=(KEY,))
    wants: list[int] = []
    serving = answering(*([first] if first else []), log=wants)
    async with stranger(net, "eve", serving) as host, trio.open_nursery() as nursery:
        await with_stranger(net, bob, host, nursery)
        await trio.sleep(200)
        assert not bob.stats.offences
        assert not wants
        nursery.cancel_scope.cancel()


async def test_X3_a_bundle_whose_signature_is_bent_is_not_fetched(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    bent = NEW[:50] + bytes([NEW[50] ^ 1]) + NEW[51:]
    wants: list[int] = []
    bob = device(net, tmp_path, "bob", pins=(KEY,))
    serving = answering(encode(said(bent)), data=bent, log=wants)
    async with stranger(net, "eve", serving) as host, trio.open_nursery() as nursery:
        await with_stranger(net, bob, host, nursery)
        await trio.sleep(200)
        assert not wants
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "sent",
    [
        [b"\1\1", b"\1\1"],
        [b"\1\4\0\0\1"],
        [b"rubbish"],
        [b"\1\1", encode(Want(11, 8))],
        [b"\1\1", encode(Want(0, 2)), encode(Want(1, 1))],
        [b"\1\1", b"\1\3"],
    ],
)
async def test_Y6_an_opener_out_of_order_is_hung_up_on_and_the_device_serves_on(
    net: Network, tmp_path: Path, autojump_clock: MockClock, sent: list[bytes]
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    host = net.host("mallory")
    async with running(ann), host.running(ignore, say_nothing):
        await host.dial("/memory/ann")
        broken = False
        try:
            async with host.open(PeerName("ann"), timeout=5, purpose=Purpose.MODEL) as channel:
                for frame in sent:
                    await channel.send(frame)
                while await channel.receive() is not None:
                    pass
        except ConnectionError:
            broken = True
        foreign = sent[0] == b"rubbish"  # of another version: left alone
        assert broken is not foreign
        assert ann.stats.offences == ({} if foreign else {"mallory": 1})
        async with trio.open_nursery() as nursery:
            await start(nursery, bob, NodeOptions(bootstrap=["/memory/ann"], sync_gap=0))
            await until(lambda: in_use(bob) == NEW)
            nursery.cancel_scope.cancel()


async def test_Y5_a_peer_gets_one_exchange_at_a_time_and_then_pauses(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW)
    host = net.host("greedy")

    async def asked(n: int) -> list[str]:
        async with host.open(PeerName("ann"), timeout=5, purpose=Purpose.MODEL) as channel:
            await channel.send(encode(Ask()))
            if n:
                await channel.send(encode(Want(0, n)))
            got = []
            for _ in range(1 + n):
                data = await channel.receive()
                got += [] if data is None else frames([data])
            return got

    async with running(ann), host.running(ignore, say_nothing):
        await host.dial("/memory/ann")
        assert await asked(1) == ["Offer", "Chunk"]
        assert await asked(2) == ["Offer", "Chunk", "Chunk"], "there is more to fetch"
        assert await asked(0) == ["Offer"]
        assert await asked(0) == [], "it asked for nothing, so it pauses"
        await trio.sleep(61)
        assert await asked(0) == ["Offer"]


async def test_a_shelf_that_cannot_be_used_stops_no_records(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    (tmp_path / "ann" / "models" / "models.json").write_text("{")
    (tmp_path / "bob" / "models" / "models.json").write_text("[]")
    records = listens("ann", 50)
    ann.ledger.add(records)
    async with running(ann, bob):
        await until(lambda: bob.knows(records))
        await trio.sleep(120)
        assert bob.stats.models_fetched == 0


async def test_another_model_put_to_use_midway_breaks_off_and_the_newer_comes(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=OLD), device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob, bytes_per_minute=480_000.0):
        await until(lambda: bob.stats.model_bytes >= 2 * model_wire.CHUNK_BYTES)
        assert ann.shelf is not None
        assert isinstance(ann.shelf.shelf.install(NEW), Bundle)
        await until(lambda: in_use(bob) == NEW, within=3_600)
        assert not ann.stats.offences
        assert not bob.stats.offences


async def test_what_is_on_its_way_goes_when_the_user_installs_it_by_hand(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob, bytes_per_minute=480_000.0):
        await until(lambda: bob.stats.model_bytes >= 2 * model_wire.CHUNK_BYTES)
        assert bob.shelf is not None
        assert isinstance(bob.shelf.shelf.install(NEW), Bundle)
        await until(lambda: bob.stats.model_draft is None, within=3_600)
        assert drafts(tmp_path / "bob") == []
        assert not bob.stats.models_fetched


async def test_a_draft_of_whoever_is_pinned_no_more_does_not_outlive_a_restart(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob, bytes_per_minute=480_000.0):
        await until(lambda: bob.stats.model_bytes >= 2 * model_wire.CHUNK_BYTES)
    assert len(drafts(tmp_path / "bob")) == 1
    assert bob.shelf is not None
    bob.shelf.shelf.unpin(KEY.peer)
    async with running(ann, bob):
        await trio.sleep(5)
        assert drafts(tmp_path / "bob") == []
