"""What every transport owes the layers above it, said once and asked of both."""

from functools import partial

import pytest
import trio
from trio.testing import MockClock

from p2p.errors import NodeError
from p2p.transport import MAX_MESSAGE, PeerName, everybody
from tests.p2p.both import clock, make
from tests.p2p.carriers import MakeHost, eventually, gathering
from web3rec.types import Verdict

__all__ = ["clock", "make"]


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
