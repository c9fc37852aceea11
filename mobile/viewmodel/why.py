"""The sheet "Why": where a recommendation comes from, and what can be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from mobile.viewmodel.cover import Cover


@dataclass(frozen=True, slots=True)
class Part:
    """Who a recommendation came through."""

    label: str
    """"friend 12", "smaller friends together", "your own library", "everyone" """
    percent: int
    """1 .. 100; those of a sheet sum to 100"""


class StepKind(StrEnum):
    """What stands on the path."""

    YOU = "you"
    OWN_ITEM = "own item"
    FRIEND = "friend"
    PERSON = "person"
    """Somebody a friend vouches for"""
    ITEM = "item"
    """What is recommended"""


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the path you -> your item -> friend (-> person) -> item."""

    kind: StepKind
    label: str


@dataclass(frozen=True, slots=True)
class Why:
    """All of the sheet."""

    item: str
    title: str
    creator: str
    cover: Cover
    reason: str
    """The one line of the list, in full"""
    parts: tuple[Part, ...]
    """1 to 3, most first; the third stands for all the rest, if there are more"""
    path: tuple[Step, ...] = ()
    """() if there is none, as in a cold start"""
    own_item: str = ""
    """What of the ego's own the path starts from: "Forget this" is about it; "" if there is none"""
    own_title: str = ""
    peer: str = ""
    """did:key of who could count less; "" if it is nobody by name"""
    peer_label: str = ""
    model: str = ""
    """What ordered the list, in a line"""
