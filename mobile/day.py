"""A day's ration that no clock can lock up or refill: so many bytes, so many seconds.

A phone's clock is set by its owner, by the network, by a flat battery. A ration counts a day by
the clock that runs since the boot, which nobody sets; only over a restart of the device, where
that clock begins again, the wall clock may speak, and never for less than has passed since.

So, for a day of D seconds and any number of clock changes: what is spent is at most a ration for
each D that really passed, and one more for each restart; and D seconds of uptime after it began,
a day is over. Pure: knows no clock and no file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DAY: Final = 86_400.0
"""Seconds. A ration's day begins when the one before is over, not at midnight."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at both clocks."""

    wall: float
    """Unix seconds; may jump either way"""
    boot: float
    """Seconds since the device was started, asleep or awake (`web3rec.clock.since_boot`)"""


def elapsed(then: Moment, now: Moment) -> float:
    """Seconds from then to now, >= 0: right unless the device was restarted between."""
    if now.boot >= then.boot:
        return now.boot - then.boot
    return max(now.boot, now.wall - then.wall, 0.0)


@dataclass(frozen=True, slots=True)
class Ration:
    """What was spent of a day."""

    spent: float
    """>= 0, of whatever is rationed"""
    age: float
    """Seconds of the day that had passed at `seen`; in [0, DAY)"""
    seen: Moment

    def at(self, now: Moment) -> "Ration":
        """The same a while later; nothing is spent any more if the day is over."""
        age = self.age + elapsed(self.seen, now)
        return Ration(0.0, 0.0, now) if age >= DAY else Ration(self.spent, age, now)

    def plus(self, more: float, now: Moment) -> "Ration":
        """Spend more, >= 0, now."""
        day = self.at(now)
        return Ration(day.spent + max(0.0, more), day.age, now)

    def until_over(self, now: Moment) -> float:
        """Seconds until the day is over; in (0, DAY]."""
        return DAY - self.at(now).age


def fresh(now: Moment) -> Ration:
    """A day that begins now."""
    return Ration(0.0, 0.0, now)


def said(ration: Ration) -> dict[str, object]:
    """The ration as JSON can say it."""
    wall, boot = ration.seen.wall, ration.seen.boot
    return {"spent": ration.spent, "age": ration.age, "wall": wall, "boot": boot}


def heard(said: Mapping[str, object], now: Moment) -> Ration:
    """What `said` said, a while later; a fresh day if that is not what it is. Never raises."""
    spent, age, wall, boot = (_number(said.get(name)) for name in ("spent", "age", "wall", "boot"))
    if spent is None or age is None or wall is None or boot is None:
        return fresh(now)
    if not (spent >= 0 and 0 <= age < DAY and boot >= 0):
        return fresh(now)
    return Ration(spent, age, Moment(wall, boot)).at(now)


def _number(value: object) -> float | None:
    """As a float; None if it is none, or too large to be meant."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) < 1e15 else None
