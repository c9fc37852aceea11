"""The words of the domain as types; no behaviour beyond what a value owes its holder."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NewType

import numpy as np
import numpy.typing as npt

PeerId = NewType("PeerId", bytes)
"""An author: 32 raw bytes of an Ed25519 public key. Never a libp2p transport key."""

ItemId = NewType("ItemId", str)
"""What an app calls an item: a URI such as `trk:42`; at most 512 characters."""

ItemKey = NewType("ItemKey", bytes)
"""What an item is called inside records and graphs: 16 to 32 bytes, see `item_key`."""

RecordId = NewType("RecordId", bytes)
"""sha256 of a record's body: 32 bytes."""

Millis = NewType("Millis", int)
"""Unix time in milliseconds."""

Indices = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float64]


class Verdict(Enum):
    """What to do with a stranger's bytes; the words of gossipsub v1.1."""

    ACCEPT = "accept"
    """Valid and new: keep it and pass it on."""
    IGNORE = "ignore"
    """Perhaps honest (known, expired, a newer version): drop it, blame nobody."""
    REJECT = "reject"
    """No honest peer sends this: drop it and hold it against the sender."""


class Event(StrEnum):
    """What a person did with an item, shallow to deep.

    LISTEN, LIKE, SHARE and COLLECT become signed records (which leave the device only as far as
    the privacy ladder allows). SKIP, VIEW and NOT_INTERESTED never leave it at any level.
    """

    SKIP = "skip"
    VIEW = "view"
    LISTEN = "listen"
    PLAY = "listen"  # an alias: apps say play, the wire says listen
    LIKE = "like"
    SHARE = "share"
    COLLECT = "collect"
    NOT_INTERESTED = "not_interested"

    @property
    def is_local(self) -> bool:
        """True if an act of this kind is never put into a record."""
        return self in (Event.SKIP, Event.VIEW, Event.NOT_INTERESTED)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be recommended, as the app describes it."""

    id: ItemId | str
    title: str = ""
    creator: str = ""
    tags: tuple[str, ...] = ()
