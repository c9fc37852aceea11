"""All open connections: how many, who idles, one task each, and how they end."""

import logging
from collections.abc import Callable
from typing import Final

import trio

from p2p.control import events
from p2p.control.access import Caller, Gate
from p2p.control.http import Connection
from p2p.control.hub import Hub
from p2p.control.messages import Answer, Head, refused
from p2p.control.options import ControlOptions
from p2p.control.problems import Problem
from p2p.control.service import Service

logger = logging.getLogger(__name__)

REFUSAL_SECONDS: Final = 1.0
"""To tell one too many that it is."""


class Talks:
    """The connections of all doors. Lives in the control loop."""

    def __init__(
        self,
        service: Service,
        hub: Hub,
        options: ControlOptions,
        count: Callable[[str, int], None],
    ) -> None:
        """`count` is told method and status of every answer."""
        self._service, self._hub, self._options, self._count = service, hub, options, count
        self._places = options.connections
        self._idle: dict[Connection, trio.CancelScope] = {}  # the longest idle first
        self._closing = False

    async def talk(self, stream: trio.abc.Stream, caller: Caller, gate: Gate) -> None:
        """Answer one connection's requests until it ends. Raises nothing but cancellation."""
        connection = Connection(stream, self._options)
        try:
            if not self._take_place():
                await self._turn_away(connection)
                return
            try:
                while await self._exchange(connection, caller, gate):
                    pass
            finally:
                self._places += 1
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # it went: its own affair
        except Exception as error:  # noqa: BLE001 - the outermost frame of a connection
            logger.error("a connection failed: %s", type(error).__name__)  # noqa: TRY400 - D6
        finally:
            await connection.close()

    def close(self) -> None:
        """Take no further request: idle connections end now, the others after their answer."""
        self._closing = True
        for scope in self._idle.values():
            scope.cancel()

    # -- inside --------------------------------------------------------------------------------

    def _take_place(self) -> bool:
        """A place for one more; where all are taken, whoever idles longest gives its own up."""
        if self._places <= 0:
            if not self._idle:
                return False
            longest = next(iter(self._idle))
            self._idle.pop(longest).cancel()
        self._places -= 1
        return True

    async def _turn_away(self, connection: Connection) -> None:
        answer = refused(Problem("busy", "try again in a moment"), close=True)
        with trio.move_on_after(REFUSAL_SECONDS):
            await connection.answer(answer, last=True)
        self._count("other", answer.status)

    async def _exchange(self, connection: Connection, caller: Caller, gate: Gate) -> bool:
        """One request and its answer; True if another may follow."""
        head: Head | None = None
        try:
            head = await self._next(connection)
            if head is None:
                return False
            answer = await self._service.answer(head, connection.body, caller, gate)
        except Problem as problem:
            answer = refused(problem, close=True)
        method = "other" if head is None else head.method
        if answer.events and method != "HEAD":
            answer = await self._stream(connection)
            if answer.events:
                return False
        if not connection.can_answer:
            return False
        self._count(method, answer.status)
        return await connection.answer(answer, head_only=method == "HEAD", last=self._closing)

    async def _next(self, connection: Connection) -> Head | None:
        """The next request; while none begins, this connection counts as idle."""
        if self._closing:
            return None
        scope = trio.CancelScope()
        self._idle[connection] = scope
        return await connection.head(scope, lambda: self._idle.pop(connection, None))

    async def _stream(self, connection: Connection) -> Answer:
        """Write the event stream; gives another answer where that cannot begin."""
        try:
            await events.stream(connection, self._hub)
        except Problem as problem:
            return refused(problem)
        self._count("GET", 200)
        return Answer(events=True)
