"""The log as a whole: news, transactions of several writes, threads, what is kept in memory."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    CAT,
    FOLK,
    JAZZ,
    HandClock,
    act,
    contents,
    dead,
    live,
    open_log,
    record,
    rows,
)
from web3rec.errors import DataError
from web3rec.records import Kind, SigningKey, did_key
from web3rec.store import Log, key_of
from web3rec.types import Item, Millis


def listen(log: Log) -> list[int]:
    """Collects the number of own acts at each piece of news."""
    news: list[int] = []
    log.on_change(lambda: news.append(len(log.history())))
    return news


def test_every_change_is_told_once_after_it_is_committed(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    news = listen(log)
    changes: list[Callable[[], object]] = [
        lambda: log.write_acts([act()]),
        lambda: log.write_trust(ANN.peer, 8, ""),
        lambda: log.ingest([record(ANN, 1)]),
        lambda: log.block(BOB.peer, blocked=True),
        lambda: log.add_items([Item(JAZZ)]),
        lambda: setattr(log, "level", 2),
        lambda: log.forget_item(key_of(JAZZ)),
        log.forget_all,
    ]
    for count, change in enumerate(changes, 1):
        generation = log.generation
        change()
        assert log.generation > generation
        assert len(news) == count
    assert news == [1, 1, 1, 1, 1, 1, 0, 0]
    log.close()


def test_what_changes_nothing_is_no_news(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, 1)])
    news, generation = listen(log), log.generation
    log.ingest([record(ANN, 1)])
    log.ingest([])
    log.expire()
    log.release()
    assert (news, log.generation) == ([], generation)
    log.close()


def test_expiry_is_news(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.ingest([record(ANN, 1)])
    news = listen(log)
    clock.pass_days(31)
    log.expire()
    assert news == [0]
    log.close()


def test_several_writes_are_told_as_one(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    news = listen(log)
    with log.together():
        log.write_acts([act(JAZZ)])
        log.write_acts([act(FOLK)])
        assert len(log.history()) == 2  # who writes sees its own
        assert news == []
    assert news == [2]
    log.close()


def test_a_transaction_that_fails_is_no_news_and_leaves_no_trace(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    news, before = listen(log), contents(log)

    def too_much() -> None:
        with log.together():
            log.write_acts([act(FOLK)])
            log.write_trust(ANN.peer, 8, "Ann")
            log.add_items([Item(FOLK, "Folk")])
            log.level = 3
            log.ingest([record(BOB, 1)])
            log.write_acts([act("")])

    with pytest.raises(DataError):
        too_much()
    assert contents(log) == before
    assert (log._held, log.level, log.items()) == (live(log), 0, {})
    assert news == []
    log.close()


def test_who_no_longer_listens_is_not_told(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    news: list[str] = []

    def hear() -> None:
        news.append("heard")

    leave = log.on_change(hear)
    also = log.on_change(hear)
    log.write_acts([act()])
    leave()
    leave()  # again is nothing: the other goes on
    log.write_acts([act()])
    assert len(news) == 3
    also()
    log.write_acts([act()])
    assert len(news) == 3
    log.close()


def test_a_listener_may_wait_for_a_thread_that_uses_the_log(tmp_path: Path) -> None:
    """News go out without the lock; else this would stand still for ever."""
    log = open_log(tmp_path)
    seen: list[int] = []

    def ask_elsewhere() -> None:
        asking = threading.Thread(target=lambda: seen.append(len(log.history())))
        asking.start()
        asking.join(timeout=20)

    log.on_change(ask_elsewhere)
    log.write_acts([act()])
    with log.together():
        log.write_acts([act(FOLK)])
    assert seen == [1, 2]
    log.close()


def test_threads_may_all_write_and_nothing_is_lost(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    theirs = {key: [record(key, n, item=f"trk:{n}") for n in range(30)] for key in (ANN, BOB, CAT)}

    def write(number: int) -> None:
        for place in range(10):
            log.write_acts([act(f"own:{number}.{place}")])
            log.write_trust(SigningKey.from_seed(bytes([100 + number]) * 32).peer, 4, "")
            log.release()

    def hear(key: SigningKey) -> None:
        for one in theirs[key]:
            judged = log.judge(one.envelope)
            log.ingest([judged.signed] if judged.signed else [])
            log.since(0, 10)

    with ThreadPoolExecutor(6) as pool:
        work = [pool.submit(write, number) for number in range(3)]
        work += [pool.submit(hear, key) for key in theirs]
        for one in work:
            one.result(timeout=60)
    assert len(log.history()) == 30
    assert {row[0] for row in log.interactions()} >= {key.peer for key in theirs}
    assert log.counts()["records"] == 30 + 30 + 90
    assert log._held == live(log)
    numbers = [n for (n,) in rows(log, "SELECT n FROM records WHERE source = 0")]
    assert len(numbers) == len(set(numbers)) == 60
    log.close()


def test_a_transaction_is_not_seen_by_other_threads_before_it_is_whole(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    inside, asked = threading.Event(), threading.Event()
    seen: list[int] = []

    def look() -> None:
        inside.wait(20)
        asked.set()
        seen.append(len(log.history()))

    watcher = threading.Thread(target=look)
    watcher.start()
    with log.together():
        log.write_acts([act(JAZZ)])
        inside.set()
        asked.wait(20)
        log.write_acts([act(FOLK)])
    watcher.join(20)
    assert seen == [2]
    log.close()


def test_several_questions_get_one_answer(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    started = threading.Event()
    writer = threading.Thread(target=lambda: (started.wait(20), log.write_acts([act()])))
    writer.start()
    with log.steady():
        first = log.history()
        started.set()
        assert log.history() == first == []
    writer.join(20)
    assert len(log.history()) == 1
    log.close()


def test_blocks_and_names_stay_apart(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_trust(ANN.peer, 8, "Ann")
    log.block(ANN.peer, blocked=True)
    log.block(BOB.peer, blocked=True)
    log.write_trust(ANN.peer, 4, "")
    assert (log.names(), log.blocked()) == ({ANN.peer: "Ann"}, frozenset({ANN.peer, BOB.peer}))
    log.block(ANN.peer, blocked=False)
    assert (log.names(), log.blocked()) == ({ANN.peer: "Ann"}, frozenset({BOB.peer}))
    log.close()


def test_blocks_are_nobody_elses_business(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=3)
    log.block(ANN.peer, blocked=True)
    assert (log.outbox(), log.release(), rows(log, "SELECT 1 FROM records")) == ((), (), [])
    log.close()


def test_the_newest_statement_of_trust_is_among_those_told(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    for weight in (3, 8, 5):
        log.write_trust(ANN.peer, weight, "")
    assert max(log.endorsements(), key=lambda row: row[1])[3] == 5
    log.close()


def test_no_error_and_no_repr_shows_an_item_or_a_key(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    shown = repr(log) + repr(log.counts()) + repr(log.digest())
    assert JAZZ not in shown
    assert did_key(ANN.peer) not in shown
    log.close()


def test_tombstones_and_records_never_share_an_id(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ), act(FOLK)])
    log.release()
    log.ingest([record(ANN, 1), record(ANN, 2, Kind.RETRACT)])
    log.forget_since(Millis(0))
    assert not live(log) & dead(log)
    log.close()
