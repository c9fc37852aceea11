"""Tells listeners what changes: a bounded queue each, and whoever does not read is let go."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import trio

from p2p.control.device import Device, sides
from p2p.control.problems import Problem
from p2p.options import NodeStatus

logger = logging.getLogger(__name__)

QUEUE: Final = 64
"""Events that may wait for one listener; at two a second, half a minute."""
LISTENERS: Final = 12
"""At a time: fewer than connections, so that there is always one for a command."""
LOOK_SECONDS: Final = 0.5
"""Between two looks at the node while somebody listens."""
BEAT_SECONDS: Final = 15.0
"""A listener hears at least this often; less than proxies' and browsers' patience."""

COUNTS: Final = (
    "records_sent",
    "records_received",
    "records_verified",
    "records_stored",
    "records_rejected",
    "messages_sent",
    "messages_received",
    "messages_dropped",
    "syncs",
    "bytes_synced",
    "refused",
    "restarts",
)
"""Of NodeStatus: what only rises."""


def counts(status: NodeStatus) -> dict[str, int]:
    """What a node has done so far."""
    return {name: getattr(status, name) for name in COUNTS}


def crowd(status: NodeStatus) -> dict[str, int]:
    """How many are connected, and who dialled."""
    outbound, inbound = sides(status)
    return {"connected": len(status.peers), "out": outbound, "in": inbound}


def event(kind: str, data: Mapping[str, object]) -> bytes:
    """One block of an event stream."""
    return f"event: {kind}\ndata: {json.dumps(data, allow_nan=False)}\n\n".encode()


BEAT: Final = b": beat\n\n"
DROPPED: Final = event("dropped", {"why": "you read too slowly; connect again and look anew"})
CLOSING: Final = event("closing", {})


class Listener:
    """One end of the stream: iterate `blocks`."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[bytes](QUEUE)
        self.last = CLOSING
        """Said after all others."""

    def tell(self, block: bytes) -> bool:
        """Queue it; False if there is no room, and then nothing more will come."""
        try:
            self._send.send_nowait(block)
        except trio.WouldBlock:
            self.last = DROPPED
            self._send.close()
            return False
        return True

    def end(self) -> None:
        """No more events."""
        self._send.close()

    async def next(self) -> bytes | None:
        """The next block, or a heartbeat; None after the last."""
        try:
            with trio.move_on_after(BEAT_SECONDS):
                return await self._receive.receive()
        except trio.EndOfChannel:
            return None
        return BEAT


class Hub:
    """All listeners. Lives in the control loop, but for `changed`."""

    def __init__(self, device: Device, generation: Callable[[], int]) -> None:
        """`generation` says which state of the log lists are made of."""
        self._device, self._generation = device, generation
        self._listeners: set[Listener] = set()
        self._somebody = trio.Event()
        self._changed = False
        self._closed = False
        self._seen: dict[str, Mapping[str, object]] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def changed(self) -> None:
        """Lists may have changed; told at the next look."""
        self._changed = True

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """A new listener, first told how things are. Raises Problem busy, closing."""
        if self._closed:
            raise Problem("closing", "the node is closing")
        if len(self._listeners) >= LISTENERS:
            raise Problem("busy", f"{LISTENERS} listen already")
        one = Listener()
        for kind, data in self._present().items():
            one.tell(event(kind, data))
        self._listeners.add(one)
        self._somebody.set()
        try:
            yield one
        finally:
            self._listeners.discard(one)
            one.end()

    async def run(self) -> None:
        """Look at the node while somebody listens, until cancelled."""
        while True:
            await self._somebody.wait()
            self._seen = self._present()
            while self._listeners:
                await trio.sleep(LOOK_SECONDS)
                self._tell_news()
            self._somebody = trio.Event()

    def close(self) -> None:
        """Let everybody go."""
        self._closed = True
        for one in self._listeners:
            one.end()

    def _present(self) -> dict[str, Mapping[str, object]]:
        """How the node is; what it was, if it cannot be told just now."""
        try:
            status = self._device.status()
        except Exception as error:  # noqa: BLE001 - whatever a device does, the server stays
            logger.warning("the node's status could not be read: %s", type(error).__name__)
            return self._seen
        state = {"state": status.state.partition(":")[0]}
        return {"state": state, "peers": crowd(status), "records": counts(status)}

    def _tell_news(self) -> None:
        present = self._present()
        for kind, data in present.items():
            if data != self._seen.get(kind):
                self._tell(event(kind, data))
        self._seen = present
        if self._changed:
            self._changed = False
            self._tell(event("recommendations_changed", {"generation": self._generation()}))

    def _tell(self, block: bytes) -> None:
        for one in tuple(self._listeners):
            if not one.tell(block):
                self._listeners.discard(one)
