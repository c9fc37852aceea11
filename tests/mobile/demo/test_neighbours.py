"""The friends are real nodes in another process, which never outlives who started it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from mobile.demo.company import NEIGHBOURS, ROOT
from mobile.demo.device import History, lay
from mobile.demo.neighbours import Neighbours
from p2p.node import Node
from p2p.options import NodeOptions
from web3rec.recommender import Recommender

pytestmark = [pytest.mark.slow, pytest.mark.network]

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "mobile.demo.peers"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
said = child.stdout.readline().decode()
print(child.pid, said, flush=True)
sys.stdin.read()
"""


def test_they_say_where_they_are_and_end_when_whoever_started_them_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child, said = parent.stdout.readline().split(maxsplit=1)
        handle = os.pidfd_open(int(child))
        parent.kill()
    try:
        trio.run(_ended, handle)
    finally:
        os.close(handle)
    addresses = json.loads(said)["addresses"]
    assert len(addresses) == NEIGHBOURS
    assert all(address.startswith("/ip4/127.0.0.1/tcp/") for address in addresses)


async def _ended(handle: int) -> None:
    with trio.fail_after(20):
        await trio.lowlevel.wait_readable(handle)


async def test_their_records_arrive_over_the_network(tmp_path: Path) -> None:
    lay(tmp_path, History())
    options = NodeOptions(sync_interval=1.0, sync_gap=1.0)
    with Recommender.open(tmp_path) as rec:
        before = rec.log.counts()["records"]
        with Neighbours() as others:
            async with trio.open_nursery() as nursery:
                node = Node(rec, options)
                await nursery.start(node.run)
                others.meet(node)
                with trio.fail_after(60):
                    while rec.log.counts()["records"] < before + 1000:  # noqa: ASYNC110
                        await trio.sleep(0.05)
                nursery.cancel_scope.cancel()
        assert len(node.status().unreachable) == 0
        assert rec.recommend(10)
