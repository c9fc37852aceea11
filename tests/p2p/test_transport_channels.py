"""What every transport owes the layers above it: channels, frame by frame."""

import pytest
import trio
from trio.testing import MockClock

from p2p.slots import CHANNELS_PER_PEER
from p2p.transport import MAX_FRAME, Channel, PeerName
from tests.p2p.both import clock, make
from tests.p2p.carriers import MakeHost, echo, eventually, gathering

__all__ = ["clock", "make"]


async def test_frames_go_both_ways_in_order(make: MakeHost, clock: MockClock | None) -> None:
    frames = [b"a", b"b" * MAX_FRAME, b"c" * 10_000]

    async def serve(opener: PeerName, channel: Channel) -> None:
        assert opener == one.transport.name
        assert await channel.receive() == b"please"
        for frame in frames:
            await channel.send(frame)

    async with gathering(make, 2) as (one, two):
        two.serving = serve
        await one.dial(two)
        for _ in range(3):
            async with one.open(two) as channel:
                await channel.send(b"please")
                assert [await channel.receive() for _ in range(4)] == [*frames, None]
                assert await channel.receive() is None  # and stays so
        assert await two.ask(one, b"back", b"x" * 20_000) == [
            b"echo back",
            b"echo " + b"x" * 20_000,
        ]


async def test_both_ends_may_speak_at_once(make: MakeHost, clock: MockClock | None) -> None:
    frames = [b"%d" % n * 5_000 for n in range(40)]

    async def talk(channel: Channel) -> None:
        async def speak() -> None:
            for frame in frames:
                await channel.send(frame)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(speak)
            heard = [await channel.receive() for _ in frames]
        assert heard == frames
        talked.append(channel)

    async def serve(opener: PeerName, channel: Channel) -> None:
        await talk(channel)

    talked: list[Channel] = []
    async with gathering(make, 2) as (one, two):
        two.serving = serve
        await one.dial(two)
        async with one.open(two) as channel:
            await talk(channel)
            assert await channel.receive() is None
        assert len(talked) == 2


async def test_the_server_sees_the_end_of_an_opener_who_has_finished(
    make: MakeHost, clock: MockClock | None
) -> None:
    heard: list[bytes | None] = []

    async def serve(opener: PeerName, channel: Channel) -> None:
        heard.extend([await channel.receive() for _ in range(3)])

    async with gathering(make, 2) as (one, two):
        two.serving = serve
        await one.dial(two)
        async with one.open(two) as channel:
            await channel.send(b"first")
            await channel.send(b"last")
        assert heard == [b"first", b"last", None]


async def test_a_server_that_fails_breaks_off_and_leaves_both_alive(
    make: MakeHost, clock: MockClock | None
) -> None:
    async def fail(opener: PeerName, channel: Channel) -> None:
        await channel.send(b"first")
        raise RuntimeError("the disk is gone")

    async def oversize(opener: PeerName, channel: Channel) -> None:
        await channel.send(b"x" * (MAX_FRAME + 1))

    async with gathering(make, 2) as (one, two):
        await one.dial(two)
        honest = two.serving
        for broken in (fail, oversize):
            two.serving = broken
            with pytest.raises(ConnectionError):
                await one.listen(two)
        two.serving = honest
        assert await one.ask(two, b"again") == [b"echo again"]
        await two.transport.publish(b"alive")
        await eventually(lambda: one.count(b"alive"))
        assert not one.transport.offences
        assert not two.transport.offences


async def test_who_waits_for_a_silent_end_gives_up(make: MakeHost, clock: MockClock | None) -> None:
    async def silent(opener: PeerName, channel: Channel) -> None:
        await trio.sleep_forever()

    async with gathering(make, 2) as (one, two):
        two.serving = silent
        await one.dial(two)
        with pytest.raises(trio.TooSlowError):
            await one.listen(two, seconds=0.3)


async def test_who_sends_waits_for_the_reader_and_gives_up_in_the_end(
    make: MakeHost, clock: MockClock | None
) -> None:
    """Back-pressure: what is under way is bounded, whatever the reader does."""

    async def silent(opener: PeerName, channel: Channel) -> None:
        await trio.sleep_forever()

    async with gathering(make, 2) as (one, two):
        two.serving = silent
        await one.dial(two)
        sent = 0

        async def speak() -> None:
            nonlocal sent
            async with one.open(two, seconds=0.3) as channel:
                while sent < 100:
                    await channel.send(b"x" * MAX_FRAME)
                    sent += 1

        with pytest.raises(trio.TooSlowError):
            await speak()
        assert 0 < sent < 20
        await one.transport.publish(b"alive")
        await eventually(lambda: two.count(b"alive"))


async def test_an_opener_may_leave_before_the_end(make: MakeHost, clock: MockClock | None) -> None:
    broken = trio.Event()

    async def endless(opener: PeerName, channel: Channel) -> None:
        try:
            while True:
                await channel.send(b"more" * 10_000)
        except ConnectionError:
            broken.set()
            raise

    async with gathering(make, 2) as (one, two):
        two.serving = endless
        await one.dial(two)
        async with one.open(two) as channel:
            assert await channel.receive() == b"more" * 10_000
        with trio.fail_after(8):
            await broken.wait()
        await one.transport.publish(b"alive")
        await eventually(lambda: two.count(b"alive"))
        assert not two.transport.offences


async def test_an_opener_that_fails_breaks_the_channel_off(
    make: MakeHost, clock: MockClock | None
) -> None:
    ended: list[str] = []

    async def serve(opener: PeerName, channel: Channel) -> None:
        try:
            while await channel.receive() is not None:
                pass
            ended.append("finished")
        except ConnectionError:
            ended.append("broken")
            raise

    async with gathering(make, 2) as (one, two):
        two.serving = serve
        await one.dial(two)

        async def fail() -> None:
            async with one.open(two) as channel:
                await channel.send(b"so far so good")
                raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await fail()
        await eventually(lambda: ended)
        assert ended == ["broken"]


async def test_a_frame_has_a_size(make: MakeHost, clock: MockClock | None) -> None:
    async with gathering(make, 2) as (one, two):
        await one.dial(two)
        async with one.open(two) as channel:
            for frame in (b"", b"x" * (MAX_FRAME + 1)):
                with pytest.raises(ValueError, match="a frame must be 1 to 65536 bytes"):
                    await channel.send(frame)


async def test_one_peer_may_hold_only_a_few_channels_open(
    make: MakeHost, clock: MockClock | None
) -> None:
    serving = 0

    async def hold(opener: PeerName, channel: Channel) -> None:
        nonlocal serving
        serving += 1
        await channel.receive()

    async def one_more() -> None:
        try:
            async with one.open(two) as channel:
                await channel.receive()
            results.append("served")
        except ConnectionError:
            results.append("refused")

    results: list[str] = []
    async with gathering(make, 2) as (one, two):
        two.serving = hold
        await one.dial(two)
        with trio.move_on_after(1):
            async with trio.open_nursery() as nursery:
                for _ in range(CHANNELS_PER_PEER + 3):
                    nursery.start_soon(one_more)
        assert serving == CHANNELS_PER_PEER
        assert results == ["refused"] * 3
        two.serving = echo
        await trio.sleep(0.5)
        assert await one.ask(two, b"again") == [b"echo again"]
