"""When the network may be used: what the person allows, where the device is, what was used.

Pure: conditions come from a platform probe (`mobile.platform_`), the day's use from `mobile.day`.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from mobile.day import Moment, Ration, elapsed
from web3rec.errors import ParamError

Link = Literal["none", "metered", "unmetered"]
TRAFFIC: Final = "traffic.json"
"""The file in the store's folder that holds the day's bytes; whoever holds the store writes it"""
LONGEST_BURST: Final = 300.0
"""Seconds the network is used at a stretch in the foreground, at most"""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where the device is; the defaults are the cautious answers of a probe that failed."""

    link: Link = "none"
    """What carries bytes now, and whether they cost anything"""
    charging: bool = False
    airplane: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NetPolicy:
    """What is allowed. Raises ParamError."""

    on: bool = True
    """False: never"""
    unmetered_only: bool = True
    charging_only: bool = False
    max_bytes_day: int = 50_000_000
    """Bytes exchanged in a day; >= 1"""
    min_interval: float = 900.0
    """Seconds from the start of one burst to that of the next, unless somebody asks; >= burst.
    A guess: four a hour cost about what one costs that is left on for twenty minutes"""
    burst: float = LONGEST_BURST
    """Seconds a burst lasts; in (0, 300]"""

    def __post_init__(self) -> None:
        if isinstance(self.max_bytes_day, bool) or not 1 <= self.max_bytes_day < math.inf:
            raise ParamError("max_bytes_day", self.max_bytes_day, ">= 1 byte")
        if not 0 < self.burst <= LONGEST_BURST:
            raise ParamError("burst", self.burst, f"in (0, {LONGEST_BURST:g}] seconds")
        if not self.burst <= self.min_interval < math.inf:
            raise ParamError("min_interval", self.min_interval, f">= {self.burst:g} seconds")

    def verdict(self, conditions: Conditions, used: Ration, now: Moment) -> str:
        """Why the network may not be used now, in words for a person; "" if it may.

        Args:
            conditions: where the device is.
            used: bytes of this day.
            now: for the day.
        """
        if not self.on:
            return "switched off"
        if conditions.airplane or conditions.link == "none":
            return "airplane mode" if conditions.airplane else "no network"
        if self.unmetered_only and conditions.link != "unmetered":
            return "on a metered network"
        if self.charging_only and not conditions.charging:
            return "waiting for the charger"
        if used.at(now).spent >= self.max_bytes_day:
            return f"today's {_megabytes(self.max_bytes_day)} are used up; {_later(used, now)}"
        return ""

    def may_begin(self, began: Moment | None, now: Moment) -> bool:
        """Whether a burst may begin, after one that began then (None: there was none)."""
        return began is None or elapsed(began, now) >= self.min_interval

    def is_over(self, began: Moment, now: Moment) -> bool:
        """Whether a burst that began then has lasted long enough."""
        return elapsed(began, now) >= self.burst


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1_000_000 else f"{count} bytes"


def _later(used: Ration, now: Moment) -> str:
    hours = math.ceil(used.until_over(now) / 3600)
    return f"again in {hours} h" if hours > 1 else "again within the hour"
