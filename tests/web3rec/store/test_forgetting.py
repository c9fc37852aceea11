"""Forgetting in the log: what goes, what stays, what is asked of others; no byte is left."""

from pathlib import Path

import pytest

from tests.strategies import NOW
from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    JAZZ,
    ME,
    ROCK,
    HandClock,
    act,
    contents,
    dead,
    heard,
    ids,
    live,
    open_log,
    peer_log,
    record,
    rows,
    traces,
)
from web3rec.errors import ReadOnly
from web3rec.records import Kind
from web3rec.store import Log, key_of
from web3rec.store.own import told
from web3rec.types import Event, Item, Millis

# -- one item -------------------------------------------------------------------------------------


def test_an_item_is_forgotten_with_all_that_names_it(tmp_path: Path) -> None:
    """Two acts and a skip on jazz, one like of folk; nothing had left."""
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ), act(JAZZ, Event.PLAY), act(JAZZ, Event.SKIP), act(FOLK)])
    receipt = log.forget_item(key_of(JAZZ))
    assert receipt.removed == {"records": 2, "feedback": 1, "payments": 0, "items": 1}
    assert (receipt.wish, receipt.at, receipt.retractions) == ("one item", NOW, 0)
    assert {row[2] for row in log.interactions()} == {key_of(FOLK)}
    assert log.counts() == {
        "records": 1, "tombstones": 0, "quarantine": 0, "items": 1, "feedback": 0, "peers": 0,
    }  # fmt: skip
    assert traces(tmp_path, key_of(JAZZ), JAZZ.encode()) == []
    assert traces(tmp_path, FOLK.encode()) == ["log.db"]
    log.close()
    assert traces(tmp_path, key_of(JAZZ), JAZZ.encode()) == []


def test_what_had_left_leaves_a_tombstone_and_a_retraction(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ), act(FOLK)])
    sent = rows(log, "SELECT id FROM records ORDER BY n LIMIT 1")
    log.release()
    assert log.forget_item(key_of(JAZZ)).retractions == 1
    assert dead(log) == {i for (i,) in sent}
    (back,) = log.release()
    assert (told(back).kind, told(back).item) == (Kind.RETRACT, key_of(JAZZ))
    assert log.history() == [(FOLK, "like", 1, NOW)]
    log.close()


def test_U_a_peer_that_heard_it_forgets_too_and_for_good(tmp_path: Path) -> None:
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    log.write_acts([act(JAZZ), act(FOLK)])
    log.release()
    page = log.since(0, 10)
    assert heard(log, other) == 2
    log.forget_item(key_of(JAZZ))
    log.release()
    heard(log, other)
    assert {row[2] for row in other.interactions()} == {key_of(FOLK)}
    for envelope in page.envelopes:  # somebody replays it
        signed = other.judge(envelope).signed
        other.ingest([signed] if signed else [])
    assert {row[2] for row in other.interactions()} == {key_of(FOLK)}
    log.close()
    other.close()


def test_R5_a_forgotten_record_that_comes_back_does_not_live(tmp_path: Path) -> None:
    """A peer that has not heard the retraction sends it to the very device that forgot it."""
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    (envelope,) = log.release()
    log.forget_item(key_of(JAZZ))
    assert log.judge(envelope).signed is None
    log.close()
    log = open_log(tmp_path)
    assert log.judge(envelope).signed is None
    assert log.touched() == {}
    log.close()


def test_what_came_back_from_another_device_is_forgotten_too(tmp_path: Path) -> None:
    """The log was lost and the key kept; the network refilled it. Forgetting reaches those."""
    log = open_log(tmp_path, level=1)
    log.ingest([came := record(ME, 5), record(ANN, 5)])
    assert set(log.touched()) == {key_of(JAZZ)}
    receipt = log.forget_item(key_of(JAZZ))
    assert (receipt.removed["records"], receipt.retractions) == (1, 1)
    assert log.touched() == {}
    assert dead(log) == {came.id}
    assert told(log.release()[0]).n > came.record.n
    assert {row[0] for row in log.interactions()} == {ANN.peer}
    log.close()


def test_an_apps_description_stays(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.add_items([Item(JAZZ, "Blue Train")])
    log.write_acts([act(JAZZ), act(FOLK)])
    assert log.forget_item(key_of(JAZZ)).removed["items"] == 0
    assert log.forget_item(key_of(FOLK)).removed["items"] == 1
    assert [item.title for item in log.items(described=False).values()] == ["Blue Train"]
    log.close()


def test_forgetting_what_was_never_touched_is_harmless(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.ingest([record(ANN, 1, item=ROCK)])
    log.release()
    before = contents(log)
    receipt = log.forget_item(key_of(ROCK))
    assert (set(receipt.removed.values()), receipt.retractions) == ({0}, 0)
    assert contents(log) == before
    log.close()


def test_forgetting_twice_retracts_once(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.release()
    assert [log.forget_item(key_of(JAZZ)).retractions for _ in range(3)] == [1, 0, 0]
    log.close()


def test_an_item_can_be_liked_anew_and_that_reaches_who_heard_the_retraction(
    tmp_path: Path,
) -> None:
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    log.write_acts([act(JAZZ)])
    log.release()
    log.forget_item(key_of(JAZZ))
    log.write_acts([act(JAZZ)])
    log.release()
    heard(log, other)
    assert [row[2] for row in other.interactions()] == [key_of(JAZZ)]
    log.close()
    other.close()


# -- a peer, and everything -----------------------------------------------------------------------


def test_trust_in_a_peer_goes_with_its_name(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_trust(ANN.peer, 4, "Ann")
    log.write_trust(ANN.peer, 8, "Ann")
    log.write_trust(BOB.peer, 8, "Bob")
    receipt = log.forget_peer(ANN.peer)
    assert (receipt.removed, receipt.retractions) == ({"records": 2, "peers": 1}, 0)
    assert [row[2] for row in log.endorsements()] == [BOB.peer]
    assert log.names() == {BOB.peer: "Bob"}
    log.close()
    assert traces(tmp_path, ANN.peer, b"Ann") == []


def test_a_blocked_peer_stays_blocked_and_loses_its_name(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_trust(ANN.peer, 8, "Ann")
    log.block(ANN.peer, blocked=True)
    assert log.forget_peer(ANN.peer).removed == {"records": 1, "peers": 1}
    assert log.blocked() == {ANN.peer}
    assert log.names() == {}
    log.close()


def test_trust_that_had_left_is_retracted(tmp_path: Path) -> None:
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    log.write_trust(ANN.peer, 8, "")
    log.release()
    heard(log, other)
    assert log.forget_peer(ANN.peer).retractions == 1
    log.release()
    heard(log, other)
    assert other.endorsements() == []
    log.close()
    other.close()


def test_everything_goes_but_the_key_and_what_others_said(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.add_items([Item(ROCK, "Rock")])
    log.write_acts([act(JAZZ), act(FOLK, Event.SKIP), act(ROCK)])
    log.write_trust(ANN.peer, 8, "Ann")
    log.block(BOB.peer, blocked=True)
    log.ingest([theirs := record(ANN, 1)])
    log.release()
    receipt = log.forget_all()
    assert receipt.removed == {
        "records": 3,
        "feedback": 1,
        "payments": 0,
        "items": 2,
        "peers": 2,
        "withheld": 0,
        "neighbours": 0,
    }
    assert receipt.retractions == 1
    (back,) = log.release()
    assert told(back).item == "*"
    assert log.history() == []
    assert live(log, ANN.peer) == ids([theirs])
    assert log.counts()["tombstones"] == 3
    assert [item.title for item in log.items(described=False).values()] == ["Rock"]
    assert log.blocked() == frozenset()
    log.close()


def test_nothing_published_nothing_retracted(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ), act(FOLK, Event.SKIP)])
    log.write_trust(ANN.peer, 8, "Ann")
    assert log.forget_all().retractions == 0
    assert set(log.counts().values()) == {0}
    log.close()
    assert traces(tmp_path, key_of(JAZZ), key_of(FOLK), b"trk:", ANN.peer, b"Ann") == []


# -- rehearsals, and what can go wrong ------------------------------------------------------------


def test_a_rehearsal_says_what_would_go_and_changes_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ), act(FOLK, Event.SKIP), act(JAZZ, at=5)])
    log.write_trust(ANN.peer, 8, "Ann")
    log.release()
    told_of: list[int] = []
    log.on_change(lambda: told_of.append(1))
    before, generation = contents(log), log.generation
    rehearsed = [
        log.forget_item(key_of(JAZZ), rehearse=True),
        log.forget_since(Millis(10), rehearse=True),
        log.forget_peer(ANN.peer, rehearse=True),
        log.forget_all(rehearse=True),
    ]
    assert contents(log) == before
    assert (log.generation, told_of) == (generation, [])
    assert rehearsed[0] == log.forget_item(key_of(JAZZ))
    assert [receipt.retractions for receipt in rehearsed] == [1, 1, 1, 1]
    log.close()


def test_what_is_held_in_memory_forgets_too(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    log.forget_item(key_of(JAZZ))
    assert log._held == set()
    log.close()


def test_a_wish_inside_a_larger_transaction_is_taken_back_with_it(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    before = contents(log)

    def forget_and_fail() -> None:
        with log.together():
            log.forget_item(key_of(JAZZ))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        forget_and_fail()
    assert contents(log) == before
    assert log._held == live(log)
    with log.together():
        log.forget_item(key_of(JAZZ))
    assert traces(tmp_path, key_of(JAZZ), JAZZ.encode()) == []
    log.close()


def test_a_reader_that_holds_the_old_pages_only_delays_the_scrubbing(tmp_path: Path) -> None:
    """While somebody reads, the WAL cannot be cut; the next write does it."""
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ)])
    rows(log, "PRAGMA busy_timeout = 0")
    reader = Log(tmp_path, ME, HandClock(), read_only=True)
    with reader.steady():
        assert len(reader.history()) == 1
        log.forget_item(key_of(JAZZ))
        assert traces(tmp_path, JAZZ.encode()) != []
        assert len(reader.history()) == 1  # it sees one moment
    assert reader.history() == []
    log.write_acts([act(FOLK)])
    assert traces(tmp_path, key_of(JAZZ), JAZZ.encode()) == []
    reader.close()
    log.close()


def test_a_full_disk_does_not_half_forget(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(f"trk:{n}", at=5) for n in range(100)])
    log.write_acts([act(f"trk:{n}") for n in range(100)])
    log.release()
    (pages,) = rows(log, "PRAGMA page_count")[0]
    rows(log, f"PRAGMA max_page_count = {pages}")
    before = contents(log)
    with pytest.raises(ReadOnly, match="full"):
        log.forget_since(Millis(NOW))  # writes more than it erases
    assert contents(log) == before
    assert log._held == live(log)
    log.close()


def test_a_receipt_names_no_item(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.release()
    receipts = [log.forget_item(key_of(JAZZ)), log.forget_all()]
    assert all(JAZZ not in str(one) and key_of(JAZZ).hex() not in str(one) for one in receipts)
    log.close()


def test_a_retraction_of_many_records_stays_a_single_one(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    log.write_acts([act(JAZZ, event) for event in (Event.PLAY, Event.LIKE, Event.COLLECT)])
    log.release()
    receipt = log.forget_item(key_of(JAZZ))
    assert (receipt.removed["records"], receipt.retractions) == (3, 1)
    assert log.counts()["tombstones"] == 3
    log.close()
