"""Requests and answers on the wire, and what a misbehaving side achieves: nothing."""

from collections.abc import AsyncIterator

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from libp2p.abc import INetStream

from p2p.libp2p_catchup import CATCHUP, CHUNK, SESSIONS_PER_PEER, NotAFrameError, Wire
from p2p.transport import MAX_FRAME, PeerName
from tests.p2p.carriers import eventually, gathering, libp2p_hosts
from tests.p2p.strangers import id_of, insides, scene, stream_to, yamux_between

PROTOCOLS = ["/meshsub/1.1.0", CATCHUP, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"]
GARBAGE = [
    b"\x00",
    b"\xff" * 5_000,
    b"\x81\x80\x04",  # a varint length over the limit
    b"\x05\x0a\x7f\x00\x00\x00",  # a field that claims more bytes than there are
    b"\x04\xff\xff\xff\xff",
    (MAX_FRAME + 1).to_bytes(4, "big"),
    b"\x00\x00\x00\x10half a frame",
    bytes(4) * 100,
    "\u202e{}[]".encode() * 50,
]
SLOW = [pytest.mark.network, pytest.mark.slow]


class Loop:
    """A stream that gives back what was written, in pieces of one size."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.writes: list[int] = []
        self.data = bytearray()

    async def write(self, data: bytes) -> None:
        self.writes.append(len(data))
        self.data += data

    async def read(self, n: int | None = None) -> bytes:
        part = bytes(self.data[: self.step])
        del self.data[: self.step]
        return part


def wire_over(loop: Loop) -> Wire:
    return Wire(loop)  # type: ignore[arg-type]


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5), st.integers(1, 300))
def test_frames_come_out_as_they_went_in(frames: list[bytes], step: int) -> None:
    async def main() -> None:
        wire = wire_over(Loop(step))
        for frame in frames:
            await wire.write(frame)
        await wire.end()
        assert [await wire.read() for _ in frames] == frames
        assert await wire.read() == b""

    trio.run(main)


async def test_a_large_frame_is_written_in_chunks() -> None:
    loop = Loop(MAX_FRAME)
    await wire_over(loop).write(bytes(MAX_FRAME))
    assert loop.writes == [CHUNK] * 4 + [4]


async def test_a_frame_over_the_limit_is_refused_on_both_sides() -> None:
    loop = Loop(MAX_FRAME)
    for size in (0, MAX_FRAME + 1):
        with pytest.raises(ValueError, match="a frame must be 1 to 65536 bytes"):
            await wire_over(loop).write(bytes(size))
    await loop.write((MAX_FRAME + 1).to_bytes(4, "big"))
    with pytest.raises(NotAFrameError):
        await wire_over(loop).read()
    await loop.write(b"\0\0\0\2x")
    with pytest.raises(ConnectionResetError, match="inside a frame"):
        await wire_over(loop).read()


class TestOnTheWire:
    pytestmark = SLOW

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    async def test_a_malformed_frame_does_not_stop_the_node(self, protocol: str) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            for garbage in GARBAGE:
                stream = await stream_to(stranger, victim, protocol)
                await stream.write(garbage)
                await stream.close()
            if protocol in ("/meshsub/1.1.0", CATCHUP):
                await eventually(lambda: stranger.transport.name in victim.transport.offences)

    async def test_garbage_in_the_choice_of_a_protocol_does_not_stop_the_node(self) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            for garbage in GARBAGE:
                stream = await yamux_between(stranger, victim).open_stream()
                await stream.write(garbage)
                await stream.reset()

    async def test_a_peer_with_too_many_requests_open_is_turned_away(self) -> None:
        held = trio.Event()

        async def hold(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
            await held.wait()
            yield b"at last"

        async with scene() as (victim, _, stranger):
            honest, victim.answering = victim.answering, hold
            await stranger.dial(victim)
            results: list[str] = []

            async def one_request() -> None:
                try:
                    await stranger.ask(victim, b"?")
                    results.append("answered")
                except ConnectionError:
                    results.append("turned away")

            async with trio.open_nursery() as nursery:
                for _ in range(SESSIONS_PER_PEER + 3):
                    nursery.start_soon(one_request)
                await eventually(lambda: len(results) == 3)
                held.set()
            assert sorted(results) == ["answered"] * SESSIONS_PER_PEER + ["turned away"] * 3
            victim.answering = honest

    async def test_an_answer_that_is_no_frame_is_the_answerers_offence(self) -> None:
        async def lie(stream: INetStream) -> None:
            await stream.write(b"\xff\xff\xff\xff")
            await trio.sleep(1)

        async with gathering(libp2p_hosts(), 2) as (one, liar):
            insides(liar).host.set_stream_handler(CATCHUP, lie)
            await one.dial(liar)
            with pytest.raises(ConnectionError, match="sent no frame"):
                await one.ask(liar, b"?")
            assert one.transport.offences == {liar.transport.name: 1}

    async def test_a_peer_without_the_protocol_gives_a_connection_error(self) -> None:
        async with gathering(libp2p_hosts(), 2) as (one, other):
            insides(other).host.remove_stream_handler(CATCHUP)
            await one.dial(other)
            with pytest.raises(ConnectionError, match="does not take requests"):
                await one.ask(other, b"?")

    async def test_a_peer_that_vanishes_in_the_middle_gives_a_connection_error(self) -> None:
        async def hold(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
            yield b"first"
            await insides(two).swarm.close_peer(id_of(one))
            yield b"second"

        async with gathering(libp2p_hosts(), 2) as (one, two):
            two.answering = hold
            await one.dial(two)
            with pytest.raises(ConnectionError, match="broke off"):
                await one.ask(two, b"?")
            assert not one.transport.offences
            assert not two.transport.offences

    async def test_a_cancelled_ask_leaves_the_connection_in_order(self) -> None:
        async def flood(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
            for _ in range(40):
                yield bytes(MAX_FRAME)

        async with gathering(libp2p_hosts(), 2) as (one, two):
            two.answering = flood
            await one.dial(two)
            for n in range(10):
                with trio.move_on_after(0.003 * n):
                    await one.ask(two, b"?")
            two.answering = type(two).answering
            assert await one.ask(two, b"now") == [b"echo now"]
            assert one.transport.peers() == (two.transport.name,)
            assert not one.transport.offences
            assert not two.transport.offences
