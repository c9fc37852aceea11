"""The device of the demo: a directory with a key, a catalogue, and perhaps a history."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mobile.demo.company import company
from mobile.samples import TAGS, work
from p2p.demo.cast import Cast
from p2p.demo.speech import speech
from web3rec.identity import KEY_FILE
from web3rec.recommender import Recommender
from web3rec.store import OwnAct
from web3rec.types import Event, Item, Millis

LEVEL: Final = 1
"""What leaves: likes and trust, hashed, after a random delay. A device's own default is 0; with
that the privacy screen would have nothing sent to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a new device is laid with."""

    cold: bool = False
    """It did nothing and trusts nobody"""
    heard: bool = False
    """It heard its friends before; else their records come over the network"""
    items: int = 0
    """The catalogue is filled up to so many with made works; >= 0"""

    def __post_init__(self) -> None:
        if self.items < 0:
            raise ValueError(f"items is at least 0, got {self.items}")


def lay(directory: Path, history: History) -> None:
    """Make a device in `directory`; one that is there already is left as it is. A second or two.

    Raises DataError (the data set is not there) and what `Recommender.open` does.
    """
    if (directory / KEY_FILE).exists():
        return
    people = company()
    now = max((act.at or 0 for act in people.egos[0].acts), default=0)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not history.cold:
        people.egos[0].key.save(directory / KEY_FILE)
    with Recommender.open(directory) as rec:
        rec.add_items(_catalogue(people, history.items))
        if history.cold:
            return
        rec.share(LEVEL)
        _live(rec, people, Millis(now))
        if history.heard:
            others = people.egos[1:] + tuple(p for group in people.hosted for p in group)
            rec.log.ingest(list(speech(others, Millis(now))))


def _live(rec: Recommender, people: Cast, now: Millis) -> None:
    names = {person.peer: f"user {person.name}" for person in people.people}
    ego = people.egos[0]
    for peer, weight in ego.trusts:
        rec.trust(peer, weight, name=names.get(peer, ""))
    rec.record_many(
        OwnAct(Event(act.kind), act.item, act.at or now, act.weight) for act in ego.acts
    )


def _catalogue(people: Cast, least: int) -> Iterator[Item]:
    yield from people.items
    for number in range(least - len(people.items)):
        item, title, creator = work(number)
        yield Item(item, title, creator, (TAGS[number % len(TAGS)],))
