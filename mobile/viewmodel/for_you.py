"""The screen "For you": the list, or what stands there while there is none."""

from dataclasses import dataclass
from enum import StrEnum

from mobile.viewmodel.cover import Cover


class Phase(StrEnum):
    """What the screen shows."""

    LOADING = "loading"
    """The store is being opened: grey rows"""
    COLD = "cold"
    """Nothing is known of the ego: it picks tags"""
    LIST = "list"
    EMPTY = "empty"
    """Something is known of it, but nothing is left to recommend; `ForYou.note` says what to do"""


@dataclass(frozen=True, slots=True)
class ForYouRow:
    """One recommendation."""

    item: str
    title: str
    creator: str
    why: str
    """One line"""
    cover: Cover
    liked: bool = False
    """Liked on this screen; it stays in its place until the list is asked for anew"""


@dataclass(frozen=True, slots=True)
class TagChoice:
    """A tag of the catalogue that a person may start from."""

    tag: str
    items: int
    """Of the catalogue that have it"""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ForYou:
    """All of the screen."""

    phase: Phase = Phase.LOADING
    rows: tuple[ForYouRow, ...] = ()
    note: str = ""
    """What the ego should know about this list; "" mostly"""
    tags: tuple[TagChoice, ...] = ()
    """In the phase COLD; most frequent first"""
    refreshing: bool = False
    """A new list is being made; rows are still the old one"""
