"""The host itself: settings, ports, several hosts in one process, silence."""

import socket
import subprocess
import sys

import pytest
import trio
from libp2p.network.config import ConnectionConfig

from p2p.errors import AddressInUse, NodeError
from p2p.libp2p_host import Libp2pTransport
from p2p.transport import MAX_MESSAGE
from tests.p2p.carriers import TOPIC, Peer, eventually, gathering, libp2p_hosts
from tests.p2p.strangers import insides

pytestmark = [pytest.mark.network, pytest.mark.slow]

SEED = b"s" * 32
LOOPBACK = "/ip4/127.0.0.1/tcp/0"


async def test_ten_hosts_deliver_every_message_to_every_other() -> None:
    async with gathering(libp2p_hosts(), 10) as peers:
        for n, peer in enumerate(peers):
            for step in (1, 3):
                await peer.dial(peers[(n + step) % 10])
        sent = [b"%d says %d " % (n, k) + bytes(6_000) for k in range(4) for n in range(10)]
        for data in sent:
            await peers[int(data[:1])].transport.publish(data)
            await trio.sleep(0.02)
        for n, peer in enumerate(peers):
            others = {data for data in sent if int(data[:1]) != n}
            await eventually(lambda p=peer, o=others: set(p.texts) == o)  # type: ignore[misc]
            assert len(peer.texts) == len(others)
        assert not any(peer.transport.offences for peer in peers)


async def test_a_killed_host_comes_back_under_its_key_and_is_heard() -> None:
    async with gathering(libp2p_hosts(), 1) as (stays,):
        for life in range(2):
            back = Peer(Libp2pTransport(SEED, listen=[LOOPBACK], topic=TOPIC))
            async with back.running():
                await back.dial(stays)
                for n in range(3):
                    await back.transport.publish(b"life %d, %d" % (life, n))
                await eventually(lambda n=life: stays.count(b"life %d, 2" % n))  # type: ignore[misc]
        assert len(stays.texts) == 6


async def test_a_taken_port_is_refused_and_says_what_to_do() -> None:
    async with gathering(libp2p_hosts(), 1) as (one,):
        _, _, _, _, port, *_ = one.transport.addresses[0].split("/")
        second = Libp2pTransport(SEED, listen=[f"/ip4/127.0.0.1/tcp/{port}"], topic=TOPIC)
        with pytest.raises(AddressInUse, match="is taken: choose another port, or 0"):
            async with second.running(one.judge, one.serve):
                pass
    async with second.running(one.judge, one.serve):  # free again at once
        assert second.addresses[0].startswith(f"/ip4/127.0.0.1/tcp/{port}/p2p/12D3Koo")


async def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    far = Peer(Libp2pTransport(SEED, listen=["/ip4/192.0.2.1/tcp/4001"], topic=TOPIC))
    with pytest.raises(NodeError, match=r"cannot listen on /ip4/192\.0\.2\.1"):
        async with far.running():
            pass


@pytest.mark.parametrize(
    "address",
    ["nonsense", "", "/ip4/127.0.0.1", "/ip4/127.0.0.1/udp/1", "/ip4/127.0.0.1/tcp/1/ws",
     "/ip4/127.0.0.1/tcp/70000", "/ip4/300.0.0.1/tcp/1", "/unix/tmp/socket"],
)  # fmt: skip
def test_what_is_no_tcp_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Libp2pTransport(SEED, listen=[address], topic=TOPIC)


def test_the_seed_has_32_bytes_and_names_the_host() -> None:
    with pytest.raises(ValueError, match="key_seed must be 32 bytes, got 3"):
        Libp2pTransport(b"abc", listen=[], topic=TOPIC)
    one, same = (Libp2pTransport(SEED, listen=[], topic=TOPIC) for _ in range(2))
    assert one.name == same.name != Libp2pTransport(b"t" * 32, listen=[], topic=TOPIC).name


async def test_a_host_listening_everywhere_names_addresses_that_can_be_dialled() -> None:
    wide = Peer(Libp2pTransport(SEED, listen=["/ip4/0.0.0.0/tcp/0"], topic=TOPIC))
    running = wide.running()
    async with gathering(libp2p_hosts(), 1) as (one,), running:
        assert not any("/0.0" in address for address in wide.transport.addresses)
        await one.dial(wide)


async def test_a_name_that_is_not_the_peers_is_found_out() -> None:
    async with gathering(libp2p_hosts(), 2) as (one, two):
        place = two.transport.addresses[0].rpartition("/")[0]
        other = Libp2pTransport(SEED, listen=[], topic=TOPIC).name
        with pytest.raises(ConnectionError):
            await one.transport.dial(f"{place}/{other}")
        with pytest.raises(ValueError, match="must end in /p2p/<peer id>"):
            await one.transport.dial(place.removesuffix("/p2p"))


async def test_hosts_on_different_topics_do_not_hear_each_other() -> None:
    other = Peer(Libp2pTransport(SEED, listen=[LOOPBACK], topic="test/2"))
    running = other.running()
    async with gathering(libp2p_hosts(), 2) as (one, two), running:
        await one.dial(other)
        await other.dial(two)
        await one.dial(two)
        await one.transport.publish(b"for test/1")
        await eventually(lambda: two.count(b"for test/1"))
        await trio.sleep(0.2)
        assert not other.heard
        assert await one.ask(other, b"?") == [b"echo ?"]  # neighbours all the same


async def test_the_settings_are_the_measured_ones() -> None:
    async with gathering(libp2p_hosts(), 1) as (one,):
        live = insides(one)
        router, config = live.router, live.swarm.connection_config
        assert isinstance(config, ConnectionConfig)
        assert router.protocols == ["/meshsub/1.1.0"]
        assert (router.degree_low, router.degree, router.degree_high) == (4, 6, 12)
        assert (router.heartbeat_interval, router.heartbeat_initial_delay) == (1, 0.1)
        off = (
            router.do_px,
            router.adaptive_gossip_enabled,
            router.spam_protection_enabled,
            router.eclipse_protection_enabled,
        )
        assert off == (False,) * 4
        assert live.gossip.strict_signing
        assert live.gossip.max_inbound_rpc_size > MAX_MESSAGE
        assert (config.max_connections, config.max_connections_per_peer) == (64, 2)
        assert config.enable_health_monitoring
        protocols = set(live.host.get_mux().get_protocols())
        assert protocols == {
            "/meshsub/1.1.0", "/web3rec/sync/1", "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0",
        }  # fmt: skip


SILENT = """
import logging, sys, trio
import web3rec, p2p, p2p.memory
assert "libp2p" not in sys.modules, "libp2p was loaded by an import that does not need it"
handlers = list(logging.getLogger().handlers)
from p2p.libp2p_host import Libp2pTransport
from web3rec.types import Verdict

async def serve(peer, channel):
    pass

async def main():
    hosts = [Libp2pTransport(bytes([n]) * 32, listen=["/ip4/127.0.0.1/tcp/0"], topic="t")
             for n in (1, 2)]
    judge = lambda sender, data: Verdict.REJECT
    async with hosts[0].running(judge, serve), hosts[1].running(judge, serve):
        await hosts[0].dial(hosts[1].addresses[0])
        await hosts[0].publish(b"x")
        port = int(hosts[1].addresses[0].split("/")[4])
        async with await trio.open_tcp_stream("127.0.0.1", port) as tcp:
            await tcp.send_all(b"garbage" * 100)
        try:
            await hosts[0].dial("/ip4/127.0.0.1/tcp/1/p2p/" + hosts[1].name[:-1] + "a")
        except (ConnectionError, ValueError):
            pass
        await trio.sleep(.3)

trio.run(main)
assert logging.getLogger().handlers == handlers, "the root logger was configured"
"""


def test_libp2p_is_loaded_late_and_prints_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SILENT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_nothing_is_left_open_when_a_host_stops() -> None:
    async with gathering(libp2p_hosts(), 2) as (one, two):
        await one.dial(two)
        port = int(two.transport.addresses[0].split("/")[4])
    for _ in range(2):
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", port))
