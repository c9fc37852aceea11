"""Nodes as an app sees them: real recommenders, real threads, and at the end real libp2p."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import trio

from p2p import Node, NodeOptions, NodeStatus
from p2p.errors import AddressInUse, NodeError
from p2p.memory import Network
from p2p.transport_key import FILE
from tests.loading import loaded_by
from web3rec import Closed, Event, Options, Recommender
from web3rec.records import libp2p_peer_id

Make = Callable[..., Recommender]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Opens recommenders that share without delay; closes them after the test."""
    with ExitStack() as stack:

        def opened(name: str, *, level: int = 2) -> Recommender:
            rec = Recommender.open(tmp_path / name, Options(share_delay_hours=0))
            rec.log.level = level
            return stack.enter_context(rec)

        yield opened


@pytest.fixture
def network(rng: np.random.Generator) -> Network:
    return Network(rng, delay=0.001)


def wait(until: Callable[[], object], seconds: float = 20) -> None:
    """Look again and again until it is so; fails after that many seconds."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it never came to be"
        pause.wait(0.02)


def same(*recs: Recommender, count: int) -> bool:
    """All hold the same shareable records, this many."""
    digests = {rec.log.digest() for rec in recs}
    return len(digests) == 1 and digests.pop()[0] == count


def test_importing_p2p_loads_neither_trio_nor_libp2p() -> None:
    loaded = loaded_by("import p2p; assert p2p.NodeOptions().topic")
    assert not loaded & {"trio", "libp2p", "sqlite3"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    import p2p  # noqa: PLC0415

    with pytest.raises(AttributeError, match="nothing"):
        _ = p2p.nothing


def test_a_life_from_another_thread(make: Make, network: Network) -> None:
    node = Node(make("alice"), NodeOptions(), network.host("alice"))
    assert node.status() == NodeStatus(state="new", peer_id="alice")
    node.start()
    assert node.status().state == "running"
    assert node.status().addresses == ("/memory/alice",)
    for _ in range(2):
        node.pause()
        assert node.status().state == "paused"
        assert node.status().addresses == ()
    for _ in range(2):
        node.resume()
        assert node.status().state == "running"
    for _ in range(2):
        node.close()
        assert node.status().state == "closed"
    node.pause()
    assert node.status().state == "closed"
    assert "web3rec-network" not in {thread.name for thread in threading.enumerate()}


def test_a_context_manager_starts_and_closes(make: Make, network: Network) -> None:
    with Node(make("alice"), transport=network.host("alice")) as node:
        assert node.status().state == "running"
    assert node.status().state == "closed"


def test_what_cannot_be_done_says_what_to_do(make: Make, network: Network) -> None:
    node = Node(make("alice"), NodeOptions(), network.host("alice"))
    with pytest.raises(NodeError, match="start it"):
        node.resume()
    node.start()
    with pytest.raises(NodeError, match="starts once"):
        node.start()
    node.close()
    with pytest.raises(NodeError, match="make a new one"):
        node.resume()
    with pytest.raises(NodeError, match="make a new one"):
        node.dial("/memory/bob")


def test_closed_before_it_started_it_never_starts(make: Make, network: Network) -> None:
    node = Node(make("alice"), NodeOptions(), network.host("alice"))
    node.close()
    with pytest.raises(NodeError, match="is closed"):
        node.start()


def test_a_taken_address_is_raised_by_start(make: Make, network: Network) -> None:
    rec = make("alice")
    with Node(rec, NodeOptions(), network.host("alice")):
        second = Node(rec, NodeOptions(), network.host("alice"))
        with pytest.raises(AddressInUse):
            second.start()
        assert second.status().state.startswith("failed: AddressInUse")
        second.close()


def test_a_recommender_closed_too_early_ends_the_node(make: Make, network: Network) -> None:
    rec = make("alice")
    node = Node(rec, NodeOptions(flush_interval=0.05), network.host("alice"))
    node.start()
    rec.close()
    wait(lambda: node.status().state.startswith("failed: Closed"))
    node.close()
    with pytest.raises(Closed):
        Node(rec, NodeOptions(), network.host("bob")).start()


async def test_Y1_two_recommenders_converge_inside_a_trio_program(
    make: Make, network: Network
) -> None:
    """By sync what was there before, by gossip what comes after."""
    alice, bob = make("alice"), make("bob")
    a = Node(alice, NodeOptions(), network.host("alice"))
    b = Node(bob, NodeOptions(bootstrap=["/memory/alice"]), network.host("bob"))
    alice.record(Event.LIKE, "trk:1")
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            await nursery.start(a.run)
            await nursery.start(b.run)
            await changes(alice, bob, until=partial(same, alice, bob, count=1))
            bob.record(Event.LIKE, "trk:2")
            await changes(alice, bob, until=partial(same, alice, bob, count=2))
            a.close()
            b.close()
    assert a.status().state == b.status().state == "closed"
    assert a.status().records_stored == 1


async def changes(*recs: Recommender, until: Callable[[], bool]) -> None:
    """Look after each change of a log until it is so."""
    news, fresh = trio.open_memory_channel[None](100)
    token = trio.lowlevel.current_trio_token()
    tell = partial(token.run_sync_soon, news.send_nowait, None)
    with ExitStack() as stack:
        for rec in recs:
            stack.callback(rec.log.on_change(tell))
        while not until():
            with trio.move_on_after(0.25):  # releasing is no change, so look now and then as well
                await fresh.receive()


def test_D1_what_was_done_at_level_0_never_leaves(make: Make, network: Network) -> None:
    rec = make("alice", level=0)
    with Node(rec, NodeOptions(flush_interval=0.01), network.host("alice")) as node:
        rec.record(Event.LIKE, "trk:private")
        rec.share(1)
        rec.record(Event.LIKE, "trk:public")
        wait(lambda: rec.log.digest()[0] > 0)
        assert rec.log.digest()[0] == 1
        assert node.status().records_sent == 0, "nobody is connected"


# -- real sockets -----------------------------------------------------------------------------


@pytest.mark.network
@pytest.mark.slow
def test_two_nodes_over_libp2p_converge_pause_resume_and_close(make: Make) -> None:
    alice, bob = make("alice"), make("bob")
    for i in range(40):
        alice.record(Event.LIKE, f"trk:{i}")
    with Node(alice, NodeOptions()) as a:
        with Node(bob, NodeOptions(sync_interval=1, sync_gap=0)) as b:
            b.dial(a.status().addresses[0])
            wait(lambda: same(alice, bob, count=40))
            bob.record(Event.LIKE, "trk:of bob")
            wait(lambda: same(alice, bob, count=41))

            b.pause()
            wait(lambda: a.status().peers == ())
            alice.record(Event.LIKE, "trk:while bob was away")
            wait(lambda: alice.log.digest()[0] == 42)
            assert bob.log.digest()[0] == 41
            b.resume()
            wait(lambda: same(alice, bob, count=42))

            began = time.monotonic()
        assert time.monotonic() - began < 5
        status = a.status()
        assert status.offences == b.status().offences == {}
        assert status.state == "running"
        assert b.status().state == "closed"
        # D4: what proves a connection is another key than what signs records
        assert status.peer_id != libp2p_peer_id(alice.me)
        assert (alice.path / FILE).exists()


@pytest.mark.network
@pytest.mark.slow
def test_a_busy_port_is_raised_by_start(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        node = Node(make("alice"), NodeOptions(listen=[f"/ip4/127.0.0.1/tcp/{port}"]))
        with pytest.raises(AddressInUse, match=str(port)):
            node.start()
        node.close()


@pytest.mark.network
@pytest.mark.slow
def test_what_is_no_address_to_listen_on_is_raised_by_start(make: Make) -> None:
    node = Node(make("alice"), NodeOptions(listen=["localhost:80"]))
    with pytest.raises(NodeError, match="localhost:80"):
        node.start()
    node.close()
