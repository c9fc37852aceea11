"""Whom to dial, and when: on a transport that only plays along, in virtual time."""

from itertools import pairwise

import numpy as np
import pytest
import trio
import trio.testing

from p2p.acquaintances import Acquaintances
from p2p.contacts import Contacts
from p2p.memory import MemoryTransport, Network
from p2p.options import NodeOptions
from p2p.stats import Stats, Wishes
from p2p.transport import PeerName, Transport
from p2p.visits import Turn, Visits
from tests.p2p.ledgers import NOW, FakeLedger
from tests.p2p.peers import Spy, ignore, say_nothing


class Dialler(Spy):
    """Notes when it was asked to dial what."""

    def __init__(self, inner: MemoryTransport) -> None:
        super().__init__(inner)
        self.dials: list[float] = []

    async def dial(self, address: str) -> PeerName:
        self.dials.append(trio.current_time())
        return await super().dial(address)


def contacts(
    transport: Transport, visits: Visits, stats: Stats, wishes: Wishes | None = None
) -> Contacts:
    peers = Acquaintances(FakeLedger("me").judge, transport.name, NodeOptions())
    rng = np.random.default_rng(1)
    return Contacts(transport, peers, visits, stats, wishes or Wishes(), lambda: NOW, rng)


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
