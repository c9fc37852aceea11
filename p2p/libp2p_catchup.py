"""Questions and answers between neighbours, on a libp2p stream of their own.

Protocol `/web3rec/catchup/1`: a frame is its length in four bytes, big-endian, then so many bytes.
The asker sends one frame; the answer is frames of at least one byte each, then a frame of none.
"""

import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, nullcontext

import trio
from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID

from p2p.intake import Intake
from p2p.libp2p_guard import TROUBLE
from p2p.transport import MAX_FRAME, Answer, PeerName

logger = logging.getLogger(__name__)

CATCHUP = TProtocol("/web3rec/catchup/1")
CHUNK = 16 * 1024
"""Bytes of one write at most; larger ones starve the streams beside them."""
STEP_SECONDS = 10.0
"""How long an asker may take to send its request, or to read one frame of the answer."""
SESSION_SECONDS = 30.0
"""How long one answer may take; the asker goes on from its cursor."""
SESSIONS = 4
"""Answers under way at once."""
SESSIONS_PER_PEER = 4
"""Requests one peer may have open, waiting ones included."""
CLOSE_SECONDS = 5.0


class NotAFrameError(Exception):
    """A length over MAX_FRAME."""


class Server:
    """Answers the requests of neighbours."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._open: Counter[ID] = Counter()
        self._slots = trio.CapacityLimiter(SESSIONS)

    async def serve(self, stream: INetStream) -> None:
        """Read one request, write the frames of its answer, then an empty one.

        A peer with too many requests open is turned away.

        Raises:
            NotAFrameError: the request is over MAX_FRAME.
            trio.TooSlowError: the peer stalls.
            libp2p's errors: the stream broke.
        """
        peer = stream.muxed_conn.peer_id
        if self._open[peer] >= SESSIONS_PER_PEER:
            await stream.reset()
            return
        self._open[peer] += 1
        try:
            with trio.fail_after(SESSION_SECONDS):
                async with self._slots:
                    await self._session(PeerName(str(peer)), stream)
        finally:
            self._open[peer] -= 1
            self._open += Counter()  # forgets the zeros

    async def _session(self, peer: PeerName, stream: INetStream) -> None:
        wire = Wire(stream)
        with trio.fail_after(STEP_SECONDS):
            request = await wire.read()
        try:
            frames = self._answer(peer, request)
            async with aclosing(frames) if isinstance(frames, AsyncGenerator) else nullcontext():
                async for frame in frames:
                    with trio.fail_after(STEP_SECONDS):
                        await wire.write(frame)
        except TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - our own mistake, not the peer's offence
            logger.warning("answering a request failed: %s", type(error).__name__)
            await stream.reset()
            return
        with trio.fail_after(STEP_SECONDS):
            await wire.end()
            await stream.close()


class Wire:
    """Frames on a stream."""

    def __init__(self, stream: INetStream) -> None:
        self._stream = stream
        self._unread = bytearray()

    async def read(self) -> bytes:
        """The next frame; empty at the end of an answer.

        Raises:
            NotAFrameError: the length is over MAX_FRAME.
            ConnectionResetError: the stream ended inside a frame.
        """
        length = int.from_bytes(await self._exactly(4), "big")
        if length > MAX_FRAME:
            raise NotAFrameError(f"a frame of {length} bytes, the limit is {MAX_FRAME}")
        return await self._exactly(length)

    async def write(self, frame: bytes) -> None:
        """Send one frame, in chunks. Raises ValueError unless it is 1 to MAX_FRAME bytes."""
        if not 0 < len(frame) <= MAX_FRAME:
            raise ValueError(f"a frame must be 1 to {MAX_FRAME} bytes, got {len(frame)}")
        data = len(frame).to_bytes(4, "big") + frame
        for start in range(0, len(data), CHUNK):
            await self._stream.write(data[start : start + CHUNK])

    async def end(self) -> None:
        """Send the empty frame."""
        await self._stream.write(bytes(4))

    async def _exactly(self, n: int) -> bytes:
        while len(self._unread) < n:
            more = await self._stream.read(MAX_FRAME)
            if not more:
                raise ConnectionResetError("the stream ended inside a frame")
            self._unread += more
        data = bytes(self._unread[:n])
        del self._unread[:n]
        return data


class Replies:
    """The frames of one answer, as the asker reads them."""

    def __init__(self, stream: INetStream, peer: PeerName, timeout: float, intake: Intake) -> None:
        self._stream = stream
        self._wire = Wire(stream)
        self._peer = peer
        self._timeout = timeout
        self._intake = intake
        self._complete = False

    async def send(self, request: bytes) -> None:
        """Send the request. Raises ConnectionError, trio.TooSlowError."""
        try:
            with trio.fail_after(self._timeout):
                await self._wire.write(request)
        except trio.TooSlowError:
            raise
        except TROUBLE as error:
            raise ConnectionError(f"{self._peer} broke off: {error}") from error

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._complete:
            raise StopAsyncIteration
        try:
            with trio.fail_after(self._timeout):
                frame = await self._wire.read()
        except NotAFrameError as error:
            self._intake.offence(self._peer, "an answer that is no frame")
            raise ConnectionError(f"{self._peer} sent no frame: {error}") from error
        except trio.TooSlowError:
            raise
        except TROUBLE as error:
            raise ConnectionError(f"{self._peer} broke off its answer: {error}") from error
        if not frame:
            self._complete = True
            raise StopAsyncIteration
        return frame

    async def close(self) -> None:
        """Leave the stream: closed if the answer is complete, reset if not. Never raises."""
        with trio.CancelScope(deadline=trio.current_time() + CLOSE_SECONDS, shield=True):
            try:
                await (self._stream.close() if self._complete else self._stream.reset())
            except TROUBLE as error:
                logger.debug("closing a stream failed: %s", type(error).__name__)
