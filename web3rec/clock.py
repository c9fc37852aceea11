"""Time is an argument: whoever composes the program chooses the clock."""

import time
from collections.abc import Callable
from typing import Final

from web3rec.types import Millis

Clock = Callable[[], Millis]

DAY_S: Final = 86_400


def system_clock() -> Millis:
    """The machine's wall clock, in unix milliseconds."""
    return Millis(time.time_ns() // 1_000_000)


def at_work() -> float:
    """Seconds that this thread has worked; they do not pass while others use the machine."""
    return time.thread_time()


def since_boot() -> float:
    """Seconds since the machine was started, asleep or awake; nobody sets this clock.

    Where there is no such clock, one that stops while the machine sleeps.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
