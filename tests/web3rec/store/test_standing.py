"""Does a receipt still hold? Each thing it says is found out when it no longer is so."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    JAZZ,
    ME,
    HandClock,
    act,
    open_log,
    record,
    rows,
)
from web3rec.records import Kind
from web3rec.store import Log, Receipt, key_of
from web3rec.store.standing import Standing, standing
from web3rec.types import Event, Millis


def looked(receipt: Receipt, log: Log) -> Standing:
    return standing(receipt, log._db, log.author, log._clock())


def failed(receipt: Receipt, log: Log) -> list[str]:
    return [check.name for check in looked(receipt, log).checks if not check.holds]


def lived(path: Path, clock: HandClock | None = None) -> Log:
    """Two acts and a skip on jazz, one on folk; the acts left. Ann is trusted and heard."""
    log = open_log(path, clock, level=2)
    log.write_acts([act(JAZZ), act(JAZZ, Event.LISTEN), act(JAZZ, Event.SKIP), act(FOLK)])
    log.write_trust(ANN.peer, 8, "Ann")
    log.ingest([record(ANN, 1), record(ANN, 2, item=FOLK)])
    log.release()
    return log


WISHES = ["item", "since", "lately", "trust", "peer", "all"]


def forget(log: Log, wish: str) -> Receipt:
    wishes: dict[str, Callable[[], Receipt]] = {
        "item": lambda: log.forget_item(key_of(JAZZ)),
        "since": lambda: log.forget_since(Millis(0)),
        "lately": lambda: log.forget_since(Millis(0), key_of(JAZZ)),
        "trust": lambda: log.forget_peer(ANN.peer),
        "peer": lambda: log.forget_peer(ANN.peer, heard=True),
        "all": log.forget_all,
    }
    return wishes[wish]().signed(ME)


@pytest.mark.parametrize("wish", WISHES)
def test_a_fresh_receipt_holds_and_does_so_after_a_restart(tmp_path: Path, wish: str) -> None:
    log = lived(tmp_path)
    receipt = forget(log, wish)
    assert looked(receipt, log).holds
    assert [check.name for check in looked(receipt, log).checks] == [
        "signature", "author", "log", "records", "subject", "retractions",
    ]  # fmt: skip
    log.close()
    log = open_log(tmp_path)
    assert looked(receipt, log).holds
    log.close()


@pytest.mark.parametrize("wish", WISHES)
def test_what_is_done_anew_is_no_fault(tmp_path: Path, wish: str) -> None:
    log = lived(tmp_path)
    receipt = forget(log, wish)
    log.write_acts([act(JAZZ), act(JAZZ, Event.SKIP)])
    log.write_trust(ANN.peer, 4, "Ann")
    log.ingest([record(ANN, 9)])
    assert looked(receipt, log).holds
    assert looked(receipt, log).anew == {"item": 2, "trust": 1, "peer": 2}.get(wish, 0)
    log.close()


@pytest.mark.parametrize("wish", WISHES)
def test_a_record_that_is_back_is_found(tmp_path: Path, wish: str) -> None:
    """Put back under the log's feet, as by a file restored from before."""
    log = lived(tmp_path)
    rows(log, "CREATE TABLE aside AS SELECT * FROM records")
    receipt = forget(log, wish)
    rows(log, "INSERT OR IGNORE INTO records SELECT * FROM aside")
    assert "records" in failed(receipt, log)
    log.close()


@pytest.mark.parametrize("wish", ["item", "since", "lately", "all"])
def test_a_local_reply_that_is_back_is_found(tmp_path: Path, wish: str) -> None:
    log = lived(tmp_path)
    rows(log, "CREATE TABLE aside AS SELECT * FROM feedback")
    receipt = forget(log, wish)
    rows(log, "INSERT INTO feedback SELECT * FROM aside")
    assert "records" in failed(receipt, log)
    log.close()


@pytest.mark.parametrize("wish", WISHES)
def test_a_retraction_that_is_lost_is_found_until_it_is_over(tmp_path: Path, wish: str) -> None:
    clock = HandClock()
    log = lived(tmp_path, clock)
    receipt = forget(log, wish)
    assert receipt.retractions == {"since": 2}.get(wish, 1)
    rows(log, "DELETE FROM records WHERE kind = 'retract'")
    assert failed(receipt, log) == ["retractions"]
    clock.pass_days(200)
    assert looked(receipt, log).holds
    log.close()


def test_a_retraction_that_stands_is_there_however_long(tmp_path: Path) -> None:
    clock = HandClock()
    log = lived(tmp_path, clock)
    receipt = forget(log, "item")
    for _ in range(4):
        clock.pass_days(40)
        log.expire()
        assert looked(receipt, log).holds
    log.close()


def test_whose_receipt_it_is_is_found_out_first(tmp_path: Path) -> None:
    log, theirs = lived(tmp_path / "mine"), lived(tmp_path / "theirs")
    receipt = forget(log, "item")
    assert failed(replace(receipt, retractions=7), log) == ["signature"]
    assert failed(replace(receipt, retractions=7).signed(ANN), log) == ["author"]
    assert failed(receipt, theirs) == ["log"]
    assert len(looked(receipt, theirs).checks) == 3
    log.close()
    theirs.close()


def test_a_receipt_of_a_key_that_was_replaced_holds(tmp_path: Path) -> None:
    """The line of the ego's keys is one author."""
    log = lived(tmp_path)
    receipt = forget(log, "item")
    hands_over = record(ME, 1 << 45, Kind.ROTATE, BOB.peer, weight=1)
    takes_over = record(BOB, 1 << 45, Kind.ROTATE, ME.peer, weight=2)
    log.close()
    again = open_log(tmp_path, key=BOB)
    again.ingest([hands_over, takes_over])
    assert looked(receipt, again).holds
    again.close()


def test_a_reader_beside_the_writer_can_tell(tmp_path: Path) -> None:
    log = lived(tmp_path)
    receipt = forget(log, "item")
    reader = Log(tmp_path, ME, HandClock(), read_only=True)
    assert looked(receipt, reader).holds
    reader.close()
    log.close()
