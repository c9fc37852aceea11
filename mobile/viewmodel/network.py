"""The screen "Network", and the chip that tells its short form everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """One line: "5 peers · synced", "offline · from this phone"."""

    text: str = "starting"
    online: bool = False
    busy: bool = False
    """A sync is under way, or the network is being started"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose taste is heard, or could be."""

    peer: str
    """did:key"""
    name: str
    """What the ego calls it, or a short form of the key"""
    trust: float | None
    """In (0, 1]; None: the ego does not trust it itself"""
    reach: float
    """How much of the ego's trust arrives there, 0 .. 1"""
    blocked: bool
    detail: str
    """"12 records · last heard 3 h ago" """


@dataclass(frozen=True, slots=True)
class Connection:
    """A device that this one is connected to, which says nothing about whose it is."""

    peer: str
    """Short form of the transport's peer id"""
    detail: str
    """"we dialled · synced 2 min ago" """


@dataclass(frozen=True, slots=True)
class Network:
    """All of the screen."""

    headline: str = "Offline"
    detail: str = ""
    """Why nothing is exchanged, where that is so: "on a metered network", "airplane mode" """
    people: tuple[Person, ...] = ()
    """Trusted first, then by reach; at most 100"""
    others: int = 0
    """Known people who are not in `people`"""
    connections: tuple[Connection, ...] = ()
    addresses: tuple[str, ...] = ()
    """Where this device can be dialled"""
    me: str = ""
    """did:key of the ego, to be given to friends"""
    traffic: str = "nothing today"
    """"1.2 MB today, of 50 MB" """
    used: float = 0.0
    """Of the day's bytes, 0 .. 1"""
    on: bool = True
    """Whether the network may be used at all"""
    unmetered_only: bool = True
    charging_only: bool = False
    background: bool = False
    background_detail: str = ""
    """What the background service did or may still do today"""
