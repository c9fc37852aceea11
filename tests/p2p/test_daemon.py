"""Daemons on a simulated network, in virtual time: they converge, survive and keep quiet."""

from collections.abc import AsyncGenerator, Sequence

import numpy as np
import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from p2p import daemon, wire
from p2p.catchup import Asking
from p2p.memory import Network
from p2p.options import NodeOptions
from p2p.transport import PeerName
from tests.p2p.ledgers import FakeLedger, forged, listens
from tests.p2p.peers import Peer, Spy, eventually, ignore, peer, say_nothing, start, together
from web3rec.records import Signed


async def test_Y1_a_record_reaches_a_neighbour_by_gossip(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    async with together(alice, bob):
        await trio.sleep(40)  # past the first catch-ups: only gossip can be this quick
        alice.ledger.add(records := listens("alice", 100))
        assert await eventually(within=5, everyone=[bob], know=records) < 1
    assert alice.stats.messages_sent == bob.stats.messages_received >= 4
    assert bob.stats.records_verified == bob.stats.records_stored == 100


async def test_Y1_a_record_reaches_a_stranger_through_others(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    line = [peer(network, f"peer {i}") for i in range(5)]
    async with together(*line):
        await trio.sleep(40)
        line[0].ledger.add(records := listens("alice", 3))
        assert await eventually(within=5, everyone=line, know=records) < 1


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


@pytest.mark.slow
async def test_Y1_converges_though_a_third_of_gossip_is_lost(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng, loss=0.3)
    ring = [peer(network, f"peer {i}") for i in range(5)]
    everything = []
    async with together(*ring):
        for one in ring:
            one.ledger.add(records := listens(one.transport.name, 40))
            everything += records
        await eventually(within=600, everyone=ring, know=everything)


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


async def test_Y1_converges_after_a_partition_heals(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    async with together(alice, bob):
        await trio.sleep(5)
        network.partition(["alice"], ["bob"])
        alice.ledger.add(hers := listens("alice", 10))
        bob.ledger.add(his := listens("bob", 10))
        await trio.sleep(300)
        assert not bob.knows(hers)
        assert bob.stats.unreachable
        network.heal()
        await eventually(within=180, everyone=[alice, bob], know=[*hers, *his])
        await trio.sleep(1)
        assert not bob.stats.unreachable


async def test_replay_is_idempotent(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """The same records again, in other messages and by catch-up: each is ingested once."""
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    records = listens("alice", 20)
    envelopes = [one.envelope for one in records]
    async with together(alice, bob, catchup_interval=1):
        await trio.sleep(1)
        for size in (20, 7, 3, 1):
            for batch in wire.split(envelopes, size):
                await alice.transport.publish(wire.pack(batch))
                await trio.sleep(0.2)
        alice.ledger.add(records)
        await trio.sleep(10)
    assert sorted(bob.ledger.ingested) == sorted(one.id for one in records)
    assert bob.stats.records_stored == 20
    assert not bob.transport.offences


async def test_Y3_nothing_invalid_is_passed_on(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """mallory - bob - carol: what mallory mixes with a forgery never leaves bob."""
    network = Network(rng)
    bob, carol = peer(network, "bob"), peer(network, "carol")
    mallory = network.host("mallory")
    good, bad = listens("honest", 2), forged(listens("victim", 1)[0])
    async with together(bob, carol), mallory.running(ignore, say_nothing):
        await mallory.dial("/memory/bob")
        await trio.sleep(1)
        await mallory.publish(wire.pack([good[0].envelope, bad]))
        await mallory.publish(b"\x01noise")
        await trio.sleep(1)
        assert carol.stats.messages_received == 0
        assert not bob.knows(good[:1])
        await mallory.publish(wire.pack([good[1].envelope]))
        await eventually(within=5, everyone=[bob, carol], know=good[1:])
    assert bob.stats.wire_offences == {"mallory": 2}
    assert bob.stats.records_rejected == 1


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


async def test_D1_level_0_sends_no_record_but_hears_all(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """quiet sits between alice and bob: it keeps alice's records, bob never gets any."""
    network = Network(rng)
    alice, quiet, bob = (
        peer(network, "alice"),
        peer(network, "quiet", level=0),
        peer(network, "bob"),
    )
    quiet.transport = spy = Spy(network.host("quiet"))
    quiet.ledger.add(listens("quiet", 5))
    async with together(alice, quiet, bob):
        alice.ledger.add(records := listens("alice", 50))
        await eventually(within=10, everyone=[quiet], know=records)
        await trio.sleep(120)
    assert spy.published == []
    assert spy.answered, "it was asked"
    batches = [f for f in map(wire.decode_frame, spy.answered) if isinstance(f, wire.Batch)]
    assert all(batch.envelopes == () for batch in batches)
    assert not any(isinstance(frame, wire.Same) for frame in map(wire.decode_frame, spy.answered))
    requests = [wire.decode_request(asked) for asked in spy.asked]
    assert requests
    assert {(asked.held, asked.digest) for asked in requests if asked} == {(0, wire.NO_DIGEST)}
    assert bob.stats.records_received == 0
    assert not bob.ledger.held


async def test_D1_a_ledger_that_forgets_the_ladder_is_not_believed(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """The daemon asks for the level itself, even if release and since would give records."""

    class Leaky(FakeLedger):
        async def release(self) -> tuple[bytes, ...]:
            raise AssertionError("nobody may ask at level 0")

        async def since(self, cursor: int, limit: int) -> object:  # type: ignore[override]
            raise AssertionError("nobody may ask at level 0")

    network = Network(rng)
    leaky, bob = Peer(Leaky("leaky", level=0), network.host("leaky")), peer(network, "bob")
    async with together(leaky, bob):
        leaky.ledger.add(listens("leaky", 5))
        await trio.sleep(30)
    assert bob.stats.catchups >= 1


@pytest.mark.slow
async def test_D2_every_outgoing_byte_is_a_record_that_may_leave(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    alice.transport = spy = Spy(network.host("alice"))
    alice.ledger.add(mine := listens("alice", 130))
    bob.ledger.add(his := listens("bob", 40))
    async with together(alice, bob):
        await trio.sleep(20)
        alice.ledger.add(later := listens("alice", 60, first=1000))
        await trio.sleep(70)
    allowed = {one.envelope for one in (*mine, *his, *later)}
    sent: set[bytes] = set()
    for message in spy.published:
        batch = wire.unpack(message)
        assert batch is not None
        sent.update(batch)
    for data in spy.answered:
        frame = wire.decode_frame(data)
        assert frame is not None
        sent.update(frame.envelopes if isinstance(frame, wire.Batch) else ())
    assert sent <= allowed
    assert {one.envelope for one in (*mine, *later)} <= sent
    for request in spy.asked:
        asked = wire.decode_request(request)
        assert asked is not None
        assert asked.limit == wire.MAX_SESSION, "whole windows only, never items"


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


async def test_a_neighbour_that_floods_is_throttled_not_believed_bad(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng, delay=0)
    bob, flood = peer(network, "bob"), network.host("flood")
    options = NodeOptions(records_per_second=10, records_burst=100)
    records = listens("flood", 400)
    async with trio.open_nursery() as nursery:
        await start(nursery, bob, options)
        async with flood.running(ignore, say_nothing):
            await flood.dial("/memory/bob")
            for batch in wire.split(one.envelope for one in records):
                await flood.publish(wire.pack(batch))
            await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert 60 < bob.stats.records_stored <= 110
    assert bob.stats.messages_dropped > 0
    assert not bob.transport.offences


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


async def test_a_wish_to_dial_and_to_catch_up_is_heard(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng, loss=1.0)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    async with together(alice) as nursery:
        await start(nursery, bob)
        await trio.sleep(10)
        assert not bob.stats.peers
        bob.wishes.addresses.append("/memory/alice")
        await trio.sleep(150)
        assert bob.stats.peers == ("alice",)
        alice.ledger.add(records := listens("alice", 10))
        await trio.sleep(1)
        bob.wishes.catch_up = True
        assert await eventually(within=70, everyone=[bob], know=records) < 2


async def test_a_fault_of_the_ledger_surfaces(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    class Broken(FakeLedger):
        async def release(self) -> tuple[bytes, ...]:
            raise RuntimeError("the disk is gone")

    broken = Peer(Broken("broken"), Network(rng).host("broken"))
    with pytest.RaisesGroup(RuntimeError, flatten_subgroups=True, allow_unwrapped=True):
        await daemon.run(broken.ledger, broken.transport, NodeOptions(), broken.stats)
    assert broken.stats.addresses == ()


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=300)), max_size=20),
    st.booleans(),
)
def test_Y6_alive_after_any_bytes(strange: list[tuple[bool, bytes]], plausible: bool) -> None:
    """Random messages and requests; then it still hears a record and answers a question."""

    async def main() -> None:
        network = Network(np.random.default_rng(0))
        bob, stranger = peer(network, "bob"), network.host("stranger")
        async with together(bob), stranger.running(ignore, say_nothing):
            await stranger.dial("/memory/bob")
            for is_request, data in strange:
                if is_request:
                    async with stranger.ask(PeerName("bob"), data, timeout=5) as frames:
                        assert [
                            frame async for frame in frames if not wire.decode_frame(frame)
                        ] == []
                else:
                    head = bytes([1, 1 + len(data) % 3]) if plausible else b""
                    await stranger.publish(head + data)
            await stranger.publish(wire.pack([(one := listens("stranger", 1)[0]).envelope]))
            await eventually(within=10, everyone=[bob], know=[one])
            async with stranger.ask(PeerName("bob"), Asking(b"", 0).request, timeout=5) as frames:
                first, second = [wire.decode_frame(frame) async for frame in frames]
            assert isinstance(first, wire.Header)
            assert second == wire.Batch((one.envelope,), 1, more=False)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
