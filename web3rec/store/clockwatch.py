"""Notices when the clock is set, so that nothing is erased by a clock that stands wrong.

A second clock, which nobody sets, runs beside it: where the two part by more than five minutes, the
clock was set. From then on nothing expires until it was set back, or has gone on for an hour
without being set again: that is how long somebody has to notice. What others say the time is does
not count, for they would say what suits them. Erasing nothing is harmless meanwhile: what is past
its time is neither shown nor sent, and the store has its bound.

Not noticed: a clock that is set while the device is off, unless it then shows less than it did.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from web3rec.clock import Clock
from web3rec.types import Millis

Monotonic = Callable[[], float]
"""Seconds since some moment, never set, that go on while the device sleeps."""

STEP: Final = 300.0
"""Seconds by which the clock may part from the other before it counts as set."""
STEADY: Final = 3_600.0
"""Seconds without another step after which the clock is believed."""
_RENEWED: Final = 86_400.0
"""Seconds after which the clocks are compared from a new moment: they drift some seconds a day."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Moment:
    """What both clocks showed at once."""

    wall: float
    other: float

    def parted(self, now: "_Moment") -> float:
        """Seconds by which the wall clock ran ahead of the other since then."""
        return (now.wall - self.wall) - (now.other - self.other)


class ClockWatch:
    """Watches one clock. Not thread-safe: whoever holds it locks."""

    def __init__(self, clock: Clock, monotonic: Monotonic | None, at_least: Millis) -> None:
        """Begin to watch.

        Args:
            clock: the one that may be set.
            monotonic: the other one; None for a clock that is believed whatever it does.
            at_least: unix ms that the clock surely was past before.
        """
        self._clock, self._monotonic = clock, monotonic
        self._believed = self._compared = self._moment()
        self._doubted: float | None = None
        behind = at_least / 1000 - self._believed.wall
        if monotonic is not None and behind > STEP:
            self._believed = _Moment(at_least / 1000, self._believed.other)
            self._doubt(self._compared, -behind)

    def is_steady(self) -> bool:
        """Whether the clock can be believed; to be asked now and then, however rarely."""
        if self._monotonic is None:
            return True
        now = self._moment()
        step = self._compared.parted(now)
        if abs(step) > STEP:
            self._doubt(now, step)
        if self._doubted is not None:
            is_back = abs(self._believed.parted(now)) <= STEP
            if is_back or now.other - self._doubted >= STEADY:
                _log.info("the clock is believed again; expiry goes on")
                self._doubted, self._believed, self._compared = None, now, now
        elif now.other - self._compared.other > _RENEWED:
            self._believed = self._compared = now
        return self._doubted is None

    def _doubt(self, now: _Moment, step: float) -> None:
        _log.warning(
            "the clock was set by %+.0f minutes: nothing expires until it is set back, or was not "
            "set again for an hour",
            step / 60,
        )
        self._doubted, self._compared = now.other, now

    def _moment(self) -> _Moment:
        other = self._monotonic() if self._monotonic else 0.0
        return _Moment(self._clock() / 1000, other)
