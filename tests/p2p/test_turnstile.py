import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.transport import PeerName
from p2p.turnstile import IN_A_ROW, REMEMBERED, Turnstile

A, B = PeerName("a"), PeerName("b")


def test_one_session_a_peer_and_a_pause_after_it() -> None:
    """By hand: inside, no second; after it 60 seconds' pause, to the second."""
    turnstile = Turnstile()
    assert turnstile.enter(A, 0)
    assert not turnstile.enter(A, 1)
    assert turnstile.enter(B, 1)
    turnstile.leave(A, 5, more=False)
    assert not turnstile.enter(A, 64.9)
    assert turnstile.enter(A, 65)


def test_four_at_once() -> None:
    turnstile = Turnstile()
    assert [turnstile.enter(PeerName(str(i)), 0) for i in range(5)] == [True] * 4 + [False]
    turnstile.leave(PeerName("0"), 1, more=False)
    assert turnstile.enter(PeerName("4"), 1)


def test_a_crowd_of_strangers_does_not_keep_out_whom_we_chose() -> None:
    """Neither by sitting there nor by being remembered; and the chosen take no stranger's seat."""
    turnstile = Turnstile()
    for i in range(REMEMBERED):
        assert turnstile.enter(PeerName(str(i)), 0)
        turnstile.leave(PeerName(str(i)), 0, more=False)
    assert not turnstile.enter(A, 1)
    assert turnstile.enter(A, 1, chosen=True)
    turnstile = Turnstile()
    assert turnstile.enter(A, 0, chosen=True)
    assert [turnstile.enter(PeerName(str(i)), 0) for i in range(5)] == [True] * 4 + [False]
    assert not turnstile.enter(A, 0, chosen=True)
    assert [turnstile.enter(PeerName(f"c{i}"), 0, chosen=True) for i in range(4)] == [
        *[True] * 3,
        False,
    ]
    turnstile.leave(A, 1, more=False)
    assert not turnstile.enter(A, 2, chosen=True), "the chosen pause, too"
    assert turnstile.enter(A, 61, chosen=True)


def test_while_there_is_more_nobody_pauses_but_not_for_ever() -> None:
    turnstile = Turnstile()
    for i in range(IN_A_ROW):
        assert turnstile.enter(A, i)
        turnstile.leave(A, i, more=True)
    assert not turnstile.enter(A, IN_A_ROW)
    assert turnstile.enter(A, IN_A_ROW - 1 + 60)


def test_a_session_without_more_ends_the_row() -> None:
    turnstile = Turnstile()
    assert turnstile.enter(A, 0)
    turnstile.leave(A, 0, more=True)
    assert turnstile.enter(A, 0)
    turnstile.leave(A, 0, more=False)
    assert not turnstile.enter(A, 59)


def test_who_did_not_enter_does_not_leave() -> None:
    turnstile = Turnstile()
    turnstile.leave(A, 0, more=True)
    assert len(turnstile) == 0
    assert turnstile.enter(A, 0)


def test_R8_names_of_strangers_do_not_pile_up() -> None:
    turnstile = Turnstile()
    for i in range(3 * REMEMBERED):
        peer = PeerName(str(i))
        assert turnstile.enter(peer, 0) == (i < REMEMBERED)
        turnstile.leave(peer, 0, more=False)
    assert len(turnstile) == REMEMBERED
    assert turnstile.enter(A, 60)
    assert len(turnstile) == 1
    turnstile.leave(A, 60, more=False)
    turnstile.sweep(120)
    assert len(turnstile) == 0


@given(st.lists(st.tuples(st.integers(0, 7), st.booleans(), st.booleans(), st.floats(0, 30))))
def test_no_order_of_events_lets_more_in(events: list[tuple[int, bool, bool, float]]) -> None:
    turnstile, inside, now = Turnstile(at_once=2), set[int](), 0.0
    for who, enters, more, later in events:
        now += later
        if enters:
            if turnstile.enter(PeerName(str(who)), now):
                assert who not in inside
                inside.add(who)
        else:
            turnstile.leave(PeerName(str(who)), now, more=more)
            inside.discard(who)
        assert len(inside) <= 2


@pytest.mark.parametrize(
    "numbers", [{"pause": -1.0}, {"pause": float("nan")}, {"at_once": 0}, {"in_a_row": 0}]
)
def test_numbers_out_of_range_are_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Turnstile(**numbers)  # type: ignore[arg-type]
