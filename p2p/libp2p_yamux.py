"""Yamux, mended from outside: it keeps its own limits, whatever a peer sends.

libp2p's Yamux neither enforces the receive window nor caps streams, sends a window update for each
read, and leaves half a frame on the wire when a write is cancelled. Written for libp2p 0.8.1.
"""

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import trio
from libp2p.abc import ISecureConn
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.peer.id import ID
from libp2p.stream_muxer.yamux.yamux import (
    DEFAULT_WINDOW_SIZE,
    FLAG_SYN,
    HEADER_SIZE,
    TYPE_DATA,
    TYPE_PING,
    YAMUX_HEADER_FORMAT,
    Yamux,
    YamuxStream,
)

from p2p.libp2p_guard import TROUBLE, WRITE_SECONDS, Report
from p2p.pace import Pace

MAX_STREAMS = 64
"""Streams one peer may have open on one connection."""
MAX_BUFFERED = 2 * 1024 * 1024
"""Unread bytes one connection may hold."""
FRAMES_PER_SECOND, FRAMES_AT_ONCE = 2_000.0, 6_000.0
"""Frames we read of one peer. Each costs some 50 us, whatever is in it; a busy honest peer sends
500."""
SYN_COST = 20
"""Frames that opening a stream counts for: a task, and a negotiation."""
TURN = 32
"""Frames we read of one peer before others have their turn."""


class Flooded(trio.TooSlowError):
    """A peer sent more than it was allowed to; Yamux answers a TooSlowError by hanging up."""


class _Unread(bytearray):
    """What arrived on one stream and was not read yet."""

    def __init__(self, siblings: "_Buffers") -> None:
        super().__init__()
        self._siblings = siblings

    def extend(self, more: Any, /) -> None:
        size = len(self) + len(more)
        if size > DEFAULT_WINDOW_SIZE:
            raise self._siblings.flood("more than the receive window")
        if size * MAX_STREAMS > MAX_BUFFERED and self._siblings.size + len(more) > MAX_BUFFERED:
            raise self._siblings.flood("too many unread bytes")
        super().extend(more)


class _Buffers(dict[int, bytearray]):
    """The unread bytes of a connection, by stream."""

    def __init__(self, flood: Callable[[str], Flooded]) -> None:
        super().__init__()
        self.flood = flood

    @property
    def size(self) -> int:
        return sum(map(len, self.values()))

    def __setitem__(self, number: int, empty: bytearray, /) -> None:
        super().__setitem__(number, _Unread(self))


class _Streams(dict[int, YamuxStream]):
    """The streams of a connection, by number."""

    def __init__(self, flood: Callable[[str], Flooded]) -> None:
        super().__init__()
        self._flood = flood

    def __setitem__(self, number: int, stream: YamuxStream, /) -> None:
        theirs = sum(not other.is_initiator for other in self.values())
        if not stream.is_initiator and theirs >= MAX_STREAMS:
            raise self._flood("too many streams")
        stream.__class__ = FrugalStream
        super().__setitem__(number, stream)


class FrugalStream(YamuxStream):
    """A stream that gives credit when half a window was read, not at each read."""

    async def _auto_tune_and_send_window_update(self, *, bytes_read: int = 0) -> None:
        self._pending_recv_release += bytes_read
        if self._pending_recv_release >= DEFAULT_WINDOW_SIZE // 2 and not self.recv_closed:
            credit, self._pending_recv_release = self._pending_recv_release, 0
            self.recv_window += credit
            await self.send_window_update(credit)


class PacedConnection:
    """A secured connection that is read no faster than its share; otherwise as it was."""

    def __init__(self, connection: ISecureConn) -> None:
        self._connection = connection
        self._pace = Pace(FRAMES_PER_SECOND, FRAMES_AT_ONCE)
        self._body = 0
        self._frames = 0

    async def read(self, n: int | None = None) -> bytes:
        """Read; headers of frames are looked at on their way, and may have to wait."""
        data = await self._connection.read(n)
        if self._body:
            self._body = max(0, self._body - len(data))
        elif len(data) == HEADER_SIZE:
            _, kind, flags, _, length = struct.unpack(YAMUX_HEADER_FORMAT, data)
            self._body = length if kind == TYPE_DATA else 0
            self._frames += 1
            cost = SYN_COST if flags & FLAG_SYN and kind != TYPE_PING else 1
            wait = self._pace.spend(cost, trio.current_time())
            if wait or self._frames % TURN == 0:
                await trio.sleep(wait)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class GuardedYamux(Yamux):
    """Yamux that enforces the receive window, caps streams and writes whole frames."""

    def __init__(
        self, secured_conn: ISecureConn, peer_id: ID, report: Report, address: str = ""
    ) -> None:
        """`address` is what was dialled, or where the peer came from."""
        paced = cast(ISecureConn, PacedConnection(secured_conn))
        super().__init__(paced, peer_id, is_initiator=secured_conn.is_initiator)
        self.address = address
        self._report = report
        self.streams = _Streams(self._flooded)
        self.stream_buffers = _Buffers(self._flooded)

    async def start(self) -> None:
        """Run until the connection ends; never raises."""
        try:
            await super().start()
        except Exception as error:  # noqa: BLE001 - this is the guard
            self._report(self.peer_id, f"yamux: {type(error).__name__}")
            await self._cleanup_on_error()
        self.event_started.set()  # whoever waits for the start finds the connection closed

    async def cut(self) -> None:
        """End the connection now; libp2p's `close` says goodbye first, and waits for a reader."""
        with suppress(*TROUBLE):
            await self.secured_conn.close()  # wakes whoever is writing
        await self._cleanup_on_error()

    def _flooded(self, what: str) -> Flooded:
        self._report(self.peer_id, f"yamux: {what}")
        return Flooded(what)

    async def _read_data_body(self, length: int) -> bytes:
        if length > DEFAULT_WINDOW_SIZE:
            raise self._flooded("a frame over the receive window")
        return await super()._read_data_body(length)

    async def _write_frame(self, data: bytes) -> None:
        async with self._write_lock:
            with trio.CancelScope(deadline=trio.current_time() + WRITE_SECONDS, shield=True):
                await self.secured_conn.write(data)
                return
            # Half a frame may be on the wire: nothing sensible can follow it.
            self.event_shutting_down.set()
            await self.secured_conn.close()
        raise ConnectionClosedError("the peer reads too slowly")
