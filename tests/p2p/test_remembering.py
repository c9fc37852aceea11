"""What is known of peers goes to disk and comes back: a real log, virtual time."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
import trio
import trio.testing

from p2p.acquaintances import Acquaintances
from p2p.options import NodeOptions
from p2p.remembering import SAVE_SECONDS, Remembering
from p2p.stats import Wishes
from tests.p2p.ledgers import FakeLedger
from tests.p2p.places import ME, origin, peer, public
from tests.web3rec.store.logs import HandClock, open_log, rows, traces
from web3rec.errors import CorruptStore, ReadOnly
from web3rec.store import Log

T = TypeVar("T")


async def at_once(work: Callable[[], T]) -> T:
    await trio.lowlevel.checkpoint()
    return work()


def acquaintances() -> Acquaintances:
    return Acquaintances(FakeLedger("me").judge, ME, NodeOptions())


def met(peers: Acquaintances, now: float) -> None:
    peers.reputation.ban(peer(1), 3_600.0, now)
    peers.heard([public(2, of=2)], peer(2), origin(2), now)


def names(log: Log) -> set[str]:
    return {name for (name,) in rows(log, "SELECT name FROM reputation")}


async def test_bans_and_the_book_survive_the_program(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    """The log is closed and opened again ten minutes later; the ban is ten minutes shorter."""
    clock = HandClock()
    log = open_log(tmp_path, clock)
    peers = acquaintances()
    remembering = Remembering(log, at_once, peers, clock)
    await remembering.load()
    met(peers, trio.current_time())
    assert await remembering.save()
    log.close()

    clock.pass_days(600 / 86_400)
    log = open_log(tmp_path, clock)
    again = acquaintances()
    await Remembering(log, at_once, again, clock).load()
    left = again.reputation.banned(peer(1), trio.current_time())
    assert left == pytest.approx(3_000, abs=1)
    assert [entry.address.text for entry in again.book] == [public(2, of=2)]
    log.close()


async def test_it_is_written_down_once_a_minute_and_at_the_end(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    log, peers = open_log(tmp_path), acquaintances()
    remembering = Remembering(log, at_once, peers, HandClock())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(remembering.keep_saving)
        met(peers, trio.current_time())
        await trio.sleep(SAVE_SECONDS - 1)
        assert not names(log)
        await trio.sleep(2)
        assert names(log) == {peer(1)}
        peers.reputation.ban(peer(9), 60.0, trio.current_time())
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert names(log) == {peer(1), peer(9)}
    log.close()


async def test_a_ban_that_nobody_has_heeded_by_the_end_is_kept(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    log, wishes = open_log(tmp_path), Wishes()
    remembering = Remembering(log, at_once, acquaintances(), HandClock(), wishes)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(remembering.keep_saving)
        await trio.sleep(1)
        wishes.bans.append((peer(3), 60.0))
        nursery.cancel_scope.cancel()
    assert names(log) == {peer(3)}
    log.close()


async def test_forget_all_ends_it_and_nothing_known_before_is_written_again(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    """Not by the next save, nor by the last; and the bytes are in no file."""
    log, peers = open_log(tmp_path), acquaintances()
    remembering = Remembering(log, at_once, peers, HandClock())
    await remembering.load()
    met(peers, trio.current_time())
    assert await remembering.save()
    log.forget_all()
    assert not names(log)
    assert not await remembering.save()
    with trio.fail_after(SAVE_SECONDS + 1):
        await remembering.keep_saving()
    assert not names(log)
    assert len(log.neighbours.load(HandClock()()).places) == 0
    log.close()
    assert not traces(tmp_path, peer(1).encode(), peer(2).encode())


@pytest.mark.parametrize("error", [ReadOnly, CorruptStore])
async def test_a_disk_that_is_full_does_not_stop_it(
    autojump_clock: trio.testing.MockClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    """And once there is room again all is written."""
    log, peers = open_log(tmp_path), acquaintances()
    remembering = Remembering(log, at_once, peers, HandClock())
    await remembering.load()
    met(peers, trio.current_time())

    def full(*_: object) -> bool:
        raise error("no room")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(remembering.keep_saving)
        with monkeypatch.context() as broken:
            broken.setattr(type(log.neighbours), "save", full)
            await trio.sleep(4.5 * SAVE_SECONDS)
        assert not names(log)
        await trio.sleep(SAVE_SECONDS)
        assert names(log) == {peer(1)}
        nursery.cancel_scope.cancel()
    log.close()


async def test_D6_what_cannot_be_saved_is_not_named(
    autojump_clock: trio.testing.MockClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log, peers = open_log(tmp_path), acquaintances()
    remembering = Remembering(log, at_once, peers, HandClock())
    met(peers, trio.current_time())
    log.close()
    assert await remembering.save()
    assert "was not saved" in caplog.text
    assert peer(1) not in caplog.text
    assert str(tmp_path) not in caplog.text
