"""Whom to dial and visit, and when: on a transport that only plays along, in virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest
import trio
import trio.testing

from p2p.contacts import Contact, keep_in_touch, stay_connected
from p2p.memory import MemoryTransport, Network
from p2p.stats import Stats, Wishes
from p2p.transport import PeerName
from tests.p2p.peers import Spy, ignore, say_nothing


class Dialler(Spy):
    """Notes when it was asked to dial what."""

    def __init__(self, inner: MemoryTransport) -> None:
        super().__init__(inner)
        self.dials: list[float] = []

    async def dial(self, address: str) -> PeerName:
        self.dials.append(trio.current_time())
        return await super().dial(address)


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
            await stay_connected(alice, "/memory/nobody", stats)
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
        nursery.start_soon(stay_connected, alice, "/memory/bob", stats)
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
        await stay_connected(alice, "nonsense", stats)
    assert len(alice.dials) == 1
    assert "not an address" in stats.unreachable["nonsense"]


async def test_visits_are_frequent_at_first_and_never_overlap(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, bob = network.host("alice"), network.host("bob")
    visits: list[float] = []
    inside = 0

    async def visit(peer: PeerName) -> None:
        nonlocal inside
        assert peer == "bob"
        inside += 1
        assert inside == 1
        visits.append(trio.current_time())
        await trio.sleep(3)
        inside -= 1

    async with alice.running(ignore, say_nothing), bob.running(ignore, say_nothing):
        with trio.move_on_after(200):
            await keep_in_touch(alice, ["/memory/bob"], 20, visit, Stats(), Wishes())
    steady = pytest.approx(20 + 3, abs=0.6)
    assert gaps(visits)[:5] == pytest.approx([4, 5, 7, 11, 19], abs=0.6)
    assert gaps(visits)[5:] == [steady] * len(gaps(visits)[5:])


async def test_who_comes_back_is_visited_at_once(
    autojump_clock: trio.testing.MockClock, network: Network
) -> None:
    alice, bob = network.host("alice"), network.host("bob")
    visits: list[float] = []

    async def visit(_peer: PeerName) -> None:
        visits.append(trio.current_time())

    @asynccontextmanager
    async def touching() -> AsyncIterator[None]:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(keep_in_touch, alice, [], 1000, visit, Stats(), Wishes())
            yield
            nursery.cancel_scope.cancel()

    async with alice.running(ignore, say_nothing), bob.running(ignore, say_nothing), touching():
        await bob.dial("/memory/alice")
        await trio.sleep(2500)
        before = len(visits)
        network.disconnect("alice", "bob")
        await trio.sleep(1)
        await bob.dial("/memory/alice")
        await trio.sleep(0.9)
        assert len(visits) == before + 1


def test_the_interval_bounds_the_pause_between_visits() -> None:
    contact = Contact()
    dues = []
    for _ in range(2000):
        contact.ended(now=0.0, interval=60)
        dues.append(contact.due)
    assert dues[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert max(dues) == 60
