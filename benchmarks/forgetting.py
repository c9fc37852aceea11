"""A device that holds 100,000 records forgets one act: how long, and how long until the next list.

    python -m benchmarks.forgetting

Everybody but the ego is made up (`benchmarks.envelopes`); thirty of them are its friends. The ego's
acts have left the device, so each wish writes a signed retraction, too. The receipt is the whole
one: signed, with its proofs and what was looked at.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.envelopes import signed
from benchmarks.row import Reading
from web3rec import Event, Options, OwnAct, Recommender
from web3rec.clock import system_clock
from web3rec.params import Params, QuotaParams, TuneParams
from web3rec.types import Millis

RECORDS: Final = 100_000
AUTHORS: Final = 1_000
OWN: Final = 200
FRIENDS: Final = 30
WISHES: Final = 15
FORGOTTEN_MS: Final = 50.0
"""The target: one act forgotten end to end."""
READY_MS: Final = 100.0
"""The target: the list is ready again."""
_AT_ONCE: Final = 1_000
_HOUR: Final = 3_600_000


@contextmanager
def filled(path: Path, params: Params) -> Iterator[tuple[Recommender, list[str]]]:
    """A device that trusts thirty people and heard a thousand; and what it liked, by name."""
    said = list(signed(np.random.default_rng(3), RECORDS, AUTHORS))
    items = sorted({bytes(one.record.key) for one in said if one.record.kind.is_interaction})
    names = [f"hash:{key.hex()}" for key in items[:: len(items) // OWN]][:OWN]
    options = Options(share_delay_hours=0, params=params, quotas=QuotaParams(pool=2 * RECORDS))
    with Recommender.open(path, options) as rec:
        rec.share(2)
        for friend in sorted({one.record.author for one in said})[:FRIENDS]:
            rec.trust(friend)
        for at in range(0, RECORDS, _AT_ONCE):
            rec.log.ingest(said[at : at + _AT_ONCE])
        now = system_clock()
        rec.record_many(
            OwnAct(Event.LIKE, name, Millis(now - n * _HOUR)) for n, name in enumerate(names)
        )
        rec.log.release()
        yield rec, names


def took(work: Callable[[], object]) -> float:
    """Milliseconds by the clock."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def forgotten(params: Params) -> tuple[int, list[float], list[float]]:
    """Records held; milliseconds of each wish, and of the list after it."""
    with TemporaryDirectory() as home, filled(Path(home) / "device", params) as (rec, names):
        rec.recommend()
        held = rec.log.counts()["records"]
        wishes, lists = [], []
        for name in names[:WISHES]:
            wishes.append(took(partial(rec.forget, item=name)))
            lists.append(took(rec.recommend))
        return held, wishes, lists


def readings() -> list[Reading]:
    """With numbers as given, and with numbers that the device chooses anew after each change."""
    found = []
    for how, params in (("", Params()), (", numbers chosen anew", Params(tune=TuneParams()))):
        held, wishes, lists = forgotten(params)
        case = f"an act forgotten among {held:,} records{how}"
        for what, all_of, most in (
            ("the wish, with its receipt", wishes, FORGOTTEN_MS),
            ("the list after it", lists, READY_MS),
        ):
            found.append(
                Reading(
                    case=case, what=f"{what}, median", value=median(all_of), unit="ms", at_most=most
                )
            )
            found.append(Reading(case=case, what=f"{what}, slowest", value=max(all_of), unit="ms"))
    return found


def main() -> None:
    with threadpool_limits(1):
        print(json.dumps([asdict(one) for one in readings()], indent=1))


if __name__ == "__main__":
    main()
