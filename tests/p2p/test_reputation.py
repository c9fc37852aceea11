"""What is held against peers: how much bans, how it fades, what strangers can make us keep."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.reputation import MAX_NAMES, PEERS, PLACES, Justice, Offence, Reputation, Row
from p2p.transport import PeerName
from tests.web3rec.store.logs import HandClock, open_log
from web3rec.errors import ParamError
from web3rec.types import Millis

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
BAD, OTHER = PeerName("bad"), PeerName("other")
HERE = "203.0.113.0/24"


def banned(
    reputation: Reputation, peer: PeerName, now: float, place: str = "", limit: int = 100
) -> float:
    """Forge until it is enough; the length of the ban."""
    for _ in range(limit):
        if span := reputation.offend(peer, Offence.FORGED, now, place=place):
            return span
    raise AssertionError("never banned")


def test_a_ban_by_hand() -> None:
    """Four times 25 is 100: banned for ten minutes, then a clean slate but for the ban itself."""
    reputation = Reputation()
    for _ in range(3):
        assert reputation.offend(BAD, Offence.FORGED, 0.0) == 0
    assert reputation.score(BAD, 0.0) == 75
    assert reputation.offend(BAD, Offence.FORGED, 0.0) == 600
    assert (reputation.banned(BAD, 100.0), reputation.banned(OTHER, 100.0)) == (500, 0)
    assert (reputation.banned(BAD, 600.0), reputation.score(BAD, 600.0)) == (0, 0)


def test_bans_grow_with_each_time_and_are_forgotten_after_a_week() -> None:
    reputation, now, spans = Reputation(), 0.0, []
    for _ in range(4):
        spans.append(banned(reputation, BAD, now))
        now += spans[-1] + 1
    assert spans == [10 * MINUTE, HOUR, DAY, DAY]
    now += PEERS.memory
    assert banned(reputation, BAD, now) == 10 * MINUTE


def test_what_is_held_against_a_peer_halves_every_hour() -> None:
    """75, an hour later 37.5: three more are needed, not one."""
    reputation = Reputation()
    for _ in range(3):
        reputation.offend(BAD, Offence.FORGED, 0.0)
    assert reputation.score(BAD, HOUR) == 37.5
    assert reputation.offend(BAD, Offence.FORGED, HOUR) == 0
    assert reputation.score(BAD, 3 * HOUR) == 62.5 / 4


def test_what_was_under_way_when_a_ban_began_is_paid_for() -> None:
    reputation = Reputation()
    banned(reputation, BAD, 0.0)
    for offence in Offence:
        assert reputation.offend(BAD, offence, 1.0, times=50) == 0
    assert reputation.banned(BAD, 1.0) == 599
    assert banned(reputation, BAD, 601.0) == HOUR


@given(st.lists(st.tuples(st.floats(0, HOUR), st.integers(0, 1_000)), max_size=50))
def test_honest_trouble_alone_never_bans(steps: list[tuple[float, int]]) -> None:
    reputation, now = Reputation(), 0.0
    for pause, times in steps:
        now += pause
        assert reputation.offend(BAD, Offence.TOO_SLOW, now, times=times) == 0
        assert reputation.score(BAD, now) <= PEERS.threshold / 2
        assert not reputation.banned(BAD, now)


acts = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([*Offence]),
        st.sampled_from(["", "p", "q"]),
        st.floats(0, 2 * HOUR),
    ),
    max_size=80,
)


@given(acts)
def test_scores_stay_below_the_threshold_and_bans_within_the_longest(
    steps: list[tuple[str, Offence, str, float]],
) -> None:
    reputation, now = Reputation(), 0.0
    for name, offence, place, pause in steps:
        now += pause
        span = reputation.offend(PeerName(name), offence, now, place=place)
        assert span in {0, *PEERS.bans}
        assert 0 <= reputation.score(PeerName(name), now) < PEERS.threshold
        assert reputation.banned(PeerName(name), now) <= DAY
        assert reputation.closed(place, now) <= HOUR


@given(acts, st.floats(0, 3 * DAY))
def test_a_restart_is_time_passing_and_nothing_else(
    steps: list[tuple[str, Offence, str, float]], away: float
) -> None:
    stayed, now = Reputation(), 1e6
    for name, offence, place, pause in steps:
        now += pause
        stayed.offend(PeerName(name), offence, now, place=place)
    restarted = Reputation()
    restarted.restore(stayed.rows(now), 17.0, away=away)
    for name in ("a", "b", "c"):
        peer = PeerName(name)
        assert restarted.banned(peer, 17.0) == pytest.approx(
            stayed.banned(peer, now + away), abs=1e-6
        )
        kept, had = restarted.score(peer, 17.0), stayed.score(peer, now + away)
        assert kept == pytest.approx(had, abs=1e-6) or (kept == 0 and had < 1)
    for place in ("p", "q"):
        assert restarted.closed(place, 17.0) == pytest.approx(
            stayed.closed(place, now + away), abs=1e-6
        )


@pytest.mark.parametrize(
    "row",
    [
        Row(False, "bad", float("nan"), 1, 5.0),
        Row(False, "bad", 1.0, 1, float("inf")),
        Row(False, "bad", -1.0, 1, 5.0),
        Row(False, "bad", 1.0, -3, 5.0),
    ],
)
def test_rows_that_make_no_sense_are_left_out(row: Row) -> None:
    reputation = Reputation()
    reputation.restore([row], 0.0, away=0.0)
    assert len(reputation) == 0


def test_bans_survive_a_restart_on_disk(tmp_path: Path) -> None:
    clock, log = HandClock(), open_log(tmp_path, HandClock())
    reputation = Reputation()
    banned(reputation, BAD, 50.0)
    log.neighbours.save(reputation.rows(170.0), (), clock(), 0)
    log.close()
    log = open_log(tmp_path)
    later = Millis(clock() + 180_000)
    found = log.neighbours.load(later)
    restarted = Reputation()
    restarted.restore(found.standings, 3.0, away=found.away)
    assert restarted.banned(BAD, 3.0) == 600 - 120 - 180
    assert banned(restarted, BAD, 3.0 + 600) == HOUR, "it is remembered that this is the second"
    log.close()


# -- names are free ------------------------------------------------------------------------------


def test_R8_names_of_strangers_are_bounded_and_fade() -> None:
    reputation = Reputation()
    for stranger in range(2 * MAX_NAMES):
        reputation.offend(PeerName(str(stranger)), Offence.WIRE, 0.0, place=str(stranger), times=20)
    assert len(reputation) <= 2 * MAX_NAMES  # as many places
    reputation.sweep(DAY + PEERS.memory)
    assert len(reputation) == 0


def test_R8_after_a_week_of_peace_even_bans_are_forgotten() -> None:
    reputation = Reputation()
    for n in range(50):
        banned(reputation, PeerName(str(n)), 0.0, HERE)
    reputation.sweep(PEERS.memory)
    assert len(reputation) > 0
    reputation.sweep(PEERS.memory + DAY)
    assert len(reputation) == 0


def test_R8_a_crowd_of_small_offenders_does_not_free_a_banned_one() -> None:
    reputation = Reputation()
    banned(reputation, BAD, 0.0)
    for stranger in range(2 * MAX_NAMES):
        reputation.offend(PeerName(str(stranger)), Offence.FORGED, 1.0)
    assert reputation.banned(BAD, 1.0)


def test_R8_a_full_table_does_not_protect_who_comes_next() -> None:
    reputation = Reputation()
    for stranger in range(MAX_NAMES):
        banned(reputation, PeerName(str(stranger)), 0.0)
    assert banned(reputation, BAD, 1.0) == 600


def test_whitewashing_closes_the_place_it_comes_from() -> None:
    """A new name after each ban: the eighth ban from one /24 closes it to newcomers."""
    reputation = Reputation()
    for n in range(7):
        banned(reputation, PeerName(f"mask {n}"), 0.0, HERE)
    assert not reputation.closed(HERE, 0.0)
    banned(reputation, PeerName("mask 7"), 0.0, HERE)
    assert reputation.closed(HERE, 0.0) == 600
    assert not reputation.closed("198.51.100.0/24", 0.0)


def forgeries_let_in(hours: float, next_name: Callable[[int], str]) -> int:
    """How many forgeries an attacker in one place gets in who tries whenever it is let in."""
    reputation, now, done, names = Reputation(), 0.0, 0, 0
    while now < hours * HOUR:
        if reputation.closed(HERE, now):
            now += 1
            continue
        peer = PeerName(next_name(names))
        names += 1
        while not reputation.banned(peer, now):
            reputation.offend(peer, Offence.FORGED, now, place=HERE)
            done += 1
    return done


def test_whitewashing_from_one_place_is_worth_at_most_32_forgeries_an_hour() -> None:
    """Eight names of four forgeries, then it is closed: ten minutes, later an hour each time."""
    assert forgeries_let_in(24, str) <= 32 * 25


def test_one_broken_neighbour_does_not_close_its_place() -> None:
    """Behind one NAT: the same name again and again counts once against its place."""
    short = Justice(threshold=100.0, half_life=HOUR, bans=(1.0,), memory=DAY)
    reputation, now = Reputation(short), 0.0
    for _ in range(30):
        now += banned(reputation, BAD, now, HERE) + 1
    assert not reputation.closed(HERE, now)


def test_a_place_is_never_closed_for_more_than_an_hour() -> None:
    reputation, now = Reputation(), 0.0
    for n in range(400):
        banned(reputation, PeerName(str(n)), now, HERE)
        assert reputation.closed(HERE, now) <= PLACES.bans[-1]
        now += 300
    assert reputation.closed(HERE, now + HOUR) == 0


# -- the owner's word ----------------------------------------------------------------------------


def test_the_owner_may_ban_and_pardon() -> None:
    reputation = Reputation()
    reputation.ban(BAD, 365 * DAY, 0.0)
    assert reputation.banned(BAD, 364 * DAY) == DAY
    assert reputation.held(0.0) == (BAD,)
    kept = Reputation()
    kept.restore(reputation.rows(0.0), 0.0, away=DAY)
    assert kept.banned(BAD, 0.0) == 364 * DAY
    reputation.pardon(BAD)
    assert (reputation.banned(BAD, 0.0), reputation.held(0.0)) == (0, ())
    with pytest.raises(ParamError, match="seconds must be > 0"):
        reputation.ban(BAD, 0.0, 0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.0},
        {"half_life": float("nan")},
        {"bans": ()},
        {"bans": (5.0, -1.0)},
        {"memory": -1.0},
    ],
)
def test_justice_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    right = {"threshold": 1.0, "half_life": 1.0, "bans": (1.0,), "memory": 0.0}
    with pytest.raises(ParamError, match=next(iter(wrong))):
        Justice(**{**right, **wrong})  # type: ignore[arg-type] # wrong on purpose
