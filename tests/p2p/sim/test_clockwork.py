"""Virtual time: order, ticks, and that nothing is late."""

import trio
import trio.testing
from trio.testing import MockClock

from p2p.sim.clockwork import Clockwork


async def turning(nursery: trio.Nursery) -> Clockwork:
    clockwork = Clockwork()
    nursery.start_soon(clockwork.turn)
    await trio.testing.wait_all_tasks_blocked()
    return clockwork


async def test_what_is_due_happens_in_order_and_at_its_tick(autojump_clock: MockClock) -> None:
    happened: list[tuple[str, float]] = []

    def note(what: str) -> None:
        happened.append((what, round(trio.current_time(), 6)))

    async with trio.open_nursery() as nursery:
        clockwork = await turning(nursery)
        clockwork.at(2.0, lambda: note("late"))
        clockwork.at(0.0101, lambda: note("first"))
        clockwork.at(0.0102, lambda: note("second"))
        clockwork.after(0.5, lambda: note("middle"))
        await trio.sleep(3)
        nursery.cancel_scope.cancel()
    assert happened == [("first", 0.011), ("second", 0.011), ("middle", 0.5), ("late", 2.0)]


async def test_something_nearer_than_the_next_thing_is_not_missed(
    autojump_clock: MockClock,
) -> None:
    happened: list[float] = []
    async with trio.open_nursery() as nursery:
        clockwork = await turning(nursery)
        clockwork.at(60.0, lambda: happened.append(trio.current_time()))
        await trio.sleep(1)
        clockwork.at(2.0, lambda: happened.append(trio.current_time()))
        clockwork.at(0.5, lambda: happened.append(trio.current_time()))  # past: at once
        await trio.sleep(70)
        nursery.cancel_scope.cancel()
    assert happened == [1.0, 2.0, 60.0]


async def test_what_happens_may_ask_for_more_within_the_same_tick(
    autojump_clock: MockClock,
) -> None:
    happened: list[str] = []
    async with trio.open_nursery() as nursery:
        clockwork = await turning(nursery)

        def first() -> None:
            happened.append("first")
            clockwork.after(0, lambda: happened.append(f"second {trio.current_time()}"))

        clockwork.at(1.0, first)
        await trio.sleep(1.5)
        nursery.cancel_scope.cancel()
    assert happened == ["first", "second 1.0"]
