"""Syncs as the daemon holds them: who gets a session, what is shown in it, what it may cost."""

from contextlib import AsyncExitStack, suppress

import numpy as np
import pytest
import trio
import trio.testing

from p2p.contacts import Contacts
from p2p.holdings import SALT_BYTES
from p2p.memory import MemoryTransport, Network
from p2p.options import NodeOptions
from p2p.quiet import Quiet
from p2p.speaking import Speaking
from p2p.stats import Stats
from p2p.sync import Session, Step, Terms
from p2p.syncing import _Shown as Shown
from p2p.transport import Channel, PeerName
from tests.p2p.ledgers import FakeLedger, listens
from tests.p2p.peers import Spy, eventually, ignore, peer, say_nothing, start, together

SALT = bytes(SALT_BYTES)
BOB = PeerName("bob")


@pytest.fixture
def network(rng: np.random.Generator) -> Network:
    return Network(rng, delay=0.01)


async def fetched(asker: MemoryTransport, ledger: FakeLedger) -> int:
    """One session with bob, to its end; frames of bob's that came."""
    frames = 0
    async with asker.open(BOB, timeout=5) as channel:
        session = Session(await ledger.holdings(), Terms(), SALT, opener=True)
        await channel.send(session.hello())
        while not session.over:
            data = await channel.receive()
            if data is None:
                return frames
            frames += 1
            if session.take(data) is Step.SPEAK:
                for out in (*session.turn(), *(session.farewell() if session.last else ())):
                    await channel.send(out)
    return frames


async def sit(stranger: MemoryTransport) -> None:
    """Dial bob, begin a session and say as little as keeps it going, again and again."""
    while True:
        try:
            await stranger.dial("/memory/bob")
            async with stranger.open(BOB, timeout=60) as channel:
                holdings = await FakeLedger("nobody").holdings()
                await channel.send(Session(holdings, Terms(), SALT, opener=True).hello())
                await trio.sleep(9.5)
        except (ConnectionError, trio.TooSlowError):
            await trio.sleep(0.1)


@pytest.mark.slow
async def test_strangers_on_all_seats_do_not_keep_out_whom_we_chose(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    """Twenty who came by themselves sit on every seat there is; Alice is who Bob dialled."""
    bob, alice = peer(network, "bob"), network.host("alice")
    bob.ledger.add(listens("bob", 250))
    strangers = [network.host(f"stranger {i}") for i in range(20)]
    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        for one in (alice, *strangers):
            await stack.enter_async_context(one.running(ignore, say_nothing))
        await start(nursery, bob, NodeOptions(bootstrap=["/memory/alice"], sync_gap=0))
        for one in strangers:
            nursery.start_soon(sit, one)
        await trio.sleep(30)
        answers = []
        for _ in range(10):
            answers.append(await fetched(alice, FakeLedger("alice")))
            await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert min(answers) > 3


@pytest.mark.slow
async def test_strangers_who_answer_slowly_do_not_hold_up_visits_to_whom_we_chose(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    """Each visit to a stranger lasts as long as it may; Alice has news, gossip never brings it."""
    bob, alice = peer(network, "bob"), peer(network, "alice")
    strangers = [network.host(f"stranger {i}") for i in range(20)]

    async def dawdle(_peer: PeerName, channel: Channel) -> None:
        while True:
            await trio.sleep(9)
            await channel.send(bytes(1))  # of another version: no offence, no end

    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        for one in strangers:
            await stack.enter_async_context(one.running(ignore, dawdle))
        await start(nursery, alice, NodeOptions(sync_interval=10_000))
        await start(nursery, bob, NodeOptions(sync_interval=30, sync_gap=0))
        for one in strangers:
            await one.dial("/memory/bob")
        await trio.sleep(5)
        await bob.transport.dial("/memory/alice")
        await trio.sleep(100)
        await alice.ledger.ingest(news := listens("news", 5))
        assert await eventually(within=200, everyone=[bob], know=news) < 130
        nursery.cancel_scope.cancel()


async def test_of_two_syncs_that_begin_at_once_one_goes_on(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """Their first frames cross, and one session carries what either lacks."""
    network = Network(rng, delay=0.6)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    spies = [Spy(network.host(name)) for name in ("alice", "bob")]
    alice.transport, bob.transport = spies
    async with together(alice, bob):
        await trio.sleep(20)
        everything = []
        for one in (alice, bob):
            await one.ledger.ingest(held := listens(one.transport.name, 30))
            everything += held
            one.wishes.catch_up = True
        for spy in spies:
            spy.asked.clear()
        await eventually(within=10, everyone=[alice, bob], know=everything)
        assert alice.stats.records_received == bob.stats.records_received == 30
        assert [len(spy.asked) > 1 for spy in spies] == [True, False], "by name, not by chance"
        assert len(spies[1].asked) == 1, "Bob began, too"


async def test_what_is_under_way_is_hidden_and_nothing_else(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    ledger, stats = FakeLedger("me"), Stats()
    options, transport = NodeOptions(), network.host("me")
    speaking = Speaking(ledger, transport, options, stats, Quiet(), lambda: None)
    shown = Shown(ledger, speaking)
    await ledger.ingest(records := listens("somebody", 8))
    all_of_it = await ledger.holdings()
    speaking.under_way = frozenset(one.id[:16] for one in records[2:5])
    held = await shown.holdings()
    there = {one.id[:16] for one in (*records[:2], *records[5:])}
    assert {held.id(i) for i in range(len(held))} == there
    assert len(held.days) == 5
    speaking.under_way = frozenset()
    assert (await shown.holdings()).ids == all_of_it.ids


async def test_no_holdings_are_read_between_releasing_and_hiding(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    ledger = FakeLedger("me")
    speaking = Speaking(ledger, network.host("me"), NodeOptions(), Stats(), Quiet(), lambda: None)
    shown, seen = Shown(ledger, speaking), list[int]()

    async def look() -> None:
        seen.append(len(await shown.holdings()))

    async with trio.open_nursery() as nursery, speaking.gate:
        nursery.start_soon(look)
        await trio.sleep(1)
        ledger.add(records := listens("me", 3))
        await ledger.release()
        speaking.under_way = frozenset(one.id[:16] for one in records)
        assert not seen
    assert seen == [0]


@pytest.mark.slow
async def test_R8_who_comes_syncs_and_goes_at_once_leaves_nothing_behind(
    autojump_clock: trio.testing.MockClock, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are free: two hundred strangers, each gone before anybody looks who is there."""
    made: list[Contacts] = []
    init = Contacts.__init__

    def noted(self: Contacts, *args: object) -> None:
        made.append(self)
        init(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Contacts, "__init__", noted)
    bob = peer(network, "bob")
    async with trio.open_nursery() as nursery:
        await start(nursery, bob)
        for i in range(200):
            stranger = network.host(f"stranger {i}")
            async with stranger.running(ignore, say_nothing):
                await stranger.dial("/memory/bob")
                await fetched(stranger, FakeLedger("nobody"))
        assert bob.stats.syncs > 100
        await trio.sleep(1)
        assert not made[0].synced
        assert not bob.stats.offences
        nursery.cancel_scope.cancel()


@pytest.mark.slow
async def test_strangers_who_ask_for_everything_do_not_use_up_what_is_for_whom_we_chose(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    """Y5 bounds what all get; a crowd of names shall not have all of that."""
    bob, alice = peer(network, "bob"), network.host("alice")
    await bob.ledger.ingest(listens("bob", 200))
    strangers = [network.host(f"stranger {i}") for i in range(24)]

    async def grab(one: MemoryTransport) -> None:
        await one.dial("/memory/bob")
        while True:
            with suppress(ConnectionError, trio.TooSlowError):
                await fetched(one, FakeLedger("nobody"))
            await trio.sleep(0.2)

    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        for one in (alice, *strangers):
            await stack.enter_async_context(one.running(ignore, say_nothing))
        options = NodeOptions(bootstrap=["/memory/alice"], sync_gap=0, bytes_per_minute=130_000)
        await start(nursery, bob, options)
        for one in strangers:
            nursery.start_soon(grab, one)
        await trio.sleep(30)
        assert await fetched(alice, FakeLedger("alice")) > 3
        nursery.cancel_scope.cancel()
