"""What lies between: delay, order, loss, cuts, and uplinks that are too slow."""

import pytest
from trio import sleep
from trio.testing import MockClock

from p2p.sim.naming import device_name
from p2p.sim.rpc import Rpc
from p2p.sim.wires import WireParams
from tests.p2p.sim.stage import message, stage


async def test_what_is_sent_arrives_in_order_after_the_links_delay(
    autojump_clock: MockClock,
) -> None:
    async with stage(WireParams(delay=0.1, jitter=0.5)) as world:
        one, other = world.ears(2)
        world.wires.link(one.name, other.name)
        for i in range(50):
            one.say(Rpc(messages=(message(i, one.name),)))
        await sleep(1)
    assert [m.id for m in other.messages] == list(range(50))
    times = [at for at, _, _ in other.heard_rpcs]
    assert times == sorted(times)
    assert 0.025 <= times[0] <= times[-1] <= 0.1 * 1.5 * 1.5 + 0.05
    assert one.peers == {other.name: True}
    assert other.peers == {one.name: False}


async def test_about_the_asked_for_share_is_lost_and_counted(autojump_clock: MockClock) -> None:
    async with stage(WireParams(loss=0.3)) as world:
        one, other = world.ears(2)
        world.wires.link(one.name, other.name)
        for i in range(1_000):
            one.say(Rpc(messages=(message(i, one.name),)))
        await sleep(2)
        traffic = world.wires.traffic
    assert traffic.lost == 1_000 - len(other.messages)
    assert 250 < traffic.lost < 350


async def test_bytes_take_their_time_on_the_uplink_and_a_backlog_is_dropped(
    autojump_clock: MockClock,
) -> None:
    async with stage(WireParams(delay=0, uplink=10_000)) as world:
        one, other = world.ears(2)
        world.wires.link(one.name, other.name)
        rpc = Rpc(messages=(message(1, one.name, bytes(790)),))  # 1,000 bytes: .1 s each
        assert rpc.size == 1_000
        for _ in range(100):
            one.say(rpc)
        await sleep(20)
        traffic = world.wires.traffic
    times = [round(at, 3) for at, _, _ in other.heard_rpcs]
    assert times[:3] == [0.1, 0.2, 0.3]
    assert times[-1] == pytest.approx(5.1)
    assert traffic.overrun == 100 - len(times)
    assert traffic.sent[one.name] == 1_000 * len(times)


async def test_a_cut_loses_what_is_on_its_way_and_tells_both_ends(
    autojump_clock: MockClock,
) -> None:
    async with stage() as world:
        one, other = world.ears(2)
        world.wires.link(one.name, other.name)
        one.say(Rpc(graft=True))
        world.wires.cut(one.name, other.name)
        assert one.peers == other.peers == {}
        world.wires.link(one.name, other.name)  # the old bytes do not come by the new link
        await sleep(1)
    assert other.heard_rpcs == []


async def test_who_refuses_leaves_no_trace_of_the_other(autojump_clock: MockClock) -> None:
    async with stage() as world:
        one, other = world.ears(2)
        for shut, opened in ((one, other), (other, one)):
            shut.open, opened.open = False, True
            with pytest.raises(ConnectionError):
                world.wires.link(one.name, other.name)
            assert world.wires.linked(one.name) == world.wires.linked(other.name) == []
            assert one.peers == other.peers == {}


async def test_a_division_cuts_across_and_nobody_dials_over_it(autojump_clock: MockClock) -> None:
    async with stage() as world:
        a, b, c = world.ears(3)
        for one, other in ((a, b), (b, c), (a, c)):
            world.wires.link(one.name, other.name)
        world.wires.divide({c.name: 1})
        assert world.wires.linked(a.name) == [b.name]
        with pytest.raises(ConnectionError):
            world.wires.link(a.name, c.name)
        world.wires.divide({})
        world.wires.link(a.name, c.name)
        assert c.peers == {a.name: False}


async def test_nobody_is_there_under_a_name_that_left(autojump_clock: MockClock) -> None:
    async with stage() as world:
        one, other = world.ears(2)
        world.wires.link(one.name, other.name)
        world.wires.leave(other)
        assert one.peers == {}
        assert world.wires.at(other.address) is None
        with pytest.raises(ConnectionError):
            world.wires.link(one.name, device_name(1))
        with pytest.raises(ValueError, match="already"):
            world.wires.join(one)
