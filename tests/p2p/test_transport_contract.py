"""What every transport owes the layers above it, said once and asked of both."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from p2p.errors import NodeError
from p2p.transport import MAX_FRAME, MAX_MESSAGE, PeerName
from tests.p2p.carriers import MakeHost, eventually, gathering, libp2p_hosts, memory_hosts
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


async def test_a_request_is_answered_frame_by_frame(
    make: MakeHost, clock: MockClock | None
) -> None:
    frames = [b"a", b"b" * MAX_FRAME, b"c" * 10_000]

    async def answer(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
        assert (asker, request) == (one.transport.name, b"please")
        for frame in frames:
            yield frame

    async with gathering(make, 2) as (one, two):
        two.answering = answer
        await one.dial(two)
        for _ in range(3):
            assert await one.ask(two, b"please") == frames
        assert await two.ask(one, b"back") == [b"echo back"]


async def test_an_answer_that_fails_breaks_off_and_leaves_both_alive(
    make: MakeHost, clock: MockClock | None
) -> None:
    async def answer(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
        yield b"first"
        raise RuntimeError("the disk is gone")

    async def oversize(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
        yield b"x" * (MAX_FRAME + 1)

    async with gathering(make, 2) as (one, two):
        await one.dial(two)
        honest = two.answering
        for broken in (answer, oversize):
            two.answering = broken
            with pytest.raises(ConnectionError):
                await one.ask(two, b"?")
        two.answering = honest
        assert await one.ask(two, b"again") == [b"echo again"]
        await two.transport.publish(b"alive")
        await eventually(lambda: one.count(b"alive"))
        assert not one.transport.offences
        assert not two.transport.offences


async def test_an_answer_that_stalls_is_given_up(make: MakeHost, clock: MockClock | None) -> None:
    async def answer(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
        yield b"first"
        await trio.sleep_forever()

    async with gathering(make, 2) as (one, two):
        two.answering = answer
        await one.dial(two)
        with pytest.raises(trio.TooSlowError):
            await one.ask(two, b"?", seconds=0.3)


async def test_an_asker_may_leave_before_the_end(make: MakeHost, clock: MockClock | None) -> None:
    ended = trio.Event()

    async def answer(asker: PeerName, request: bytes) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more" * 10_000
        finally:
            ended.set()

    async with gathering(make, 2) as (one, two):
        two.answering = answer
        await one.dial(two)
        async with one.transport.ask(two.transport.name, b"?", timeout=5) as replies:
            assert await anext(aiter(replies)) == b"more" * 10_000
        with trio.fail_after(8):
            await ended.wait()
        await one.transport.publish(b"alive")
        await eventually(lambda: two.count(b"alive"))


async def test_requests_have_a_size(make: MakeHost, clock: MockClock | None) -> None:
    async with gathering(make, 2) as (one, two):
        await one.dial(two)
        for request in (b"", b"x" * (MAX_FRAME + 1)):
            with pytest.raises(ValueError, match="a request must be 1 to 65536 bytes"):
                await one.ask(two, request)


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
            async with again.running(lambda s, d: Verdict.ACCEPT, one.answer):
                assert await again.dial(one.transport.addresses[0]) == one.transport.name
                await again.publish(round_)
                await eventually(partial(one.count, round_))
