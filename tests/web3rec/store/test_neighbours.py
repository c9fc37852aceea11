"""What a node remembers of its neighbours outlives it, until everything is forgotten."""

from pathlib import Path

import pytest

from tests.web3rec.store.logs import HandClock, open_log, readable, rows, traces
from web3rec.errors import ReadOnly
from web3rec.store.neighbours import MAX_ROWS, Place, Standing
from web3rec.types import Millis

STANDINGS: tuple[Standing, ...] = (
    (False, "12D3KooWbad", 12.5, 1, 540.0),
    (True, "203.0.113.0/24", 1.0, 0, 0.0),
)
PLACES: tuple[Place, ...] = (
    ("/ip4/203.0.113.9/tcp/4001/p2p/12D3KooWgood", 1, "teller", "share", 60.0, 5.0, 0, 1),
    ("/ip4/203.0.113.8/tcp/4001/p2p/12D3KooWother", 3, "teller", "share", 60.0, None, 2, 0),
)


def test_what_is_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    assert log.neighbours.load(clock()).standings == ()
    assert log.neighbours.save(STANDINGS, PLACES, clock(), 0)
    log.close()
    clock.now = Millis(clock.now + 90_500)
    log = open_log(tmp_path, clock)
    found = log.neighbours.load(clock())
    assert found.standings == STANDINGS
    assert found.places == PLACES, "anchors first"
    assert found.away == 90.5
    log.close()


def test_saving_replaces_what_was_saved(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    assert log.neighbours.save(STANDINGS, PLACES, Millis(0), 0)
    assert log.neighbours.save(STANDINGS[:1], (), Millis(5), 0)
    found = log.neighbours.load(Millis(5))
    assert (found.standings, found.places) == (STANDINGS[:1], ())
    log.close()


def test_a_clock_set_back_makes_no_time_away(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.neighbours.save(STANDINGS, (), Millis(10_000), 0)
    assert log.neighbours.load(Millis(4_000)).away == 0
    log.close()


def test_rows_that_do_not_read_are_left_out(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.neighbours.save(STANDINGS, PLACES, Millis(0), 0)
    with log._db.writing() as sql:
        sql.execute("UPDATE reputation SET guilt = 'much' WHERE is_place = 0")
        sql.execute("UPDATE addresses SET share = x'ff' WHERE anchor = 0")
        sql.execute("UPDATE settings SET value = 'then' WHERE name = 'neighbours_saved'")
    found = log.neighbours.load(Millis(7))
    assert (found.standings, found.places, found.away) == (STANDINGS[1:], PLACES[:1], 0)
    log.close()


def test_R8_no_more_is_written_than_there_is_room_for(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    many = [(False, f"peer {n}", 1.0, 0, 0.0) for n in range(MAX_ROWS + 5)]
    log.neighbours.save(many, (), Millis(0), 0)
    assert rows(log, "SELECT count(*) FROM reputation") == [(MAX_ROWS,)]
    log.close()


def test_it_is_no_news_to_those_who_read_records(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    before, heard = log.generation, list[str]()
    log.on_change(lambda: heard.append("news"))
    log.neighbours.save(STANDINGS, PLACES, Millis(0), 0)
    assert (log.generation, heard) == (before, [])
    log.close()


def test_a_reader_may_look_but_not_save(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.neighbours.save(STANDINGS, PLACES, Millis(0), 0)
    log.close()
    reader = readable(tmp_path)
    assert reader.neighbours.load(Millis(0)).standings == STANDINGS
    with pytest.raises(ReadOnly):
        reader.neighbours.save((), (), Millis(0), 0)
    reader.close()


def test_whoever_forgets_everything_forgets_whom_the_device_met(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    epoch = log.neighbours.load(Millis(0)).epoch
    log.neighbours.save(STANDINGS, PLACES, Millis(0), epoch)
    log.forget_all(rehearse=True)
    assert log.neighbours.load(Millis(0)).places == PLACES
    assert log.forget_all().removed["neighbours"] == 4
    assert not log.neighbours.save(STANDINGS, PLACES, Millis(0), epoch), "a node's memory of before"
    found = log.neighbours.load(Millis(0))
    assert (found.standings, found.places) == ((), ())
    assert log.neighbours.save((), (), Millis(0), found.epoch)
    log.close()
    assert traces(tmp_path, b"12D3KooW", b"203.0.113") == []
