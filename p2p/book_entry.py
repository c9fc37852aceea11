"""One line of the peer book: an address, who told us, what came of it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from p2p.addresses import Address


class Source(IntEnum):
    """How we came to know an address."""

    OWNER = 0
    """Bootstrap or wished for: not bound by caps, never forgotten while the node runs."""
    EXCHANGE = 1
    """A peer told us in a sync."""
    MDNS = 2
    """Somebody in the local network announced it."""
    INBOUND = 3
    """The peer itself told us, connected to us."""


TOLD: Final = frozenset({Source.EXCHANGE, Source.MDNS, Source.INBOUND})
"""Not the owner's own word: what caps are for."""


class Row(NamedTuple):
    """One address at one moment, times as seconds ago; made to be stored."""

    text: str
    source: int
    teller: str
    share: str
    learned: float
    reached: float | None
    failures: int
    anchor: int
    """1, 2, …: to be dialled first, in this order; 0: not an anchor."""


@dataclass(slots=True)
class Entry:
    """One address, and what came of it; changed by the book only."""

    address: Address
    source: Source
    teller: str
    """The peer that told us; "" for the owner."""
    share: str
    """Whom it counts against: the teller's place, or the teller where that is unknown."""
    learned: float
    reached: float | None = None
    """When we were last connected to it by dialling; None: never."""
    failures: int = 0
    """Attempts that failed, or connections that did not last, since one that did."""
    due: float = float("-inf")
    """Not to be dialled before."""
    at_home: float | None = None
    """When the peer itself last told it, connected to us from that very host; None: never."""
    anchor: int = 0
