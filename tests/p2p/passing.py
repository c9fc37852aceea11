"""Devices that pass models on, in virtual time: how they run, and what of it is looked at."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from p2p.model_wire import decode
from p2p.options import NodeOptions
from tests.p2p.peers import Peer, start
from tests.p2p.shelves import bundle

OLD, NEW = bundle(1), bundle(2)


@asynccontextmanager
async def running(*peers: Peer, **options: object) -> AsyncGenerator[None]:
    """All of them; each dials the first."""
    async with trio.open_nursery() as nursery:
        for i, one in enumerate(peers):
            before = [f"/memory/{peers[0].transport.name}"] if i else []
            asked = NodeOptions(bootstrap=before, sync_gap=0, **options)  # type: ignore[arg-type]
            await start(nursery, one, asked)
        yield
        nursery.cancel_scope.cancel()


async def until(so: Callable[[], object], within: float = 120.0) -> float:
    """Wait in virtual seconds; how long it took."""
    began = trio.current_time()
    with trio.fail_after(within):
        while not so():  # noqa: ASYNC110 - virtual time
            await trio.sleep(0.1)
    return trio.current_time() - began


def frames(sent: Sequence[bytes]) -> list[str]:
    return [type(decode(data)).__name__ for data in sent]


def drafts(device: Path) -> list[str]:
    return [path.name for path in (device / "models").glob("draft-*")]
