"""What breaks is started again, patiently; what can never run is reported."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import pytest
import trio
import trio.testing

from p2p.errors import AddressInUse, NodeError
from p2p.supervisor import Supervisor
from web3rec.errors import Closed

if TYPE_CHECKING:
    from trio_typing import TaskStatus

    class Starts(Protocol):
        """What `nursery.start` takes."""

        async def __call__(self, *, task_status: TaskStatus[None]) -> None: ...


class Stack:
    """A stack that is ready at once and breaks after each of the given lifetimes (seconds)."""

    def __init__(self, *lifetimes: float, error: Exception | None = None) -> None:
        self.began: list[float] = []
        self._lifetimes = list(lifetimes)
        self._error = error or RuntimeError("it broke")

    async def __call__(self, ready: Callable[[], None]) -> None:
        self.began.append(trio.current_time())
        ready()
        if not self._lifetimes:
            await trio.sleep_forever()
        await trio.sleep(self._lifetimes.pop(0))
        raise ExceptionGroup("as nurseries do", [self._error])


def started(life: Supervisor) -> "Starts":
    """`life.run` as `nursery.start` wants it."""

    async def run(*, task_status: "TaskStatus[None]") -> None:
        await life.run(task_status.started)

    return run


async def lived(life: Supervisor, seconds: float) -> None:
    """Run for so long, then close it; returns when the loop has ended."""
    life.claim()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(life.run, lambda: None)
        await trio.sleep(seconds)
        life.want("closed")


async def test_each_rest_is_twice_the_last_and_a_minute_at_most(
    autojump_clock: trio.testing.MockClock,
) -> None:
    stack = Stack(*[0.0] * 9)
    life = Supervisor(stack)
    start = trio.current_time()
    await lived(life, 1000)
    rests = [b - a for a, b in zip([start, *stack.began], stack.began, strict=False)]
    assert rests == pytest.approx([0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
    assert life.restarts == 9
    assert life.state == "closed"


async def test_a_minute_without_fault_is_forgiven(autojump_clock: trio.testing.MockClock) -> None:
    stack = Stack(0, 0, 0, 70, 0)
    await lived(Supervisor(stack), 1000)
    assert stack.began[4] - stack.began[3] == pytest.approx(71)
    assert stack.began[5] - stack.began[4] == pytest.approx(2)


async def test_between_two_attempts_it_says_why_and_when(
    autojump_clock: trio.testing.MockClock,
) -> None:
    life = Supervisor(Stack(5))
    life.claim()
    async with trio.open_nursery() as nursery:
        await nursery.start(started(life))
        assert life.state == "running"
        await trio.sleep(5.5)
        assert life.state == "failed: RuntimeError: it broke; trying again in 1 s"
        await trio.sleep(1)
        assert life.state == "running"
        life.want("closed")


async def test_paused_means_not_running_and_resumed_means_anew(
    autojump_clock: trio.testing.MockClock,
) -> None:
    stack = Stack()
    life = Supervisor(stack)
    life.claim()
    async with trio.open_nursery() as nursery:
        await nursery.start(started(life))
        for wanted in ("paused", "paused", "running", "running"):
            life.want("paused" if wanted == "paused" else "running")
            await trio.sleep(10)
            assert life.state == wanted
        assert len(stack.began) == 2
        life.want("closed")


async def test_a_pause_need_not_wait_for_the_rest_to_end(
    autojump_clock: trio.testing.MockClock,
) -> None:
    life = Supervisor(Stack(*[0.0] * 8))
    life.claim()
    async with trio.open_nursery() as nursery:
        await nursery.start(started(life))
        await trio.sleep(100)
        assert life.state.startswith("failed")
        life.want("paused")
        await trio.sleep(0.01)
        assert life.state == "paused"
        life.want("closed")


@pytest.mark.parametrize(
    ("fault", "raised", "text"),
    [
        (AddressInUse("port 80"), AddressInUse, "port 80"),
        (Closed("closed"), Closed, "closed"),
        (RuntimeError("odd"), NodeError, "cannot run: RuntimeError: odd"),
    ],
)
async def test_what_never_ran_raises(fault: Exception, raised: type[Exception], text: str) -> None:
    async def stack(_ready: Callable[[], None]) -> None:
        raise ExceptionGroup("outer", [ExceptionGroup("inner", [fault])])

    life = Supervisor(stack)
    life.claim()
    with pytest.raises(raised, match=text):
        await life.run(lambda: None)
    assert life.state.startswith("failed: ")
    assert not life.alive


async def test_a_log_closed_under_it_ends_it(autojump_clock: trio.testing.MockClock) -> None:
    life = Supervisor(Stack(5, error=Closed("the recommender was closed")))
    life.claim()
    with pytest.raises(Closed):
        await life.run(lambda: None)
    assert life.state == "failed: Closed: the recommender was closed"


async def test_a_busy_port_after_a_fault_is_waited_for(
    autojump_clock: trio.testing.MockClock,
) -> None:
    life = Supervisor(stack := Stack(1, error=AddressInUse("still")))
    await lived(life, 10)
    assert len(stack.began) == 2


async def test_cancelling_closes_it(autojump_clock: trio.testing.MockClock) -> None:
    life = Supervisor(Stack())
    life.claim()
    with trio.move_on_after(5) as scope:
        await life.run(lambda: None)
    assert scope.cancelled_caught
    assert life.state == "closed"


def test_closed_before_it_began_it_never_runs() -> None:
    life = Supervisor(stack := Stack())
    life.want("closed")
    assert life.state == "closed"
    with pytest.raises(NodeError, match="starts once"):
        life.claim()
    assert stack.began == []


def test_another_thread_waits_for_its_wish() -> None:
    life = Supervisor(Stack())
    life.claim()
    thread = threading.Thread(target=trio.run, args=(life.run, lambda: None))
    thread.start()
    assert life.wait_started(5)
    assert life.state == "running"
    life.want("paused")
    assert life.state == "paused"
    life.want("running")
    assert life.state == "running"
    life.want("closed")
    thread.join(5)
    assert life.state == "closed"
    life.want("closed")
