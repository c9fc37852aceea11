"""The peer book: who may fill how much of it, what is told to whom, what a restart keeps."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.book import DAY, HOUR, MAX_TOLD_AT_ONCE, Book, BookParams
from p2p.book_entry import Row, Source
from p2p.transport import PeerName
from tests.p2p.places import ME, origin, peer, public
from tests.web3rec.store.logs import open_log
from web3rec.errors import ParamError
from web3rec.types import Millis

SMALL = BookParams(addresses=64, a_teller=16, a_telling_place=24, proven=40)


def texts(book: Book) -> set[str]:
    return {entry.address.text for entry in book}


def proven(book: Book, text: str, now: float = 0.0) -> None:
    """We dialled it."""
    book.reached(text, now)


# -- what is let in -------------------------------------------------------------------------------


def test_what_a_peer_tells_is_written_down_once() -> None:
    book = Book(ME)
    assert book.heard([public(1), public(2), public(1)], peer(0), origin(9), 5.0) == 2
    assert book.heard([public(1)], peer(7), origin(8), 9.0) == 0
    assert {entry.learned for entry in book} == {5.0}, "nobody makes an address younger"


@pytest.mark.parametrize(
    ("teller", "told", "kept"),
    [
        (origin(9), public(1), True),
        (origin(9), public(1, port=22), False),
        (origin(9), "/ip4/192.168.1.5/tcp/4001/p2p/" + peer(1), False),
        (origin(9), "/ip4/127.0.0.1/tcp/4001/p2p/" + peer(1), False),
        (origin(9), "/dns4/evil.example.org/tcp/4001/p2p/" + peer(1), False),
        (origin(9), f"/ip4/8.8.8.8/tcp/4001/p2p/{ME}", False),
        ("", "/ip4/192.168.1.5/tcp/4001/p2p/" + peer(1), False),
        ("/ip4/192.168.1.9/tcp/5", "/ip4/192.168.1.5/tcp/4001/p2p/" + peer(1), True),
        ("/ip4/192.168.1.9/tcp/5", "/ip4/127.0.0.1/tcp/4001/p2p/" + peer(1), False),
        ("/ip4/192.168.1.9/tcp/5", public(1), True),
        ("/ip4/127.0.0.1/tcp/5", "/ip4/127.0.0.1/tcp/4001/p2p/" + peer(1), True),
        ("/ip4/127.0.0.1/tcp/5", "/ip4/127.0.0.1/tcp/99/p2p/" + peer(1), False),
        (origin(9), "nonsense", False),
    ],
)
def test_nobody_sends_us_where_it_could_not_go_itself(teller: str, told: str, kept: bool) -> None:
    book = Book(ME)
    assert book.heard([told], peer(0), teller, 0.0) == int(kept)
    assert len(book) == int(kept)


def test_a_peer_that_dials_us_speaks_of_itself_only() -> None:
    book = Book(ME)
    mine, others = public(9, of=5), public(9, 2, of=6)
    assert book.heard([mine, others], peer(5), origin(9), 0.0, Source.INBOUND) == 1
    assert texts(book) == {mine}


def test_who_only_dials_us_is_told_of_while_it_says_where_it_is() -> None:
    """We never dial who is connected. Its word is passed on for its own host and no other."""
    rng = np.random.default_rng(0)
    book = Book(ME)
    at_home, elsewhere = public(9, 1, of=5), public(9, 2, of=5)
    book.heard([at_home, elsewhere], peer(5), origin(9, host=1), 0.0, Source.INBOUND)
    book.heard([public(7, of=7)], peer(5), origin(9, host=1), 0.0)
    assert book.offer(peer(1), origin(1), 1.0, 32, rng) == (at_home,)
    assert book.offer(peer(5), origin(9), 1.0, 32, rng) == (), "not to itself"
    assert book.offer(peer(1), origin(1), DAY + 1, 32, rng) == ()
    book.heard([at_home], peer(5), origin(9, host=1), DAY, Source.INBOUND)
    assert book.offer(peer(1), origin(1), DAY + 1, 32, rng) == (at_home,)
    book.failed(at_home, DAY + 2, rng, online=True)
    assert book.offer(peer(1), origin(1), DAY + 3, 32, rng) == ()


def test_the_local_network_speaks_of_itself_only() -> None:
    book = Book(ME)
    here = f"/ip4/192.168.1.7/tcp/4001/p2p/{peer(1)}"
    assert book.heard([here, public(3), HERE], PeerName(""), "", 0.0, Source.MDNS) == 1
    assert texts(book) == {here}


def test_the_owner_s_own_list_is_bound_by_nothing_and_stays() -> None:
    book = Book(ME, SMALL)
    wishes = [public(1, host) for host in range(1, 31)]
    book.own([*wishes, "/dns4/node.example.org/tcp/443/p2p/" + peer(9_000), "junk"], 0.0)
    assert len(book) == 31
    rng = np.random.default_rng(0)
    for text in wishes:
        for _ in range(20):
            book.failed(text, 0.0, rng, online=True)
    book.sweep(365 * DAY)
    assert len(book) == 31


# -- caps: the eclipse law ------------------------------------------------------------------------

tellings = st.lists(
    st.tuples(
        st.integers(0, 5),  # teller
        st.integers(0, 3),  # its place
        st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), max_size=12),
        st.sampled_from(["hear", "reach", "fail", "sweep", "disown"]),
        st.floats(0, DAY),
    ),
    max_size=40,
)


@given(tellings, st.integers(0, 99))
def test_no_sequence_of_tellings_breaks_a_cap(
    steps: list[tuple[int, int, list[tuple[int, int]], str, float]], seed: int
) -> None:
    book, now, rng = Book(ME, SMALL), 0.0, np.random.default_rng(seed)
    for teller, place, told, what, pause in steps:
        now += pause
        addresses = [public(100 + net, host) for net, host in told]
        if what == "hear":
            book.heard(addresses, peer(teller), origin(place), now)
        elif what == "reach":
            for text in addresses:
                book.reached(text, now)
        elif what == "fail":
            for text in addresses:
                book.failed(text, now, rng, online=True)
        elif what == "sweep":
            book.sweep(now)
        else:
            book.disown(peer(teller))
        entries = list(book)
        assert len(entries) <= SMALL.addresses
        for limit, names in (
            (SMALL.a_place, (entry.address.at.place for entry in entries)),
            (SMALL.a_peer, (entry.address.peer for entry in entries)),
            (SMALL.a_teller, (entry.teller for entry in entries)),
            (SMALL.a_telling_place, (entry.share for entry in entries)),
        ):
            assert max(Counter(names).values(), default=0) <= limit


def test_one_teller_fills_no_more_than_its_share_however_much_it_tells() -> None:
    book = Book(ME)
    for start in range(0, 3_000, MAX_TOLD_AT_ONCE):
        told = [public(start + n) for n in range(MAX_TOLD_AT_ONCE)]
        book.heard(told, peer(0), origin(5_000), 0.0)
    assert len(book) == BookParams().a_teller


@pytest.mark.slow
def test_many_names_in_one_place_fill_no_more_than_that_place_s_share() -> None:
    book = Book(ME)
    for teller in range(60):
        for start in range(0, 96, MAX_TOLD_AT_ONCE):
            told = [public(teller * 96 + start + n) for n in range(MAX_TOLD_AT_ONCE)]
            book.heard(told, peer(teller), origin(9_000, teller + 1), 0.0)
    assert len(book) == BookParams().a_telling_place


def test_many_addresses_of_few_places_fill_eight_each() -> None:
    book = Book(ME)
    for teller in range(40):
        told = [public(place, teller * 6 + n) for place in range(3) for n in range(1, 7)]
        book.heard(told, peer(teller), origin(100 + teller), 0.0)
    assert len(book) == 3 * BookParams().a_place


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 32)), min_size=1, max_size=60),
    st.integers(1, 16),
)
def test_an_honest_teller_keeps_its_fair_share_whatever_others_tell(
    attack: list[tuple[int, int]], honest: int
) -> None:
    """Addresses of places that nobody else names: of k tellers, no one loses its 1/k."""
    book = Book(ME, SMALL)
    told = {public(1_000 + n) for n in range(honest)}
    book.heard(sorted(told), peer(0), origin(0), 0.0)
    for turn, (teller, count) in enumerate(attack):
        lies = [public(2_000 + turn * 32 + n) for n in range(count)]
        book.heard(lies, peer(teller), origin(teller), float(turn))
    tellers = {teller for teller, _ in attack} | {0}
    assert len(texts(book) & told) >= min(honest, SMALL.addresses // len(tellers))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 30)), max_size=40))
def test_an_honest_address_is_not_driven_out_of_its_own_place(
    attack: list[tuple[int, int]],
) -> None:
    book = Book(ME, SMALL)
    book.heard([public(7, 77)], peer(0), origin(0), 0.0)
    for turn, (teller, host) in enumerate(attack):
        book.heard([public(7, host)], peer(teller), origin(teller), float(turn))
    assert public(7, 77) in book


def test_whoever_squats_on_a_place_gives_way() -> None:
    """Eight lies in one /24 by one teller: the honest address there comes in all the same."""
    book = Book(ME)
    book.heard([public(7, host) for host in range(1, 9)], peer(1), origin(1), 0.0)
    assert book.heard([public(7, 99)], peer(0), origin(0), 1.0) == 1
    assert len(book) == 8


def test_no_more_give_way_than_come_in() -> None:
    """A newcomer to a crowded place in a full book: one address goes for both reasons."""
    book = Book(ME, SMALL)
    book.heard([public(7, host) for host in range(1, 9)], peer(1), origin(1), 0.0)
    for teller in range(2, 7):
        lies = [public(100 + teller * 16 + n) for n in range(16)]
        book.heard(lies, peer(teller), origin(teller), 0.0)
    assert len(book) == SMALL.addresses
    assert book.heard([public(7, 99)], peer(0), origin(0), 1.0) == 1
    assert len(book) == SMALL.addresses


def test_what_we_reached_is_never_driven_out_by_what_we_only_heard() -> None:
    book = Book(ME, SMALL)
    good = [public(n) for n in range(16)]
    book.heard(good, peer(0), origin(5_000), 0.0)
    for text in good:
        proven(book, text, 1.0)
    for teller in range(1, 40):
        lies = [public(100 + teller * 32 + n) for n in range(32)]
        book.heard(lies, peer(teller), origin(6_000 + teller), 2.0)
    assert len(book) == SMALL.addresses
    assert set(good) <= texts(book)


def test_what_we_reached_leaves_room_for_news() -> None:
    book = Book(ME, SMALL)
    for teller in range(6):
        told = [public(teller * 16 + n) for n in range(16)]
        book.heard(told, peer(teller), origin(6_000 + teller), 0.0)
        for n, text in enumerate(told):
            proven(book, text, float(teller * 16 + n))
    kept = [entry.reached for entry in book]
    assert len(kept) == SMALL.proven
    assert min(reached for reached in kept if reached is not None) == 96 - SMALL.proven


def test_a_banned_teller_takes_its_word_along() -> None:
    book = Book(ME)
    book.heard([public(1), public(2)], peer(0), origin(50), 0.0)
    book.heard([public(3)], peer(1), origin(51), 0.0)
    proven(book, public(2))
    book.disown(peer(0))
    assert texts(book) == {public(2), public(3)}, "what we reached stands for itself"


# -- what came of it ------------------------------------------------------------------------------


def test_who_does_not_answer_is_asked_ever_more_rarely_then_forgotten(
    rng: np.random.Generator,
) -> None:
    book = Book(ME)
    book.heard([public(1)], peer(0), origin(50), 0.0)
    waits = []
    for _ in range(3):
        book.failed(public(1), 0.0, rng, online=True)
        (entry,) = book
        waits.append(entry.due)
    assert all(0.75 * w <= wait <= 1.25 * w for wait, w in zip(waits, (30, 60, 3600), strict=True))
    book.sweep(waits[-1] - 1)
    book.heard([public(1)], peer(0), origin(50), waits[-1] - 1)
    assert [one.due for one in book] == [waits[-1]], "who tells it again changes nothing"
    book.sweep(waits[-1])
    assert len(book) == 0


def test_a_network_that_is_down_is_held_against_nobody(rng: np.random.Generator) -> None:
    book = Book(ME)
    book.heard([public(1)], peer(0), origin(50), 0.0)
    for _ in range(50):
        book.failed(public(1), 0.0, rng, online=False)
    book.sweep(0.0)
    (entry,) = book
    assert (entry.failures, entry.due <= 40) == (0, True)


def test_what_nobody_reached_for_a_month_is_forgotten() -> None:
    book = Book(ME)
    book.heard([public(1), public(2)], peer(0), origin(50), 0.0)
    proven(book, public(2), 20 * DAY)
    book.sweep(31 * DAY)
    assert texts(book) == {public(2)}
    book.sweep(51 * DAY)
    assert len(book) == 0


# -- what is told ---------------------------------------------------------------------------------

HOME, HERE = f"/ip4/192.168.1.5/tcp/4001/p2p/{peer(1)}", f"/ip4/127.0.0.1/tcp/4001/p2p/{peer(2)}"
NAMED = f"/dns4/node.example.org/tcp/4001/p2p/{peer(3)}"


@pytest.mark.parametrize(
    ("asker", "told"),
    [
        (origin(50), {public(9)}),
        ("", {public(9)}),
        ("/ip4/192.168.1.77/tcp/9", {public(9), HOME}),
        ("/ip4/127.0.0.1/tcp/9", {public(9), HOME, HERE}),
    ],
)
def test_told_is_what_we_reached_and_the_asker_can_dial(
    asker: str, told: set[str], rng: np.random.Generator
) -> None:
    book = Book(ME)
    book.heard([public(9), HOME, HERE, public(10)], peer(0), "/ip4/127.0.0.1/tcp/1", 0.0)
    book.own([NAMED], 0.0)
    for text in (public(9), HOME, HERE, NAMED):
        proven(book, text)
    assert set(book.offer(peer(7), asker, 1.0, 32, rng)) == told
    assert book.offer(peer(7), asker, DAY, 32, rng) == (), "it is too long ago"


def test_nobody_is_told_its_own_address(rng: np.random.Generator) -> None:
    book = Book(ME)
    book.heard([public(9, of=5), public(8, of=6)], peer(0), origin(50), 0.0)
    for entry in book:
        proven(book, entry.address.text)
    assert book.offer(peer(5), origin(9), 1.0, 32, rng) == (public(8, of=6),)


def test_asking_again_shows_no_more_of_whom_we_know(rng: np.random.Generator) -> None:
    book = Book(ME)
    for teller in range(4):
        told = [public(teller * 32 + n) for n in range(32)]
        book.heard(told, peer(9_000 + teller), origin(50 + teller), 0.0)
        for text in told:
            proven(book, text)
    seen = {t for n in range(50) for t in book.offer(peer(500 + n), origin(60), 1.0, 99, rng)}
    assert len(seen) == MAX_TOLD_AT_ONCE
    later = set(book.offer(peer(500), origin(60), 2 * HOUR, 99, rng))
    assert later != seen
    assert len(book.offer(peer(500), origin(60), 2 * HOUR, 5, rng)) == 5


# -- restarts -------------------------------------------------------------------------------------


def test_a_book_survives_a_restart_on_disk(tmp_path: Path, rng: np.random.Generator) -> None:
    book = Book(ME)
    book.own([public(1)], 0.0)
    book.heard([public(2), public(3), HOME], peer(0), "/ip4/127.0.0.1/tcp/1", 10.0)
    proven(book, public(2), 60.0)
    book.failed(public(3), 60.0, rng, online=True)
    book.anchor([public(2)])
    log = open_log(tmp_path)
    log.neighbours.save((), book.rows(100.0), Millis(0), 0)
    log.close()
    log = open_log(tmp_path)
    found = log.neighbours.load(Millis(50_000))
    again = Book(ME)
    again.own([public(1)], 7.0)
    again.restore(found.places, 7.0, away=found.away)
    log.close()
    kept = {entry.address.text: entry for entry in again}
    assert set(kept) == {public(1), public(2), public(3), HOME}
    assert kept[public(2)].reached == 7 - 50 - 40
    assert kept[public(2)].learned == 7 - 50 - 90
    assert (kept[public(2)].anchor, kept[public(3)].failures) == (1, 1)
    assert [entry.due for entry in again] == [float("-inf")] * 4


def test_rows_that_make_no_sense_or_no_longer_fit_are_left_out() -> None:
    rows = [
        Row("nonsense", 1, "t", "s", 0.0, None, 0, 0),
        Row(public(1), 99, "t", "s", 0.0, None, 0, 0),
        Row(public(2), 1, "t", "s", 40 * DAY, None, 0, 0),
        Row(public(3, of=3), 1, "t", "s", 0.0, None, 0, 0),
        *(Row(public(100 + n), 1, "t", "s", 0.0, None, 0, 0) for n in range(50)),
    ]
    book = Book(peer(3), SMALL)
    book.restore(rows, 0.0, away=0.0)
    assert texts(book) == {public(100 + n) for n in range(SMALL.a_teller)}


@pytest.mark.parametrize(
    "wrong", [{"addresses": 0}, {"first_wait": 0.0}, {"last_wait": 1.0}, {"fresh": float("nan")}]
)
def test_params_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        BookParams(**wrong)  # type: ignore[arg-type] # wrong on purpose
