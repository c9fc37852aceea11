"""Two ends of a catch-up, without a network between them."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import wire
from p2p.catchup import EMPTY_LOG, UNSAID, Answering, Asking, Shared
from p2p.wire import Batch, Frame, Header, Same

OURS, THEIRS = b"o" * 16, b"t" * 16


@dataclass(frozen=True)
class Page:
    envelopes: tuple[bytes, ...]
    cursor: int
    more: bool


def page(log: list[bytes], cursor: int, limit: int) -> Page:
    """The obvious log: a cursor is an index."""
    end = min(len(log), cursor + limit)
    return Page(tuple(log[cursor:end]), max(cursor, end), more=end < len(log))


def session(asking: Asking, log: list[bytes], log_id: bytes) -> list[bytes]:
    """Carry every frame across; what the asker got."""
    answering = Answering.to(asking.request, log_id)
    assert answering is not None
    assert asking.take(answering.header) == ()
    got: list[bytes] = []
    while (need := answering.need) is not None:
        batch = asking.take(answering.frame(page(log, *need)))
        assert batch is not None
        got += batch
    assert asking.done
    return got


MINE = Shared(3, bytes(range(32)), end=7)

logs = st.integers(0, 400).map(lambda n: [f"record {i}".encode() for i in range(n)])


@given(logs, st.integers(0, 450), st.integers(1, 450))
def test_a_session_brings_exactly_what_stands_behind_the_cursor(
    log: list[bytes], start: int, limit: int
) -> None:
    asking = Asking(THEIRS, start, left=limit)
    assert session(asking, log, THEIRS) == log[start : start + limit]
    assert asking.cursor == max(start, min(len(log), start + limit))
    assert asking.more == (start + limit < len(log))


@given(logs, st.integers(0, 450), st.sampled_from([EMPTY_LOG, OURS]))
def test_a_cursor_into_another_log_is_void(log: list[bytes], start: int, other: bytes) -> None:
    asking = Asking(other, start)
    assert session(asking, log, THEIRS) == log
    assert (asking.log_id, asking.cursor) == (THEIRS, len(log))


@given(logs, st.integers(1, 100))
def test_sessions_in_a_row_bring_everything_once(log: list[bytes], limit: int) -> None:
    place, got, more = (EMPTY_LOG, 0), list[bytes](), True
    while more:
        asking = Asking(*place, left=limit)
        got += session(asking, log, THEIRS)
        place, more = (asking.log_id, asking.cursor), asking.more
    assert got == log


def test_nobody_gets_more_than_a_session_holds() -> None:
    log = [b"x"] * (wire.MAX_SESSION + 10)
    asking = Asking(EMPTY_LOG, 0)
    assert len(session(asking, log, THEIRS)) == wire.MAX_SESSION
    assert asking.more


def test_a_log_that_shrank_sends_no_cursor_back() -> None:
    answering = Answering.to(Asking(THEIRS, 9).request, THEIRS)
    assert answering is not None
    frame = wire.decode_frame(answering.frame(Page((), 4, more=False)))
    assert frame == Batch((), 9, more=False)


def test_an_answer_of_nothing_is_a_complete_answer() -> None:
    asking = Asking(THEIRS, 9)
    answering = Answering.to(asking.request, OURS)
    assert answering is not None
    assert asking.take(answering.header) == ()
    assert asking.take(answering.nothing()) == ()
    assert asking.done
    assert answering.need is None
    assert (asking.log_id, asking.cursor, asking.more) == (OURS, 0, False)


def test_a_page_larger_than_asked_for_is_our_mistake() -> None:
    answering = Answering.to(Asking(THEIRS, 0, left=1).request, THEIRS)
    assert answering is not None
    with pytest.raises(ValueError, match="1 were asked for"):
        answering.frame(Page((b"a", b"b"), 2, more=False))


@pytest.mark.parametrize("log_id", [EMPTY_LOG, OURS, THEIRS])
def test_who_holds_the_same_gets_one_frame_and_a_place_to_go_on_from(log_id: bytes) -> None:
    asking = Asking(log_id, 5, mine=MINE)
    answering = Answering.to(asking.request, THEIRS)
    assert answering is not None
    frame = answering.same(Shared(MINE.count, MINE.digest, end=70))
    assert frame is not None
    assert answering.need is None
    assert asking.take(frame) == ()
    assert asking.done
    assert (asking.log_id, asking.cursor, asking.more) == (THEIRS, 70, False)


def test_a_log_that_shrank_sends_no_end_before_the_cursor() -> None:
    asking = Asking(THEIRS, 90, mine=MINE)
    answering = Answering.to(asking.request, THEIRS)
    assert answering is not None
    frame = answering.same(MINE)
    assert frame is not None
    assert asking.take(frame) == ()
    assert asking.cursor == 90


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (MINE, Shared(3, bytes(range(1, 33)), 7)),
        (MINE, Shared(4, MINE.digest, 7)),
        (UNSAID, MINE),
        (UNSAID, UNSAID),  # two who say nothing have not said the same
    ],
)
def test_what_differs_or_was_not_said_is_answered_in_full(mine: Shared, theirs: Shared) -> None:
    answering = Answering.to(Asking(THEIRS, 5, mine=mine).request, THEIRS)
    assert answering is not None
    assert answering.comparable == (mine is not UNSAID)
    assert answering.same(theirs) is None
    assert answering.need == (5, wire.MAX_BATCH)


HEADER = Header(THEIRS, restarted=False)


@pytest.mark.parametrize(
    "frames",
    [
        [Batch((), 5, more=False)],  # no header
        [HEADER, HEADER],
        [Header(THEIRS, restarted=True)],  # our cursor was good, why start anew?
        [Header(OURS, restarted=False)],  # not the log we named, yet not begun at 0
        [HEADER, Batch((b"a",), 5, more=False)],  # the cursor stands still
        [HEADER, Batch((b"a",), 4, more=False)],  # or goes back
        [HEADER, Batch((), 4, more=False)],
        [HEADER, Batch((), 6, more=True)],  # nothing, and more of it
        [HEADER, Batch((b"a",) * 4, 9, more=False)],  # more than we asked for
        [HEADER, Batch((b"a",), 6, more=False), Batch((b"b",), 7, more=False)],  # after the end
        [Same(THEIRS, restarted=False, cursor=4)],  # the end lies before our cursor
        [Same(THEIRS, restarted=True, cursor=9)],
        [Same(OURS, restarted=False, cursor=9)],
        [HEADER, Same(THEIRS, restarted=False, cursor=9)],
        [Same(THEIRS, restarted=False, cursor=9), HEADER],
        [Same(THEIRS, restarted=False, cursor=9), Batch((b"a",), 10, more=False)],
    ],
)
def test_an_answer_that_breaks_the_rules_is_noticed(frames: list[Frame]) -> None:
    asking = Asking(THEIRS, 5, left=3, mine=MINE)
    *first, last = (wire.encode_frame(frame) for frame in frames)
    assert all(asking.take(frame) is not None for frame in first)
    assert asking.take(last) is None


def test_who_did_not_say_what_it_shares_is_not_told_that_it_is_the_same() -> None:
    same = wire.encode_frame(Same(THEIRS, restarted=False, cursor=9))
    assert Asking(THEIRS, 5).take(same) is None


@given(st.lists(st.one_of(st.binary(max_size=64), st.sampled_from([wire.encode_frame(HEADER)]))))
def test_Y6_any_frames_are_survived_and_never_exceed_the_limit(frames: list[bytes]) -> None:
    asking = Asking(THEIRS, 5, left=3)
    got = 0
    for frame in frames:
        got += len(asking.take(frame) or ())
    assert got <= 3
    assert asking.cursor >= 5 or asking.log_id != THEIRS


@given(st.one_of(st.binary(max_size=72), st.binary(min_size=68, max_size=68).map(b"\1".__add__)))
def test_Y6_any_request_is_answered_or_refused(request: bytes) -> None:
    answering = Answering.to(request, OURS)
    assert (answering is None) == (wire.decode_request(request) is None)
