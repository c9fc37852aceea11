"""People who walk through a catalogue in one direction: what they turn to next is no secret.

The graph sees whose items overlap, not in which order they came; a model that reads `next` does.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.web3rec.devices import device
from tests.web3rec.store.logs import MIDNIGHT, HandClock, record
from web3rec import Event, Item, OwnAct, Recommender
from web3rec.params import Params, RankParams, SourceParams
from web3rec.records import Kind, Signed, SigningKey
from web3rec.records.model import DAY
from web3rec.rerank.bundle import Column, Manifest, Ndcg, Training, sealed, weights
from web3rec.types import Millis

PUBLISHER: Final = SigningKey.from_seed(b"publisher" + bytes(23))
STRANGER: Final = SigningKey.from_seed(b"somebody else" + bytes(19))
ITEMS: Final = 60
"""In a ring."""
STRETCH: Final = 10
"""Items that one person holds, neighbours in the ring."""
CIRCLE: Final = 6
"""Friends of the ego; each trusts as many others."""
PEOPLE: Final = tuple(
    SigningKey.from_seed(hashlib.sha256(b"walker %d" % n).digest())
    for n in range(CIRCLE * (CIRCLE + 1))
)
PARAMS: Final = Params(rank=RankParams(recency=1.0), sources=SourceParams(alike=0.0), tune=None)
"""A graph to which the ego's items are all of one time."""
FRIENDS: Final = PEOPLE[:CIRCLE]


def stretch(n: int) -> list[int]:
    """What the n-th person holds, in the order in which it came to it."""
    start = int(np.random.default_rng([7, n]).integers(ITEMS))
    return [(start + k) % ITEMS for k in range(STRETCH)]


def published(midnight: int) -> list[Signed]:
    """What all of them say, of the day before `midnight` (unix seconds)."""
    told: list[Signed] = []
    for n, key in enumerate(PEOPLE):
        told += [
            record(key, place, item=f"trk:{item}", t=midnight - (STRETCH - place) * DAY // 8)
            for place, item in enumerate(stretch(n))
        ]
        if n < CIRCLE:
            first = CIRCLE * (n + 1)
            told += [
                record(key, 100 + place, Kind.TRUST, other.peer, weight=8, t=midnight)
                for place, other in enumerate(PEOPLE[first : first + CIRCLE])
            ]
    return told


TOLD: Final = published(MIDNIGHT)


def walker(
    path: Path,
    clock: HandClock | None = None,
    acts: Sequence[tuple[int, int]] = tuple(enumerate(range(20, 20 + STRETCH))),
    **options: Any,
) -> Recommender:
    """A device in such company; its ego did (place in time, item) and trusts the friends.

    One that is there already is opened again as it is.
    """
    fresh = not path.exists()
    rec = device(path, clock, **{"params": PARAMS, **options})
    if fresh:
        settle(rec, acts)
    return rec


def settle(
    rec: Recommender, acts: Sequence[tuple[int, int]], told: Sequence[Signed] = TOLD
) -> None:
    """What `walker` does with a new device."""
    rec.add_items(Item(f"trk:{n}", f"Track {n}") for n in range(ITEMS))
    now = rec.options.clock()
    rec.record_many(
        OwnAct(Event.LIKE, f"trk:{item}", Millis(now - (STRETCH - place) * 60_000))
        for place, item in acts
    )
    for friend in FRIENDS:
        rec.trust(friend.peer, 0.5)
    rec.log.ingest(told)


def bundle(
    columns: Mapping[str, float],
    *,
    key: SigningKey = PUBLISHER,
    version: int = 1,
    name: str = "toy",
) -> bytes:
    """A linear model with these weights, sealed."""
    manifest = Manifest(
        name=name,
        version=version,
        licence="CC0-1.0",
        columns=tuple(Column(column, "as in features") for column in columns),
        layers=("linear",),
        files={},
        basis=None,
        ndcg=Ndcg(0.1, 0.12, 0.12),
        gates=(),
        training=Training(bytes(32), None),
    )
    arrays = {
        "0.weight": np.array([[w] for w in columns.values()], np.float32),
        "0.bias": np.zeros(1, np.float32),
    }
    return sealed(manifest, {"weights.npz": weights.written(arrays)}, key)
