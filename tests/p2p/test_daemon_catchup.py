"""Daemons that catch up with each other, in virtual time: all of it, once, in good time."""

from collections.abc import AsyncGenerator, Sequence

import numpy as np
import pytest
import trio
import trio.testing

from p2p import wire
from p2p.catchup import Asking
from p2p.memory import Network
from p2p.options import NodeOptions
from p2p.transport import PeerName
from tests.p2p.ledgers import FakeLedger, forged, listens
from tests.p2p.peers import Peer, Spy, eventually, ignore, peer, say_nothing, start, together
from web3rec.records import Signed


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
    assert late.stats.catchups >= 1


@pytest.mark.slow
async def test_catching_up_takes_as_many_sessions_as_it_needs(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """More than one session holds; nearly all of it known already, which costs next to nothing.

    All in the first visit: the second would come a second later.
    """
    network = Network(rng, delay=0)
    alice, late = peer(network, "alice"), peer(network, "late")
    alice.ledger.add(records := listens("alice", wire.MAX_SESSION + 100))
    late.ledger.held |= {one.id: one for one in records[:-5]}
    async with together(alice, late):
        assert await eventually(within=20, everyone=[late], know=records) < 1
    assert late.stats.records_verified == 5
    assert late.stats.records_received >= wire.MAX_SESSION + 100


async def test_who_holds_the_same_is_told_so_and_nothing_is_sent_again(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """All came by gossip or long ago: neither cursor knows it, yet no record comes twice."""
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    records = listens("alice", 300)
    for one in (alice, bob):
        await one.ledger.ingest(records)
    bob.transport = spy = Spy(network.host("bob"))
    async with together(alice, bob):
        await trio.sleep(30)
        alice.ledger.add(listens("alice", 10, first=1000))
        await trio.sleep(100)
    assert bob.stats.records_received == 10
    assert alice.stats.records_received == 0
    assert min(alice.stats.catchups, bob.stats.catchups) >= 3
    answers = list(map(wire.decode_frame, spy.answered))
    assert answers
    assert all(isinstance(frame, wire.Same) for frame in answers)
    assert await alice.ledger.cursor(PeerName("bob")) == (bob.ledger.id, 310)


async def test_a_forgery_in_a_catch_up_ends_it_and_is_held_against_the_peer(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    bob, mallory = peer(network, "bob"), network.host("mallory")
    good = listens("honest", 1)[0]
    frames = [
        wire.encode_frame(wire.Header(b"m" * 16, restarted=True)),
        wire.encode_frame(wire.Batch((good.envelope,), 1, more=True)),
        wire.encode_frame(wire.Batch((forged(listens("victim", 1)[0]),), 3, more=False)),
    ]

    async def answer(_peer: PeerName, _request: bytes) -> AsyncGenerator[bytes]:
        for frame in frames:
            yield frame

    async with mallory.running(ignore, answer), together(bob):
        await bob.transport.dial("/memory/mallory")
        await trio.sleep(0.9)
        assert bob.stats.offences == {"mallory": 1}
        assert bob.knows([good]), "what came before was good"
        assert await bob.ledger.cursor(PeerName("mallory")) == (b"m" * 16, 1)


async def test_what_is_being_published_is_not_served_before_it_was_heard(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """alice - bob - carol: had bob fetched them from alice, he would not pass them on to carol."""
    network = Network(rng, delay=0)
    alice, bob, carol = (peer(network, name) for name in ("alice", "bob", "carol"))
    await alice.ledger.ingest(old := listens("old", 5))
    slow = NodeOptions(publish_gap=1)
    async with together(bob, carol) as nursery:
        await trio.sleep(20)
        await start(nursery, alice, slow)
        await bob.transport.dial("/memory/alice")
        await trio.sleep(1)
        alice.ledger.add(new := listens("alice", 320))
        await trio.sleep(2.5)
        bob.wishes.catch_up = True
        await trio.sleep(1)
        assert bob.knows(old)
        assert 0 < sum(one.id in bob.ledger.held for one in new) < 200, "only what was published"
        await eventually(within=12, everyone=[bob, carol], know=[*old, *new])
    assert carol.stats.messages_received == alice.stats.messages_sent == 10


async def test_who_publishes_is_busy_and_takes_nothing_twice_meanwhile(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """A newcomer with much to say meets three who hold the same: it fetches that from one."""
    network = Network(rng, delay=0)
    others, late = [peer(network, f"peer {i}") for i in range(3)], peer(network, "late")
    records = listens("old", 600)
    for one in others:
        await one.ledger.ingest(records)
    options = NodeOptions(bootstrap=[f"/memory/peer {i}" for i in range(3)], publish_gap=0.5)
    async with together(*others) as nursery:
        await trio.sleep(1)
        late.ledger.add(mine := listens("late", 320))
        await start(nursery, late, options)
        await trio.sleep(0.1)
        late.ledger.add(listens("late", 1, first=1000))
        await eventually(within=60, everyone=[*others, late], know=[*records, *mine])
        await trio.sleep(60)
    assert late.stats.records_received < 600 + 3 * wire.MAX_BATCH


async def test_one_session_a_peer_at_a_time_and_no_more_than_its_share(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """Two questions at once: one answer. 250 records and a share of 200: two batches of 96."""
    network = Network(rng)
    bob, greedy = peer(network, "bob"), network.host("greedy")
    bob.ledger.add(listens("bob", 250))
    answers: list[list[bytes]] = []

    async def ask() -> None:
        async with greedy.ask(PeerName("bob"), Asking(b"", 0).request, timeout=5) as frames:
            answers.append([frame async for frame in frames])

    async with trio.open_nursery() as nursery, greedy.running(ignore, say_nothing):
        await start(nursery, bob, NodeOptions(records_burst=200, records_per_second=1))
        await greedy.dial("/memory/bob")
        await trio.sleep(1)
        async with trio.open_nursery() as both:
            both.start_soon(ask)
            both.start_soon(ask)
        assert sorted(map(len, answers)) == [0, 1 + 2]
        answers.clear()
        await ask()
        assert list(map(len, answers)) == [1], "a header, and nothing for now"
        nursery.cancel_scope.cancel()


@pytest.mark.slow
async def test_a_full_inbox_drops_and_catch_up_repairs(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """The disk hangs for a minute: gossip in that time is lost, nothing else is."""

    class Slow(FakeLedger):
        async def ingest(self, signed: Sequence[Signed]) -> int:
            await trio.sleep_until(60)
            return await super().ingest(signed)

    network = Network(rng)
    alice, slow = peer(network, "alice"), Peer(Slow("slow"), network.host("slow"))
    options = NodeOptions(inbox=1, bootstrap=["/memory/alice"])
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
    """Something new is heard each second; what alice never gossips is fetched all the same.

    It stands behind more than one batch of what is held already: the visit must be thorough.
    """
    network = Network(rng, delay=0)
    alice, bob, chatty = (peer(network, name) for name in ("alice", "bob", "chatty"))
    held, missing = listens("held", 200), listens("missing", 5)
    chatter = listens("chatty", 200)
    async with together(chatty, bob, alice, catchup_interval=2):
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
