"""What a stranger sends ends his stream, not ours: connections."""

import importlib.metadata
import struct
from contextlib import suppress

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from libp2p.exceptions import ParseError
from libp2p.io.abc import Reader
from libp2p.io.exceptions import ConnectionClosedError, IncompleteReadError
from libp2p.peer.id import ID
from libp2p.utils import encode_delim
from trio.testing import MockClock

from p2p.errors import VersionMismatch
from p2p.libp2p_guard import MAX_LINE, TROUBLE, WRITE_SECONDS, read_line, require_version
from p2p.libp2p_yamux import MAX_STREAMS, GuardedYamux
from p2p.transport import MAX_FRAME, Channel, PeerName
from tests.p2p.carriers import echo, eventually, gathering, libp2p_hosts
from tests.p2p.strangers import (
    insides,
    noise_to,
    scene,
    stream_to,
    tcp_to,
    yamux_between,
)
from web3rec.types import Verdict

pytestmark = [pytest.mark.network, pytest.mark.slow]

GARBAGE = [
    b"\x00",
    b"\xff" * 4096,
    b"GET / HTTP/1.1\r\nHost: victim\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(508),
    encode_delim(b"/multistream/1.0.0") + b"\x80\x80\x80\x80\x08" + b"a" * 4096,
    encode_delim(b"/multistream/1.0.0") + b"\x05\xff\xfe\xfd\xfc\n",
    encode_delim(b"/multistream/1.0.0") + encode_delim(b"/noise") + bytes(4096),
    encode_delim(b"/multistream/1.0.0") + encode_delim(b"/noise") + b"\xff\xff" + b"n" * 65535,
]


class Bytes(Reader):
    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read(self, n: int | None = None) -> bytes:
        part, self.data = self.data[:n], self.data[n:] if n is not None else b""
        return part


def line_of(data: bytes) -> bytes | None:
    """None for whatever is no line; anything but the two named errors escapes."""

    async def read() -> bytes:
        return await read_line(Bytes(data))

    try:
        return trio.run(read)
    except (ParseError, IncompleteReadError):
        return None


@given(st.binary(max_size=40) | st.binary(min_size=1, max_size=3).map(lambda b: b + bytes(2000)))
def test_a_line_of_negotiation_is_text_or_refused(data: bytes) -> None:
    line = line_of(data)
    assert line is None or len(line.decode().encode()) < MAX_LINE


@given(st.text(max_size=300))
def test_lines_libp2p_writes_are_read_back(text: str) -> None:
    data = encode_delim(text.encode())
    assert line_of(data) == (text.encode() if len(text.encode()) < MAX_LINE else None)


def test_another_version_of_libp2p_is_refused_with_what_to_install() -> None:
    require_version()
    with pytest.raises(VersionMismatch, match=r"libp2p 0\.8\.1 exactly, got 0\.9\.0"):
        require_version("0.9.0")


async def test_another_version_is_refused_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = libp2p_hosts()(0)
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.8.2")
    with pytest.raises(VersionMismatch):
        async with host.running(lambda s, d: Verdict.ACCEPT, None):  # type: ignore[arg-type]
            pass


class SlowConnection:
    """Takes so many seconds to write a frame, half of it at once."""

    is_initiator = True

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.out = b""
        self.closed = False

    async def write(self, data: bytes) -> None:
        self.out += data[:5]
        await trio.sleep(self.seconds)
        self.out += data[5:]

    async def close(self) -> None:
        self.closed = True


async def test_a_cancelled_write_leaves_whole_frames_on_the_wire(
    autojump_clock: MockClock,
) -> None:
    connection = SlowConnection(1.0)
    muxer = GuardedYamux(connection, ID(b"peer"), lambda *_: None)  # type: ignore[arg-type]
    with trio.move_on_after(0.5):
        await muxer._write_frame(b"first frame, ")
    await muxer._write_frame(b"second frame")
    assert connection.out == b"first frame, second frame"


async def test_a_peer_that_does_not_read_is_hung_up_on(autojump_clock: MockClock) -> None:
    connection = SlowConnection(2 * WRITE_SECONDS)
    muxer = GuardedYamux(connection, ID(b"peer"), lambda *_: None)  # type: ignore[arg-type]
    with pytest.raises(ConnectionClosedError):
        await muxer._write_frame(b"never read")
    assert connection.closed
    assert trio.current_time() == pytest.approx(WRITE_SECONDS)


async def test_Y6_garbage_before_the_handshake_does_not_stop_the_node() -> None:
    async with scene() as (victim, _, _):
        for garbage in GARBAGE:
            async with await tcp_to(victim) as tcp:
                # Hung up, reset or waiting for more: all will do.
                with trio.move_on_after(2), suppress(trio.BrokenResourceError):
                    await tcp.send_all(garbage)
                    await tcp.send_eof()
                    async for _ in tcp:
                        pass


async def test_a_plaintext_connection_is_refused() -> None:
    async with scene() as (victim, _, _):
        for offer in (b"/plaintext/2.0.0", b"/plaintext/1.0.0", b"/tls/1.0.0", b"/secio/1.0.0"):
            async with await tcp_to(victim) as tcp:
                await tcp.send_all(encode_delim(b"/multistream/1.0.0") + encode_delim(offer))
                expected = encode_delim(b"/multistream/1.0.0") + encode_delim(b"na")
                reply = b""
                with trio.fail_after(3):
                    while len(reply) < len(expected):
                        reply += await tcp.receive_some()
                assert reply == expected


async def test_Y6_garbage_after_the_handshake_does_not_stop_the_node() -> None:
    async with scene() as (victim, _, stranger):
        for garbage in GARBAGE:
            secured = await noise_to(stranger, victim)
            await secured.write(garbage[:60_000])
            await secured.close()


FRAMES = [
    bytes(range(12)),
    b"\xff" * 4096,
    struct.pack("!BBHII", 0, 0, 1, 7, 0x7FFFFFFF),  # opens a stream with 2 GiB of data
    struct.pack("!BBHII", 0, 0, 1, 7, 1024 * 1024) + bytes(60_000),  # four windows at once
    struct.pack("!BBHII", 0, 9, 0xFFFF, 3, 3),  # no such type
    struct.pack("!BBHII", 0, 1, 0, 1, 0xFFFFFFFF) * 3,  # credit over 32 bits
    struct.pack("!BBHII", 0, 3, 0, 0, 77),  # an unknown farewell
    struct.pack("!BBHII", 0, 0, 0xF, 9, 4) + b"data",  # SYN, ACK, FIN and RST
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
async def test_Y6_a_malformed_yamux_frame_does_not_stop_the_node(frame: bytes) -> None:
    async with scene() as (victim, _, stranger):
        await stranger.dial(victim)
        await yamux_between(stranger, victim).secured_conn.write(frame)
        await trio.sleep(0.1)


async def test_Y6_a_peer_with_too_many_streams_is_cut_off() -> None:
    async with scene() as (victim, _, stranger):
        await stranger.dial(victim)
        wire = yamux_between(stranger, victim).secured_conn
        first = 1001
        for number in range(first, first + 2 * MAX_STREAMS + 2, 2):
            await wire.write(struct.pack("!BBHII", 0, 1, 1, number, 0))
        await eventually(lambda: stranger.transport.name not in victim.transport.peers())
        assert victim.transport.offences[stranger.transport.name] >= 1


async def test_Y6_a_peer_that_ignores_the_window_is_cut_off() -> None:
    async def unread(opener: PeerName, channel: Channel) -> None:
        await trio.sleep_forever()

    async with scene() as (victim, _, stranger):
        victim.serving = unread
        await stranger.dial(victim)
        stream = await stream_to(stranger, victim, "/web3rec/sync/1")
        await stream.write(b"\0\0\0\1?")
        muxed = stream.muxed_stream  # type: ignore[attr-defined]
        muxed.send_window = 64 * 1024 * 1024  # what the victim never granted
        with suppress(*TROUBLE):  # however the cut shows
            await muxed.write(bytes(16 * 1024 * 1024))
        await eventually(lambda: stranger.transport.name not in victim.transport.peers())
        assert victim.transport.offences[stranger.transport.name] >= 1
        victim.serving = echo


async def test_a_node_that_had_many_visitors_still_lets_one_in() -> None:
    async with scene() as (victim, _, stranger):
        upgrader = insides(stranger).swarm.upgrader
        for _ in range(70):  # libp2p alone has 60 slots and frees none of them
            secured = await noise_to(stranger, victim)
            await upgrader.upgrade_connection(secured, secured.get_remote_peer())
            await secured.close()
        await eventually(lambda: insides(victim).swarm._inbound_limiter.borrowed_tokens <= 2)
        await stranger.dial(victim)


async def test_credit_is_given_by_the_half_window_not_by_the_read() -> None:
    async def megabyte(opener: PeerName, channel: Channel) -> None:
        for _ in range(16):
            await channel.send(bytes(MAX_FRAME))

    async with gathering(libp2p_hosts(), 2) as (one, two):
        two.serving = megabyte
        await one.dial(two)
        wire = yamux_between(one, two).secured_conn
        updates = 0
        write = wire.write

        async def counting(data: bytes) -> None:
            nonlocal updates
            updates += data[1] == 1
            await write(data)

        wire.write = counting  # type: ignore[method-assign]
        assert sum(map(len, await one.listen(two))) == 16 * MAX_FRAME
        assert updates <= 8 + 4  # one per 128 KiB, and the stream's own SYN, ACK and FIN
