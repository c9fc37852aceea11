"""What is ours goes out as gossip while somebody listens; what does not fit is left to sync."""

import numpy as np
import pytest
import trio
import trio.testing

from p2p import wire
from p2p.memory import Network
from p2p.options import NodeOptions
from p2p.quiet import Quiet
from p2p.speaking import Speaking
from p2p.stats import Stats
from tests.p2p.ledgers import FakeLedger, listens
from tests.p2p.peers import Spy, ignore, say_nothing
from web3rec.records import Signed


class Voice:
    """A Speaking, its transport, and how often something was left over."""

    def __init__(self, network: Network, **options: float) -> None:
        self.ledger, self.stats = FakeLedger("me"), Stats()
        self.left = 0
        self.spy, self.other = Spy(network.host("me")), network.host("other")
        chosen = NodeOptions(**options)  # type: ignore[arg-type]
        self.speaking = Speaking(
            self.ledger, self.spy, chosen, self.stats, Quiet(), self._left_over
        )

    def _left_over(self) -> None:
        self.left += 1

    def said(self) -> list[bytes]:
        return [e for data in self.spy.published for e in wire.unpack(data) or ()]


@pytest.fixture
def voice(rng: np.random.Generator) -> Voice:
    return Voice(Network(rng, delay=0))


def envelopes(records: list[Signed]) -> list[bytes]:
    return [one.envelope for one in records]


async def test_what_is_committed_is_said_soon_in_order_and_once(
    autojump_clock: trio.testing.MockClock, voice: Voice
) -> None:
    async with (
        voice.spy.running(ignore, say_nothing),
        voice.other.running(ignore, say_nothing),
        trio.open_nursery() as nursery,
    ):
        await voice.spy.dial("/memory/other")
        nursery.start_soon(voice.speaking.speak)
        await trio.sleep(1)
        voice.ledger.add(records := listens("me", 40))
        await trio.sleep(1)
        assert voice.said() == envelopes(records)
        assert (voice.stats.messages_sent, voice.stats.records_sent) == (2, 40)
        await trio.sleep(100)
        assert len(voice.said()) == 40
        assert not voice.left
        nursery.cancel_scope.cancel()
    assert not voice.ledger._callbacks, "nobody listens to the ledger any more"


async def test_with_nobody_connected_it_is_left_to_sync(
    autojump_clock: trio.testing.MockClock, voice: Voice
) -> None:
    async with voice.spy.running(ignore, say_nothing), trio.open_nursery() as nursery:
        nursery.start_soon(voice.speaking.speak)
        voice.ledger.add(listens("me", 3))
        await trio.sleep(5)
        assert voice.said() == []
        assert voice.left == 1
        nursery.cancel_scope.cancel()


async def test_no_more_is_said_than_a_neighbour_takes_the_rest_is_left_to_sync(
    autojump_clock: trio.testing.MockClock, voice: Voice
) -> None:
    """Five hundred records at once, as its bucket for us holds; the rest need not be said."""
    async with (
        voice.spy.running(ignore, say_nothing),
        voice.other.running(ignore, say_nothing),
        trio.open_nursery() as nursery,
    ):
        await voice.spy.dial("/memory/other")
        nursery.start_soon(voice.speaking.speak)
        await trio.sleep(1)
        voice.ledger.add(listens("me", 900))
        await trio.sleep(10)
        assert len(voice.said()) == 480
        assert voice.left == 1
        nursery.cancel_scope.cancel()


async def test_D1_lowered_to_level_0_in_the_middle_nothing_more_is_said(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    voice = Voice(Network(rng, delay=0), publish_gap=1.0)
    async with (
        voice.spy.running(ignore, say_nothing),
        voice.other.running(ignore, say_nothing),
        trio.open_nursery() as nursery,
    ):
        await voice.spy.dial("/memory/other")
        nursery.start_soon(voice.speaking.speak)
        await trio.sleep(1)
        voice.ledger.add(listens("me", 320))
        await trio.sleep(3.5)
        said = len(voice.said())
        assert 32 <= said < 320
        voice.ledger.level = 0
        await trio.sleep(100)
        assert len(voice.said()) == said
        nursery.cancel_scope.cancel()


async def test_what_is_under_way_is_known_while_it_is_and_no_longer(
    autojump_clock: trio.testing.MockClock, rng: np.random.Generator
) -> None:
    voice = Voice(Network(rng, delay=0), publish_gap=1.0)
    async with (
        voice.spy.running(ignore, say_nothing),
        voice.other.running(ignore, say_nothing),
        trio.open_nursery() as nursery,
    ):
        await voice.spy.dial("/memory/other")
        nursery.start_soon(voice.speaking.speak)
        await trio.sleep(1)
        voice.ledger.add(records := listens("me", 96))
        await trio.sleep(2.5)
        assert voice.speaking.under_way == {one.id[:16] for one in records}
        await trio.sleep(10)
        assert voice.speaking.under_way == frozenset()
        voice.ledger.add(listens("me", 96, first=1000))
        await trio.sleep(1.5)
        assert voice.speaking.under_way
        nursery.cancel_scope.cancel()
    assert voice.speaking.under_way == frozenset(), "however it ends"
