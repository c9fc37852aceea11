"""The screen "Privacy": what leaves, what is kept, what was sent, and how to forget it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of the ladder."""

    level: int
    """0 .. 3"""
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is kept here: a name and how much of it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A record that left the device, or waits to, in words."""

    what: str
    """"like of a title", "trust in friend 12" """
    when: str
    """"waits, leaves within 24 h", "left 2 h ago" """
    item: str = ""
    """Whose acts can be forgotten; "" if it is not about an item"""


@dataclass(frozen=True, slots=True)
class Privacy:
    """All of the screen."""

    level: int = 0
    rungs: tuple[Rung, ...] = ()
    private: bool = False
    """A private session: counts here, never leaves"""
    learning: bool = True
    """False: what is played is not even kept here"""
    stored: tuple[Fact, ...] = ()
    sent: tuple[Sent, ...] = ()
    """Newest first; at most 100"""
    more_sent: int = 0
    """How many are not in `sent`"""
    receipt: str = ""
    """What the last wish to forget came to; "" if there was none"""
    busy: str = ""
    """What is being done that takes a while: "exporting"; "" if nothing is"""
    folder: str = ""
    """Where exports go and are looked for; "" if there is no such place: none can be made then"""
    exports: tuple[str, ...] = ()
    """Names of the files there that can be brought in, newest first; at most 20"""
