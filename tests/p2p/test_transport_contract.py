"""What every transport owes the layers above it, said once and asked of both."""

from functools import partial

import pytest
import trio
from trio.testing import MockClock

from p2p.errors import NodeError
from p2p.slots import CHANNELS_PER_PEER
from p2p.transport import MAX_FRAME, MAX_MESSAGE, Channel, PeerName, everybody
from tests.p2p.carriers import MakeHost, echo, eventually, gathering, libp2p_hosts, memory_hosts
from web3rec.types import Verdict

SLOW = [pytest.mark.network, pytest.mark.slow]


@pytest.fixture(params=["memory", pytest.param("libp2p", marks=SLOW)])
def make(request: pytest.FixtureRequest) -> MakeHost:
    return memory_hosts() if request.param == "memory" else libp2p_hosts()


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> MockClock | None:
    """Virtual time for memory, real time for real sockets; tests must ask for it directly."""
    memory = "memory" in request.node.callspec.id
    return MockClock(autojump_threshold=0) if memory else None


async def test_accepted_messages_reach_a_peer_two_links_away(
    make: MakeHost, clock: MockClock | None
) -> None:
    async with gathering(make, 3) as (left, middle, right):
        await left.dial(middle)
        await right.dial(middle)
        await left.transport.publish(b"from the left")
        await right.transport.publish(b"from the right")
        await eventually(lambda: right.texts == [b"from the left"])
        await eventually(lambda: left.texts == [b"from the right"])
        await eventually(lambda: len(middle.heard) == 2)
        assert right.heard[0][0] == middle.transport.name  # the forwarder, not the author


@pytest.mark.parametrize("verdict", [Verdict.IGNORE, Verdict.REJECT])
async def test_only_accepted_messages_are_passed_on(
    make: MakeHost, clock: MockClock | None, verdict: Verdict
) -> None:
    async with gathering(make, 3) as (left, middle, right):
        middle.verdict = lambda data: verdict if data == b"bad" else Verdict.ACCEPT
        await left.dial(middle)
        await middle.dial(right)
        await left.transport.publish(b"bad")
        await left.transport.publish(b"good")
        await eventually(lambda: right.count(b"good"))
        assert right.texts == [b"good"]
        assert middle.count(b"bad") == 1
        blamed = {left.transport.name: 1} if verdict is Verdict.REJECT else {}
        assert middle.transport.offences == blamed


async def test_the_judge_sees_each_message_once_however_often_it_comes(
    make: MakeHost, clock: MockClock | None
) -> None:
    async with gathering(make, 3) as peers:
        one, two, three = peers
        for a, b in [(one, two), (two, three), (three, one)]:
            await a.dial(b)
        for text in [b"a", b"b", b"a", b"c", b"c"]:
            await one.transport.publish(text)
        await two.transport.publish(b"a")  # the same bytes, said by another
        await three.transport.publish(b"end")
        await eventually(lambda: all(p.count(b"end") for p in (one, two)))
        await eventually(lambda: set(three.texts) == {b"a", b"b", b"c"})
        await eventually(lambda: {b"b", b"c", b"end"} <= set(two.texts))
        for peer in peers:
            assert len(peer.texts) == len(set(peer.texts))


async def test_a_judge_that_fails_loses_the_message_and_nothing_else(
    make: MakeHost, clock: MockClock | None
) -> None:
    def verdict(data: bytes) -> Verdict:
        if data == b"trap":
            raise RuntimeError("a judge must not raise")
        return Verdict.ACCEPT

    async with gathering(make, 2) as (one, two):
        two.verdict = verdict
        await one.dial(two)
        await one.transport.publish(b"trap")
        await one.transport.publish(b"after")
        await eventually(lambda: two.count(b"after"))


async def test_messages_of_the_largest_size_arrive_and_larger_ones_are_refused(
    make: MakeHost, clock: MockClock | None
) -> None:
    async with gathering(make, 2) as (one, two):
        await one.dial(two)
        await one.transport.publish(b"x" * MAX_MESSAGE)
        with pytest.raises(ValueError, match="at most 16384 bytes, got 16385"):
            await one.transport.publish(b"x" * (MAX_MESSAGE + 1))
        await eventually(lambda: two.count(b"x" * MAX_MESSAGE))


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


async def test_a_refused_peer_is_not_connected(make: MakeHost, clock: MockClock | None) -> None:
    """Neither the one who dials nor the one who is dialled has to let the other in."""
    asked: list[tuple[PeerName, str]] = []

    def nobody(peer: PeerName, address: str) -> bool:
        asked.append((peer, address))
        return False

    async with gathering(make, 2) as (one, two):
        for shut, dialler, other in ((two, one, two), (one, one, two)):
            shut.admitting = nobody
            with pytest.raises(ConnectionError):
                await dialler.dial(other)
            await eventually(lambda: not one.transport.peers() and not two.transport.peers())
            shut.admitting = everybody
        assert [peer for peer, _ in asked] == [one.transport.name, two.transport.name]
        assert asked[1][1] == two.transport.addresses[0]
        await one.dial(two)
        assert await two.ask(one, b"hello") == [b"echo hello"]


async def test_a_doorkeeper_that_fails_lets_nobody_in(
    make: MakeHost, clock: MockClock | None
) -> None:
    def broken(peer: PeerName, address: str) -> bool:
        raise RuntimeError("a doorkeeper must not raise")

    async with gathering(make, 2) as (one, two):
        two.admitting = broken
        with pytest.raises(ConnectionError):
            await one.dial(two)
        two.admitting = everybody
        await one.dial(two)


async def test_links_say_who_dialled_and_where(make: MakeHost, clock: MockClock | None) -> None:
    async with gathering(make, 3) as (one, two, three):
        await one.dial(two)
        await three.dial(one)
        await eventually(lambda: len(one.transport.links()) == 2)
        links = {link.peer: link for link in one.transport.links()}
        assert tuple(links) == one.transport.peers()
        there, back = links[two.transport.name], links[three.transport.name]
        assert there.outbound
        assert there.address == two.transport.addresses[0]
        assert not back.outbound
        assert back.address
        assert [link.outbound for link in two.transport.links()] == [False]


async def test_who_is_hung_up_on_is_gone_and_may_come_back(
    make: MakeHost, clock: MockClock | None
) -> None:
    async with gathering(make, 2) as (one, two):
        await one.transport.hang_up(two.transport.name)  # who is not there: nothing happens
        await one.dial(two)

        async def be_hung_up_on() -> None:
            async with one.open(two) as channel:
                await channel.send(b"hello")
                await two.transport.hang_up(one.transport.name)
                while await channel.receive() is not None:
                    pass

        with pytest.raises(ConnectionError):
            await be_hung_up_on()
        await eventually(lambda: not one.transport.peers() and not two.transport.peers())
        await one.dial(two)
        assert await one.ask(two, b"back") == [b"echo back"]


async def test_peers_come_and_go(make: MakeHost, clock: MockClock | None) -> None:
    async with gathering(make, 2) as (one, two):
        assert one.transport.peers() == ()
        async with gathering(lambda n: make(n + 2), 1) as (guest,):
            await one.dial(guest)
            await two.dial(one)
            await two.dial(one)  # again: nothing happens
            both = tuple(sorted([guest.transport.name, two.transport.name]))
            await eventually(lambda: one.transport.peers() == both)
            assert guest.transport.peers() == (one.transport.name,)
        await eventually(lambda: one.transport.peers() == (two.transport.name,))
        with pytest.raises(ConnectionError, match="dial it first"):
            await one.ask(guest, b"?")


async def test_who_is_cancelled_hangs_up(make: MakeHost, clock: MockClock | None) -> None:
    """Its neighbour knows at once, and need not wait for a health check."""
    async with gathering(make, 1) as (one,), trio.open_nursery() as nursery:
        connected = trio.Event()

        async def short_life() -> None:
            async with gathering(lambda n: make(n + 1), 1) as (two,):
                await two.dial(one)
                connected.set()
                await trio.sleep_forever()

        nursery.start_soon(short_life)
        await connected.wait()
        await eventually(one.transport.peers)
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await eventually(lambda: not one.transport.peers(), seconds=3)


async def test_dialling_where_nobody_is_raises(make: MakeHost, clock: MockClock | None) -> None:
    async with gathering(make, 1) as (one,):
        async with gathering(lambda n: make(n + 1), 1) as (gone,):
            address = gone.transport.addresses[0]
        with pytest.raises(ConnectionError, match="no answer from"):
            await one.transport.dial(address)
        for wrong in ("nonsense", "", one.transport.addresses[0]):
            with pytest.raises(ValueError, match="address"):
                await one.transport.dial(wrong)


async def test_a_transport_has_addresses_only_while_it_runs(
    make: MakeHost, clock: MockClock | None
) -> None:
    async with gathering(make, 1) as (one,):
        assert one.transport.addresses
    assert one.transport.addresses == ()
    assert one.transport.peers() == ()
    with pytest.raises(NodeError, match="running"):
        await one.transport.publish(b"to nobody")


async def test_errors_of_the_body_pass_through_as_they_are(
    make: MakeHost, clock: MockClock | None
) -> None:
    with pytest.raises(LookupError, match="mine"):
        async with gathering(make, 1):
            raise LookupError("mine")


async def test_a_transport_can_run_again(make: MakeHost, clock: MockClock | None) -> None:
    async with gathering(make, 1) as (one,):
        again = make(1)
        for round_ in (b"first", b"second"):
            async with again.running(lambda s, d: Verdict.ACCEPT, one.serve):
                assert await again.dial(one.transport.addresses[0]) == one.transport.name
                await again.publish(round_)
                await eventually(partial(one.count, round_))
