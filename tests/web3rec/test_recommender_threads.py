"""Any thread, any time: no error, no deadlock, nothing lost, no half-done change seen."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.web3rec.devices import FRIENDS, device, neighbourhood, settled, shown
from tests.web3rec.store.logs import record
from web3rec import Closed, Event, Mode
from web3rec.records import SigningKey
from web3rec.types import ItemKey, Millis

TIMEOUT = 120
"""Seconds after which a thread counts as stuck; none takes one."""


@pytest.mark.slow
def test_recording_ingesting_forgetting_and_recommending_at_once(tmp_path: Path) -> None:
    others = [SigningKey.from_seed(bytes([150 + n]) * 32) for n in range(4)]
    told = {key: [record(key, n, item=f"trk:{n % 30}") for n in range(40)] for key in others}
    with settled(tmp_path) as rec:
        done = threading.Event()
        lists: list[int] = []

        def act(number: int) -> None:
            for place in range(10):
                rec.record(Event.PLAY, f"own:{number}.{place}")
                rec.record(Event.SKIP, f"own:{number}.{place}")
                rec.trust(FRIENDS[number].peer, 0.5)

        def hear(key: SigningKey) -> None:
            for start in range(0, 40, 4):
                rec.log.ingest(told[key][start : start + 4])

        def look() -> None:
            while not done.is_set():
                lists.append(len(rec.recommend(10)))
                rec.recommend(5, mode=Mode.OPEN)
                rec.log.outbox()

        def forget() -> None:
            for number in range(4):
                rec.forget(item=f"trk:{number}")

        with ThreadPoolExecutor(10) as pool:
            looking = [pool.submit(look) for _ in range(2)]
            work = [pool.submit(act, number) for number in range(3)]
            work += [pool.submit(hear, key) for key in others]
            work.append(pool.submit(forget))
            wait(work, timeout=TIMEOUT)
            done.set()
            for future in [*work, *looking]:
                future.result(timeout=TIMEOUT)
        assert min(lists) > 0
        after = shown(rec.recommend())
        history = [(item, kind) for item, kind, *_ in rec.log.history()]
        assert len(history) == 3 * 10 * 2
    with device(tmp_path) as again:
        assert shown(again.recommend()) == after


def test_a_subscriber_that_recommends_and_another_thread_that_does_not_block_each_other(
    tmp_path: Path,
) -> None:
    """An import in one thread, whose news make a list, while another makes lists all the time."""
    untimed = '{"type": "act", "kind": "like", "item": "trk:%d"}\n'
    (tmp_path / "me.jsonl").write_text("".join(untimed % n for n in range(4)))
    with settled(tmp_path / "b") as rec:
        heard: list[int] = []
        rec.subscribe("recommendations_changed", lambda: heard.append(len(rec.recommend(3))))
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                rec.recommend(3)

        with ThreadPoolExecutor(2) as pool:
            looking = pool.submit(look)
            imports = pool.submit(lambda: [rec.import_(tmp_path / "me.jsonl") for _ in range(5)])
            try:
                assert imports.result(timeout=TIMEOUT) == [4] * 5
            finally:
                done.set()
            looking.result(timeout=TIMEOUT)
        assert heard == [3] * 5


def test_a_list_is_made_of_one_moment(tmp_path: Path) -> None:
    """While the log is read for a view, no other thread may come in between."""
    with settled(tmp_path) as rec:
        touched, free = rec.log.touched, list[bool]()

        def watched() -> dict[ItemKey, Millis]:
            def knock() -> None:
                free.append(rec.log._db.lock.acquire(blocking=False))
                if free[-1]:
                    rec.log._db.lock.release()

            other = threading.Thread(target=knock)
            other.start()
            other.join(TIMEOUT)
            return touched()

        rec.log.touched = watched  # type: ignore[method-assign]
        assert rec.recommend(3)
        assert free == [False]


def test_closing_under_a_list_is_a_typed_error_at_worst(tmp_path: Path) -> None:
    rec = settled(tmp_path)
    rec.log.ingest(neighbourhood())
    started = threading.Event()

    def look() -> str:
        started.set()
        for _ in range(10_000):
            try:
                rec.recommend(3)
            except Closed:
                return "closed"
        return "never"

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        started.wait(TIMEOUT)
        rec.close()
        assert looking.result(timeout=TIMEOUT) == "closed"
