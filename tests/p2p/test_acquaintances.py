"""All that is known of peers, in one hand: told, heard, heeded, swept, and back after a restart."""

import numpy as np
import pytest

from p2p.acquaintances import OFFERED, Acquaintances
from p2p.book_entry import Source
from p2p.options import NodeOptions
from p2p.reputation import Offence
from tests.p2p.ledgers import FakeLedger
from tests.p2p.places import ME, origin, peer, public

HOME = f"/ip4/192.168.1.5/tcp/4001/p2p/{ME}"
HERE = f"/ip4/127.0.0.1/tcp/4001/p2p/{ME}"
OURS = f"/ip4/8.9.9.9/tcp/4001/p2p/{ME}"


def acquaintances() -> Acquaintances:
    return Acquaintances(FakeLedger("me").judge, ME, NodeOptions())


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (origin(1), {OURS}),
        ("/ip4/192.168.1.77/tcp/5000", {OURS, HOME}),
        ("/ip4/127.0.0.1/tcp/5000", {OURS, HOME, HERE}),
        ("", {OURS}),
    ],
)
def test_a_peer_is_told_where_we_are_as_far_as_it_can_dial_that(at: str, told: set[str]) -> None:
    rng = np.random.default_rng(1)
    ours = (HERE, HOME, OURS, f"/dns4/me.example.org/tcp/4001/p2p/{ME}", "junk")
    assert set(acquaintances().offer(peer(1), at, ours, 0.0, rng)) == told


def test_no_more_is_told_than_one_frame_takes_and_our_own_comes_first() -> None:
    peers, rng = acquaintances(), np.random.default_rng(1)
    for n in range(1, 100):
        peers.book.heard([public(n)], peer(n), origin(n), 0.0)
        peers.book.reached(public(n), 0.0)
    told = peers.offer(peer(5000), origin(200), (OURS,), 1.0, rng)
    assert len(told) == OFFERED == 32
    assert told[0] == OURS


def test_a_peer_tells_where_it_is_itself_and_where_others_are() -> None:
    peers = acquaintances()
    own, other = public(7, of=7), public(8, of=8)
    peers.heard([own, other], peer(7), origin(7), 0.0)
    assert {e.address.text: e.source for e in peers.book} == {
        own: Source.INBOUND,
        other: Source.EXCHANGE,
    }


def test_the_owner_s_bans_are_heeded_once_in_their_order() -> None:
    """The last word counts; what a banned peer told is not believed any more."""
    peers = acquaintances()
    peers.heard([public(8, of=8)], peer(1), origin(1), 0.0)
    bans = [(str(peer(1)), 60.0), (str(peer(2)), 60.0), (str(peer(2)), 0.0)]
    assert peers.heed(bans, 0.0) == (peer(1), peer(2))
    assert not bans
    assert peers.heed(bans, 0.0) == ()
    assert peers.shuns(peer(1), 59.0)
    assert not peers.shuns(peer(1), 60.0)
    assert not peers.shuns(peer(2), 0.0)
    assert len(peers.book) == 0
    assert not peers.door.admits(peer(1), origin(1), 1.0, chosen=True)


def test_all_of_it_survives_the_program_by_rows() -> None:
    """Bans run on while nobody looks, addresses and anchors come back, the clock may start anew."""
    before, rng = acquaintances(), np.random.default_rng(1)
    for _ in range(4):
        before.door.offend(peer(1), Offence.FORGED, 100.0)
    before.door.offend(peer(2), Offence.FORGED, 100.0)
    for n in range(3, 6):
        before.heard([public(n, of=n)], peer(n), origin(n), 100.0)
    while (pick := before.outbound.next(200.0, [], lambda _: False, rng)) is not None:
        before.outbound.reached(pick, 200.0)
        break
    assert pick is not None
    rows = before.rows(900.0)

    after = acquaintances()
    after.restore(*rows, now=5.0, away=10.0)
    # banned at 100 for 600: over at 700; the rows were taken at 900
    assert not after.shuns(peer(1), 5.0)
    assert 0 < after.reputation.score(peer(2), 5.0) < 25
    assert {e.address.text for e in after.book} == {public(n, of=n) for n in range(3, 6)}
    assert [e.address.text for e in after.book if e.anchor] == [pick.address]
    first = after.outbound.next(6.0, [], lambda _: False, rng)
    assert first is not None
    assert first.address == pick.address, "the anchor is dialled first"

    rows = before.rows(300.0)
    after = acquaintances()
    after.restore(*rows, now=5.0, away=10.0)
    assert after.reputation.banned(peer(1), 5.0) == pytest.approx(390)


@pytest.mark.slow
def test_R8_what_strangers_leave_behind_is_swept() -> None:
    peers = acquaintances()
    for n in range(1_500):
        peers.door.admits(peer(n), origin(n % 300), 0.0)
        peers.door.hear(peer(n), b"junk", 0.0)
        peers.heard([public(n % 300, of=n)], peer(n), origin(n % 300), 0.0)
        peers.door.left(peer(n))
    bound = len(peers.door), len(peers.reputation), len(peers.book)
    assert max(bound) <= 2_048
    day = 86_400.0
    peers.sweep(60 * day)
    assert (len(peers.door), len(peers.reputation), len(peers.book)) == (0, 0, 0)
