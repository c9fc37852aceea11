"""The log behind the daemon: every call off the loop, all news back on it."""

import threading
from pathlib import Path

import trio
import trio.testing

from p2p.threaded_ledger import ThreadedLedger
from tests.p2p.ledgers import NOW, listens
from web3rec.records import SigningKey
from web3rec.records.rules import everybody
from web3rec.store import Log, Source
from web3rec.types import Verdict


def log(path: Path, *, level: int = 2) -> Log:
    made = Log(path, SigningKey.from_seed(bytes(32)), lambda: NOW)
    made.level = level
    return made


async def test_what_was_judged_and_kept_is_known_and_given(tmp_path: Path) -> None:
    ledger = ThreadedLedger(store := log(tmp_path))
    records = listens("somebody", 3)
    judgements = [ledger.judge(one.envelope, everybody) for one in records]
    assert {j.verdict for j in judgements} == {Verdict.ACCEPT}
    assert await ledger.ingest(records) == 3
    assert await ledger.ingest(records) == 0
    held = await ledger.holdings()
    assert {held.id(i) for i in range(len(held))} == {one.id[:16] for one in records}
    given = await ledger.envelopes([one.id[:16] for one in records])
    assert {*given} == {one.envelope for one in records}
    assert await ledger.release() == ()
    assert ledger.level == 2
    store.close()


async def test_two_ledgers_with_the_same_records_hold_the_same(tmp_path: Path) -> None:
    """In whichever order they came; and a release, which raises no generation, is seen."""
    records = listens("somebody", 5)
    one, two = ThreadedLedger(a := log(tmp_path / "a")), ThreadedLedger(b := log(tmp_path / "b"))
    await one.ingest(records)
    b.ingest(records[3:], source=Source.HOSTED)
    assert len(await two.holdings()) == 0, "not released yet"
    await two.release()
    assert len(await two.holdings()) == 2
    await two.ingest(records[:3])
    mine, theirs = await one.holdings(), await two.holdings()
    assert (mine.ids, mine.days.tolist()) == (theirs.ids, theirs.days.tolist())
    assert a.digest() == b.digest()
    a.close()
    b.close()


async def test_what_did_not_change_is_not_sorted_again(tmp_path: Path) -> None:
    ledger = ThreadedLedger(store := log(tmp_path))
    await ledger.ingest(listens("somebody", 4))
    first = await ledger.holdings()
    assert await ledger.holdings() is first
    await ledger.ingest(listens("somebody", 1, first=9))
    assert len(await ledger.holdings()) == 5
    store.close()


async def test_news_from_any_thread_arrives_on_the_loop(tmp_path: Path) -> None:
    ledger = ThreadedLedger(store := log(tmp_path))
    heard = trio.Event()
    threads: list[threading.Thread] = []

    def on_change() -> None:
        threads.append(threading.current_thread())
        heard.set()

    unsubscribe = ledger.on_change(on_change)
    await trio.to_thread.run_sync(store.ingest, listens("somebody", 1))
    with trio.fail_after(5):
        await heard.wait()
    assert set(threads) == {threading.current_thread()}
    unsubscribe()
    await ledger.ingest(listens("somebody", 1, first=5))
    await trio.testing.wait_all_tasks_blocked()
    assert len(threads) == 1
    store.close()


def test_news_after_the_loop_ended_disturbs_nobody(tmp_path: Path) -> None:
    store = log(tmp_path)

    async def main() -> None:
        ThreadedLedger(store).on_change(lambda: None)

    trio.run(main)
    assert store.ingest(listens("somebody", 1)) == 1
    store.close()
