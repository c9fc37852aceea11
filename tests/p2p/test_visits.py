"""Whose turn it is: by hand, by law, and with visits that take their time."""

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from p2p.transport import PeerName
from p2p.visits import (
    BUSY_INTERVALS,
    LOOK_SECONDS,
    PATIENCE_SECONDS,
    RETURN_SECONDS,
    Turn,
    Visits,
    go_round,
)

ANN, BOB, CID = PeerName("ann"), PeerName("bob"), PeerName("cid")


def with_neighbours(*peers: PeerName, interval: float = 10) -> Visits:
    visits = Visits(interval)
    visits.seen(peers, 0)
    return visits


def visit(visits: Visits, now: float, *, quiet: bool = True, brought: bool = False) -> str | None:
    """Make the visit that is due, in no time."""
    turn = visits.next(now, quiet=quiet)
    if turn is None:
        return None
    visits.ended(turn.peer, now, brought=brought)
    return turn.peer


def test_newcomers_are_visited_at_once_however_busy_gossip_is() -> None:
    visits = with_neighbours(ANN, BOB)
    assert [visit(visits, 0, quiet=False) for _ in range(3)] == [ANN, BOB, None]
    visits.seen([ANN, BOB, CID], 1)
    assert visit(visits, 1, quiet=False) == CID


def test_a_stream_of_newcomers_does_not_put_off_the_others_for_ever() -> None:
    """Names are free: somebody new each second, and gossip never quiet."""
    visits = with_neighbours(ANN)
    assert visit(visits, 0) == ANN
    visited = []
    for now in range(1, 200):
        visits.seen([ANN, PeerName(f"new {now}")], now)
        visited.append(visit(visits, now, quiet=False))
    gap = 10 * BUSY_INTERVALS
    assert [now for now, peer in enumerate(visited, 1) if peer == ANN] == [
        gap,
        2 * gap,
        3 * gap,
        4 * gap,
    ]


def test_who_comes_back_after_long_is_a_newcomer() -> None:
    visits = with_neighbours(ANN)
    assert visit(visits, 0) == ANN
    visits.seen([], RETURN_SECONDS)
    assert visit(visits, RETURN_SECONDS) is None
    visits.seen([ANN], RETURN_SECONDS)
    assert visit(visits, RETURN_SECONDS, quiet=False) == ANN


def test_who_comes_back_soon_is_due_when_gossip_is_quiet() -> None:
    visits = with_neighbours(ANN)
    for now in (0, 1, 3):
        assert visit(visits, now) == ANN
    visits.seen([], 4)
    assert visit(visits, 4) is None
    visits.seen([ANN], 5)
    assert visit(visits, 5, quiet=False) is None
    assert visit(visits, 5) == ANN, "before its time, which would be 7"


@pytest.mark.parametrize(
    ("brought", "pauses"),
    [(False, [1, 2, 4, 8, 10, 10]), (True, [1, 1, 1, 1, 1, 1])],
    ids=["nothing new: ever rarer", "something new: soon again"],
)
def test_how_long_until_the_next_visit(brought: bool, pauses: list[float]) -> None:
    visits, now = with_neighbours(ANN), 0.0
    assert visit(visits, now, brought=brought) == ANN
    for pause in pauses:
        assert visit(visits, now + pause - 0.01) is None
        now += pause
        assert visit(visits, now, brought=brought) == ANN


def test_an_interval_shorter_than_soon_is_kept() -> None:
    visits = with_neighbours(ANN, interval=0.3)
    assert visit(visits, 0, brought=True) == ANN
    assert visit(visits, 0.3) == ANN


def test_a_stream_that_never_ends_delays_visits_but_does_not_prevent_them() -> None:
    """One for all neighbours each BUSY_INTERVALS, in turn, and thorough."""
    visits, seen = with_neighbours(ANN, BOB), list[tuple[float, Turn]]()
    assert {visit(visits, 0), visit(visits, 0)} == {ANN, BOB}
    for now in range(1, 20 * BUSY_INTERVALS):
        turn = visits.next(now, quiet=False)
        if turn is not None:
            seen.append((now, turn))
            visits.ended(turn.peer, now, brought=True)
    every = BUSY_INTERVALS * 10
    assert seen == [(every, Turn(ANN, thorough=True))]
    assert visits.next(2 * every, quiet=False) == Turn(BOB, thorough=True)


def test_a_wish_comes_before_turn_and_quiet_and_is_thorough() -> None:
    visits = with_neighbours(ANN, BOB)
    assert {visit(visits, 0), visit(visits, 0)} == {ANN, BOB}
    visits.wish()
    turns = [visits.next(0, quiet=False) for _ in range(3)]
    assert turns == [Turn(ANN, thorough=True), Turn(BOB, thorough=True), None]


def test_who_is_being_visited_is_not_visited_again() -> None:
    visits = with_neighbours(ANN)
    assert visits.next(0, quiet=True) == Turn(ANN, thorough=False)
    visits.wish()
    visits.seen([ANN], 1000)
    assert visits.next(1000, quiet=True) is None
    visits.ended(ANN, 1000, brought=False)
    assert visits.next(1000, quiet=False) == Turn(ANN, thorough=True)
    visits.seen([], 1001)
    visits.ended(ANN, 1001, brought=True)  # gone in the meantime: nothing to note
    assert visits.next(2000, quiet=True) is None


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 6))
def test_nobody_is_visited_twice_before_everybody_due_was(news: list[bool], count: int) -> None:
    """At a time when all are due, so often that it never ends: round robin."""
    peers = [PeerName(f"peer {n}") for n in range(count)]
    visits, order = with_neighbours(*peers), list[str]()
    for n, brought in enumerate(news):
        order.append(visit(visits, 100.0 * n, brought=brought) or "")
    for at in range(count, len(order)):
        assert order[at] == order[at - count]


async def test_visits_are_made_one_after_the_other(autojump_clock: trio.testing.MockClock) -> None:
    visits, made = with_neighbours(ANN, BOB, CID), list[tuple[float, str]]()

    async def take_a_second(turn: Turn) -> bool:
        made.append((trio.current_time() - began, turn.peer))
        await trio.sleep(1)
        return False

    began = trio.current_time()
    with trio.move_on_after(2.9):
        await go_round(visits, take_a_second, lambda: True)
    assert made == [(0, ANN), (1, BOB), (2, CID)]


async def test_a_neighbour_that_stalls_does_not_hold_up_the_others(
    autojump_clock: trio.testing.MockClock,
) -> None:
    visits, made = with_neighbours(ANN, BOB), list[tuple[float, str]]()

    async def stall(turn: Turn) -> bool:
        made.append((trio.current_time() - began, turn.peer))
        await trio.sleep(30 if turn.peer == ANN else 0)
        return False

    began = trio.current_time()
    with trio.move_on_after(PATIENCE_SECONDS + 2):
        await go_round(visits, stall, lambda: True)
    assert made[:2] == [(0, ANN), (PATIENCE_SECONDS, BOB)]
    assert {peer for _, peer in made[1:]} == {BOB}


async def test_visits_go_on_when_gossip_becomes_quiet(
    autojump_clock: trio.testing.MockClock,
) -> None:
    visits, made = with_neighbours(ANN), list[float]()

    async def note(_turn: Turn) -> bool:
        made.append(trio.current_time() - began)
        return True

    began = trio.current_time()
    with trio.move_on_after(7 + 2 * LOOK_SECONDS):
        await go_round(visits, note, lambda: trio.current_time() >= began + 7)
    assert made[0] == 0
    assert made[1] == pytest.approx(7, abs=LOOK_SECONDS)
