"""Channels between neighbours, each a libp2p stream of the protocol of its `Purpose`.

A frame is its length in four bytes, big-endian, then so many bytes, 1 to 65,536; a length of zero
says that this end has finished. Both ends may speak at any time; a stream that is reset before
both have finished is broken off.

A reader who takes nothing for five seconds breaks the stream off too: libp2p's Yamux waits no
longer for credit.
"""

import logging

import trio
from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol

from p2p.intake import Intake
from p2p.libp2p_guard import TROUBLE
from p2p.slots import Slots
from p2p.transport import (
    LINGER_SECONDS,
    MAX_FRAME,
    SERVED_SECONDS,
    SERVED_TIMEOUT,
    PeerName,
    Purpose,
    Serve,
)

logger = logging.getLogger(__name__)

SYNC = TProtocol(Purpose.SYNC.value)
CHUNK = 16 * 1024
"""Bytes of one write at most; larger ones starve the streams beside them."""


class NotAFrameError(Exception):
    """A length over MAX_FRAME."""


class Wire:
    """Frames on a stream."""

    def __init__(self, stream: INetStream) -> None:
        self._stream = stream
        self._unread = bytearray()

    async def read(self) -> bytes:
        """The next frame; empty when the other end has finished.

        A cancelled read loses nothing. Raises:
            NotAFrameError: the length is over MAX_FRAME.
            ConnectionResetError: the stream ended inside a frame.
        """
        length = int.from_bytes(await self._ahead(4), "big")
        if length > MAX_FRAME:
            raise NotAFrameError(f"a frame of {length} bytes, the limit is {MAX_FRAME}")
        frame = (await self._ahead(4 + length))[4:]
        del self._unread[: 4 + length]
        return frame

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

    async def _ahead(self, n: int) -> bytes:
        """The next n bytes, which stay unread."""
        while len(self._unread) < n:
            more = await self._stream.read(MAX_FRAME)
            if not more:
                raise ConnectionResetError("the stream ended inside a frame")
            self._unread += more
        return bytes(self._unread[:n])


class StreamChannel:
    """One end of a channel; implements `p2p.transport.Channel`."""

    def __init__(
        self,
        stream: INetStream,
        peer: PeerName,
        timeout: float,
        intake: Intake,
    ) -> None:
        """`timeout` bounds each wait for the other end, in seconds."""
        self._stream = stream
        self._wire = Wire(stream)
        self._peer = peer
        self._timeout = timeout
        self._intake = intake
        self._heard_all = False

    async def send(self, frame: bytes) -> None:
        """Hand over one frame; see `Channel.send`."""
        try:
            with trio.fail_after(self._timeout):
                await self._wire.write(frame)
        except trio.TooSlowError:
            raise
        except TROUBLE as error:
            raise ConnectionError(f"the other end is gone: {type(error).__name__}") from error

    async def receive(self) -> bytes | None:
        """The other end's next frame; see `Channel.receive`."""
        if self._heard_all:
            await trio.lowlevel.checkpoint()
            return None
        try:
            with trio.fail_after(self._timeout):
                frame = await self._wire.read()
        except NotAFrameError as error:
            self._intake.offence(self._peer, "a channel: no frame")
            raise ConnectionError(f"the other end sent no frame: {error}") from error
        except trio.TooSlowError:
            raise
        except TROUBLE as error:
            raise ConnectionError(f"the other end broke off: {type(error).__name__}") from error
        self._heard_all = not frame
        return frame or None

    async def leave(self, *, drain: bool) -> None:
        """Finish our end and wait a little for the other's; break off if it does not come.

        `drain` reads past what the other end still sends. Never raises, unless cancelled.
        """
        clean = False
        try:
            with trio.move_on_after(min(self._timeout, LINGER_SECONDS)):
                await self._wire.end()
                while await self.receive() is not None and drain:
                    pass
                clean = self._heard_all
        except (*TROUBLE, trio.TooSlowError) as error:
            logger.debug("a channel did not end well: %s", type(error).__name__)
        finally:
            await self._close(clean=clean)

    async def break_off(self) -> None:
        """Reset the stream. Never raises."""
        await self._close(clean=False)

    async def _close(self, *, clean: bool) -> None:
        with trio.CancelScope(deadline=trio.current_time() + LINGER_SECONDS, shield=True):
            try:
                await (self._stream.close() if clean else self._stream.reset())
            except TROUBLE as error:
                logger.debug("closing a stream failed: %s", type(error).__name__)


class Server:
    """Serves the channels that neighbours open."""

    def __init__(self, serve: Serve, intake: Intake, slots: Slots) -> None:
        """`serve` is called for each, as many at a time as there are slots."""
        self._serve = serve
        self._intake = intake
        self.slots = slots

    async def stream_handler(self, stream: INetStream) -> None:
        """Serve one stream to its end; a peer with too many open is turned away."""
        peer = PeerName(str(stream.muxed_conn.peer_id))
        if not self.slots.take(peer, chosen=stream.muxed_conn.is_initiator):
            await stream.reset()
            return
        channel = StreamChannel(stream, peer, SERVED_TIMEOUT, self._intake)
        try:
            with trio.fail_after(SERVED_SECONDS):
                await self._serve(peer, channel)
        except (ConnectionError, trio.TooSlowError) as error:
            logger.debug("a channel ended: %s", type(error).__name__)
            await channel.break_off()
        except Exception as error:  # noqa: BLE001 - our own mistake, not the peer's offence
            logger.warning("serving a channel failed: %s", type(error).__name__)
            await channel.break_off()
        else:
            await channel.leave(drain=True)
        finally:
            self.slots.give_back(peer)
