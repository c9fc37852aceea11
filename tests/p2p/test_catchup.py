"""Two ends of a catch-up, without a network between them."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import wire
from p2p.catchup import EMPTY_LOG, Answering, Asking
from p2p.wire import Batch, Header

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
    ],
)
def test_an_answer_that_breaks_the_rules_is_noticed(frames: list[Header | Batch]) -> None:
    asking = Asking(THEIRS, 5, left=3)
    *first, last = (wire.encode_frame(frame) for frame in frames)
    assert all(asking.take(frame) is not None for frame in first)
    assert asking.take(last) is None


@given(st.lists(st.one_of(st.binary(max_size=64), st.sampled_from([wire.encode_frame(HEADER)]))))
def test_Y6_any_frames_are_survived_and_never_exceed_the_limit(frames: list[bytes]) -> None:
    asking = Asking(THEIRS, 5, left=3)
    got = 0
    for frame in frames:
        got += len(asking.take(frame) or ())
    assert got <= 3
    assert asking.cursor >= 5 or asking.log_id != THEIRS


@given(st.binary(max_size=64))
def test_Y6_any_request_is_answered_or_refused(request: bytes) -> None:
    answering = Answering.to(request, OURS)
    assert (answering is None) == (wire.decode_request(request) is None)
