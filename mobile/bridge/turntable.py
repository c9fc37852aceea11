"""What plays, as pure time: made-up lengths, and what was heard of each.

Played by half or more, or to the end, is a play; left earlier is a skip.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from mobile.viewmodel import Player, cover

ENOUGH: Final = 0.5
"""Of an item's length: so much of it is a play"""
LONGEST_TICK: Final = 5.0
"""Seconds that pass at once at most: who was asleep did not listen"""
_SHORTEST: Final = 150
_SPAN: Final = 150


@dataclass(frozen=True, slots=True)
class Piece:
    """What can be played."""

    item: str
    title: str
    creator: str = ""
    batch: str = ""
    """The list it is played from; "" if from none"""
    liked: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What was left."""

    item: str
    played: bool
    """Whether enough of it was heard"""
    batch: str


class Turntable:
    """One player. Knows no clock and no store; for one thread at a time."""

    def __init__(self) -> None:
        """Nothing plays."""
        self.shown = Player()
        self.following: tuple[str, ...] = ()
        """Items that play afterwards"""
        self._batch = ""
        self._at: float | None = None

    def play(self, piece: Piece, following: tuple[str, ...]) -> Left | None:
        """From its beginning; what was left for it, if something played."""
        left = self.leave()
        self._batch, self.following = piece.batch, following
        self.shown = Player(
            item=piece.item,
            title=piece.title,
            creator=piece.creator,
            cover=cover(piece.item, piece.title, piece.creator),
            playing=True,
            length=length_of(piece.item),
            liked=piece.liked,
        )
        return left

    def leave(self) -> Left | None:
        """Nothing plays any more."""
        shown, self.shown, self._at = self.shown, Player(), None
        if not shown.item:
            return None
        return Left(shown.item, shown.position >= ENOUGH * shown.length, self._batch)

    def pause(self, *, paused: bool) -> None:
        """Or go on."""
        if self.shown.item:
            self.shown, self._at = replace(self.shown, playing=not paused), None

    def tick(self, now: float) -> bool:
        """Time goes on, in seconds of any clock that only rises. True if the item is over."""
        before, self._at = self._at, now
        if not self.shown.playing or before is None:
            return False
        passed = min(max(0.0, now - before), LONGEST_TICK)
        position = min(self.shown.length, self.shown.position + passed)
        self.shown = replace(self.shown, position=position)
        return position >= self.shown.length


def length_of(item: str) -> float:
    """Seconds, 150 to 300: made up of the id, since there is no sound."""
    return float(_SHORTEST + sha256(item.encode()).digest()[0] * _SPAN // 255)
