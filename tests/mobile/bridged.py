"""A bridge with everything real but the node and the UI thread: that is the test's own."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mobile.bridge import Bridge
from mobile.preferences import Preferences
from mobile.viewmodel import State
from p2p.options import Neighbour, NodeStatus
from tests.web3rec.devices import FRIENDS, device, items, neighbourhood
from tests.web3rec.store.logs import HandClock
from web3rec import Event, Params, Recommender

PATIENCE: Final = 60.0
"""Seconds after which a desk that is not idle is an error; nothing waits for them to pass"""


@dataclass
class FakeNode:
    """What a node does, without a network."""

    state: str = "new"
    calls: list[str] = field(default_factory=list)
    neighbours: tuple[Neighbour, ...] = ()
    unreachable: dict[str, str] = field(default_factory=dict)
    fails: Exception | None = None
    bytes_synced: int = 0

    def start(self) -> None:
        self.calls.append("start")
        if self.fails is not None:
            self.state = "failed: no network"
            raise self.fails
        self.state = "running"

    def status(self) -> NodeStatus:
        return NodeStatus(
            state=self.state,
            neighbours=self.neighbours,
            unreachable=self.unreachable,
            bytes_synced=self.bytes_synced,
            addresses=("/ip4/127.0.0.1/tcp/4001/p2p/me",) if self.state == "running" else (),
        )

    def dial(self, address: str) -> None:
        self.calls.append(f"dial {address}")

    def catch_up(self) -> None:
        self.calls.append("catch up")

    def pause(self) -> None:
        self.calls.append("pause")
        self.state = "paused"

    def resume(self) -> None:
        self.calls.append("resume")
        self.state = "running"

    def close(self) -> None:
        self.calls.append("close")
        self.state = "closed"


class Rig:
    """A bridge and the turn of its UI thread."""

    def __init__(
        self, path: Path, fill: Callable[[Recommender], None], *, network: bool = True, **more: Any
    ) -> None:
        """Begins to open; `settle` waits for it. `fill` is called on the store opened first."""
        self.clock = HandClock()
        self.path = path
        self.recs: list[Recommender] = []
        self.nodes: list[FakeNode] = []
        self.node_fails: Exception | None = None
        self.told: list[State] = []
        self.chosen: list[Preferences] = []
        self._fill, self._queue = fill, deque[Callable[[], None]]()
        self.bridge = Bridge(
            self.open_store,
            self._make_node if network else None,
            self._queue.append,
            more.pop("preferences", Preferences()),
            clock=self.clock,
            on_preferences=self.chosen.append,
            **more,
        )
        self.bridge.subscribe(self.told.append)

    @property
    def rec(self) -> Recommender:
        return self.recs[-1]

    @property
    def state(self) -> State:
        return self.bridge.state

    def open_store(self) -> Recommender:
        rec = device(self.path, self.clock, params=Params())
        if not self.recs:
            self._fill(rec)
        self.recs.append(rec)
        return rec

    def pump(self) -> None:
        """One turn of the UI thread."""
        while self._queue:
            self._queue.popleft()()

    def settle(self) -> State:
        """Until nothing is left to do, and all of it was told."""
        assert self.bridge.settle(PATIENCE)
        self.pump()
        return self.state

    def shown(self) -> list[str]:
        return [row.item for row in self.state.for_you.rows]

    def acts(self) -> list[tuple[str, str]]:
        return [(item, kind) for item, kind, _, _ in self.rec.log.history()]

    def _make_node(self, rec: Recommender) -> FakeNode:
        node = FakeNode(fails=self.node_fails)
        self.nodes.append(node)
        return node


def lived(rec: Recommender) -> None:
    """A catalogue, four likes, four friends and what they said."""
    rec.add_items(items())
    for n in range(4):
        rec.record(Event.LIKE, f"trk:{n}")
    for n, friend in enumerate(FRIENDS):
        rec.trust(friend.peer, 0.5, name=f"friend {n}")
    rec.log.ingest(neighbourhood())


def fresh(rec: Recommender) -> None:
    """A catalogue and what others said; nothing of the ego's."""
    rec.add_items(items())
    rec.log.ingest(neighbourhood())


def empty(_rec: Recommender) -> None:
    """Nothing at all."""


@contextmanager
def rig(path: Path, fill: Callable[[Recommender], None] = lived, **more: Any) -> Iterator[Rig]:
    """A settled rig, closed at the end."""
    made = Rig(path, fill, **more)
    made.settle()
    try:
        yield made
    finally:
        assert made.bridge.close(PATIENCE)


def neighbour(name: str, *, synced: float, outbound: bool = True) -> Neighbour:
    return replace(Neighbour(name, connected=True), synced=synced, outbound=outbound)
