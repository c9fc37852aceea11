"""py-libp2p's connections, mended from outside: what a stranger sends ends his stream, not ours.

Written for libp2p 0.8.1 and refused with any other version: it leans on that version's insides.
Knows tasks and streams; `p2p.libp2p_yamux` mends connections, `p2p.libp2p_swarm` the door,
`p2p.libp2p_gossip` messages.

What is mended, and why:

- A raised exception in any task of a libp2p service ends the whole host. `CalmManager` keeps it
  in its task.
- The negotiation of protocols reads lines of any length. `read_line` allows 1 KiB.
- Its log lines name peers, and a stranger can make it write thousands; it calls `logging.debug` on
  the root logger, which installs a handler that prints to stderr.
"""

import importlib.metadata
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio
from libp2p.abc import INetStream
from libp2p.exceptions import BaseLibp2pError, ParseError
from libp2p.io.abc import Reader
from libp2p.io.exceptions import IncompleteReadError
from libp2p.network.connection import swarm_connection
from libp2p.peer.id import ID
from libp2p.protocol_muxer import multiselect_communicator
from libp2p.tools.anyio_service.api import ServiceAPI
from libp2p.tools.anyio_service.trio_manager import TrioManager

from p2p.errors import VersionMismatch

logger = logging.getLogger(__name__)

VERSION = "0.8.1"
WRITE_SECONDS = 15.0
"""How long one frame may take to leave; a peer that reads slower is cut off."""
STOP_SECONDS = 1.0
"""How long a service may take to stop; then it is cancelled where it stands."""
MAX_LINE = 1024
"""Bytes of one line of protocol negotiation; real ones are protocol names."""

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
    _silence()
    replacements: tuple[tuple[object, str, object], ...] = (
        (multiselect_communicator, "read_delim", read_line),
        (swarm_connection, "logging", logging.getLogger("libp2p.network.connection")),
    )
    for module, name, value in replacements:
        setattr(module, name, value)


def _silence() -> None:
    """Keep libp2p's own log lines back: they name peers, and strangers write them at will.

    It lets none through to the root logger; without a handler warnings would reach stderr.
    """
    library = logging.getLogger("libp2p")
    library.setLevel(logging.CRITICAL)
    if not any(isinstance(h, logging.NullHandler) for h in library.handlers):
        library.addHandler(logging.NullHandler())


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
