"""What a model costs a list: a device that heard MovieLens, without and with what it learnt.

    python -m benchmarks.ordering --data ml-100k

Milliseconds of one thread's processor time; compare within one run. Everybody's newest 200 acts,
thirty friends, twenty friends of each of the others.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

import click
import numpy as np
from threadpoolctl import threadpool_limits

from web3rec import Event, Item, Options, OwnAct, Recommender, RerankParams
from web3rec.adapters import Dataset, read_movielens
from web3rec.clock import DAY_S
from web3rec.records import Kind, Record, Signed, SigningKey, item_key, seal
from web3rec.records.model import MAX_LIFETIME
from web3rec.store import Source
from web3rec.types import ItemKey, Millis

NOW: Final = 1_795_200_000
FRIENDS, THEIRS, MOST = 30, 20, 200
SPAN: Final = 60 * DAY_S
"""Seconds into which all that was done is laid; else the oldest had expired."""


def spent(work: Callable[[], object], rounds: int = 1) -> list[float]:
    """Milliseconds of each round."""
    found = []
    for _ in range(rounds):
        start = process_time()
        work()
        found.append(1000 * (process_time() - start))
    return found


def told(data: Dataset, keys: dict[str, SigningKey], rng: np.random.Generator) -> list[Signed]:
    """What these people published."""
    times = [act.at or 0 for act in data.acts]
    newest, scale = max(times), SPAN / (max(times) - min(times))
    count: Counter[str] = Counter()
    said = []
    for act in sorted(data.acts, key=lambda act: -(act.at or 0)):
        if act.user in keys and count[act.user] < MOST:
            t = NOW - DAY_S - int((newest - (act.at or 0)) * scale)
            n = MOST - count[act.user]
            count[act.user] += 1
            said.append(_sealed(keys[act.user], n, t, Kind.LIKE, item_key(act.item)))
    everybody = list(keys.values())
    for key in everybody:
        for n, at in enumerate(rng.choice(len(keys), THEIRS, replace=False).tolist(), 300):
            if (other := everybody[at]) is not key:
                said.append(_sealed(key, n, NOW - DAY_S, Kind.TRUST, other.peer, 8))
    return said


def _sealed(key: SigningKey, n: int, t: int, kind: Kind, subject: bytes, weight: int = 1) -> Signed:
    return seal(Record(key.peer, n, t, t + MAX_LIFETIME, kind, ItemKey(subject), weight), key)


def settle(rec: Recommender, data: Dataset, said: Sequence[Signed], me: str) -> None:
    rec.add_items(Item(i.id, i.title, i.creator, i.tags) for i in data.items if i.title)
    rec.log.ingest(said, source=Source.HOSTED)
    for author in list(dict.fromkeys(one.record.author for one in said))[:FRIENDS]:
        rec.trust(author, 0.5)
    mine = sorted((act for act in data.acts if act.user == me), key=lambda act: act.at or 0)
    rec.record_many(
        OwnAct(Event.LIKE, act.item, Millis(1000 * (NOW - DAY_S + n)))
        for n, act in enumerate(mine[-MOST:])
    )


def measured(rec: Recommender, data: Dataset, rounds: int, *, learns: bool) -> dict[str, object]:
    """A line of the report."""

    def after_an_act() -> list[float]:
        found = []
        for _ in range(9):
            rec.record(Event.LIKE, data.items[7].id)
            rec.view()
            found += spent(rec.recommend)
        return found

    line: dict[str, object] = {"first view": spent(rec.view)[0]}
    line["edges"] = rec.view().snapshot.rows.nnz
    line["first list"] = spent(rec.recommend)[0]
    if learns:
        line["learning"] = spent(rec.learn)[0]
        learnt = rec.learn()
        line |= {"lists": learnt.lists, "gain": learnt.gain, "error": learnt.error}
        line["model"] = str(learnt.model)
        line["first list by it"] = spent(rec.recommend)[0]
    times = spent(rec.recommend, rounds)
    line |= {"list": median(times), "p99": quantiles(times, n=100)[98]}
    return line | {"first list after an act": median(after_an_act())}


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="MovieLens.")
@click.option("--rounds", type=int, default=200)
def main(data: Path, rounds: int) -> None:
    dataset, rng = read_movielens(data), np.random.default_rng(0)
    me, *others = dataset.people
    said = told(dataset, {who: SigningKey.from_seed(rng.bytes(32)) for who in others}, rng)
    with threadpool_limits(1), TemporaryDirectory() as root:
        for learns in (False, True):
            options = Options(clock=lambda: Millis(1000 * NOW), rerank=RerankParams(on=learns))
            with Recommender.open(Path(root) / str(learns), options) as rec:
                settle(rec, dataset, said, me)
                line = measured(rec, dataset, rounds, learns=learns)
                rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in line.items()}
                print(json.dumps(rounded))


if __name__ == "__main__":
    main()
