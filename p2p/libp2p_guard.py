"""py-libp2p's connections, mended from outside: what a stranger sends ends his stream, not ours.

Written for libp2p 0.8.1 and refused with any other version: it leans on that version's insides.
Knows connections and streams; messages are the business of `p2p.libp2p_gossip`.

What is mended, and why:

- A raised exception in any task of a libp2p service ends the whole host. `CalmManager` keeps it
  in its task.
- Yamux neither enforces the receive window nor caps streams, and sends a window update for each
  read. `GuardedYamux` does the first two and sends credit at half a window.
- A cancelled write leaves half a frame on the wire, and the connection unreadable. Writes of
  frames are shielded and bounded in time instead.
- The negotiation of protocols reads lines of any length. `read_line` allows 1 KiB.
- An inbound connection holds its slot until the host stops, so a host grows deaf after some
  sixty visitors. `GuardedSwarm` frees the slot when the connection closes.
- `logging.debug` on the root logger installs a handler that prints to stderr.
"""

import importlib.metadata
import ipaddress
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import trio
from libp2p.abc import IMuxedConn, INetConn, INetStream, ISecureConn
from libp2p.exceptions import BaseLibp2pError, ParseError
from libp2p.io.abc import Reader, ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError, IncompleteReadError
from libp2p.network.connection import swarm_connection
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.protocol_muxer import multiselect_communicator
from libp2p.stream_muxer.yamux.yamux import DEFAULT_WINDOW_SIZE, Yamux, YamuxStream
from libp2p.tools.anyio_service.api import ServiceAPI
from libp2p.tools.anyio_service.trio_manager import TrioManager
from libp2p.transport.upgrader import TransportUpgrader
from multiaddr import Multiaddr

from p2p.errors import VersionMismatch

logger = logging.getLogger(__name__)

VERSION = "0.8.1"
MAX_STREAMS = 64
"""Streams one peer may have open on one connection."""
MAX_BUFFERED = 2 * 1024 * 1024
"""Unread bytes one connection may hold."""
WRITE_SECONDS = 15.0
"""How long one frame may take to leave; a peer that reads slower is cut off."""
STOP_SECONDS = 1.0
"""How long a service may take to stop; then it is cancelled where it stands."""
MAX_LINE = 1024
"""Bytes of one line of protocol negotiation; real ones are protocol names."""
MAX_PER_SUBNET = 16
"""Inbound connections from one IPv4 /24 or IPv6 /48; loopback is exempt. Guess, to be measured."""

TROUBLE = (
    BaseLibp2pError,
    OSError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio.TooSlowError,
)
"""What is raised when a connection stalls or ends; nobody's fault, unless it is a ParseError."""

Report = Callable[[ID, str], None]
"""Told which peer did what wrong, in our words, never with its bytes."""


def require_version(found: str | None = None) -> None:
    """Refuse any libp2p but the one this file was written for.

    Args:
        found: the version to judge; the installed one if None.

    Raises:
        VersionMismatch: it is another; says which to install.
    """
    found = importlib.metadata.version("libp2p") if found is None else found
    if found != VERSION:
        raise VersionMismatch(
            f"the network layer needs libp2p {VERSION} exactly, got {found}: "
            f"run `pip install libp2p=={VERSION}`"
        )


def mend() -> None:
    """Replace what can only be mended in libp2p's own modules; does nothing the second time.

    Raises:
        VersionMismatch: libp2p is another version.
    """
    require_version()
    library = logging.getLogger("libp2p")
    if not any(isinstance(h, logging.NullHandler) for h in library.handlers):
        library.addHandler(logging.NullHandler())  # else warnings reach stderr as a last resort
    replacements: tuple[tuple[object, str, object], ...] = (
        (multiselect_communicator, "read_delim", read_line),
        (swarm_connection, "logging", logging.getLogger("libp2p.network.connection")),
    )
    for module, name, value in replacements:
        setattr(module, name, value)


async def read_line(reader: Reader) -> bytes:
    """Read one line of multistream-select: a varint length, text, a newline.

    Raises:
        ParseError: longer than MAX_LINE, no newline, no UTF-8.
        IncompleteReadError: the stream ended inside it.
    """
    head = b""
    while not head or head[-1] & 0x80:
        head += await _exactly(reader, 1)
        if len(head) > 2:
            raise ParseError(f"a line of negotiation is longer than {MAX_LINE} bytes")
    length = head[0] if len(head) == 1 else (head[0] & 0x7F) | head[1] << 7
    if not 0 < length <= MAX_LINE:
        raise ParseError(f"a line of negotiation must be 1 to {MAX_LINE} bytes, got {length}")
    line = await _exactly(reader, length)
    if line[-1:] != b"\n":
        raise ParseError("a line of negotiation must end with a newline")
    try:
        line.decode()
    except UnicodeDecodeError:
        raise ParseError("a line of negotiation must be UTF-8") from None
    return line[:-1]


async def _exactly(reader: Reader, n: int) -> bytes:
    data = b""
    while len(data) < n:
        more = await reader.read(n - len(data))
        if not more:
            raise IncompleteReadError("the stream ended inside a line of negotiation")
        data += more
    return data


def guarded(
    handler: Callable[[INetStream], Awaitable[None]], report: Report
) -> Callable[[INetStream], Awaitable[None]]:
    """Wrap the handler of inbound streams: whatever it raises resets the stream.

    All but the ordinary end of a connection is reported as the peer's offence.
    """

    async def contained(stream: INetStream) -> None:
        try:
            await handler(stream)
        except Exception as error:  # noqa: BLE001 - this is the guard: nothing of a stranger's passes
            what = f"{stream.get_protocol()}: {type(error).__name__}"
            if isinstance(error, TROUBLE) and not isinstance(error, ParseError):
                logger.debug("a stream ended: %s", what)
            else:
                report(stream.muxed_conn.peer_id, what)
            with trio.move_on_after(WRITE_SECONDS):
                await stream.reset()

    return contained


class CalmManager(TrioManager):
    """Runs a libp2p service; an exception in one of its tasks ends that task alone.

    Daemon tasks (the heartbeat, the queues) are the service itself: theirs end it, and the
    supervisor starts it again.
    """

    def run_task(
        self,
        async_fn: Callable[..., Awaitable[Any]],
        *args: Any,
        daemon: bool = False,
        name: str | None = None,
        _internal: bool = False,
    ) -> None:
        """See TrioManager.run_task."""

        async def contained() -> None:
            try:
                await async_fn(*args)
            except Exception as error:  # noqa: BLE001 - this is the guard
                logger.debug("task %s failed: %s", name or async_fn, type(error).__name__)

        calm = async_fn if daemon or _internal else contained
        super().run_task(
            calm,
            *(() if calm is contained else args),
            daemon=daemon,
            name=name,
            _internal=_internal,
        )


@asynccontextmanager
async def background(service: ServiceAPI) -> AsyncIterator[None]:
    """Run a libp2p service calmly as long as the context lasts.

    A cancellation from outside reaches the body first: the service runs on, for whatever the body
    still has to do on leaving, and is stopped after it, within STOP_SECONDS.
    """
    manager = CalmManager(service)
    shelter = trio.CancelScope(shield=True)

    async def run() -> None:
        with shelter:
            await manager.run()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        try:
            await manager.wait_started()
            yield
        finally:
            with trio.CancelScope(deadline=trio.current_time() + STOP_SECONDS, shield=True):
                await manager.stop()
            shelter.cancel()


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


class GuardedYamux(Yamux):
    """Yamux that enforces the receive window, caps streams and writes whole frames."""

    def __init__(self, secured_conn: ISecureConn, peer_id: ID, report: Report) -> None:
        super().__init__(secured_conn, peer_id, is_initiator=secured_conn.is_initiator)
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


class GuardedUpgrader(TransportUpgrader):
    """Makes guarded Yamux connections, whatever Yamux class libp2p has in mind."""

    report: Report

    async def upgrade_connection(self, conn: ISecureConn, peer_id: ID) -> IMuxedConn:
        """Negotiate Yamux and return a connection that keeps its limits."""
        await super().upgrade_connection(conn, peer_id)
        return GuardedYamux(conn, peer_id, self.report)


class GuardedSwarm(Swarm):
    """A swarm that forgets who left: his slot, his cooldown, his entry among the peers.

    It also caps the inbound connections of one subnet.
    """

    async def notify_disconnected(self, conn: INetConn) -> None:
        """Tell everybody; then forget the peer unless another connection to him is open."""
        await super().notify_disconnected(conn)
        peer = conn.muxed_conn.peer_id
        if not self.get_connections(peer):
            self.auto_connector.clear_cooldown(peer)
            if self.peerstore.has_peer(peer):
                self.peerstore.clear_peerdata(peer)

    async def _handle_inbound_connection(
        self, read_write_closer: ReadWriteCloser, maddr: Multiaddr
    ) -> None:
        places: Counter[str] = self.__dict__.setdefault("_places", Counter())
        place = _subnet(read_write_closer)
        raw = RawConnection(read_write_closer, False)
        try:
            self._inbound_limiter.acquire_nowait()
        except trio.WouldBlock:
            await raw.close()
            return
        places[place] += 1
        try:
            if place and places[place] > MAX_PER_SUBNET:
                return
            muxed = await self.upgrade_inbound_raw_conn(raw, maddr)
            await cast(Yamux, muxed).event_closed.wait()
        except Exception as error:  # noqa: BLE001 - this is the guard: no name yet to report
            logger.debug("an inbound connection failed: %s", type(error).__name__)
        finally:
            self._inbound_limiter.release()
            places[place] -= 1
            places += Counter()  # forgets the zeros
            with trio.CancelScope(shield=True):
                await raw.close()


def _subnet(connection: ReadWriteCloser) -> str:
    """The /24 or /48 a connection comes from; empty for loopback."""
    remote = connection.get_remote_address()
    if remote is None:  # libp2p answers None for IPv6: its socket names have four parts
        try:
            remote = cast(Any, connection).stream.socket.getpeername()
        except (AttributeError, OSError):
            return "unknown"
    ip = ipaddress.ip_address(cast("tuple[str, int]", remote)[0].partition("%")[0])
    if ip.is_loopback:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
