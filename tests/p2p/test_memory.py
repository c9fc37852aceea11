"""The network in memory: seeded, lossy where told, and cut where told."""

from itertools import pairwise

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from p2p.errors import AddressInUse
from p2p.memory import INBOX, Network
from p2p.transport import SERVED_SECONDS, Channel, PeerName
from tests.p2p.carriers import Peer, eventually, gathering
from web3rec.types import Verdict


async def chain(peers: list[Peer]) -> None:
    for left, right in pairwise(peers):
        await left.dial(right)


async def diary(seed: int) -> list[tuple[float, str, bytes]]:
    """When who heard what, on a lossy chain of four."""
    network = Network(np.random.default_rng(seed), delay=0.1, loss=0.3)
    entries = []
    async with gathering(lambda n: network.host(f"host-{n}"), 4) as peers:
        for peer in peers:

            def verdict(data: bytes, name: str = peer.transport.name) -> Verdict:
                entries.append((trio.current_time(), name, data))
                return Verdict.ACCEPT

            peer.verdict = verdict
        await chain(peers)
        start = trio.current_time()
        for n in range(30):
            await peers[n % 4].transport.publish(b"%d" % n)
            await trio.sleep(0.01)
        await trio.sleep(5)
    return [(round(when - start, 6), name, data) for when, name, data in entries]


async def test_one_seed_gives_one_history(autojump_clock: MockClock) -> None:
    first, again, other = await diary(1), await diary(1), await diary(2)
    assert first == again
    assert first != other
    assert 20 < len(first) < 90  # of 90 without loss


async def test_messages_take_half_to_one_and_a_half_of_the_delay(
    autojump_clock: MockClock,
) -> None:
    network = Network(np.random.default_rng(3), delay=2.0)
    async with gathering(lambda n: network.host(f"host-{n}"), 2) as (one, two):
        await one.dial(two)
        times = []
        for n in range(50):
            start = trio.current_time()
            await one.transport.publish(b"%d" % n)
            await eventually(lambda n=n: len(two.heard) == n + 1)  # type: ignore[misc]
            times.append(trio.current_time() - start)
        assert 1.0 <= min(times) <= max(times) <= 3.03
        assert 1.8 < np.mean(times) < 2.2


async def test_the_given_share_of_messages_is_lost(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(4), loss=0.25)
    async with gathering(lambda n: network.host(f"host-{n}"), 2) as (one, two):
        await one.dial(two)
        for n in range(2_000):
            await one.transport.publish(b"%d" % n)
        await trio.sleep(1)
        assert 0.70 < len(two.heard) / 2_000 < 0.80


async def test_a_cut_link_carries_nothing_until_it_is_dialled_again(
    autojump_clock: MockClock,
) -> None:
    network = Network(np.random.default_rng(5))
    async with gathering(lambda n: network.host(f"host-{n}"), 2) as (one, two):
        await one.dial(two)
        await one.transport.publish(b"on its way")
        network.disconnect("host-0", "host-1")
        await one.transport.publish(b"while cut")
        assert one.transport.peers() == two.transport.peers() == ()
        await one.dial(two)
        await one.transport.publish(b"after")
        await eventually(lambda: two.heard)
        assert two.texts == [b"after"]


async def test_a_channel_breaks_with_its_link(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(6))
    ended: list[str] = []

    async def serve(opener: PeerName, channel: Channel) -> None:
        await channel.send(b"first")
        network.disconnect("host-0", "host-1")
        try:
            await channel.send(b"second")
        except ConnectionError:
            ended.append("broken")
            raise

    async with gathering(lambda n: network.host(f"host-{n}"), 2) as (one, two):
        two.serving = serve
        await one.dial(two)
        with pytest.raises(ConnectionError, match="broke off"):
            await one.listen(two)
        assert ended == ["broken"]
        with pytest.raises(ConnectionError, match="dial it first"):
            await one.listen(two)


async def test_frames_of_a_channel_take_their_time_and_none_is_lost(
    autojump_clock: MockClock,
) -> None:
    network = Network(np.random.default_rng(12), delay=1.0, loss=1.0)
    async with gathering(lambda n: network.host(f"host-{n}"), 2) as (one, two):
        await one.dial(two)
        began = trio.current_time()
        async with one.open(two) as channel:
            assert 1 <= trio.current_time() - began <= 3  # there and back
            for n in range(10):
                await channel.send(b"%d" % n)
                assert await channel.receive() == b"echo %d" % n
        assert 15 <= trio.current_time() - began <= 28  # 23 journeys, and the end seen


async def test_a_channel_nobody_ends_is_broken_off(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(13))

    async def endless(opener: PeerName, channel: Channel) -> None:
        while True:
            await channel.send(b"tick")
            await trio.sleep(1)

    async with gathering(lambda n: network.host(f"host-{n}"), 2) as (one, two):
        two.serving = endless
        await one.dial(two)
        began = trio.current_time()
        with pytest.raises(ConnectionError, match="broke off"):
            await one.listen(two)
        assert trio.current_time() - began == pytest.approx(SERVED_SECONDS, abs=1)


async def test_a_partition_splits_and_heals(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(7))
    async with gathering(lambda n: network.host(f"host-{n}"), 5) as peers:
        await chain(peers)
        network.partition(["host-0", "host-1"], ["host-2", "host-3"])
        await peers[0].transport.publish(b"north")
        await peers[3].transport.publish(b"south")
        await trio.sleep(1)
        assert [peer.texts for peer in peers] == [[], [b"north"], [b"south"], [], []]
        with pytest.raises(ConnectionError):
            await peers[1].dial(peers[2])
        with pytest.raises(ConnectionError):
            await peers[3].dial(peers[4])  # those nobody named are a side of their own
        network.heal()
        await chain(peers)
        await peers[0].transport.publish(b"all")
        await eventually(lambda: all(peer.count(b"all") for peer in peers[1:]))


async def test_a_name_can_be_taken_once(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(8))
    async with gathering(lambda n: network.host("same"), 1):
        with pytest.raises(AddressInUse, match="/memory/same is taken"):
            async with gathering(lambda n: network.host("same"), 1):
                pass
    async with gathering(lambda n: network.host("same"), 1):
        pass


@pytest.mark.slow
async def test_an_inbox_is_bounded(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(9))
    host = network.host("small")
    async with gathering(lambda n: host if n else network.host("loud"), 2) as (loud, small):
        await loud.dial(small)
        for n in range(INBOX + 100):
            await loud.transport.publish(b"%d" % n)
        await trio.sleep(1)
        assert len(small.heard) == INBOX
        assert host.lost == 100


@pytest.mark.parametrize(
    ("delay", "loss"), [(-1, 0), (float("nan"), 0), (float("inf"), 0), (0, -0.1), (0, 1.1)]
)
def test_impossible_networks_are_refused(delay: float, loss: float) -> None:
    with pytest.raises(ValueError, match=r"(delay|loss) must be"):
        Network(np.random.default_rng(0), delay=delay, loss=loss)


@pytest.mark.slow
async def test_a_hundred_hosts_hear_a_hundred_messages(autojump_clock: MockClock) -> None:
    network = Network(np.random.default_rng(10))
    rng = np.random.default_rng(11)
    async with gathering(lambda n: network.host(f"host-{n}"), 100) as peers:
        await chain(peers)
        for n, peer in enumerate(peers):
            await peer.dial(peers[(n + int(rng.integers(2, 99))) % 100])
        for n, peer in enumerate(peers):
            await peer.transport.publish(b"%d" % n)
        await eventually(lambda: all(len(peer.heard) == 99 for peer in peers))
