"""Whom to dial, and when: on a transport that only plays along, in virtual time."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import trio
import trio.testing

from p2p.acquaintances import Acquaintances
from p2p.addresses import Reach, Whereabouts, whereabouts
from p2p.contacts import LOOK_SECONDS, Contacts
from p2p.memory import MemoryTransport, Network
from p2p.options import NodeOptions
from p2p.stats import Stats, Wishes
from p2p.transport import PeerName, Transport
from p2p.visits import Turn, Visits
from tests.p2p.ledgers import NOW, FakeLedger
from tests.p2p.peers import Spy, ignore, say_nothing
from tests.p2p.places import origin, public
from web3rec.types import Verdict


class Dialler(Spy):
    """Notes when it was asked to dial what."""

    def __init__(self, inner: MemoryTransport) -> None:
        super().__init__(inner)
        self.dials: list[float] = []

    async def dial(self, address: str) -> PeerName:
        self.dials.append(trio.current_time())
        return await super().dial(address)


def known(transport: Transport, where: Callable[[str], Whereabouts] = whereabouts) -> Acquaintances:
    judge = FakeLedger("me").judge
    return Acquaintances(judge, transport.name, NodeOptions(), where=where)


def contacts(
    transport: Transport,
    visits: Visits,
    stats: Stats,
    wishes: Wishes | None = None,
    peers: Acquaintances | None = None,
) -> Contacts:
    rng = np.random.default_rng(1)
    peers, wishes = peers or known(transport), wishes or Wishes()
    return Contacts(transport, peers, visits, stats, wishes, lambda: NOW, rng)


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.fixture
def network(rng: np.random.Generator) -> Network:
    return Network(rng, delay=0)


async def test_who_does_not_answer_is_dialled_ever_more_rarely(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, stats = Dialler(network.host("alice")), Stats()
    async with alice.running(ignore, say_nothing):
        with trio.move_on_after(200):
            await contacts(alice, Visits(60), stats).stay_connected("/memory/nobody")
    assert gaps(alice.dials) == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60])
    assert "nobody" in stats.unreachable["/memory/nobody"]


async def test_a_lost_connection_is_dialled_again_soon(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, bob, stats = Dialler(network.host("alice")), network.host("bob"), Stats()
    async with (
        alice.running(ignore, say_nothing),
        bob.running(ignore, say_nothing),
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(contacts(alice, Visits(60), stats).stay_connected, "/memory/bob")
        for _ in range(3):
            await trio.sleep(100)
            assert alice.peers() == ("bob",)
            network.disconnect("alice", "bob")
        nursery.cancel_scope.cancel()
    assert len(alice.dials) == 3
    assert not stats.unreachable


async def test_what_is_no_address_is_tried_once(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, stats = Dialler(network.host("alice")), Stats()
    async with alice.running(ignore, say_nothing):
        await contacts(alice, Visits(60), stats).stay_connected("nonsense")
    assert len(alice.dials) == 1
    assert "not an address" in stats.unreachable["nonsense"]


async def test_who_comes_and_goes_is_told_and_a_wish_is_passed_on_once(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, bob = network.host("alice"), network.host("bob")
    visits, stats, wishes = Visits(1000), Stats(), Wishes()

    def due() -> Turn | None:
        turn = visits.next(trio.current_time(), quiet=True)
        if turn is not None:
            visits.ended(turn.peer, trio.current_time(), brought=False)
        return turn

    async with (
        alice.running(ignore, say_nothing),
        bob.running(ignore, say_nothing),
        trio.open_nursery() as nursery,
    ):
        made = contacts(alice, visits, stats, wishes)
        nursery.start_soon(made.keep_in_touch, ["/memory/bob"])
        await trio.sleep(1)
        assert stats.peers == ("bob",)
        assert due() == Turn(PeerName("bob"), thorough=False)
        assert due() is None
        wishes.catch_up = True
        await trio.sleep(0.6)
        assert due() == Turn(PeerName("bob"), thorough=True)
        await trio.sleep(0.6)
        assert due() is None
        network.disconnect("alice", "bob")
        await trio.sleep(0.6)
        assert len(stats.peers) == 0
        await trio.sleep(2)
        assert due() == Turn(PeerName("bob"), thorough=False)  # dialled again, and due
        nursery.cancel_scope.cancel()


def refuse(_peer: PeerName, _data: bytes) -> Verdict:
    return Verdict.REJECT


async def misbehave(stranger: MemoryTransport, times: int, *, first: int = 0) -> None:
    """Dial Alice, be seen, send what is refused, be gone before anybody looks again."""
    async with stranger.running(ignore, say_nothing):
        await stranger.dial("/memory/alice")
        await trio.sleep(LOOK_SECONDS + 0.1)
        for i in range(first, first + times):
            await stranger.publish(b"refused %d" % i)
        await trio.sleep(0.05)


async def test_what_the_transport_holds_against_a_peer_leads_to_a_ban(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, mallory, stats = network.host("alice"), network.host("mallory"), Stats()
    made = contacts(alice, Visits(60), stats)
    async with alice.running(refuse, say_nothing, made.admit), trio.open_nursery() as nursery:
        nursery.start_soon(made.keep_in_touch, [])
        await misbehave(mallory, 19)
        await trio.sleep(1)
        assert not stats.neighbours[0].banned_until
        await misbehave(mallory, 2, first=19)
        await trio.sleep(1)
        assert stats.neighbours[0].peer == "mallory"
        assert stats.neighbours[0].banned_until > NOW / 1000
        assert stats.wire_offences == {"mallory": 21}
        async with mallory.running(ignore, say_nothing):
            with pytest.raises(ConnectionError, match="refused"):
                await mallory.dial("/memory/alice")
        assert stats.refused == 1
        nursery.cancel_scope.cancel()


async def test_a_restart_of_the_stack_does_not_charge_twice(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    """The transport counts on; what was charged before the restart is remembered with the peer."""
    alice, mallory = network.host("alice"), network.host("mallory")
    peers = known(alice)
    score = [0.0]
    for run in range(4):
        made = contacts(alice, Visits(60), Stats(), peers=peers)
        async with alice.running(refuse, say_nothing, made.admit), trio.open_nursery() as nursery:
            nursery.start_soon(made.keep_in_touch, [])
            await misbehave(mallory, 6, first=6 * run)
            await trio.sleep(1)
            score.append(peers.reputation.score(mallory.name, trio.current_time()))
            nursery.cancel_scope.cancel()
    assert alice.offences == {"mallory": 24}
    assert score == pytest.approx([0, 30, 60, 90, 0], rel=0.01), "the fourth time it is banned"
    assert peers.shuns(mallory.name, trio.current_time())


async def test_who_offends_and_runs_is_held_against_the_place_it_came_from(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    """Nine names of one place, each gone before the next look, close it to newcomers."""
    alice, stats = network.host("alice"), Stats()

    def where(_address: str) -> Whereabouts:
        return Whereabouts("203.0.113.0/24", Reach.PUBLIC)

    made = contacts(alice, Visits(60), stats, peers=known(alice, where))
    async with alice.running(refuse, say_nothing, made.admit), trio.open_nursery() as nursery:
        nursery.start_soon(made.keep_in_touch, [])
        for name in range(9):
            await misbehave(network.host(f"mallory {name}"), 21, first=21 * name)
            await trio.sleep(1)
        tenth = network.host("mallory 9")
        async with tenth.running(ignore, say_nothing):
            with pytest.raises(ConnectionError, match="refused"):
                await tenth.dial("/memory/alice")
        nursery.cancel_scope.cancel()


async def test_the_book_shown_is_the_book_there_is(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    """Also when one address came and another went, so that there are as many as before."""
    alice, stats = network.host("alice"), Stats()
    peers = known(alice)
    made = contacts(alice, Visits(60), stats, peers=peers)
    here = origin(1)
    async with alice.running(ignore, say_nothing), trio.open_nursery() as nursery:
        nursery.start_soon(made.keep_in_touch, [])
        peers.book.heard([public(1)], PeerName("one"), here, trio.current_time())
        await trio.sleep(5)
        assert [known.address for known in stats.book] == [public(1)]
        peers.book.disown(PeerName("one"))
        peers.book.heard([public(2)], PeerName("two"), here, trio.current_time())
        await trio.sleep(5)
        assert [known.address for known in stats.book] == [public(2)]
        nursery.cancel_scope.cancel()
