"""One seed decides everything: trio's scheduler too, which else deals turns at random."""

import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import trio
from trio.testing import MockClock

T = TypeVar("T")


def run(main: Callable[[], Awaitable[T]], seed: int) -> T:
    """Run `main` in virtual time from 0 on; the same seed gives the same turns.

    For one run at a time in a process: trio's scheduler has one generator.
    """
    with _dealt(seed), _uncollected():
        return trio.run(main, clock=MockClock(autojump_threshold=0))


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection by itself: it costs a quarter of a run (measured) and comes when it
    likes. The world collects once a virtual minute.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _dealt(seed: int) -> Iterator[None]:
    """Trio's own switch for reproducible tests, which pytest-trio uses too.

    Tasks get their turns in order of birth, shuffled by trio's generator, which we seed.
    """
    import trio._core._run as scheduler  # noqa: PLC0415 - private, and nothing else may use it

    inner: Any = scheduler
    before, state = inner._ALLOW_DETERMINISTIC_SCHEDULING, inner._r.getstate()  # noqa: SLF001
    inner._ALLOW_DETERMINISTIC_SCHEDULING = True  # noqa: SLF001
    inner._r.seed(seed)  # noqa: SLF001
    try:
        yield
    finally:
        inner._ALLOW_DETERMINISTIC_SCHEDULING = before  # noqa: SLF001
        inner._r.setstate(state)  # noqa: SLF001
