"""The log behind the daemon: every call off the loop, all news back on it."""

import threading
from pathlib import Path

import trio
import trio.testing

from p2p.ledger import ThreadedLedger
from p2p.transport import PeerName
from tests.p2p.ledgers import NOW, listens
from web3rec.records import SigningKey
from web3rec.store import Log, Source
from web3rec.types import Verdict


def log(path: Path, *, level: int = 2) -> Log:
    made = Log(path, SigningKey.from_seed(bytes(32)), lambda: NOW)
    made.level = level
    return made


async def test_what_was_judged_and_kept_is_known_and_shown(tmp_path: Path) -> None:
    ledger = ThreadedLedger(store := log(tmp_path))
    records = listens("somebody", 3)
    judgements = [ledger.judge(one.envelope) for one in records]
    assert {j.verdict for j in judgements} == {Verdict.ACCEPT}
    assert await ledger.ingest(records) == 3
    assert await ledger.ingest(records) == 0
    page = await ledger.since(0, 2)
    assert (len(page.envelopes), page.more) == (2, True)
    rest = await ledger.since(page.cursor, 2)
    assert {*page.envelopes, *rest.envelopes} == {one.envelope for one in records}
    assert await ledger.release() == ()
    assert (ledger.id, ledger.level) == (store.id, 2)
    store.close()


async def test_two_ledgers_with_the_same_records_say_the_same_of_themselves(tmp_path: Path) -> None:
    """In whichever order they came; and a release, which raises no generation, is seen."""
    records = listens("somebody", 5)
    one, two = ThreadedLedger(a := log(tmp_path / "a")), ThreadedLedger(b := log(tmp_path / "b"))
    await one.ingest(records)
    b.ingest(records[3:], source=Source.HOSTED)
    assert (await two.shared()).count == 0, "not released yet"
    generation = b.generation
    await two.release()
    assert b.generation == generation
    assert (await two.shared()).count == 2
    await two.ingest(records[:3])
    mine, theirs = await one.shared(), await two.shared()
    assert (mine.count, mine.digest) == (theirs.count, theirs.digest) == a.digest()
    for ledger, shared in ((one, mine), (two, theirs)):
        assert (await ledger.since(shared.end, 9)).envelopes == ()
        assert (await ledger.since(shared.end - 1, 9)).envelopes
    a.close()
    b.close()


async def test_the_digest_is_computed_once_for_each_state_of_the_log(tmp_path: Path) -> None:
    class Counting(Log):
        digests = 0

        def digest(self) -> tuple[int, bytes]:
            self.digests += 1
            return super().digest()

    store = Counting(tmp_path, SigningKey.from_seed(bytes(32)), lambda: NOW)
    store.level = 2
    ledger = ThreadedLedger(store)
    for count in (1, 2):
        await ledger.ingest(listens("somebody", 1, first=count))
        for _ in range(3):
            assert (await ledger.shared()).count == count
        assert store.digests == count
    store.close()


async def test_cursors_are_remembered(tmp_path: Path) -> None:
    ledger = ThreadedLedger(store := log(tmp_path))
    assert await ledger.cursor(PeerName("bob")) == (b"", 0)
    await ledger.save_cursor(PeerName("bob"), b"b" * 16, 7)
    assert await ledger.cursor(PeerName("bob")) == (b"b" * 16, 7)
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
