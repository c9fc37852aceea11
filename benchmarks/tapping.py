"""From a tap to the screen: how long until the heart, and until the new list, through the bridge.

    python -m benchmarks.tapping [records ...]

A catalogue of 10,000 items, thirty friends, the ego's two hundred likes, and so many records of
others (1,000, 10,000, 100,000 by default). The UI thread is this script's main thread; all else is
as in the app. "beside a node": another thread judges and takes in fifty records a second meanwhile,
which is the most a neighbour may gossip, and the app's tick renews the list for them.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.envelopes import ITEMS, signed
from benchmarks.row import Reading
from mobile.bridge import Bridge
from mobile.preferences import Preferences
from mobile.viewmodel import Phase, State
from web3rec import Event, Item, Options, OwnAct, Params, Recommender
from web3rec.clock import system_clock
from web3rec.params import QuotaParams
from web3rec.records import Signed
from web3rec.store.catalogue import nameless
from web3rec.types import ItemKey, Millis

SIZES: Final = (1_000, 10_000, 100_000)
CATALOGUE: Final = 10_000
FRIENDS: Final = 30
OWN: Final = 200
TAPS: Final = 40
CHANGED_MS: Final = 150.0
"""The target: a tap on "like" changes the list."""
AT_ONCE_MS: Final = 16.0
"""Of the UI thread a wish may take no more than half a frame at 30 fps."""
PATIENCE: Final = 60.0
GOSSIP: Final = 50
"""Records a second"""
_HOUR: Final = 3_600_000


class Taken(NamedTuple):
    """Milliseconds of some likes."""

    calls: list[float]
    """Of the UI thread"""
    hearts: list[float]
    """Until the heart is filled"""
    lists: list[float]
    """Until the new list is shown"""
    worked: list[float]
    """The same, of the processor: all threads"""


class Screen:
    """The UI thread: runs what is delivered, and knows what it shows."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.shown: State | None = None

    def show(self, state: State) -> None:
        self.shown = state

    def rows(self) -> int:
        return 0 if self.shown is None else len(self.shown.for_you.rows)

    def until(self, seen: Callable[[], bool]) -> None:
        """Turn until that is so; raises Empty if it never is."""
        while not seen():
            self.queue.get(timeout=PATIENCE)()

    def rest(self) -> None:
        """What is left to show."""
        while True:
            try:
                self.queue.get_nowait()()
            except Empty:
                return


def fill(path: Path, said: list[Signed]) -> None:
    """The device as the app finds it."""
    people = sorted({one.record.author for one in said})
    keys = sorted({bytes(one.record.key) for one in said if one.record.kind.is_interaction})
    items = [nameless(ItemKey(key)) for key in keys]
    named = [Item(one.id, f"Title {n} of a song", f"Band {n % 700}", (f"tag {n % 60}",))
             for n, one in enumerate(items)]  # fmt: skip
    named += [Item(f"own:{n}", f"Other {n}", f"Band {n % 700}", (f"tag {n % 60}",))
              for n in range(CATALOGUE - len(named))]  # fmt: skip
    with Recommender.open(path, options(len(said))) as rec:
        rec.add_items(named)
        for friend in people[:FRIENDS]:
            rec.trust(friend)
        for at in range(0, len(said), 1_000):
            rec.log.ingest(said[at : at + 1_000])
        now = system_clock()
        step = max(1, len(named) // OWN)
        rec.record_many(
            OwnAct(Event.LIKE, str(one.id), Millis(now - n * _HOUR))
            for n, one in enumerate(named[::step][:OWN])
        )


def options(records: int) -> Options:
    """As the phone opens it: ranking's numbers as they are given."""
    return Options(params=Params(), quotas=QuotaParams(pool=2 * records + 4 * ITEMS))


@contextmanager
def gossiping(rec: Recommender, waiting: list[Signed]) -> Iterator[None]:
    """Fifty records a second arrive at the open store."""
    over = threading.Event()

    def arrive() -> None:
        while not over.wait(0.2):
            some = [waiting.pop() for _ in range(min(GOSSIP // 5, len(waiting)))]
            if some:
                judged = [rec.log.judge(one.envelope) for one in some]
                rec.log.ingest([one.signed for one in judged if one.signed])

    thread = threading.Thread(target=arrive)
    thread.start()
    yield
    over.set()
    thread.join()


def tapped(bridge: Bridge, screen: Screen) -> Taken:
    """Milliseconds of each like."""
    calls, hearts, lists, worked = [], [], [], []
    began = time.perf_counter()
    for turn in range(TAPS):
        while time.perf_counter() - began < turn * 0.15:  # a person, if a fast one
            bridge.tick(time.perf_counter())
            screen.rest()
            time.sleep(0.02)
        bridge.settle(PATIENCE)
        screen.rest()
        rows = bridge.state.for_you.rows
        place = next(at for at, row in enumerate(rows) if not row.liked)
        start, work = time.perf_counter(), time.process_time()
        bridge.like(rows[place].item)
        calls.append(1000 * (time.perf_counter() - start))
        screen.until(lambda: liked(screen, place))  # noqa: B023 - called at once
        hearts.append(1000 * (time.perf_counter() - start))
        screen.until(lambda: screen.rows() > len(rows))  # noqa: B023 - one more: it kept its place
        lists.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - work))
        if place > 20:
            bridge.refresh()
    return Taken(calls, hearts, lists, worked)


def liked(screen: Screen, place: int) -> bool:
    return screen.shown is not None and screen.shown.for_you.rows[place].liked


def readings(records: int) -> Iterator[Reading]:
    """All of one size."""
    load = os.getloadavg()[0]
    said = list(signed(np.random.default_rng(3), records + 4_000, max(30, records // 100)))
    held, waiting = said[:records], said[records:]

    def reading(case: str, what: str, value: float, most: float | None = None) -> Reading:
        return Reading(case=case, what=what, value=round(value, 1), unit="ms", at_most=most,
                       load=load)  # fmt: skip

    with TemporaryDirectory() as home:
        path, screen = Path(home) / "device", Screen()
        fill(path, held)
        opened: list[Recommender] = []

        def open_store() -> Recommender:
            opened.append(Recommender.open(path, options(records)))
            return opened[-1]

        start = time.perf_counter()
        bridge = Bridge(open_store, None, screen.queue.put, Preferences())
        bridge.subscribe(screen.show)
        screen.until(lambda: bridge.state.for_you.phase is Phase.LIST)
        case = f"{records:,} records"
        yield reading(case, "store opened, first list shown", 1000 * (time.perf_counter() - start))
        bridge.settle(PATIENCE)
        yield reading(case, "all screens ready", 1000 * (time.perf_counter() - start))
        for beside in (False, True):
            name = f"{case}, beside a node" if beside else case
            if beside:
                with gossiping(opened[-1], waiting):
                    took = tapped(bridge, screen)
            else:
                took = tapped(bridge, screen)
            yield reading(name, "like, of the UI thread, slowest", max(took.calls), AT_ONCE_MS)
            yield reading(name, "like to its heart, median", median(took.hearts))
            yield reading(name, "like to the new list, median", median(took.lists), CHANGED_MS)
            slow = percentile(took.lists, 95)
            yield reading(name, "like to the new list, p95", slow, CHANGED_MS)
            worked = percentile(took.worked, 50)
            yield reading(name, "like to the new list, of the processor, median", worked)
        yield reading(case, "search in the library, answer shown", searched(bridge, screen))
        bridge.close(PATIENCE)


def searched(bridge: Bridge, screen: Screen) -> float:
    """Median milliseconds from a key to its answer."""
    took = []
    for typed in ("t", "ti", "titl", "title 4", "band 12", "tag 3", "ssong", ""):
        start = time.perf_counter()
        bridge.search(typed)
        screen.until(lambda: screen.shown is bridge.state and not bridge.state.library.searching)
        took.append(1000 * (time.perf_counter() - start))
    return median(took)


def percentile(values: list[float], part: float) -> float:
    return float(np.percentile(values, part))


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    with threadpool_limits(1):
        found = [asdict(one) for size in sizes for one in readings(size)]
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
