"""A peer that has frozen is found out, whoever else is silent."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from p2p import libp2p_health, libp2p_host
from p2p.libp2p_health import HealthMonitor
from p2p.libp2p_settings import connection_config
from tests.p2p.carriers import eventually, gathering, libp2p_hosts
from tests.p2p.strangers import freeze, insides

pytestmark = [pytest.mark.network, pytest.mark.slow]

SECONDS = 0.4


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings as they are, but for how long they wait."""
    settings = replace(
        connection_config(),
        health_initial_delay=0.1,
        health_warmup_window=0.0,
        health_check_interval=0.2,
        ping_timeout=SECONDS,
    )
    monkeypatch.setattr(libp2p_host, "connection_config", lambda: settings)
    monkeypatch.setattr(libp2p_health, "SPREAD_SECONDS", 0.1)


class Waiting(HealthMonitor):
    """A monitor each of whose checks waits until all have begun."""

    def __init__(self, swarm: Any) -> None:
        self.swarm, self.begun, self.all_begun = swarm, 0, trio.Event()

    async def _check_connection_health(self, peer_id: object, conn: object) -> None:
        self.begun += 1
        if self.begun == sum(map(len, self.swarm.connections.values())):
            self.all_begun.set()
        await self.all_begun.wait()


async def test_no_connection_waits_for_another(autojump_clock: MockClock) -> None:
    monitor = Waiting(SimpleNamespace(connections={n: [object(), object()] for n in range(5)}))
    with trio.fail_after(libp2p_health.SPREAD_SECONDS + 1):
        await monitor._check_all_connections()
    assert monitor.begun == 10


async def test_frozen_peers_are_hung_up_on_and_the_others_are_not(quick: None) -> None:
    async with gathering(libp2p_hosts(), 7) as (one, friend, *silent):
        for peer in (friend, *silent):
            await peer.dial(one)
        for peer in silent:
            freeze(peer, one)
        await eventually(lambda: one.transport.peers() == (friend.transport.name,), 30)
        await friend.transport.publish(b"still here")
        await eventually(lambda: one.count(b"still here"))


async def test_the_monitor_runs_and_is_ours() -> None:
    async with gathering(libp2p_hosts(), 1) as (one,):
        swarm = insides(one).swarm
        await eventually(lambda: hasattr(swarm, "_health_monitor"))
        assert isinstance(swarm._health_monitor, HealthMonitor)
        config = connection_config()
        assert (config.health_check_interval, config.ping_timeout) == (15, 15)
        assert config.abort_connection_on_ping_failure


CHILD = """
import sys, trio
from p2p.libp2p_host import Libp2pTransport
from web3rec.types import Verdict

async def serve(peer, channel):
    pass

async def main(address):
    host = Libp2pTransport(b"c" * 32, listen=[], topic="test/1")
    async with host.running(lambda sender, data: Verdict.ACCEPT, serve):
        await host.dial(address)
        await trio.sleep_forever()

trio.run(main, sys.argv[1])
"""


@pytest.mark.nightly
async def test_a_process_that_is_stopped_is_out_of_the_mesh_within_a_minute() -> None:
    async with gathering(libp2p_hosts(), 1) as (one,):
        child = subprocess.Popen([sys.executable, "-c", CHILD, one.transport.addresses[0]])  # noqa: ASYNC220
        try:
            await eventually(one.transport.peers, 20)
            os.kill(child.pid, signal.SIGSTOP)
            await eventually(lambda: not one.transport.peers(), 60)
        finally:
            os.kill(child.pid, signal.SIGCONT)
            child.kill()
            child.wait()
