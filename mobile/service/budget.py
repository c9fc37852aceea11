"""How long the service may run: less than the six hours a day that Android gives "data sync".

Time counts while the app is not in front, rests between rounds included, for so Android counts.
It is claimed a minute ahead, on disk, before it is used: a service that is killed has used what
it claimed, and starts no new day by dying. Pure but for `load` and `save`.

Source: developer.android.com, "Foreground service timeouts": 6 h in 24, counted anew whenever the
person brings the app to the front. So a stretch in the background is bounded, too: a day of ours
may end within it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mobile import json_file
from mobile.day import Moment, Ration, elapsed, heard, said
from web3rec.errors import ParamError

FILE: Final = "service.json"
ANDROIDS: Final = 6 * 3600.0
"""Seconds"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParams:
    """Lengths, in seconds. Raises ParamError."""

    most: float = 5.5 * 3600
    """Of a day in the background, and of one stretch of it; in (0, 6 h)"""
    claim: float = 60.0
    """What is claimed ahead; in (0, most]"""
    round: float = 300.0
    """A round of syncing; in (0, 300]. A guess: connecting takes seconds, a sync seconds more"""
    interval: float = 1800.0
    """From the start of one round to that of the next; >= round. A guess"""

    def __post_init__(self) -> None:
        if not 0 < self.most < ANDROIDS:
            raise ParamError("most", self.most, f"in (0, {ANDROIDS:g}) seconds")
        if not 0 < self.claim <= self.most:
            raise ParamError("claim", self.claim, f"in (0, {self.most:g}] seconds")
        if not 0 < self.round <= 300:
            raise ParamError("round", self.round, "in (0, 300] seconds")
        if not self.round <= self.interval < float("inf"):
            raise ParamError("interval", self.interval, f">= {self.round:g} seconds")


@dataclass(frozen=True, slots=True)
class Budget:
    """What was claimed of a day, and the claim that is being used."""

    day: Ration
    """Seconds, the running claim included"""
    claimed: Moment | None = None
    """When the running claim began; None: nothing runs"""
    stretch: float = 0.0
    """Seconds claimed since the app was last in front"""

    def covers(self, now: Moment, params: ServiceParams) -> bool:
        """Whether the running claim is not used up."""
        return self.claimed is not None and elapsed(self.claimed, now) < params.claim

    def more(self, now: Moment, params: ServiceParams) -> "Budget | None":
        """With a new claim that begins now; None if the budget is used up.

        What ran past the claim before, until somebody looked, is counted too.
        """
        late = max(0.0, -self._left(now, params))
        day, stretch = self.day.plus(late + params.claim, now), self.stretch + late + params.claim
        if max(day.spent, stretch) > params.most:
            return None
        return Budget(day, now, stretch)

    def returned(self, now: Moment, params: ServiceParams) -> "Budget":
        """The app is in front: what is left of the claim is given back, the stretch is over."""
        day = self.day.at(now)
        return Budget(Ration(max(0.0, day.spent - self._left(now, params)), day.age, now))

    def _left(self, now: Moment, params: ServiceParams) -> float:
        """Seconds of the running claim that are left; below 0 if it was outrun."""
        return 0.0 if self.claimed is None else params.claim - elapsed(self.claimed, now)


def load(store: Path, now: Moment) -> Budget:
    """What the store's folder says was claimed. Never raises."""
    return Budget(heard(json_file.read(store / FILE), now))


def save(store: Path, budget: Budget) -> None:
    """Write it down, for the end of this process. Raises OSError."""
    json_file.write(store / FILE, said(budget.day), durable=False)


def spent_today(store: Path, now: Moment, params: ServiceParams | None = None) -> str:
    """What the service used and may still use today, in words; "" if it did not run."""
    most = (params or ServiceParams()).most
    spent = load(store, now).day.spent
    if not spent:
        return ""
    return f"ran {_time(spent)} today, {_time(max(0.0, most - spent))} left"


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
