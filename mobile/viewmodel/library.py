"""The screen "Library", and the player that stands below every screen while something plays."""

from collections.abc import Sequence
from dataclasses import dataclass

from mobile.viewmodel.cover import Cover


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """One item of the catalogue."""

    item: str
    title: str
    creator: str
    cover: Cover
    liked: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """All of the screen."""

    query: str = ""
    rows: Sequence[LibraryRow] = ()
    """What the query found, best first, or all; immutable, may make its rows as they are looked at
    (10,000 of them)"""
    total: int = 0
    """Items of the catalogue"""
    note: str = ""
    """Why nothing is shown"""
    searching: bool = False


@dataclass(frozen=True, slots=True)
class Player:
    """What plays. No sound is made: the app has no music, it simulates a player."""

    item: str = ""
    """"" if nothing does"""
    title: str = ""
    creator: str = ""
    cover: Cover | None = None
    playing: bool = False
    position: float = 0.0
    """Seconds"""
    length: float = 0.0
    """Seconds; > 0 if there is an item"""
    liked: bool = False
