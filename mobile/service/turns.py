"""What the service does next: stand by, work, rest, or end. Pure.

stand by   the app is in front, or not long gone
work       it holds the store and syncs: a round
rest       between two rounds, or while the policy forbids the network
end        switched off, told to, or the budget is used up
"""

from dataclasses import dataclass
from enum import StrEnum

from mobile.day import Moment, elapsed
from mobile.service.budget import ServiceParams


class Turn(StrEnum):
    """What the service does."""

    STAND_BY = "standing by"
    WORK = "working"
    REST = "resting"
    END = "ending"


@dataclass(frozen=True, slots=True)
class Round:
    """The last round of syncing that began."""

    began: Moment
    over: bool = False
    """It ended; the next waits for its time"""


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a turn depends on."""

    now: Moment
    app_in_front: bool
    told_to_end: bool = False
    switched_on: bool = True
    """Whether the person wants a service at all"""
    budget_left: bool = True
    why_not: str = ""
    """The policy's verdict on the network"""


def turn(sight: Sight, last: Round | None, params: ServiceParams) -> tuple[Turn, Round | None]:
    """What to do now, and the round that it belongs to.

    Args:
        sight: how things are.
        last: the last round; None: there was none since the app was in front.
        params: how long rounds are, and how far apart.
    """
    if sight.told_to_end or not sight.switched_on:
        return Turn.END, last
    if sight.app_in_front:
        return Turn.STAND_BY, None
    if not sight.budget_left:
        return Turn.END, last
    if last is not None:
        age = elapsed(last.began, sight.now)
        over = last.over or age >= params.round
        if over and age < params.interval:
            return Turn.REST, Round(last.began, over=True)
        if over:
            last = None
    if sight.why_not:
        return Turn.REST, last
    return Turn.WORK, last or Round(sight.now)
