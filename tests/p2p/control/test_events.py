"""The hub: what is told to whom, and when somebody is let go. Virtual time."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
import trio

from p2p.control import hub as hubs
from p2p.control.hub import BEAT, CLOSING, DROPPED, LISTENERS, QUEUE, Hub, Listener
from p2p.control.problems import Problem
from p2p.options import NodeStatus
from tests.p2p.control.devices import FakeDevice, lively
from tests.p2p.control.raw import GATE, OURS, Desk, request
from web3rec.recommender import Recommender


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    with lively(tmp_path_factory.mktemp("store")) as opened:
        yield opened


async def kinds(listener: Listener, count: int) -> list[str]:
    found = []
    for _ in range(count):
        block = await listener.next()
        assert block is not None
        found.append(block.partition(b"\n")[0].decode())
    return found


async def test_a_listener_first_hears_how_things_are_then_what_changes(
    autojump_clock: trio.testing.MockClock,
) -> None:
    device = FakeDevice()
    hub = Hub(device, lambda: 7)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hub.run)
        with hub.listening() as listener:
            assert await kinds(listener, 3) == ["event: state", "event: peers", "event: records"]
            device.now = replace(device.now, records_stored=8)
            await trio.sleep(1)
            hub.changed()
            hub.changed()
            assert await kinds(listener, 2) == ["event: records", "event: recommendations_changed"]
            assert await listener.next() == BEAT
        assert len(hub) == 0
        nursery.cancel_scope.cancel()


async def test_a_heartbeat_comes_when_nothing_else_does(
    autojump_clock: trio.testing.MockClock,
) -> None:
    listener = Listener()
    began = trio.current_time()
    assert await listener.next() == BEAT
    assert trio.current_time() - began == hubs.BEAT_SECONDS
    listener.end()
    assert await listener.next() is None
    assert listener.last == CLOSING


async def test_a_slow_listener_is_dropped_and_told_the_others_go_on(
    autojump_clock: trio.testing.MockClock,
) -> None:
    device = FakeDevice()
    hub = Hub(device, lambda: 0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hub.run)
        with hub.listening() as slow, hub.listening() as quick:
            await kinds(quick, 3)
            for _ in range(QUEUE):
                hub.changed()
                assert await kinds(quick, 1) == ["event: recommendations_changed"]
            assert len(hub) == 1
            heard = 0
            while (await slow.next()) is not None:
                heard += 1
            assert heard == QUEUE
            assert (slow.last, quick.last) == (DROPPED, CLOSING)
        nursery.cancel_scope.cancel()


async def test_there_is_a_limit_to_listeners_and_none_after_closing() -> None:
    hub = Hub(FakeDevice(), lambda: 0)
    with ExitStack() as all_of_them:
        for _ in range(LISTENERS):
            all_of_them.enter_context(hub.listening())
        with pytest.raises(Problem) as caught, hub.listening():
            pass
    assert caught.value.code == "busy"
    hub.close()
    with pytest.raises(Problem) as caught, hub.listening():
        pass
    assert caught.value.code == "closing"


async def test_nobody_listening_costs_no_look_at_the_node(
    autojump_clock: trio.testing.MockClock,
) -> None:
    looks = 0

    class Counting(FakeDevice):
        def status(self) -> NodeStatus:
            nonlocal looks
            looks += 1
            return super().status()

    hub = Hub(Counting(), lambda: 0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hub.run)
        await trio.sleep(3600)
        assert looks == 0
        with hub.listening():
            await trio.sleep(10)
        seen = looks
        assert seen >= 20
        await trio.sleep(3600)
        assert looks <= seen + 1
        nursery.cancel_scope.cancel()


async def test_a_device_that_breaks_does_not_stop_the_stream(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Broken(FakeDevice):
        def status(self) -> NodeStatus:
            raise RuntimeError("no")

    hub = Hub(Broken(), lambda: 0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hub.run)
        with hub.listening() as listener:
            hub.changed()
            assert await kinds(listener, 1) == ["event: recommendations_changed"]
        nursery.cancel_scope.cancel()


async def test_a_listener_that_hangs_up_frees_its_place(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    desk = Desk(rec)
    async with trio.open_nursery() as nursery:
        stream = desk.connect(nursery)
        await stream.send_all(request("/v1/events"))
        received = b""
        while b"event: records" not in received:
            received += bytes(await stream.receive_some(4096))
        assert received.startswith(b"HTTP/1.1 200 ")
        assert len(desk.hub) == 1
        await stream.aclose()
        await trio.testing.wait_all_tasks_blocked()
        assert len(desk.hub) == 0
    assert desk.counted == [("GET", 200)]


async def test_a_listener_that_does_not_read_is_let_go(
    rec: Recommender, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(rec)
    ours, theirs = trio.testing.lockstep_stream_pair()  # takes nothing before it is read
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.talks.talk, theirs, OURS, GATE)
        await ours.send_all(request("/v1/events"))
        assert b"200" in bytes(await ours.receive_some(4096))
        await trio.sleep(60)
        assert len(desk.hub) == 0
    assert caplog.records == []


async def test_head_of_the_stream_has_no_end_to_wait_for(rec: Recommender) -> None:
    answer = await Desk(rec).ask(request("/v1/events", "HEAD"), method="HEAD")
    assert answer.headers["content-type"] == "text/event-stream"
