"""What whole nodes know of each other: told, dialled, banned, remembered, forgotten.

Real recommenders with real logs, on a network in one process and in virtual time.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from p2p import Node, NodeOptions, sessions, sync_wire
from p2p.memory import Network
from p2p.remembering import SAVE_SECONDS
from p2p.sync_wire import Peers
from p2p.transport import Channel, PeerName
from tests.p2p.ledgers import FakeLedger
from tests.p2p.peers import ignore, say_nothing
from tests.p2p.places import public
from tests.p2p.town import Resident, Town
from tests.web3rec.store.logs import rows
from web3rec import Event, Options, Recommender
from web3rec.errors import ReadOnly
from web3rec.store import Log

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("inline")]

HOUR = 3600.0


@dataclass
class Device:
    """A recommender, and its node while there is one."""

    rec: Recommender
    transport: Resident

    def node(self, *bootstrap: str, **options: object) -> Node:
        chosen = NodeOptions(bootstrap=bootstrap, sync_gap=0, **options)  # type: ignore[arg-type]
        return Node(self.rec, chosen, self.transport)


class World:
    """Devices by number; each can be closed and opened again."""

    def __init__(self, path: Path, stack: ExitStack, rng: np.random.Generator) -> None:
        self.town = Town(Network(rng, delay=0.01))
        self._path, self._stack = path, stack

    def device(self, n: int, *, level: int = 2) -> Device:
        rec = Recommender.open(self._path / str(n), Options(share_delay_hours=0))
        self._stack.callback(rec.close)
        rec.share(level)
        return Device(rec, self.town.host(n))


@pytest.fixture
def world(tmp_path: Path, rng: np.random.Generator) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, stack, rng)


def told(device: Device) -> set[str]:
    """The addresses a device sent to anybody."""
    frames = [sync_wire.decode(data) for data in device.transport.sent]
    return {text for one in frames if isinstance(one, Peers) for text in one.addresses}


def saved(device: Device) -> tuple[set[str], set[str]]:
    """The peers with something against them, and the addresses, as they are in the file."""
    log = device.rec.log
    names = {name for (name,) in rows(log, "SELECT name FROM reputation WHERE is_place = 0")}
    return names, {text for (text,) in rows(log, "SELECT address FROM addresses")}


def known(node: Node) -> set[str]:
    return {one.address for one in node.book()}


async def test_three_nodes_find_each_other_through_one_they_all_know(
    autojump_clock: trio.testing.MockClock, world: World
) -> None:
    """Two know the first only. It tells them where the others are, and they dial."""
    hub, one, two = (world.device(n) for n in (1, 2, 3))
    async with trio.open_nursery() as nursery:
        nodes = [hub.node(), *(d.node(hub.transport.address) for d in (one, two))]
        for node in nodes:
            await nursery.start(node.run)
        await trio.sleep(300)
        for node, device in zip(nodes, (hub, one, two), strict=True):
            assert len(node.status().peers) == 2, "everybody knows everybody"
            assert device.transport.name not in {peer.peer for peer in node.status().neighbours}
        dialled = [*one.transport.dials, *two.transport.dials]
        assert {one.transport.address, two.transport.address} & set(dialled)
        one.rec.record(Event.LIKE, "trk:1")
        await trio.sleep(10)
        assert two.rec.log.digest()[0] == hub.rec.log.digest()[0] == 1
        nursery.cancel_scope.cancel()


async def test_D1_a_node_at_level_0_tells_no_address_not_even_its_own(
    autojump_clock: trio.testing.MockClock, world: World
) -> None:
    """So nobody is told of it, or by it."""
    hub, quiet, other = world.device(1), world.device(2, level=0), world.device(3)
    async with trio.open_nursery() as nursery:
        for node in (
            hub.node(),
            quiet.node(hub.transport.address),
            other.node(hub.transport.address, quiet.transport.address),
        ):
            await nursery.start(node.run)
        await trio.sleep(300)
        assert told(hub) | told(other)
        assert not told(quiet)
        assert quiet.transport.address not in told(hub), "the hub was never told where it is"
        nursery.cancel_scope.cancel()


async def test_addresses_of_nobody_cost_dials_that_become_rare(
    autojump_clock: trio.testing.MockClock, world: World
) -> None:
    """A liar tells of thirty again and again; an honest one beside them is dialled as well."""
    honest, victim = world.device(2), world.device(3)
    liar = world.town.host(1)
    lies = tuple(public(n) for n in range(100, 130))

    async def lie(_peer: PeerName, channel: Channel) -> None:
        told = (*lies, honest.transport.address)
        ledger = FakeLedger("liar")
        await sessions.host(channel, ledger, keep_nothing, salt=bytes(16), addresses=told[-32:])

    async with trio.open_nursery() as nursery, liar.running(ignore, lie):
        node = victim.node(liar.address)
        for one in (honest.node(), node):
            await nursery.start(one.run)
        await trio.sleep(600)
        assert honest.transport.name in node.status().peers
        first = Counter(victim.transport.dials)
        assert set(lies) <= first.keys()
        assert max(first[one] for one in lies) <= 3
        await trio.sleep(600)
        assert Counter(victim.transport.dials) <= first + Counter([liar.address] * 9)
        nursery.cancel_scope.cancel()


async def keep_nothing(_envelopes: tuple[bytes, ...]) -> int | None:
    return 0


async def test_bans_and_the_book_survive_the_node_and_the_program(
    autojump_clock: trio.testing.MockClock, world: World
) -> None:
    one, two = world.device(1), world.device(2)
    mallory = world.town.host(66)
    node = one.node()
    node.ban(mallory.name, 10 * HOUR)
    async with trio.open_nursery() as nursery:
        await nursery.start(node.run)
        await nursery.start(two.node(one.transport.address).run)
        await trio.sleep(SAVE_SECONDS + 5)
        assert two.transport.address in known(node)
        node.pause()
        await trio.sleep(1)
        assert saved(one) == ({mallory.name}, {two.transport.address})
        node.resume()
        await trio.sleep(1)
        assert two.transport.address in known(node)
        await refused(mallory, one)
        node.close()
        nursery.cancel_scope.cancel()
    one.rec.close()

    again = world.device(1)
    async with trio.open_nursery() as nursery:
        node = again.node()
        await nursery.start(node.run)
        await trio.sleep(1)
        assert two.transport.address in known(node)
        await refused(mallory, again)
        (entry,) = [n for n in node.status().neighbours if n.peer == mallory.name]
        assert not entry.connected
        assert entry.banned_until > 0
        node.unban(mallory.name)
        await trio.sleep(1)
        async with mallory.running(ignore, say_nothing):
            await mallory.dial(again.transport.address)
        nursery.cancel_scope.cancel()


async def refused(stranger: Resident, device: Device) -> None:
    async with stranger.running(ignore, say_nothing):
        with pytest.raises(ConnectionError, match="refused"):
            await stranger.dial(device.transport.address)


async def test_a_ban_made_just_before_the_end_is_kept(
    autojump_clock: trio.testing.MockClock, world: World
) -> None:
    """Nobody has to wait for the next look."""
    device, mallory = world.device(1), world.town.host(66)
    async with trio.open_nursery() as nursery:
        node = device.node()
        await nursery.start(node.run)
        await trio.sleep(3.2)
        node.ban(mallory.name, HOUR)
        node.close()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert saved(device)[0] == {mallory.name}


async def test_forget_all_erases_whom_a_running_node_met_and_it_runs_on(
    autojump_clock: trio.testing.MockClock, world: World
) -> None:
    one, two = world.device(1), world.device(2)
    mallory = world.town.host(66)
    node = one.node()
    async with trio.open_nursery() as nursery:
        await nursery.start(node.run)
        await nursery.start(two.node(one.transport.address).run)
        node.ban(mallory.name, 10 * HOUR)
        await trio.sleep(2 * SAVE_SECONDS)
        assert saved(one) == ({mallory.name}, {two.transport.address})
        one.rec.forget_all()
        assert saved(one) == (set(), set())
        syncs = node.status().syncs
        await trio.sleep(SAVE_SECONDS + 2)
        assert node.status().restarts == 0
        assert node.status().state == "running"
        async with mallory.running(ignore, say_nothing):
            await mallory.dial(one.transport.address)
        await trio.sleep(2 * SAVE_SECONDS)
        assert saved(one) == (set(), {two.transport.address}), "met anew"
        assert node.status().syncs > syncs
        one.rec.share(2)
        one.rec.record(Event.LIKE, "trk:after")
        await trio.sleep(10)
        assert two.rec.log.digest()[0] == 1
        nursery.cancel_scope.cancel()


async def test_F3_a_disk_that_is_full_for_a_while_stops_nothing_for_good(
    autojump_clock: trio.testing.MockClock, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack breaks and is tried again; nobody is blamed; what was missed comes by sync."""
    one, two = world.device(1), world.device(2)
    nodes = one.node(), two.node(one.transport.address)
    ingest = Log.ingest

    def full(log: Log, *args: object, **options: object) -> int:
        if log is one.rec.log:
            raise ReadOnly("the disk is full")
        return ingest(log, *args, **options)  # type: ignore[arg-type]

    async with trio.open_nursery() as nursery:
        for node in nodes:
            await nursery.start(node.run)
        await trio.sleep(5)
        with monkeypatch.context() as broken:
            broken.setattr(Log, "ingest", full)
            two.rec.record(Event.LIKE, "trk:1")
            await trio.sleep(200)
            assert nodes[0].status().restarts > 0
            one.rec.record(Event.LIKE, "trk:own")
            assert one.rec.recommend() is not None, "the owner's part goes on"
        await trio.sleep(300)
        assert {d.rec.log.digest() for d in (one, two)} == {one.rec.log.digest()}
        assert one.rec.log.digest()[0] == 2
        assert not nodes[0].status().offences
        assert not nodes[1].status().offences
        assert nodes[0].status().state == "running"
        nursery.cancel_scope.cancel()


async def test_a_stack_that_breaks_again_and_again_charges_nobody_twice(
    autojump_clock: trio.testing.MockClock, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three forgeries and five faults of ours: what is held against the peer is the three."""
    one, mallory = world.device(1), world.town.host(66)
    node = one.node()
    release, broken = Log.release, [False]

    def fault(log: Log) -> tuple[bytes, ...]:
        if broken[0]:
            broken[0] = False
            raise ReadOnly("the disk is full")
        return release(log)

    monkeypatch.setattr(Log, "release", fault)
    async with trio.open_nursery() as nursery:
        await nursery.start(node.run)
        async with mallory.running(ignore, say_nothing):
            await mallory.dial(one.transport.address)
            await trio.sleep(1)
            for n in range(3):
                await mallory.publish(b"junk %d" % n)
                await trio.sleep(1)
        scores = []
        for n in range(5):
            (entry,) = node.status().neighbours
            scores.append(entry.score)
            broken[0] = True
            one.rec.record(Event.LIKE, f"trk:{n}")
            await trio.sleep(100)
            assert node.status().restarts == n + 1
        assert all(later < earlier for earlier, later in pairwise(scores))
        nursery.cancel_scope.cancel()
    assert 75 < scores[0] < 100
