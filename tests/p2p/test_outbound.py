"""Whom we dial: never more than we said, from different places, old friends first."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.book import DAY, HOUR, Book
from p2p.outbound import MAX_ANCHORS, Outbound, OutboundParams, Pick
from p2p.transport import PeerName
from tests.p2p.places import ME, origin, peer, public
from tests.web3rec.store.logs import open_log
from web3rec.errors import ParamError
from web3rec.types import Millis


def nobody(_peer: PeerName) -> bool:
    return False


def town(places: int, tellers: int = 1, book: Book | None = None, first: int = 0) -> Book:
    """A book with one address in each place, told by so many tellers in turn."""
    book = Book(ME) if book is None else book
    for place in range(places):
        teller = first + place % tellers
        book.heard([public(first + place)], peer(60_000 + teller), origin(30_000 + teller), 0.0)
    return book


def filled(outbound: Outbound, now: float, rng: np.random.Generator) -> list[Pick]:
    """Dial until nobody is left to dial; everybody answers."""
    picks: list[Pick] = []
    while (pick := outbound.next(now, (), nobody, rng)) is not None and not pick.feeler:
        outbound.reached(pick, now)
        picks.append(pick)
        now += 1
    return picks


def test_eight_are_dialled_one_after_the_other(rng: np.random.Generator) -> None:
    outbound = Outbound(town(20))
    first = outbound.next(0.0, (), nobody, rng)
    assert first is not None
    assert outbound.next(0.1, (), nobody, rng) is None, "not all at once"
    assert len(filled(outbound, 1.0, rng)) == 7
    assert len(outbound) == 8


def test_nobody_is_dialled_twice_nor_whom_we_have_nor_whom_we_shun(
    rng: np.random.Generator,
) -> None:
    book = town(3)
    book.own([public(50)], 0.0)
    outbound = Outbound(book)
    here, banned = (entry.address.peer for entry in list(book)[1:3])
    pick = outbound.next(0.0, (here,), lambda name: name == banned, rng)
    assert pick is not None
    assert pick.peer not in (here, banned)
    assert pick.address != public(50), "the owner's list is looked after elsewhere"
    assert outbound.next(10.0, (here,), lambda name: name == banned, rng) is None


def test_two_of_a_place_at_most_but_loopback_is_exempt(rng: np.random.Generator) -> None:
    book = Book(ME)
    book.heard([public(1, host) for host in range(1, 9)], peer(0), origin(9), 0.0)
    assert len(filled(Outbound(book), 0.0, rng)) == 2
    book = Book(ME)
    here = [f"/ip4/127.0.0.1/tcp/{4001 + n}/p2p/{peer(n)}" for n in range(8)]
    book.heard(here, peer(99), "/ip4/127.0.0.1/tcp/1", 0.0)
    assert len(filled(Outbound(book), 0.0, rng)) == 8


def test_a_failed_dial_frees_its_place_and_waits(rng: np.random.Generator) -> None:
    outbound = Outbound(town(1))
    pick = outbound.next(0.0, (), nobody, rng)
    assert pick is not None
    outbound.failed(pick, 1.0, rng, online=True)
    assert len(outbound) == 0
    assert outbound.next(5.0, (), nobody, rng) is None
    assert outbound.next(60.0, (), nobody, rng) == pick


def test_a_connection_that_does_not_last_counts_as_a_failure(rng: np.random.Generator) -> None:
    book = town(1)
    outbound = Outbound(book)
    now, waits = 0.0, []
    for _ in range(4):
        pick = outbound.next(now, (), nobody, rng)
        assert pick is not None
        outbound.reached(pick, now)
        outbound.ended(pick, now + 5, rng)
        (entry,) = book
        waits.append(entry.due - now - 5)
        now = entry.due
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    pick = outbound.next(now, (), nobody, rng)
    assert pick is not None
    outbound.reached(pick, now)
    outbound.ended(pick, now + HOUR, rng)
    assert [entry.failures for entry in book] == [0]


def test_with_all_places_taken_a_feeler_tries_what_nobody_proved(
    rng: np.random.Generator,
) -> None:
    book = town(12)
    outbound = Outbound(book)
    taken = filled(outbound, 0.0, rng)
    assert len(taken) == 8
    outbound = Outbound(book, OutboundParams(outbound=0))
    feeler = outbound.next(1_000.0, (), nobody, rng)
    assert feeler is not None
    assert feeler.feeler
    assert feeler.address not in {pick.address for pick in taken}
    assert outbound.next(2_000.0, (), nobody, rng) is None, "one at a time"
    outbound.reached(feeler, 2_000.0)
    outbound.ended(feeler, 2_000.0, rng)
    (felt,) = [entry for entry in book if entry.address.text == feeler.address]
    assert (felt.reached, felt.failures) == (2_000.0, 0)
    again = outbound.next(2_000.0, (), nobody, rng)
    assert again is not None
    assert again.address != feeler.address
    assert len(outbound) == 0, "feelers do not count"


def test_a_network_stack_that_ends_leaves_all_places_free_and_blames_nobody(
    rng: np.random.Generator,
) -> None:
    book = town(8)
    outbound = Outbound(book)
    picks = filled(outbound, 0.0, rng)
    late = outbound.next(100.0, (), nobody, rng)
    outbound.cut_off(HOUR)
    assert (len(outbound), late) == (0, None)
    assert [entry.failures for entry in book] == [0] * 8
    assert {p.address for p in filled(outbound, HOUR, rng)} == {p.address for p in picks}


# -- laws -----------------------------------------------------------------------------------------

acts = st.lists(
    st.tuples(
        st.sampled_from(["next", "reach", "fail", "end", "hear", "drop"]),
        st.integers(0, 40),
        st.floats(0, 300),
    ),
    max_size=120,
)


@given(acts, st.integers(0, 5), st.integers(0, 99))
def test_Y4_the_outbound_quota_is_kept_whatever_happens(
    steps: list[tuple[str, int, float]], quota: int, seed: int
) -> None:
    book, rng, now = town(10, tellers=3), np.random.default_rng(seed), 0.0
    outbound = Outbound(book, OutboundParams(outbound=quota, feeler_every=100))
    open_: dict[str, Pick] = {}
    answered: set[str] = set()
    for what, which, pause in steps:
        now += pause
        mine = sorted(open_)
        chosen = open_[mine[which % len(mine)]] if mine else None
        if what == "next":
            pick = outbound.next(now, (peer(256 * which + 1),), nobody, rng)
            if pick is not None:
                assert pick.address not in open_
                open_[pick.address] = pick
        elif what == "hear":
            told = [public(which % 12, 1 + which + n) for n in range(3)]
            book.heard(told, peer(which), origin(500 + which), now)
        elif what == "drop":
            outbound.drop_anchor(now)
        elif chosen is not None and what == "reach" and chosen.address not in answered:
            outbound.reached(chosen, now)
            answered.add(chosen.address)
        elif chosen is not None and what == "fail" and chosen.address not in answered:
            outbound.failed(chosen, now, rng, online=bool(which % 2))
            del open_[chosen.address]
        elif chosen is not None and what == "end" and chosen.address in answered:
            outbound.ended(chosen, now, rng)
            answered.discard(chosen.address)
            del open_[chosen.address]
        kept = [pick for pick in open_.values() if not pick.feeler]
        assert len(kept) == len(outbound) <= quota
        assert len(open_) - len(kept) <= 1
        places = Counter(pick.address.split("/tcp/")[0].rpartition(".")[0] for pick in kept)
        assert max(places.values(), default=0) <= 2


def test_an_attacker_gets_no_more_of_our_choice_than_the_places_it_speaks_from(
    rng: np.random.Generator,
) -> None:
    """It tells of three places through four names in two; honest: 40 places, four tell of them.
    Of six places that speak two are its own: a third of the choice, and never more than six.
    """
    theirs = []
    for _ in range(60):
        book = Book(ME)
        for teller in range(4):
            told = [public(n % 3, 8 * teller + n // 3 + 1) for n in range(24)]
            book.heard(told, peer(70_000 + teller), origin(40_000 + teller % 2), 0.0)
        town(40, tellers=4, book=book, first=100)
        picks = filled(Outbound(book), 0.0, rng)
        assert len(picks) == 8
        theirs.append(sum(int(pick.address.split(".")[2]) < 100 for pick in picks))
    assert max(theirs) <= 6
    assert np.mean(theirs) < 8 / 3 + 0.5


def test_an_attacker_with_many_addresses_in_one_place_gets_two(rng: np.random.Generator) -> None:
    book = Book(ME)
    for teller in range(30):
        lies = [public(1, teller * 8 + n) for n in range(1, 9)]
        book.heard(lies, peer(70_000 + teller), origin(40_000 + teller), 0.0)
    town(20, tellers=2, book=book, first=100)
    for _ in range(20):
        picks = filled(Outbound(book), 0.0, rng)
        assert sum(pick.address.startswith("/ip4/8.0.1.") for pick in picks) <= 2
        assert len(picks) == 8


@pytest.mark.parametrize("tellers", [1, 3])
def test_every_teller_and_every_place_has_the_same_chance(
    tellers: int, rng: np.random.Generator
) -> None:
    """One teller of 60 addresses beside `tellers` of one each; one place of 8 beside singles."""
    book = Book(ME)
    crowd = [public(1, host) for host in range(1, 9)] + [public(n) for n in range(2, 54)]
    for start in (0, 32):
        book.heard(crowd[start : start + 32], peer(70_000), origin(40_000), 0.0)
    town(tellers, tellers, book, first=100)
    lone = crowded = 0
    for _ in range(600):
        pick = Outbound(book).next(0.0, (), nobody, rng)
        assert pick is not None
        lone += int(pick.address.split(".")[2]) >= 100
        crowded += pick.address.startswith("/ip4/8.0.1.")
    assert lone / 600 == pytest.approx(tellers / (tellers + 1), abs=0.08)
    assert crowded / (600 - lone) == pytest.approx(1 / 53, abs=0.04)


# -- anchors --------------------------------------------------------------------------------------


def restarted(book: Book, path: Path, now: float) -> Book:
    """The same book after a restart, through a real database."""
    log = open_log(path)
    log.neighbours.save((), book.rows(now), Millis(0), log.neighbours.load(Millis(0)).epoch)
    log.close()
    log = open_log(path)
    again = Book(ME)
    again.restore(log.neighbours.load(Millis(0)).places, 0.0, away=0.0)
    log.close()
    return again


def test_whom_we_had_for_long_is_dialled_first_after_a_restart(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    book = town(40)
    outbound = Outbound(book)
    picks = filled(outbound, 0.0, rng)
    for pick in picks[:2]:
        outbound.ended(pick, HOUR, rng)
    outbound.drop_anchor(2 * HOUR)
    book = restarted(book, tmp_path, 2 * HOUR)
    outbound = Outbound(book)
    first = filled(outbound, 0.0, rng)[:MAX_ANCHORS]
    assert first == picks[2 : 2 + MAX_ANCHORS], "the longest first"


def test_a_crash_soon_after_a_restart_loses_no_anchor(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    book = town(40)
    outbound = Outbound(book)
    picks = filled(outbound, 0.0, rng)
    outbound.drop_anchor(HOUR)
    book = restarted(book, tmp_path, HOUR)
    outbound = Outbound(book)
    outbound.drop_anchor(5.0)
    again = [entry.address.text for entry in restarted(book, tmp_path, 5.0) if entry.anchor]
    assert set(again) == {pick.address for pick in picks[:MAX_ANCHORS]}


def test_an_anchor_that_is_gone_does_not_hold_us(tmp_path: Path, rng: np.random.Generator) -> None:
    book = town(12)
    outbound = Outbound(book)
    filled(outbound, 0.0, rng)
    outbound.drop_anchor(HOUR)
    outbound, now = Outbound(restarted(book, tmp_path, HOUR)), 0.0
    anchors = {e.address.text for e in outbound._book if e.anchor}
    seen: list[str] = []
    while now < DAY and len(seen) < 100:
        pick = outbound.next(now, (), nobody, rng)
        now += 1 if pick else 30
        if pick is not None and not pick.feeler:
            seen.append(pick.address)
            if pick.address in anchors:
                outbound.failed(pick, now, rng, online=True)
            else:
                outbound.reached(pick, now)
    assert len(anchors) == MAX_ANCHORS
    assert len(set(seen) - anchors) == 8, "all our places are taken by others"


def test_anchors_are_of_different_places(rng: np.random.Generator) -> None:
    book = Book(ME)
    book.heard([public(1, 1), public(1, 2), public(2, 1)], peer(0), origin(9), 0.0)
    outbound = Outbound(book)
    assert len(filled(outbound, 0.0, rng)) == 3
    outbound.drop_anchor(HOUR)
    places = [entry.address.at.place for entry in book if entry.anchor]
    assert sorted(places) == ["8.0.1.0/24", "8.0.2.0/24"]


@pytest.mark.parametrize(
    "wrong", [{"outbound": -1}, {"a_place": 0}, {"proven": 1.5}, {"feeler_every": 0.0}]
)
def test_params_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        OutboundParams(**wrong)  # type: ignore[arg-type] # wrong on purpose
