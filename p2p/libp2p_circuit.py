"""A way through a relay: a stream of one connection that carries another one whole.

The words of circuit relay v2 (a protocol buffer behind a varint length, at most 4 KiB) and the
stream as a connection; who may use it is the business of `p2p.libp2p_relay`.
"""

from contextlib import suppress
from typing import TypeVar

import trio
from google.protobuf.message import Message
from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol
from libp2p.exceptions import ParseError
from libp2p.io.abc import ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.network.stream.exceptions import StreamEOF, StreamError
from libp2p.utils import encode_varint_prefixed

HOP = TProtocol("/libp2p/circuit/relay/0.2.0/hop")
"""Spoken to a relay: reserve, connect."""
STOP = TProtocol("/libp2p/circuit/relay/0.2.0/stop")
"""Spoken by a relay to who has reserved: somebody wants you."""
WORD_SECONDS = 10.0
"""How long one word may take to come or go."""
MAX_WORD = 4 * 1024
CHUNK = 16 * 1024
"""Bytes carried at a time."""
CIRCUIT = "p2p-circuit"

M = TypeVar("M", bound=Message)


async def say(stream: INetStream, word: Message) -> None:
    """Send one word. Raises trio.TooSlowError, StreamError."""
    with trio.fail_after(WORD_SECONDS):
        await stream.write(encode_varint_prefixed(word.SerializeToString()))


async def hear(stream: INetStream, kind: type[M]) -> M:
    """Read one word.

    Raises:
        ParseError: it is none, or too long.
        ConnectionClosedError, StreamError, trio.TooSlowError: it does not come.
    """
    with trio.fail_after(WORD_SECONDS):
        head = await _exactly(stream, 1)
        if head[0] & 0x80:
            head += await _exactly(stream, 1)
        length = head[0] & 0x7F | (head[1] << 7 if len(head) > 1 else 0)
        if length > MAX_WORD:
            raise ParseError(f"a word of {length} bytes, the limit is {MAX_WORD}")
        body = await _exactly(stream, length)
    word = kind()
    try:
        word.ParseFromString(body)
    except Exception as error:
        raise ParseError("bytes that are no word") from error
    return word


async def _exactly(stream: INetStream, n: int) -> bytes:
    data = b""
    while len(data) < n:
        more = await stream.read(n - len(data))
        if not more:
            raise ConnectionClosedError("the stream ended inside a word")
        data += more
    return data


class Circuit(ReadWriteCloser):
    """A stream through a relay, as the connection libp2p upgrades."""

    def __init__(self, stream: INetStream, address: str, place: str) -> None:
        """`address` is what is known of the other end; `place` names the relay."""
        self.address = address
        self.place = place
        self._stream = stream

    async def read(self, n: int | None = None) -> bytes:
        """Some bytes; none at the end."""
        try:
            return await self._stream.read(CHUNK if n is None else n)
        except StreamEOF:
            return b""
        except StreamError as error:
            raise ConnectionClosedError("the relay broke off") from error

    async def write(self, data: bytes) -> None:
        """All of it."""
        try:
            for start in range(0, len(data), CHUNK):
                await self._stream.write(data[start : start + CHUNK])
        except StreamError as error:
            raise ConnectionClosedError("the relay broke off") from error

    async def close(self) -> None:
        """Both directions at once, so that the relay stops carrying."""
        with suppress(StreamError):
            await self._stream.reset()

    def get_remote_address(self) -> tuple[str, int] | None:
        """Nobody knows."""
        return None


def parted(address: str) -> tuple[str, str] | None:
    """The relay's address and the peer's name, if an address leads through one relay.

    Raises:
        ValueError: it leads through a relay, but not as /…/p2p/RELAY/p2p-circuit/p2p/PEER.
    """
    relay, found, rest = address.partition(f"/{CIRCUIT}")
    if not found:
        return None
    peer = rest.removeprefix("/p2p/")
    if "/p2p/" not in relay or not rest.startswith("/p2p/") or "/" in peer or not peer:
        raise ValueError(
            f"an address through a relay must be /…/p2p/RELAY/{CIRCUIT}/p2p/PEER, got {address!r}"
        )
    return relay, peer
