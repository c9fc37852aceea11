"""What the ego never shares, and private sessions: by hand, over a real log."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.store.logs import (
    ANN,
    FOLK,
    JAZZ,
    ME,
    ROCK,
    act,
    heard,
    open_log,
    peer_log,
    readable,
    record,
    rows,
    scratch,
    traces,
)
from web3rec.errors import DataError
from web3rec.privacy import unwithhold, withhold
from web3rec.records import Kind, Record
from web3rec.store import Log, Withheld, key_of
from web3rec.store.ladder import NEVER
from web3rec.store.own import told
from web3rec.store.withheld import folded
from web3rec.types import Event, Item


def left(log: Log) -> list[Record]:
    return [told(envelope) for envelope in log.release()]


def waiting(log: Log) -> set[bytes]:
    return {told(one.envelope).key for one in log.outbox()}


def test_an_item_is_withheld_before_and_after_the_act(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=3)
    log.write_acts([act(JAZZ), act(FOLK), act(ROCK)])
    done = withhold(log, JAZZ, None, retract=False)
    assert (done.stopped, done.left, done.retractions) == (1, 0, 0)
    log.write_acts([act(JAZZ, Event.COLLECT), act(FOLK, Event.SHARE)])
    assert waiting(log) == {key_of(FOLK), key_of(ROCK)}
    assert {one.key for one in left(log)} == {key_of(FOLK), key_of(ROCK)}
    assert len(log.history()) == 5
    log.close()


def test_a_tag_counts_when_it_is_given_not_only_when_the_act_is_written(tmp_path: Path) -> None:
    """The item gets the tag while the act waits; another had it before; a third loses it."""
    log = open_log(tmp_path, level=1)
    withhold(log, None, " JAZZ", retract=False)
    log.add_items([Item(FOLK, tags=("Jazz", "old")), Item(ROCK, tags=("rock",))])
    log.write_acts([act(JAZZ), act(FOLK), act(ROCK)])
    assert waiting(log) == {key_of(JAZZ), key_of(ROCK)}
    log.add_items([Item(JAZZ, tags=("new", "jazz"))])
    assert waiting(log) == {key_of(ROCK)}
    log.add_items([Item(JAZZ, tags=())])
    assert {one.key for one in left(log)} == {key_of(ROCK)}  # not for the past
    log.write_acts([act(JAZZ, Event.SHARE)])
    assert {one.key for one in left(log)} == {key_of(JAZZ)}
    log.close()


def test_what_had_left_is_served_no_more_and_can_be_taken_back(tmp_path: Path) -> None:
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    log.write_acts([act(JAZZ), act(FOLK)])
    log.release()
    heard(log, other)
    done = withhold(log, JAZZ, None, retract=False)
    assert (done.stopped, done.left, done.retractions) == (0, 1, 0)
    shown = {told(envelope).key for envelope in log.since(0, 99).envelopes}
    assert shown == {key_of(FOLK)}
    assert log.digest()[0] == 1
    assert len(log.known()) == 2  # that it was here is known anyhow
    assert log.envelopes([bytes(log.known().ids[k * 16 : k * 16 + 16]) for k in (0, 1)]) == (
        log.since(0, 99).envelopes
    )
    log.close()
    other.close()


def test_taken_back_it_is_as_if_it_had_always_been_private(tmp_path: Path) -> None:
    log, other = open_log(tmp_path / "me", level=1), peer_log(tmp_path / "other")
    log.write_acts([act(JAZZ), act(JAZZ, Event.SHARE, weight=3), act(FOLK)])
    log.release()
    heard(log, other)
    before = log.history()
    done = withhold(log, JAZZ, None, retract=True)
    assert (done.stopped, done.left, done.retractions) == (0, 2, 1)
    assert [(one.kind, one.key) for one in left(log)] == [(Kind.RETRACT, key_of(JAZZ))]
    heard(log, other)
    assert {row[2] for row in other.interactions()} == {key_of(FOLK)}
    assert log.history() == before
    kept = rows(log, "SELECT level, pos, n < 9, key FROM records WHERE kind != 'retract'")
    assert [row[:3] for row in kept if row[3] == key_of(JAZZ)] == [(NEVER, None, 1)] * 2
    # A word of ours from elsewhere does not unsettle it.
    log.ingest([record(ME, 7, item=ROCK), record(ME, 1 << 50, Kind.RETRACT)])
    assert len(log.history()) == 3 + 0  # ROCK has no name here
    assert len(log.interactions()) == 4
    log.close()
    other.close()


def test_what_came_back_from_another_device_is_withheld_too(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.ingest([record(ME, 5, item=JAZZ)])
    assert len(log.since(0, 9).envelopes) == 1
    assert withhold(log, JAZZ, None, retract=False).left == 1
    assert log.since(0, 9).envelopes == ()
    log.close()


def test_the_list_can_be_read_and_taken_back_for_what_comes(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    withhold(log, FOLK, None, retract=False)
    withhold(log, f"hash:{key_of(JAZZ).hex()}", None, retract=False)
    withhold(log, None, "Live", retract=False)
    assert log.withheld() == Withheld(
        tuple(sorted([f"hash:{key_of(JAZZ).hex()}", FOLK])), ("live",)
    )
    log.write_acts([act(FOLK)])
    assert unwithhold(log, FOLK, None)
    assert not unwithhold(log, FOLK, None)
    assert unwithhold(log, None, "LIVE ")
    assert not unwithhold(log, None, "live")
    assert log.release() == ()
    log.write_acts([act(FOLK, Event.SHARE)])
    assert [one.kind for one in left(log)] == [Kind.SHARE]
    log.close()


def test_the_list_leaves_no_trace_when_everything_is_forgotten(tmp_path: Path) -> None:
    """And settings stay: a private session goes on, or what comes next would leave unasked."""
    log = open_log(tmp_path, level=1)
    log.private = True
    withhold(log, "trk:secret-item", None, retract=False)
    withhold(log, None, "secret-tag", retract=False)
    log.write_acts([act("trk:secret-item")])
    assert log.forget_all().removed["withheld"] == 2
    assert log.withheld() == Withheld()
    assert (log.level, log.private) == (1, True)
    log.write_acts([act("trk:other")])
    assert rows(log, "SELECT n FROM records") == [(1,)]  # as a device that never knew
    log.close()
    assert traces(tmp_path, b"secret", key_of("trk:secret-item")) == []


@pytest.mark.parametrize("tag", ["", "  ", "x" * 101, "\ud800", 7, None])
def test_a_tag_is_a_text(tmp_path: Path, tag: object) -> None:
    log = open_log(tmp_path)
    with pytest.raises(DataError):
        withhold(log, None, tag, retract=False)  # type: ignore[arg-type]
    with pytest.raises(DataError):
        withhold(log, "trk:1", "tag", retract=False)
    with pytest.raises(DataError):
        unwithhold(log, None, None)
    assert log.withheld() == Withheld()
    log.close()


@given(st.text(max_size=20))
def test_a_tag_has_one_spelling(tag: str) -> None:
    once = folded(tag)
    assert folded(once.upper()) == folded(folded(once.upper()))
    assert folded(f"  {tag} ") == once


# -- private sessions -----------------------------------------------------------------------------


@given(st.integers(0, 3), st.integers(0, 3))
def test_what_is_done_in_private_never_leaves_at_any_level(then: int, later: int) -> None:
    with scratch() as path:
        log = open_log(path, level=then)
        log.private = True
        log.write_acts([act(event=event) for event in Event])
        log.write_trust(ANN.peer, 8, "Ann")
        log.private = False
        log.level = later
        assert (log.release(), log.outbox()) == ((), ())
        assert len(log.known()) == 0
        assert len(log.interactions()) == 4
        assert len(log.endorsements()) == 1
        log.close()


def test_the_switch_is_remembered_and_seen_by_readers(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    reader = readable(tmp_path)
    assert not log.private
    log.private = True
    assert reader.private
    log.close()
    reader.close()
    log = open_log(tmp_path)
    assert log.private
    log.private = False
    assert not log.private
    log.close()


def test_a_block_of_code_can_be_private(tmp_path: Path) -> None:
    """Blocks nest, end with an error too, and are not remembered."""
    log = open_log(tmp_path, level=1)

    def interrupted() -> None:
        with log.privately():
            with log.privately():
                log.write_acts([act(JAZZ)])
            assert log.private
            log.write_acts([act(FOLK)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert not log.private
    log.write_acts([act(ROCK)])
    assert {one.key for one in left(log)} == {key_of(ROCK)}
    log.close()


def test_forgetting_in_private_still_takes_back_what_had_left(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    log.write_acts([act(JAZZ)])
    log.release()
    log.private = True
    assert log.forget_item(key_of(JAZZ)).retractions == 1
    assert [one.kind for one in left(log)] == [Kind.RETRACT]
    log.close()


def test_private_trust_counts_here_in_the_order_it_was_given(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=1)
    said = []
    for weight, private in ((8, False), (2, True), (5, False), (1, True), (3, True)):
        log.private = private
        log.write_trust(ANN.peer, weight, "")
        said.append(max(log.endorsements(), key=lambda edge: edge[1])[3])
    assert said == [8, 2, 5, 1, 3]
    assert [one.weight for one in left(log)] == [8, 5]
    told_ = [
        max(zip(*t.endorsements, strict=True), key=lambda e: e[1]) for t in log.told([ME.peer])
    ]
    assert [edge[3] for edge in told_] == [3]
    log.close()


def test_D3_what_is_private_says_no_time(tmp_path: Path) -> None:
    """Even at level 3 a private record has the coarse form."""
    log = open_log(tmp_path, level=3)
    log.private = True
    log.write_acts([act(JAZZ, at=NOW - 5)])
    (envelope,) = (row[0] for row in rows(log, "SELECT envelope FROM records"))
    assert told(envelope).t % 86_400 == 0
    assert isinstance(told(envelope).item, bytes)
    log.close()
