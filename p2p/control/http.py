"""One HTTP/1.1 connection: bytes to requests and answers to bytes, by h11, under time limits.

Knows no route and no right. Whatever arrives becomes a `Head`, a `Problem`, or the end.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final

import h11
import trio

from p2p.control.messages import ALWAYS, Answer, Head
from p2p.control.options import ControlOptions
from p2p.control.problems import Problem

_CHUNK: Final = 65_536
_LINGER_SECONDS: Final = 1.0
_LINGER_BYTES: Final = 4_194_304
"""What is still read of a caller whose answer came before its end, so that it gets the answer."""


class Connection:
    """An HTTP/1.1 server's end of a stream. Not thread-safe; one task at a time."""

    def __init__(self, stream: trio.abc.Stream, options: ControlOptions) -> None:
        """Takes over the stream; `close` closes it."""
        self._stream, self._options = stream, options
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=options.header_bytes)
        self._body_read = True
        self._deadline = 0.0

    async def head(self, idle: trio.CancelScope, begun: Callable[[], object]) -> Head | None:
        """The next request's head; None where there will be none.

        `idle` may be cancelled to have the connection gone: it holds only until the first byte,
        when `begun` is called. Raises Problem malformed_request, headers_too_large,
        request_timeout.
        """
        try:
            if not self._h11.trailing_data[0]:
                with idle, trio.move_on_after(self._options.idle_seconds):
                    self._feed(await self._receive())
        finally:
            begun()
        if not self._h11.trailing_data[0]:
            return None
        self._deadline = trio.current_time() + self._options.request_seconds
        with trio.move_on_at(self._deadline):
            event = await self._event()
            if isinstance(event, h11.Request):
                self._body_read = False
                return self._measured(event)
            return None
        raise Problem("request_timeout", f"send it within {self._options.request_seconds:g} s")

    async def body(self, most: int) -> bytes:
        """The body of the request whose head was read. Raises Problem body_too_large, …"""
        parts: list[bytes] = []
        size = 0
        with trio.move_on_at(self._deadline):
            if self._h11.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            while True:
                event = await self._event()
                if isinstance(event, h11.Data):
                    size += len(event.data)
                    if size > most:
                        raise Problem("body_too_large", f"at most {most} bytes")
                    parts.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    self._body_read = True
                    return b"".join(parts)
                else:
                    raise Problem("malformed_request", "the body ended before its end")
        raise Problem("request_timeout", f"send it within {self._options.request_seconds:g} s")

    async def answer(self, answer: Answer, *, head_only: bool = False, last: bool = False) -> bool:
        """Send it whole; True if another request may follow on this connection."""
        ends = answer.close or last or not self._body_read
        length = (
            []
            if answer.status == HTTPStatus.NO_CONTENT
            else [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body)))]
        )
        headers = [*length, *ALWAYS.items(), *answer.headers.items()]
        if ends:
            headers.append(("Connection", "close"))
        body = b"" if head_only else answer.body
        with trio.move_on_after(self._options.request_seconds) as scope:
            events: list[h11.Event] = [h11.Response(status_code=answer.status, headers=headers)]
            events += [h11.Data(data=body)] if body else []
            data = b"".join(self._h11.send(one) or b"" for one in (*events, h11.EndOfMessage()))
            for start in range(0, len(data), _CHUNK):
                await self._stream.send_all(data[start : start + _CHUNK])
        if scope.cancelled_caught:
            return False
        if ends:
            await self._linger()
        if self._h11.our_state is h11.MUST_CLOSE or ends:
            return False
        if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()
            return True
        return False

    async def begin_events(self) -> None:
        """Answer with an event stream, which lasts until `close`."""
        headers = [("Content-Type", "text/event-stream"), *ALWAYS.items(), ("Connection", "close")]
        with trio.move_on_after(self._options.request_seconds):
            await self._send(h11.Response(status_code=200, headers=headers))

    async def send_event(self, block: bytes) -> bool:
        """One block of the stream; False if nobody is there, or nobody reads."""
        with trio.move_on_after(self._options.request_seconds):
            try:
                await self._send(h11.Data(data=block))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return False
            return True
        return False

    async def end_events(self) -> None:
        """Say that it is over."""
        with trio.move_on_after(1), suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._send(h11.EndOfMessage())

    @asynccontextmanager
    async def until_gone(self) -> AsyncGenerator[None]:
        """The body of the `with` ends early when the other end hangs up or sends something."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._wait_gone, nursery.cancel_scope)
            yield
            nursery.cancel_scope.cancel()

    async def _wait_gone(self, scope: trio.CancelScope) -> None:
        await self._receive()
        scope.cancel()

    async def close(self) -> None:
        """Close the stream; again is nothing."""
        await trio.aclose_forcefully(self._stream)

    @property
    def can_answer(self) -> bool:
        """Whether an answer may still be sent to what arrived, well-formed or not."""
        return self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE)

    # -- inside --------------------------------------------------------------------------------

    async def _event(self) -> h11.Event:
        """h11's next event; waits for bytes as long as it needs them."""
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise _malformed(error) from None
            if isinstance(event, h11.Event):
                return event
            if event is h11.PAUSED:
                raise Problem("malformed_request", "one request at a time")
            self._feed(await self._receive())

    def _measured(self, request: h11.Request) -> Head:
        """h11 measures only what is incomplete: a head that came in one piece is measured here."""
        size = len(request.target) + sum(len(n) + len(v) + 4 for n, v in request.headers)
        if size > self._options.header_bytes:
            raise _too_large()
        return _head(request)

    def _feed(self, data: bytes) -> None:
        try:
            self._h11.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise _malformed(error) from None

    async def _receive(self) -> bytes:
        """Some bytes; b"" at the end, however it came."""
        try:
            return bytes(await self._stream.receive_some(_CHUNK))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return b""

    async def _send(self, event: h11.Event) -> None:
        data = self._h11.send(event)
        if data:
            await self._stream.send_all(data)

    async def _linger(self) -> None:
        """Say that nothing follows, then read what is on its way: a reset would eat the answer."""
        if self._body_read or not isinstance(self._stream, trio.abc.HalfCloseableStream):
            return
        left = _LINGER_BYTES
        with trio.move_on_after(_LINGER_SECONDS):
            try:
                await self._stream.send_eof()
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
            while left > 0 and (data := await self._receive()):
                left -= len(data)


def _too_large() -> Problem:
    return Problem("headers_too_large", "send a shorter target and fewer headers")


def _malformed(error: h11.RemoteProtocolError) -> Problem:
    if error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return _too_large()
    return Problem("malformed_request", "want HTTP/1.1 as RFC 9112 has it")


def _head(request: h11.Request) -> Head:
    """h11 checked the syntax: all is visible ASCII but for values, which may be Latin-1."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path, _, query = request.target.decode("ascii").partition("?")
    return Head(request.method.decode("ascii"), path, query, headers)
