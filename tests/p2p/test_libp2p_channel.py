"""Channels on the wire, and what a misbehaving side achieves: nothing."""

from contextlib import suppress

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from libp2p.abc import INetStream
from libp2p.host.exceptions import StreamFailure

from p2p.libp2p_channel import CHUNK, SYNC, NotAFrameError, Wire
from p2p.libp2p_guard import TROUBLE
from p2p.slots import CHANNELS, CHANNELS_PER_PEER
from p2p.transport import MAX_FRAME, Channel, PeerName
from tests.p2p.carriers import echo, eventually, gathering, libp2p_hosts
from tests.p2p.strangers import id_of, insides, scene, stream_to, yamux_between

PROTOCOLS = ["/meshsub/1.1.0", SYNC, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"]
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
    async def test_Y6_a_malformed_frame_does_not_stop_the_node(self, protocol: str) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            for garbage in GARBAGE:
                stream = await stream_to(stranger, victim, protocol)
                with suppress(*TROUBLE):  # it may be refused, or reset, at any point
                    await stream.write(garbage)
                    await stream.close()
            if protocol in ("/meshsub/1.1.0", SYNC):
                await eventually(lambda: stranger.transport.name in victim.transport.offences)

    async def test_Y6_garbage_in_the_choice_of_a_protocol_does_not_stop_the_node(self) -> None:
        async with scene() as (victim, _, stranger):
            await stranger.dial(victim)
            for garbage in GARBAGE:
                stream = await yamux_between(stranger, victim).open_stream()
                await stream.write(garbage)
                await stream.reset()

    async def test_garbage_instead_of_frames_is_the_openers_offence(self) -> None:
        heard: list[str] = []

        async def serve(opener: PeerName, channel: Channel) -> None:
            try:
                await channel.receive()
            except ConnectionError as error:
                heard.append(str(error))
                raise

        async with scene() as (victim, _, stranger):
            victim.serving = serve
            await stranger.dial(victim)
            stream = await stream_to(stranger, victim, SYNC)
            await stream.write(b"\xff" * 40)
            await eventually(lambda: victim.transport.offences == {stranger.transport.name: 1})
            assert len(heard) == 1
            assert heard[0].startswith("the other end sent no frame")
            victim.serving = echo

    async def test_channels_are_capped_per_peer_and_in_all(self) -> None:
        async def hold(opener: PeerName, channel: Channel) -> None:
            await channel.receive()

        async with gathering(libp2p_hosts(), 7) as (victim, friend, *strangers):
            victim.serving = hold
            server = insides(victim).server
            for one in strangers:
                await one.dial(victim)
                for _ in range(CHANNELS_PER_PEER + 2):
                    with suppress(StreamFailure):  # one too many may be reset before it is agreed
                        await stream_to(one, victim, SYNC)
            await eventually(lambda: len(server.slots) == CHANNELS)
            await trio.sleep(0.1)
            assert len(server.slots) == CHANNELS == (len(strangers) - 1) * CHANNELS_PER_PEER
            await friend.dial(victim)
            with pytest.raises(ConnectionError):
                await friend.listen(victim)
            for one in strangers:
                await one.transport.hang_up(victim.transport.name)
            await eventually(lambda: not len(server.slots))
            victim.serving = echo
            assert await friend.ask(victim, b"now?") == [b"echo now?"]

    async def test_who_serves_no_frames_is_the_one_to_blame(self) -> None:
        async def lie(stream: INetStream) -> None:
            await stream.write(b"\xff\xff\xff\xff")
            await trio.sleep(1)

        async with gathering(libp2p_hosts(), 2) as (one, liar):
            insides(liar).host.set_stream_handler(SYNC, lie)
            await one.dial(liar)
            with pytest.raises(ConnectionError, match="sent no frame"):
                await one.listen(liar)
            assert one.transport.offences == {liar.transport.name: 1}

    async def test_a_peer_without_the_protocol_gives_a_connection_error(self) -> None:
        async with gathering(libp2p_hosts(), 2) as (one, other):
            insides(other).host.remove_stream_handler(SYNC)
            await one.dial(other)
            with pytest.raises(ConnectionError, match="takes no channel"):
                await one.listen(other)

    async def test_a_peer_that_vanishes_in_the_middle_gives_a_connection_error(self) -> None:
        async def vanish(opener: PeerName, channel: Channel) -> None:
            await channel.send(b"first")
            await insides(two).swarm.close_peer(id_of(one))
            await channel.send(b"second")

        async with gathering(libp2p_hosts(), 2) as (one, two):
            two.serving = vanish
            await one.dial(two)
            with pytest.raises(ConnectionError, match="broke off"):
                await one.listen(two)
            assert not one.transport.offences
            assert not two.transport.offences

    async def test_a_cancelled_opener_leaves_the_connection_in_order(self) -> None:
        async def flood(opener: PeerName, channel: Channel) -> None:
            for _ in range(40):
                await channel.send(bytes(MAX_FRAME))

        async with gathering(libp2p_hosts(), 2) as (one, two):
            two.serving = flood
            await one.dial(two)
            for n in range(10):
                with trio.move_on_after(0.003 * n):
                    await one.listen(two)
            two.serving = echo
            await eventually(lambda: not len(insides(two).server.slots))
            assert await one.ask(two, b"now") == [b"echo now"]
            assert one.transport.peers() == (two.transport.name,)
            assert not one.transport.offences
            assert not two.transport.offences

    async def test_a_slow_reader_of_a_channel_does_not_hold_up_the_others(self) -> None:
        """One channel is full to the brim; a second one, and gossip, go on beside it."""
        full = trio.Event()

        async def flood(opener: PeerName, channel: Channel) -> None:
            with trio.move_on_after(0.5) as unfinished:
                while True:
                    await channel.send(bytes(MAX_FRAME))
            assert unfinished.cancelled_caught
            full.set()

        async with scene() as (victim, friend, stranger):
            victim.serving = flood
            await stranger.dial(victim)
            await stream_to(stranger, victim, SYNC)  # and reads nothing
            victim.serving = echo
            for n in range(20):
                assert await friend.ask(victim, b"%d" % n) == [b"echo %d" % n]
                await friend.transport.publish(b"message %d" % n)
            await eventually(lambda: stranger.count(b"message 19"))
            with trio.fail_after(3):
                await full.wait()
