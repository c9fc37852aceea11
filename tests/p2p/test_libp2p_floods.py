"""Whatever one peer asks for, the others are served and the process does not grow.

Two honest neighbours of the victim, who reach each other only through it, say five things a
second; at least 99 of 100 must arrive. Growth is at most 64 MiB.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from p2p.transport import Channel, PeerName
from tests.p2p.carriers import Peer, eventually, gathering, libp2p_hosts
from tests.p2p.floods import KINDS, MARK, Nuisance, keep_at_it
from web3rec.types import Verdict

pytestmark = [pytest.mark.network, pytest.mark.slow]

MIB = 1024 * 1024
GROWTH = 64 * MIB
PAUSE = 0.2
"""Seconds between two things an honest peer says."""


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def judged(data: bytes) -> Verdict:
    return Verdict.IGNORE if data.startswith(MARK) else Verdict.ACCEPT


async def answered(_opener: PeerName, channel: Channel) -> None:
    while (frame := await channel.receive()) is not None:
        await channel.send(b"echo " + frame)


@asynccontextmanager
async def neighbourhood() -> AsyncIterator[tuple[Peer, Peer, Peer, Peer]]:
    """left - victim - right, and a stranger."""
    async with gathering(libp2p_hosts(), 4) as (victim, left, right, stranger):
        victim.verdict, victim.serving = judged, answered
        await left.dial(victim)
        await right.dial(victim)
        for one, other in ((left, right), (right, left)):
            await one.transport.publish(b"hello from " + one.transport.name.encode())
            await eventually(lambda o=other: o.heard)  # type: ignore[misc]
        yield victim, left, right, stranger


async def chatter(left: Peer, right: Peer, seconds: float) -> tuple[int, int]:
    """How much was said, and how much of it heard, in both directions."""
    said: list[tuple[Peer, bytes]] = []
    with trio.move_on_after(seconds):
        for n in range(10_000):
            for one, other in ((left, right), (right, left)):
                data = b"honest %d from " % n + one.transport.name.encode()
                await one.transport.publish(data)
                said.append((other, data))
            await trio.sleep(PAUSE)
    with trio.move_on_after(5):
        await eventually(lambda: all(other.count(data) for other, data in said))
    return len(said), sum(bool(other.count(data)) for other, data in said)


@pytest.mark.parametrize("kind", KINDS)
async def test_Y6_honest_delivery_and_memory_under_a_flood_of(kind: str) -> None:
    async with neighbourhood() as (victim, left, right, stranger), trio.open_nursery() as nursery:
        before = resident()
        nuisance = Nuisance(stranger, victim.transport.addresses[0])
        nursery.start_soon(keep_at_it, kind, nuisance)
        said, heard = await chatter(left, right, 0.8)
        nursery.cancel_scope.cancel()
        assert nuisance.done > 0
        assert said >= 6
        assert heard >= 0.99 * said
        assert resident() - before <= GROWTH
        with trio.CancelScope(shield=True):
            assert await left.ask(victim, b"and now?") == [b"echo and now?"]


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
async def test_Y6_a_flood_from_a_process_of_its_own_for_a_while_of(kind: str) -> None:
    async with neighbourhood() as (victim, left, right, _):
        before = resident()
        address = victim.transport.addresses[0]
        command = [sys.executable, "-m", "tests.p2p.floods", kind, address, "20"]
        async with trio.open_nursery() as nursery:
            run = partial(trio.run_process, command, capture_stdout=True, check=False)
            nursery.start_soon(run)
            said, heard = await chatter(left, right, 23)
        print(f"{kind}: {heard} of {said} heard, {(resident() - before) / MIB:.1f} MiB more")  # noqa: T201 - the figures of the nightly run
        assert said >= 100
        assert heard >= 0.99 * said
        assert resident() - before <= GROWTH
        assert await left.ask(victim, b"and now?") == [b"echo and now?"]
