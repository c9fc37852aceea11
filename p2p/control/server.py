"""The control API's own thread: it answers while the network stack is down, or comes back.

caller's thread              control thread: trio.run
start, close ──────────►     accept ▸ one task a connection ▸ Service ▸ worker threads
rec's changes ─────────►     Hub ▸ event streams
"""

import logging
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import trio

from p2p.control import metrics
from p2p.control.access import Caller, TcpGate, UnixGate, digest
from p2p.control.device import Device
from p2p.control.doors import HasOptions, UnixDoor, peer_uid, tcp_door, unix_door
from p2p.control.hub import Hub
from p2p.control.messages import Action, Answer
from p2p.control.options import ControlOptions
from p2p.control.routing import Router
from p2p.control.service import Service
from p2p.control.table import table
from p2p.control.talking import Talks
from p2p.control.tokens import token_of
from p2p.errors import NodeError
from web3rec.recommender import Recommender

logger = logging.getLogger(__name__)

START_SECONDS: Final = 10.0
WORKERS: Final = 4
"""Calls on the recommender at a time: it has one lock, more would only wait."""

Talk = Callable[[trio.SocketStream], Awaitable[None]]


class ControlServer:
    """Serves one recommender and its node to the user's own programs; made once, started once.

    As a context manager it starts and closes itself. Close it before node and recommender.
    """

    def __init__(
        self,
        rec: Recommender,
        device: Device,
        options: ControlOptions | None = None,
        *,
        stop: Callable[[], None] | None = None,
        uid_of: Callable[[HasOptions], int | None] = peer_uid,
    ) -> None:
        """Prepare; nothing is opened before `start`.

        Args:
            rec: the opened recommender.
            device: its node, on the network or not.
            options: doors and limits; None for the defaults.
            stop: asks the process to end, as SIGTERM would; must return at once and not call
                `close` itself. None: /v1/shutdown says that it is not available.
            uid_of: whose the other end of a Unix socket is.
        """
        self._rec, self._uid_of = rec, uid_of
        self._options = options or ControlOptions()
        self._unix: UnixDoor | None = None
        self._tcp: socket.socket | None = None
        self._gate: TcpGate | None = None
        self._thread: threading.Thread | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self._closing = trio.Event()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._ended = False
        self._hub = Hub(device, lambda: rec.log.generation)
        requests = metrics.Requests()
        collector = metrics.NodeCollector(
            device.status, rec.log.counts, requests, lambda: len(self._hub)
        )
        registry = metrics.registry(collector) if self._options.metrics else None
        routes = table(
            rec,
            device,
            page=self._options.page,
            stop=stop,
            exposition=None if registry is None else partial(metrics.text, registry),
        )
        limiter = trio.CapacityLimiter(WORKERS)

        async def run(action: Action) -> Answer:
            return await trio.to_thread.run_sync(  # the stubs libp2p brings are older than trio
                action,
                limiter=limiter,
                abandon_on_cancel=True,  # type: ignore[call-arg]
            )

        service = Service(Router(routes), run, self._options.body_bytes)
        self._talks = Talks(service, self._hub, self._options, requests.count)

    # -- any thread ----------------------------------------------------------------------------

    def start(self) -> None:
        """Listen; returns once requests are answered.

        Raises AddressInUse, NodeError: a door cannot be opened, or it was started before.
        """
        if self._thread is not None or self._ended:
            raise NodeError("a control server starts once: make a new one")
        try:
            self._open_doors()
        except BaseException:
            self._shut_doors()
            raise
        self._thread = threading.Thread(target=self._work, name="web3rec-control", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or self._failure is not None:
            self.close()
            raise NodeError(f"the control API did not start: {self._failure}")

    def close(self) -> None:
        """Stop accepting, let what runs end, and leave; within `drain_seconds`. Again: nothing."""
        self._ended = True
        thread, token = self._thread, self._token
        if thread is not None and thread is not threading.current_thread():
            if token is not None:
                with suppress(trio.RunFinishedError):
                    token.run_sync_soon(self._closing.set)
            thread.join(self._options.drain_seconds + 1)
            if thread.is_alive():
                logger.warning("the control thread did not end in time")
        self._shut_doors()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    @property
    def socket_path(self) -> Path | None:
        """Where the Unix socket is, if there is one."""
        return self._in_store(self._options.socket) if self._options.socket else None

    @property
    def url(self) -> str:
        """The loopback address, "" if there is none."""
        if self._tcp is None or self._gate is None:
            return ""
        host = self._options.tcp_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._gate.port}"

    @property
    def alive(self) -> bool:
        """Whether it answers."""
        return self._thread is not None and self._thread.is_alive()

    # -- inside --------------------------------------------------------------------------------

    def _in_store(self, name: str) -> Path:
        return self._rec.path / name

    def _open_doors(self) -> None:
        options = self._options
        if self.socket_path is not None:
            self._unix = unix_door(self.socket_path)
        if options.tcp_port is not None:
            read = digest(token_of(self._in_store(options.read_token)))
            write = digest(token_of(self._in_store(options.write_token)))
            self._tcp = tcp_door(options.tcp_host, options.tcp_port)
            port = self._tcp.getsockname()[1]
            self._gate = TcpGate(port=port, read=read, write=write, address=options.tcp_host)
        if self._unix is None and self._tcp is None:
            raise NodeError("the control API has no door: give a socket or a tcp_port")

    def _shut_doors(self) -> None:
        if self._unix is not None:
            self._unix.remove()
            self._unix.listening.close()
        if self._tcp is not None:
            self._tcp.close()

    def _work(self) -> None:
        """All of the thread. Nothing may escape it."""
        try:
            trio.run(self._serve)
        except BaseException as error:  # noqa: BLE001 - the outermost frame of a thread
            self._failure = error
            logger.error("the control API ended: %s", type(error).__name__)  # noqa: TRY400 - D6
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        token = self._token = trio.lowlevel.current_trio_token()

        def changed() -> None:
            with suppress(trio.RunFinishedError):
                token.run_sync_soon(self._hub.changed, idempotent=True)

        leave = self._rec.subscribe("recommendations_changed", changed)
        try:
            async with trio.open_nursery() as background:
                background.start_soon(self._hub.run)
                async with trio.open_nursery() as talks:
                    async with trio.open_nursery() as accepting:
                        for listener, talk in self._listeners():
                            serve = partial(trio.serve_listeners, talk, [listener])
                            accepting.start_soon(partial(serve, handler_nursery=talks))
                        self._ready.set()
                        await self._closing.wait()
                        accepting.cancel_scope.cancel()
                    self._shut_doors()
                    self._hub.close()
                    self._talks.close()
                    talks.cancel_scope.deadline = trio.current_time() + self._options.drain_seconds
                background.cancel_scope.cancel()
        finally:
            leave()

    def _listeners(self) -> list[tuple[trio.SocketListener, Talk]]:
        found: list[tuple[trio.SocketListener, Talk]] = []
        if self._unix is not None:
            listener = trio.SocketListener(trio.socket.from_stdlib_socket(self._unix.listening))
            found.append((listener, self._by_socket))
        if self._tcp is not None:
            listener = trio.SocketListener(trio.socket.from_stdlib_socket(self._tcp))
            found.append((listener, self._by_port))
        return found

    async def _by_socket(self, stream: trio.SocketStream) -> None:
        caller = Caller(uid=self._uid_of(stream.socket))
        await self._talks.talk(stream, caller, UnixGate(uid=os.geteuid()))

    async def _by_port(self, stream: trio.SocketStream) -> None:
        if self._gate is not None:
            await self._talks.talk(stream, Caller(), self._gate)
