"""Devices for tests of the embedding API: real directories, fixed keys, time by hand, people."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.web3rec.store.logs import MIDNIGHT, HandClock, record
from web3rec import Batch, Event, Item, Mode, Options, Recommender
from web3rec.identity import KEY_FILE
from web3rec.records import Kind, Signed, SigningKey
from web3rec.records.model import DAY

ME: Final = SigningKey.from_seed(b"m" * 32)
FRIENDS: Final = tuple(SigningKey.from_seed(bytes([50 + n]) * 32) for n in range(4))
"""People the ego trusts, if it trusts anybody."""
STRANGERS: Final = tuple(SigningKey.from_seed(bytes([80 + n]) * 32) for n in range(3))
"""People only friends trust, in this order: friend n trusts stranger n."""
TITLES: Final = {f"trk:{n}": f"Track {n}" for n in range(30)}


def device(
    path: Path,
    clock: HandClock | None = None,
    *,
    key: SigningKey = ME,
    read_only: bool = False,
    mode: Mode = Mode.CLOSED,
    **options: Any,
) -> Recommender:
    """A recommender with a known key, at NOW unless a clock says otherwise."""
    path.mkdir(parents=True, exist_ok=True)
    if not (path / KEY_FILE).exists():
        key.save(path / KEY_FILE)
    return Recommender.open(
        path, Options(clock=clock or HandClock(), read_only=read_only, mode=mode, **options)
    )


def items(numbers: Iterable[int] = range(30)) -> list[Item]:
    return [Item(f"trk:{n}", f"Track {n}", f"Artist {n % 5}", (f"tag{n % 3}",)) for n in numbers]


def said(
    key: SigningKey,
    liked: Iterable[int],
    trusted: Iterable[SigningKey] = (),
    first: int = 0,
) -> list[Signed]:
    """What a person publishes, from sequence `first` on: likes, then whom it trusts."""
    likes = list(liked)
    return [
        *(
            record(key, first + n, item=f"trk:{i}", t=MIDNIGHT - (len(likes) - n) * DAY // 8)
            for n, i in enumerate(likes)
        ),
        *(
            record(key, first + 100 + n, Kind.TRUST, other.peer, weight=8)
            for n, other in enumerate(trusted)
        ),
    ]


def neighbourhood() -> list[Signed]:
    """Four friends with tastes that overlap, each trusting a stranger with more of it."""
    told: list[Signed] = []
    for n, friend in enumerate(FRIENDS):
        told += said(friend, [n, n + 1, n + 2, 10 + n, 11 + n], STRANGERS[n : n + 1])
    for n, stranger in enumerate(STRANGERS):
        told += said(stranger, [n, 20 + n, 21 + n])
    return told


def settled(path: Path, clock: HandClock | None = None, **options: Any) -> Recommender:
    """A device with a catalogue, a history, friends and what they said."""
    rec = device(path, clock, **options)
    rec.add_items(items())
    for n in range(4):
        rec.record(Event.LIKE, f"trk:{n}")
    for n, friend in enumerate(FRIENDS):
        rec.trust(friend.peer, 0.5, name=f"Friend {n}")
    rec.log.ingest(neighbourhood())
    return rec


def shown(batch: Batch) -> list[tuple[object, ...]]:
    """All of a list that a person or an app can see."""
    return [(r.item, r.key, r.score, r.reason, r.contributions, r.path) for r in batch]


def ids(batch: Batch) -> list[str]:
    return [str(one.item.id) for one in batch]
