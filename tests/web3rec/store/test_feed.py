"""Whose statements changed: whatever was done to the log, nobody is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import KEYS, NOW
from tests.web3rec.store.logs import (
    ANN,
    BOB,
    CAT,
    DAY_MS,
    FOLK,
    JAZZ,
    ME,
    HandClock,
    act,
    open_log,
    readable,
    record,
    scratch,
)
from web3rec.errors import DataError
from web3rec.records import Kind
from web3rec.store import Log, key_of
from web3rec.types import Millis, PeerId


def statements(log: Log) -> dict[PeerId, list[object]]:
    """All that each author says to the graph, without the ego's running numbers."""
    found: dict[PeerId, list[object]] = {}
    for told in log.told():
        for rows in (told.acts, told.endorsements):
            for author, *rest in zip(*rows, strict=True):
                found.setdefault(author, []).append(tuple(rest))
    return {author: sorted(said, key=repr) for author, said in found.items()}


def named(log: Log) -> set[PeerId]:
    """Whose statements changed, where that is known."""
    found = log.changed_authors()
    assert found is not None
    return set(found)


def test_each_kind_of_change_names_its_author(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    assert log.changed_authors() is None  # nobody asked before
    assert log.changed_authors() == frozenset()
    log.write_acts([act(JAZZ)])
    log.ingest([record(ANN, 1), record(BOB, 1)])
    assert named(log) == {ME.peer, ANN.peer, BOB.peer}
    assert log.changed_authors() == frozenset()
    log.ingest([record(ANN, 1, item=FOLK)])  # a contradiction: quarantine
    assert named(log) == {ANN.peer}
    log.ingest([record(BOB, 2, Kind.RETRACT, JAZZ)])
    assert named(log) == {BOB.peer}
    log.write_trust(CAT.peer, 8, "Cat")
    assert named(log) == {ME.peer}
    log.close()


def test_what_says_nothing_new_names_nobody(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    log.write_acts([act(JAZZ)])
    log.changed_authors()
    assert len(log.release()) == 1
    log.level = 3
    log.block(BOB.peer, blocked=True)
    assert log.changed_authors() == frozenset()
    log.close()


def test_what_expires_is_named_when_it_is_erased(tmp_path: Path) -> None:
    clock = HandClock()
    log = open_log(tmp_path, clock)
    log.ingest([record(ANN, 1)])
    log.changed_authors()
    clock.pass_days(40)
    assert (log.changed_authors(), log.lapsed()) == (frozenset(), 1)
    log.expire()
    assert named(log) == {ANN.peer}
    log.close()


def test_after_a_change_was_taken_back_nobody_can_say(tmp_path: Path) -> None:
    """What was asked inside of a transaction may have been true inside of it only."""
    log = open_log(tmp_path)
    log.changed_authors()

    def half_done() -> None:
        with log.together():
            log.write_acts([act(JAZZ)])
            assert named(log) == {ME.peer}
            log.write_acts([act("")])

    with pytest.raises(DataError):
        half_done()
    assert log.changed_authors() is None
    assert log.changed_authors() == frozenset()
    log.close()


def test_a_reader_beside_a_writer_never_knows(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    reader = readable(tmp_path)
    assert (reader.changed_authors(), reader.changed_authors()) == (None, None)
    reader.close()
    log.close()


def test_whoever_is_asked_about_is_named_in_the_answer(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write_acts([act(JAZZ, at=NOW), act(FOLK, at=NOW - 7)])
    log.write_trust(CAT.peer, 8, "")
    log.ingest([record(ANN, 5), record(ANN, 6, Kind.TRUST, BOB.peer, weight=3)])
    (told,) = log.told([BOB.peer, ME.peer, ANN.peer])
    assert sorted(told.authors) == sorted([BOB.peer, ME.peer, ANN.peer])
    acts, edges = list(zip(*told.acts, strict=True)), list(zip(*told.endorsements, strict=True))
    assert acts[0] == (ME.peer, 0, key_of(FOLK), "like", 1, (NOW - 7) // 1000)
    assert acts[1] == (ME.peer, 1, key_of(JAZZ), "like", 1, NOW // 1000)
    assert acts[2][:4] == (ANN.peer, 5, key_of(JAZZ), "like")
    assert [(author, peer, weight) for author, _, peer, weight, _ in edges] == [
        (ME.peer, CAT.peer, 8),
        (ANN.peer, BOB.peer, 3),
    ]
    assert edges[0][4] == NOW // 1000  # when it said so, not the day it states
    (alone,) = log.told([BOB.peer])
    assert (alone.authors, [len(column) for column in alone.acts]) == ([BOB.peer], [0] * 6)
    log.close()


def test_everybody_is_told_a_part_at_a_time(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.ingest([record(ANN, n, item=f"trk:{n}") for n in range(3)])
    log.ingest([record(BOB, 1)])
    everybody = {author for told in log.told() for author in told.authors}
    assert everybody == {ME.peer, ANN.peer, BOB.peer}
    assert {row[:3] for row in log.interactions()} == {
        row[:3] for told in log.told() for row in zip(*told.acts, strict=True)
    }
    log.close()


Step = Callable[[Log, HandClock], object]
people = st.sampled_from(KEYS[:4])
tracks = st.sampled_from([JAZZ, FOLK, "trk:3", "trk:4"])
kinds = st.sampled_from([Kind.LIKE, Kind.LISTEN, Kind.TRUST, Kind.RETRACT])


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """One thing that may happen to a log."""
    item, days, who = draw(tracks), draw(st.integers(0, 50)), draw(people)
    other = draw(people.filter(lambda one: one not in (who, ME)))
    n, kind = draw(st.integers(0, 5)), draw(kinds)
    subject = other.peer if kind is Kind.TRUST else item

    def wait(log: Log, clock: HandClock) -> None:
        clock.pass_days(days)
        log.expire()

    possible: list[Step] = [
        lambda log, clock: log.ingest([record(who, n, kind, subject, t=clock.now // 1000)]),
        lambda log, clock: log.write_acts([act(item, at=clock.now - days * DAY_MS)]),
        lambda log, _: log.write_trust(other.peer, 4, ""),
        lambda log, _: log.release(),
        lambda log, _: log.forget_item(key_of(item)),
        lambda log, clock: log.forget_since(Millis(clock.now - days * DAY_MS)),
        lambda log, _: log.forget_peer(other.peer),
        lambda log, _: log.forget_all(rehearse=days % 2 == 0),
        wait,
    ]
    return draw(st.sampled_from(possible + possible[:1] * 4))


@settings(max_examples=60)
@given(st.lists(steps(), max_size=12))
def test_nobody_whose_statements_changed_is_missing(story: list[Step]) -> None:
    with scratch() as path:
        clock = HandClock()
        log = open_log(path, clock, level=1, window=4)
        log.changed_authors()
        before = statements(log)
        for step in story:
            step(log, clock)
            told, after = log.changed_authors(), statements(log)
            differ = {a for a in before | after if before.get(a) != after.get(a)}
            assert told is None or differ <= told
            before = after
        log.close()
