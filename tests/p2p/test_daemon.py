"""Daemons on a simulated network, in virtual time: they converge, survive and keep quiet."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from p2p import daemon, sync_wire, wire
from p2p.acquaintances import Acquaintances
from p2p.addresses import Address, Reach, Whereabouts
from p2p.memory import Network
from p2p.options import NodeOptions
from p2p.transport import PeerName
from tests.p2p.ledgers import NOW, FakeLedger, forged, listens
from tests.p2p.peers import Peer, Spy, eventually, ignore, peer, say_nothing, start, together


async def test_Y1_a_record_reaches_a_neighbour_by_gossip(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    async with together(alice, bob):
        await trio.sleep(40)  # past the first syncs: only gossip can be this quick
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
    """The same records again, in other messages and by sync: each is ingested once."""
    network = Network(rng)
    alice, bob = peer(network, "alice"), peer(network, "bob")
    records = listens("alice", 20)
    envelopes = [one.envelope for one in records]
    async with together(alice, bob, sync_interval=1):
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
    frames = [sync_wire.decode(frame) for frame in (*spy.answered, *spy.asked)]
    assert None not in frames
    assert not any(isinstance(frame, sync_wire.Records | sync_wire.Peers) for frame in frames)
    assert {f.serves for f in frames if isinstance(f, sync_wire.Hello)} == {False}
    assert bob.stats.records_received == 0
    assert not bob.ledger.held


async def test_D1_a_ledger_that_forgets_the_ladder_is_not_believed(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """The daemon asks for the level itself, even if release and envelopes would give records."""

    class Leaky(FakeLedger):
        async def release(self) -> tuple[bytes, ...]:
            raise AssertionError("nobody may ask at level 0")

        async def envelopes(self, ids: Sequence[bytes]) -> tuple[bytes, ...]:
            raise AssertionError("nobody may ask at level 0")

    network = Network(rng)
    leaky, bob = Peer(Leaky("leaky", level=0), network.host("leaky")), peer(network, "bob")
    async with together(leaky, bob):
        leaky.ledger.add(listens("leaky", 5))
        await trio.sleep(30)
    assert bob.stats.syncs >= 1


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
    for data in (*spy.answered, *spy.asked):
        frame = sync_wire.decode(data)
        assert frame is not None
        assert not isinstance(frame, sync_wire.Peers), "no address anybody could dial"
        sent.update(frame.envelopes if isinstance(frame, sync_wire.Records) else ())
    assert sent <= allowed
    assert {one.envelope for one in (*mine, *later)} <= sent


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


async def test_a_wish_to_dial_and_to_sync_is_heard(
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
        await daemon.run(broken.ledger, broken.transport, NodeOptions(), broken.stats, rng=rng)
    assert broken.stats.addresses == ()


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=300)), max_size=20),
    st.booleans(),
)
def test_Y6_alive_after_any_bytes(strange: list[tuple[bool, bytes]], plausible: bool) -> None:
    """Random messages and channels; then it still hears a record and takes part in a sync."""

    async def main() -> None:
        network = Network(np.random.default_rng(0))
        bob, stranger = peer(network, "bob"), network.host("stranger")
        async with together(bob), stranger.running(ignore, say_nothing):
            await stranger.dial("/memory/bob")
            for is_frame, data in strange:
                if is_frame:
                    with suppress(OSError):
                        async with stranger.open(PeerName("bob"), timeout=5) as channel:
                            await channel.send(data)
                            while await channel.receive():
                                pass
                else:
                    head = bytes([1, 1 + len(data) % 3]) if plausible else b""
                    await stranger.publish(head + data)
            bob.wishes.bans.append(("stranger", 0))  # it may have been banned for it: pardoned
            await trio.sleep(1)
            await stranger.dial("/memory/bob")
            await stranger.publish(wire.pack([(one := listens("stranger", 1)[0]).envelope]))
            await eventually(within=10, everyone=[bob], know=[one])
            friend = peer(network, "friend")
            async with trio.open_nursery() as nursery:
                await start(nursery, friend, NodeOptions(bootstrap=["/memory/bob"], sync_gap=0))
                await eventually(within=30, everyone=[friend], know=[one])
                nursery.cancel_scope.cancel()

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


async def test_a_peer_that_sends_forgeries_is_hung_up_on_and_stays_out(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    network = Network(rng, delay=0)
    bob, mallory = peer(network, "bob"), network.host("mallory")
    async with together(bob), mallory.running(ignore, say_nothing):
        await mallory.dial("/memory/bob")
        for number in range(6):
            await mallory.publish(wire.pack([forged(listens(f"victim {number}", 1)[0])]))
            await trio.sleep(0.1)
        await trio.sleep(1)
        assert not bob.stats.peers
        with pytest.raises(ConnectionError):
            await mallory.dial("/memory/bob")
        assert bob.stats.refused == 1
        (held,) = bob.stats.neighbours
        assert (held.peer, held.connected) == ("mallory", False)
        assert held.banned_until > NOW / 1000
        bob.wishes.bans.append(("mallory", 0))
        await trio.sleep(1)
        await mallory.dial("/memory/bob")
        await trio.sleep(1)
        assert bob.stats.peers == ("mallory",)
        assert not bob.ledger.held


async def test_Y4_we_dial_a_few_peers_of_our_own_choice_and_no_more(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    """The book comes from a neighbour's telling; the quota is kept though it knows more."""
    network = Network(rng, delay=0)
    me = peer(network, "me")
    others = [peer(network, f"peer {i}") for i in range(9)]
    told = [f"/memory/peer {i}" for i in range(1, 9)]
    options = NodeOptions(bootstrap=["/memory/peer 0"], outbound=3)
    peers = Acquaintances(
        me.ledger.judge, me.transport.name, options, read=_memory_address, where=_nowhere
    )
    peers.book.heard(told, PeerName("peer 0"), "", 0)
    async with together(*others) as nursery:
        for i, one in enumerate(others[1:], 1):
            network.disconnect(one.transport.name, f"peer {i - 1}")
        await start(nursery, me, options, peers)
        await trio.sleep(30)
        outbound = [one.peer for one in me.stats.neighbours if one.outbound]
        assert "peer 0" in outbound
        assert len(outbound) == 1 + 3


def _nowhere(_text: str) -> Whereabouts:
    return Whereabouts("", Reach.LOOPBACK)


def _memory_address(text: str) -> Address | None:
    name = text.removeprefix("/memory/")
    return Address(text, PeerName(name), _nowhere(text), 4001) if name != text else None
