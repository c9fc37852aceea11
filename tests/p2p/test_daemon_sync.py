"""Daemons that sync with each other, in virtual time: all of it, once, in good time."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
import trio
import trio.testing

from p2p import sync_wire, wire
from p2p.holdings import SALT_BYTES
from p2p.memory import MemoryTransport, Network
from p2p.options import NodeOptions
from p2p.sync import Session, Step, Terms
from p2p.transport import Channel, PeerName
from tests.p2p.ledgers import FakeLedger, forged, listens
from tests.p2p.peers import Peer, Spy, eventually, ignore, peer, say_nothing, start, together
from web3rec.records import Signed

SALT = bytes(SALT_BYTES)


async def test_Y1_a_late_joiner_catches_up(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    alice, late = peer(network, "alice"), peer(network, "late")
    alice.ledger.add(records := listens("alice", 250))
    async with together(alice) as nursery:
        await trio.sleep(100)
        await start(nursery, late, NodeOptions(bootstrap=["/memory/alice"]))
        assert await eventually(within=10, everyone=[late], know=records) < 5
    assert late.stats.messages_received == 0
    assert late.stats.syncs >= 1


@pytest.mark.slow
async def test_catching_up_takes_as_many_sessions_as_it_needs(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """More than one session holds, all in the first visit, though a second would have to wait."""
    network = Network(rng, delay=0)
    alice, late = peer(network, "alice"), peer(network, "late")
    await alice.ledger.ingest(records := listens("alice", sync_wire.MAX_TAKE + 100))
    async with together(alice, late, sync_gap=60):
        assert await eventually(within=20, everyone=[late], know=records) < 1
    assert late.stats.records_verified == late.stats.records_received == len(records)


async def test_who_holds_the_same_is_sent_nothing_again(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """All came by gossip or long ago, yet no record comes twice, and a look costs little."""
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    records = listens("alice", 300)
    for one in (alice, bob):
        await one.ledger.ingest(records)
    async with together(alice, bob):
        await trio.sleep(30)
        alice.ledger.add(listens("alice", 10, first=1000))
        await trio.sleep(100)
    assert bob.stats.records_received == 10
    assert alice.stats.records_received == 0
    assert min(alice.stats.syncs, bob.stats.syncs) >= 3
    assert bob.stats.bytes_synced < 250 * bob.stats.syncs


async def test_what_either_lacks_comes_in_one_session(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    hers, his = listens("alice", 40), listens("bob", 30)
    await alice.ledger.ingest(hers)
    await bob.ledger.ingest(his)
    async with together(alice, bob):
        await eventually(within=5, everyone=[alice, bob], know=[*hers, *his])
    assert alice.stats.records_received == 30
    assert bob.stats.records_received == 40


async def test_a_forgery_in_a_sync_ends_it_and_is_held_against_the_peer(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    bob, mallory = peer(network, "bob"), network.host("mallory")
    good, victim = listens("honest", 1)[0], listens("victim", 1)[0]
    theirs = FakeLedger("mallory")
    await theirs.ingest([good, victim])

    async def lie(_peer: PeerName, channel: Channel) -> None:
        session = Session(await theirs.holdings(), Terms(), SALT, opener=False)
        while not session.last:
            frame = await channel.receive()
            if frame is None or session.take(frame) is not Step.SPEAK:
                continue
            for out in session.turn():
                await channel.send(out)
        for envelope in (good.envelope, forged(victim)):
            await channel.send(sync_wire.encode(sync_wire.Records((envelope,))))
        await trio.sleep(1)

    async with mallory.running(ignore, lie), together(bob):
        await bob.transport.dial("/memory/mallory")
        await trio.sleep(1.5)
        assert bob.stats.offences == {"mallory": 1}
        assert bob.knows([good]), "what came before was good"
        assert not bob.knows([victim])


async def test_what_is_being_published_is_not_shown_before_it_was_heard(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """alice - bob - carol: had bob fetched them from alice, he would not pass them on to carol."""
    network = Network(rng, delay=0)
    alice, bob, carol = (peer(network, name) for name in ("alice", "bob", "carol"))
    await alice.ledger.ingest(old := listens("old", 5))
    authors = [listens(f"author {i}", 32) for i in range(10)]
    slow = NodeOptions(publish_gap=1, sync_gap=0)
    async with together(bob, carol) as nursery:
        await trio.sleep(20)
        await start(nursery, alice, slow)
        await bob.transport.dial("/memory/alice")
        await trio.sleep(1)
        alice.ledger.add(new := [one for author in authors for one in author])
        await trio.sleep(2.5)
        bob.wishes.catch_up = True
        await trio.sleep(1)
        assert bob.knows(old)
        assert 0 < sum(one.id in bob.ledger.held for one in new) < 200, "only what was published"
        await eventually(within=12, everyone=[bob, carol], know=[*old, *new])
    assert carol.stats.messages_received == alice.stats.messages_sent == 10


async def test_what_neighbours_would_not_take_as_gossip_goes_by_sync(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """A whole history at once: a burst is published, all else follows in a sync at once."""
    network = Network(rng, delay=0)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    records = [one for i in range(30) for one in listens(f"author {i}", 50)]
    async with together(alice, bob):
        await trio.sleep(20)
        alice.ledger.add(records)
        assert await eventually(within=20, everyone=[bob], know=records) < 5
    assert alice.stats.messages_sent <= NodeOptions().records_burst / 32
    assert bob.stats.messages_dropped == 0
    assert bob.stats.records_received == len(records), "nothing came twice"


async def told(asker: MemoryTransport, ledger: FakeLedger) -> int:
    """Open one session with bob and follow it to its end; frames of bob's that came."""
    frames = 0
    async with asker.open(PeerName("bob"), timeout=5) as channel:
        session = Session(await ledger.holdings(), Terms(), SALT, opener=True)
        await channel.send(session.hello())
        while not session.over:
            data = await channel.receive()
            if data is None:
                return frames
            frames += 1
            if session.take(data) is Step.SPEAK:
                for out in session.turn():
                    await channel.send(out)
                if session.last:
                    for out in session.farewell():
                        await channel.send(out)
    return frames


async def test_one_session_a_peer_and_a_pause_between_two(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    bob, greedy = peer(network, "bob"), network.host("greedy")
    bob.ledger.add(listens("bob", 250))
    answers: list[int] = []

    async def ask() -> None:
        answers.append(await told(greedy, FakeLedger("greedy")))

    async with trio.open_nursery() as nursery, greedy.running(ignore, say_nothing):
        await start(nursery, bob, NodeOptions(sync_gap=30))
        await greedy.dial("/memory/bob")
        await trio.sleep(1)
        async with trio.open_nursery() as both:
            both.start_soon(ask)
            both.start_soon(ask)
        assert min(answers) == 0
        assert max(answers) > 3
        answers.clear()
        await ask()
        await trio.sleep(31)
        await ask()
        assert answers[0] == 0
        assert answers[1] > 3
        nursery.cancel_scope.cancel()


async def test_Y5_a_peer_gets_no_more_bytes_a_minute_than_its_budget(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """Whoever asks again and again is served, and kept waiting."""
    network = Network(rng, delay=0)
    bob, greedy = peer(network, "bob"), network.host("greedy")
    bob.transport = spy = Spy(network.host("bob"))
    await bob.ledger.ingest(listens("bob", 200))
    budget = 100_000
    seen: list[tuple[float, int]] = []
    async with trio.open_nursery() as nursery, greedy.running(ignore, say_nothing):
        options = NodeOptions(sync_gap=0, bytes_per_minute=budget)
        await start(nursery, bob, options)
        await greedy.dial("/memory/bob")
        with trio.move_on_after(180):
            while True:
                with suppress(ConnectionError, trio.TooSlowError):
                    await told(greedy, FakeLedger("greedy"))
                await trio.sleep(1)
                seen.append((trio.current_time(), sum(map(len, spy.answered))))
        nursery.cancel_scope.cancel()
    assert seen[-1][1] > budget, "it was served more than once"
    for at, total in seen:
        before = max((b for then, b in seen if then <= at - 60), default=0)
        assert total - before <= budget + wire.MAX_BYTES


@pytest.mark.slow
async def test_a_full_inbox_drops_and_sync_repairs(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """The disk hangs for a minute: gossip in that time is lost, nothing else is."""

    class Slow(FakeLedger):
        async def ingest(self, signed: Sequence[Signed]) -> int:
            await trio.sleep_until(60)
            return await super().ingest(signed)

    network = Network(rng)
    alice, slow = peer(network, "alice"), Peer(Slow("slow"), network.host("slow"))
    options = NodeOptions(inbox=1, bootstrap=["/memory/alice"], sync_gap=0)
    async with together(alice) as nursery:
        await start(nursery, slow, options)
        await trio.sleep(10)
        alice.ledger.add(records := listens("alice", 300))
        await trio.sleep(30)
        assert slow.stats.messages_dropped > 0
        await eventually(within=200, everyone=[slow], know=records)


async def test_a_stream_that_never_ends_does_not_starve_repair(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """Something new is heard each second; what alice never gossips is fetched all the same."""
    network = Network(rng, delay=0)
    alice, bob, chatty = (peer(network, name) for name in ("alice", "bob", "chatty"))
    held, missing = listens("held", 200), listens("missing", 5)
    chatter = listens("chatty", 200)
    async with together(chatty, bob, alice, sync_interval=2):
        await trio.sleep(1)
        for one in (alice, bob):
            await one.ledger.ingest(held)
        await alice.ledger.ingest(missing)
        began = trio.current_time()
        for said in chatter:
            chatty.ledger.add([said])
            await trio.sleep(1)
            if bob.knows(missing):
                break
    assert 2 < trio.current_time() - began < 30, "neither at once nor never"


async def test_who_was_turned_away_does_not_ask_again_and_again(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """Bob takes nobody for a minute after a sync; Alice, who lacks nothing, waits as long."""
    network = Network(rng, delay=0)
    alice, bob = peer(network, "alice"), network.host("bob")
    opened: list[float] = []

    async def turn_away(_peer: PeerName, _channel: Channel) -> None:
        opened.append(trio.current_time())

    async with bob.running(ignore, turn_away), trio.open_nursery() as nursery:
        await start(nursery, alice, NodeOptions(bootstrap=["/memory/bob"], sync_gap=60))
        await trio.sleep(130)
        nursery.cancel_scope.cancel()
    assert len(opened) == 3
    assert opened[1] - opened[0] >= 60
