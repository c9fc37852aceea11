"""The serving end of passing models on: who is cut off leaves its place to others."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import numpy as np
import trio
from trio.testing import MockClock

from p2p.memory import MemoryTransport, Network
from p2p.model_giving import AT_ONCE
from p2p.model_wire import Ask, Offer, decode, encode
from p2p.options import NodeOptions
from p2p.transport import PeerName, Purpose
from tests.p2p.peers import ignore, say_nothing, start
from tests.p2p.shelves import bundle, device

T = TypeVar("T")


class Disk:
    """A disk that answers nobody until it is mended."""

    stuck = True

    async def __call__(self, work: Callable[[], T]) -> T:
        if self.stuck:
            await trio.sleep_forever()
        await trio.lowlevel.checkpoint()
        return work()


async def heard(host: MemoryTransport) -> bytes | None:
    """What ann answers to an ask, within a minute; None: it ended without a word."""
    try:
        async with host.open(PeerName("ann"), timeout=60, purpose=Purpose.MODEL) as channel:
            await channel.send(encode(Ask()))
            return await channel.receive()
    except ConnectionError:
        return None


async def test_Y5_who_is_cut_off_while_the_disk_is_slow_keeps_no_place(
    rng: np.random.Generator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    net, disk = Network(rng, delay=0.02), Disk()
    ann = device(net, tmp_path, "ann", has=bundle(1, rows=10))
    assert ann.shelf is not None
    ann.shelf.call = disk
    crowd = [net.host(f"eve{n}") for n in range(AT_ONCE + 1)]
    async with trio.open_nursery() as nursery, AsyncExitStack() as there:
        await start(nursery, ann, NodeOptions(sync_gap=0))
        for one in crowd:
            await there.enter_async_context(one.running(ignore, say_nothing))
            await one.dial("/memory/ann")
        for one in crowd[:AT_ONCE]:
            assert await heard(one) is None
        disk.stuck = False
        said = await heard(crowd[-1])
        assert said is not None
        assert isinstance(decode(said), Offer)
        nursery.cancel_scope.cancel()
