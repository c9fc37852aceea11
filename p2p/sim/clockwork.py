"""Virtual time: what is due happens, in order, and nothing waits for a real clock.

Run under trio's MockClock with autojump. Whatever is due within one millisecond happens in one
go, so that a run jumps a thousand times a second at most, however many messages there are.
"""

import heapq
import math
from collections.abc import Callable
from typing import Final

import trio

TICKS: Final = 1_000
"""Ticks a second: times are rounded up to the next one."""

Action = Callable[[], None]


class Clockwork:
    """Actions and the times they are due; `turn` makes them happen."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Action]] = []
        self._count = 0
        self._nap: trio.CancelScope | None = None

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return trio.current_time()

    def at(self, when: float, action: Action) -> None:
        """Let `action` happen at `when` (seconds), or now if that is past.

        Of two that are due in one tick, the one asked for first happens first.
        """
        tick = _tick(when)
        self._count += 1
        heapq.heappush(self._due, (tick, self._count, action))
        if self._nap is not None and tick / TICKS < self._nap.deadline:
            self._nap.deadline = tick / TICKS

    def after(self, seconds: float, action: Action) -> None:
        """Let `action` happen in so many seconds."""
        self.at(trio.current_time() + seconds, action)

    async def turn(self) -> None:
        """Make everything happen when it is due; until cancelled."""
        while True:
            with trio.CancelScope(deadline=self._next()) as self._nap:
                await trio.sleep_forever()
            self._nap = None
            now = trio.current_time()
            while self._next() <= now:
                heapq.heappop(self._due)[2]()

    def due(self, seconds: float) -> float:
        """When something that takes so many seconds from now on is done: a whole tick."""
        return _tick(trio.current_time() + seconds) / TICKS

    def _next(self) -> float:
        return self._due[0][0] / TICKS if self._due else math.inf


def _tick(when: float) -> int:
    return math.ceil(when * TICKS - 1e-6)
