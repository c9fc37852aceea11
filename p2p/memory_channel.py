"""Channels inside one process: frames that take their time, lose nothing, and wait for a reader.

Knows no hosts and no links; `p2p.memory` makes the pairs and breaks them when a link is cut.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import trio

from p2p.transport import LINGER_SECONDS, MAX_FRAME, PeerName

ROOM = 4
"""Frames on their way in one direction at most; who sends another waits."""


class Pipe:
    """Frames on their way in one direction, in order, each with its time of arrival."""

    def __init__(self, journey: Callable[[], float]) -> None:
        """`journey()` is how many seconds the next frame takes."""
        self.broken = False
        self.finished = False
        """The reader has seen the end."""
        self._journey = journey
        self._send, self._receive = trio.open_memory_channel[tuple[float, bytes]](ROOM)
        self._next: tuple[float, bytes] | None = None
        self._last = 0.0

    async def put(self, frame: bytes) -> None:
        """Send; waits for room. Raises ConnectionError."""
        try:
            await self._send.send((self._arrival(), frame))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise ConnectionError("the other end is gone") from None

    async def take(self) -> bytes | None:
        """The next frame once it has arrived; None at the end. Raises ConnectionError."""
        if self.finished:
            await trio.lowlevel.checkpoint()
            return None
        try:
            if self._next is None:
                self._next = await self._receive.receive()
            when, frame = self._next
            await trio.sleep_until(when)
        except (trio.EndOfChannel, trio.ClosedResourceError):
            if not self.broken:
                await trio.sleep_until(self._last)
                self.finished = not self.broken
        if self.broken:
            raise ConnectionError("the other end broke off")
        if self.finished:
            return None
        self._next = None
        return frame

    def end(self) -> None:
        """The sender has finished."""
        if not self.broken:
            self._arrival()
        self._send.close()

    def ignore(self) -> None:
        """The reader has finished; sending raises from now on."""
        self._receive.close()

    def break_off(self) -> None:
        """Lose what is on its way; whoever waits at either end gets a ConnectionError."""
        self.broken = self.broken or not self.finished
        self._send.close()
        self._receive.close()

    def _arrival(self) -> float:
        self._last = max(self._last, trio.current_time() + self._journey())
        return self._last


@dataclass(slots=True, eq=False)
class MemoryChannel:
    """One end of a pair of pipes; implements `p2p.transport.Channel`."""

    peer: PeerName
    timeout: float
    outgoing: Pipe = field(repr=False)
    incoming: Pipe = field(repr=False)

    async def send(self, frame: bytes) -> None:
        """Hand over one frame; see `Channel.send`."""
        if not 0 < len(frame) <= MAX_FRAME:
            raise ValueError(f"a frame must be 1 to {MAX_FRAME} bytes, got {len(frame)}")
        with trio.fail_after(self.timeout):
            await self.outgoing.put(frame)

    async def receive(self) -> bytes | None:
        """The other end's next frame; see `Channel.receive`."""
        with trio.fail_after(self.timeout):
            return await self.incoming.take()

    def finish(self) -> None:
        """No more frames from us, and none are read."""
        self.outgoing.end()
        self.incoming.ignore()

    async def leave(self) -> None:
        """Finish our end, wait a little for the other's, break off if it does not come."""
        self.outgoing.end()
        with trio.move_on_after(min(self.timeout, LINGER_SECONDS)):
            try:
                await self.incoming.take()
            except ConnectionError:
                return
        self.break_off()

    def break_off(self) -> None:
        """Break both directions, unless they have come to their end."""
        self.outgoing.break_off()
        self.incoming.break_off()


def pair(
    opener: PeerName, server: PeerName, timeouts: tuple[float, float], journey: Callable[[], float]
) -> tuple[MemoryChannel, MemoryChannel]:
    """The opener's end and the server's, with the timeout of each in seconds."""
    there, back = Pipe(journey), Pipe(journey)
    return (
        MemoryChannel(server, timeouts[0], outgoing=there, incoming=back),
        MemoryChannel(opener, timeouts[1], outgoing=back, incoming=there),
    )
