"""What becomes of a message, and how much of what one neighbour may bring."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import wire
from p2p.admission import Admitted, Doorkeeper, Limits, admitted
from p2p.reputation import MAX_NAMES, Offence, Reputation
from p2p.transport import PeerName
from tests.p2p.ledgers import NOW, forged, listens
from web3rec.errors import ParamError
from web3rec.records import Flaw, Judgement, Signed, judge
from web3rec.records.rules import Welcome
from web3rec.types import RecordId, Verdict

SIGNED = listens("someone", 4)
NEW = [Judgement(Verdict.ACCEPT, one, None, "") for one in SIGNED]
KNOWN = Judgement(Verdict.IGNORE, None, Flaw.KNOWN, "")
EXPIRED = Judgement(Verdict.IGNORE, None, Flaw.EXPIRED, "")
FORGED = Judgement(Verdict.REJECT, None, Flaw.SIGNATURE, "")
judgements = st.lists(st.sampled_from([*NEW, KNOWN, EXPIRED, FORGED]), max_size=8)


@pytest.mark.parametrize(
    ("message", "verdict", "kept"),
    [
        ([NEW[0], NEW[1]], Verdict.ACCEPT, 2),
        ([NEW[0], KNOWN], Verdict.ACCEPT, 1),
        ([KNOWN, KNOWN], Verdict.IGNORE, 0),
        ([NEW[0], EXPIRED], Verdict.IGNORE, 1),
        ([EXPIRED], Verdict.IGNORE, 0),
        ([NEW[0], FORGED, NEW[1]], Verdict.REJECT, 0),
        ([], Verdict.IGNORE, 0),
    ],
)
def test_a_message_by_hand(message: list[Judgement], verdict: Verdict, kept: int) -> None:
    admission = admitted(message)
    assert admission.verdict is verdict
    assert len(admission.keep) == kept


@given(judgements)
def test_Y3_a_message_travels_only_if_every_record_in_it_may(message: list[Judgement]) -> None:
    admission = admitted(message)
    if admission.verdict is Verdict.ACCEPT:
        assert all(j.verdict is Verdict.ACCEPT or j.flaw is Flaw.KNOWN for j in message)
        assert admission.keep
    assert (admission.verdict is Verdict.REJECT) == (FORGED in message)
    good = [j.signed for j in message if j.verdict is Verdict.ACCEPT]
    assert list(admission.keep) == ([] if FORGED in message else good)


def test_judging_stops_at_the_first_forgery() -> None:
    def lazily() -> Iterator[Judgement]:
        yield FORGED
        raise AssertionError("paid for a signature after the verdict was clear")

    assert admitted(lazily()).verdict is Verdict.REJECT


# -- the doorkeeper -------------------------------------------------------------------------------

PEER, FRIEND = PeerName("peer"), PeerName("friend")
THERE = "/ip4/203.0.113.7/tcp/4001"
ANN, BOB = listens("ann", 64), listens("bob", 64)


class Door:
    """A doorkeeper over records held in memory; counts what reached the judge and the signature."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.held: set[RecordId] = set()
        self.judged = self.verified = 0
        self.reputation = Reputation()
        self.keeper = Doorkeeper(self._judge, self.reputation, limits)

    def _judge(self, data: bytes, welcome: Welcome) -> Judgement:
        self.judged += 1
        judgement = judge(data, NOW, self.held.__contains__, welcome)
        self.verified += judgement.signed is not None or judgement.flaw is Flaw.SIGNATURE
        return judgement

    def hear(self, envelopes: Sequence[bytes], now: float, peer: PeerName = PEER) -> Admitted:
        found = self.keeper.hear(peer, wire.pack(envelopes), now)
        self.held |= {one.id for one in found.keep}
        return found


def sealed(signed: Sequence[Signed]) -> list[bytes]:
    return [one.envelope for one in signed]


def test_an_honest_message_is_kept_and_passed_on_its_echo_is_not() -> None:
    door = Door()
    first = door.hear(sealed(ANN[:5]), 0.0)
    assert first == Admitted(Verdict.ACCEPT, tuple(ANN[:5]), 5)
    assert door.hear(sealed(ANN[:5]), 0.0) == Admitted(Verdict.IGNORE, (), 5)
    assert door.verified == 5, "an echo costs no signature"


def test_a_message_that_is_none_is_an_offence() -> None:
    door = Door()
    found = door.keeper.hear(PEER, b"what", 0.0)
    assert found == Admitted(Verdict.REJECT, (), offence=Offence.MALFORMED)
    assert door.reputation.score(PEER, 0.0) == Offence.MALFORMED.weight
    assert door.judged == 0


def test_a_forged_record_is_an_offence_and_spoils_its_message() -> None:
    door = Door()
    found = door.hear([ANN[0].envelope, forged(BOB[0])], 0.0)
    assert found == Admitted(Verdict.REJECT, (), 2, offence=Offence.FORGED)
    assert door.reputation.score(PEER, 0.0) == Offence.FORGED.weight


def test_who_goes_on_forging_is_banned_and_not_listened_to() -> None:
    door = Door()
    found = [door.hear([forged(one)], 0.0) for one in ANN[:4]]
    assert [one.banned for one in found] == [False, False, False, True]
    before = door.judged
    assert door.hear(sealed(BOB[:1]), 1.0) == Admitted(Verdict.IGNORE, (), banned=True)
    assert door.keeper.receive(PEER, sealed(BOB[:1]), 1.0).banned
    assert door.judged == before
    assert not door.keeper.admits(PEER, THERE, 1.0)
    assert not door.keeper.admits(PEER, THERE, 1.0, chosen=True)
    assert door.keeper.admits(PEER, THERE, 601.0)
    assert door.hear(sealed(BOB[:1]), 601.0).verdict is Verdict.ACCEPT


def test_a_peer_may_bring_a_burst_then_its_rate_and_is_not_blamed_for_more() -> None:
    """40 at once and 10 a second: of 64 the second half waits, and fits 3 s later."""
    door = Door(Limits(peer_rate=10, peer_burst=40))
    assert door.hear(sealed(ANN[:32]), 0.0).verdict is Verdict.ACCEPT
    assert door.hear(sealed(ANN[32:]), 0.0) == Admitted(Verdict.IGNORE, (), 32, busy=32)
    assert (door.judged, door.reputation.score(PEER, 0.0)) == (32, 0), "it cost nobody anything"
    assert door.hear(sealed(BOB[:8]), 0.0, FRIEND).verdict is Verdict.ACCEPT, "others may"
    assert door.hear(sealed(ANN[32:]), 3.0).verdict is Verdict.ACCEPT


def test_an_author_may_bring_a_burst_through_all_peers_together() -> None:
    """10 at once: of a message of 8 and one of 4, both of Ann's, two records must wait."""
    door = Door(Limits(author_rate=1, author_burst=10))
    assert door.hear(sealed(ANN[:8]), 0.0).verdict is Verdict.ACCEPT
    found = door.hear([*sealed(ANN[8:12]), *sealed(BOB[:2])], 0.0, FRIEND)
    assert found == Admitted(Verdict.IGNORE, (*ANN[8:10], *BOB[:2]), 6, busy=2)
    assert door.reputation.score(FRIEND, 0.0) == 0
    assert door.hear(sealed(ANN[10:12]), 2.0, FRIEND).verdict is Verdict.ACCEPT


def test_within_one_message_an_author_has_no_more_either() -> None:
    door = Door(Limits(author_rate=1, author_burst=10))
    found = door.hear(sealed(ANN[:32]), 0.0)
    assert (len(found.keep), found.busy) == (10, 22)
    assert door.verified == 10


def test_nobody_uses_up_an_author_s_share_by_forging_in_its_name() -> None:
    door = Door(Limits(author_rate=1, author_burst=4))
    for one in ANN[:20]:
        assert door.hear([forged(one)], 0.0, PeerName(one.id.hex())).verdict is Verdict.REJECT
    assert door.hear(sealed(ANN[:4]), 0.0).verdict is Verdict.ACCEPT


def test_nobody_uses_up_an_author_s_share_with_records_that_are_not_kept() -> None:
    door = Door(Limits(author_rate=1, author_burst=4))
    assert door.hear([*sealed(ANN[:4]), forged(BOB[0])], 0.0).verdict is Verdict.REJECT
    assert door.hear(sealed(ANN[:4]), 0.0, FRIEND).verdict is Verdict.ACCEPT


def test_catching_up_waits_for_no_bucket() -> None:
    """An author's 64 records and the peer's 128 come at once, whatever gossip used up."""
    door = Door(Limits(peer_rate=1, peer_burst=32, author_rate=1, author_burst=1))
    door.hear(sealed(ANN[:1]), 0.0)
    found = door.keeper.receive(PEER, sealed([*ANN, *BOB]), 0.0)
    assert found == Admitted(Verdict.ACCEPT, (*ANN[1:], *BOB), 128)
    assert door.keeper.receive(PEER, sealed(ANN[:1]), 0.0).verdict is Verdict.IGNORE


def test_a_forgery_in_a_sync_is_the_same_offence() -> None:
    door = Door()
    found = door.keeper.receive(PEER, [ANN[0].envelope, forged(ANN[1])], 0.0)
    assert found == Admitted(Verdict.REJECT, (), 2, offence=Offence.FORGED)


def test_a_flood_is_more_than_any_honest_neighbour_could_pass_on() -> None:
    """32 at once, times 20 is 640: the 21st message of 32 is an offence, ten more are a ban."""
    door = Door(Limits(peer_rate=1, peer_burst=32))
    message = sealed(ANN[:32])
    found = [door.hear(message, 0.0) for _ in range(30)]
    assert [one.offence for one in found] == [None] * 20 + [Offence.FLOOD] * 10
    assert [one.banned for one in found] == [False] * 29 + [True]
    assert {one.verdict for one in found[1:]} == {Verdict.IGNORE}
    assert door.judged == 32


@pytest.mark.slow
def test_an_honest_forwarder_of_twelve_full_buckets_is_never_blamed() -> None:
    """One mesh neighbour passes on what twelve others may bring it, for two minutes."""
    limits = Limits()
    door = Door(limits)
    twelve = 12 * limits.peer_rate
    message = wire.pack(sealed(ANN[:25]))
    now = 0.0
    for _ in range(int(12 * limits.peer_burst / 25)):
        assert door.keeper.hear(PEER, message, now).offence is None
    while now < 120:
        now += 25 / twelve
        assert door.keeper.hear(PEER, message, now).offence is None


def test_new_names_from_one_place_share_its_bucket() -> None:
    """Four times 32 from one /24, whatever the names; loopback is exempt."""
    door = Door(Limits(peer_rate=1, peer_burst=32, author_burst=1_000))
    for n in range(6):
        assert door.keeper.admits(PeerName(f"mask {n}"), THERE, 0.0)
        found = door.hear(
            sealed([*ANN, *BOB][n * 16 : n * 16 + 16] * 2), 0.0, PeerName(f"mask {n}")
        )
        assert found.busy == (0 if n < 4 else 32)
    door = Door(Limits(peer_rate=1, peer_burst=32, author_burst=1_000))
    for n in range(6):
        assert door.keeper.admits(PeerName(f"mask {n}"), "/ip4/127.0.0.1/tcp/1", 0.0)
        assert door.hear(sealed(ANN[:32]), 0.0, PeerName(f"mask {n}")).busy == 0


def test_a_place_of_many_bans_is_closed_to_strangers_not_to_whom_we_dial() -> None:
    door = Door()
    for n in range(8):
        mask = PeerName(f"mask {n}")
        assert door.keeper.admits(mask, THERE, 0.0)
        while not door.reputation.banned(mask, 0.0):
            door.keeper.hear(mask, b"", 0.0)
    assert not door.keeper.admits(FRIEND, "/ip4/203.0.113.99/tcp/5", 0.0)
    assert door.keeper.admits(FRIEND, "/ip4/203.0.113.99/tcp/5", 0.0, chosen=True)
    assert door.keeper.admits(FRIEND, "/ip4/198.51.100.1/tcp/5", 0.0)
    assert door.keeper.admits(FRIEND, "", 0.0), "nobody is blamed for a place we do not know"


@pytest.mark.parametrize("flaw", [*Flaw])
def test_what_may_be_honest_is_held_against_nobody_all_else_is(flaw: Flaw) -> None:
    verdict = flaw.verdict
    reputation = Reputation()
    keeper = Doorkeeper(lambda _data, _welcome: Judgement(verdict, None, flaw, ""), reputation)
    heard = keeper.hear(PEER, wire.pack([b"record"]), 0.0)
    synced = keeper.receive(FRIEND, [b"record"], 0.0)
    assert heard.verdict is synced.verdict is verdict
    blamed = Offence.FORGED if verdict is Verdict.REJECT else None
    assert (heard.offence, synced.offence) == (blamed, blamed)
    assert (reputation.held(0.0) == ()) == (blamed is None)


# -- laws -----------------------------------------------------------------------------------------


@given(st.binary(max_size=200), st.lists(st.binary(max_size=80), max_size=5))
def test_R1_a_stranger_s_bytes_get_a_verdict_and_nothing_is_kept(
    data: bytes, envelopes: list[bytes]
) -> None:
    door = Door()
    for found in (
        door.keeper.hear(PEER, data, 0.0),
        door.keeper.hear(PEER, b"\1\1" + data, 0.0),
        door.keeper.receive(FRIEND, envelopes, 0.0),
    ):
        assert found.keep == ()
        assert found.verdict is not Verdict.ACCEPT


times = st.floats(0, 3)
speech = st.lists(
    st.tuples(st.sampled_from("pqr"), st.integers(0, 60), st.integers(1, 4), times), max_size=40
)


@given(speech)
def test_Y3_Y5_no_more_is_kept_of_an_author_or_checked_of_a_peer_than_rate_and_burst_allow(
    steps: list[tuple[str, int, int, float]],
) -> None:
    """Honest peers bring Ann's records in any portions, at any times: nobody is ever blamed."""
    limits = Limits(peer_rate=2, peer_burst=32, author_rate=1, author_burst=5)
    door, now, kept = Door(limits), 0.0, 0
    brought = dict.fromkeys("pqr", 0)
    for name, first, count, pause in steps:
        now += pause
        before = door.judged
        found = door.hear(sealed(ANN[first : first + count]), now, PeerName(name))
        assert found.verdict is not Verdict.REJECT
        assert not found.banned
        kept += len(found.keep)
        brought[name] += door.judged - before
    assert kept <= 5 + now * 1 + 1e-6
    assert all(records <= 32 + now * 2 + 1e-6 for records in brought.values())


def test_R8_who_left_leaves_nothing_behind() -> None:
    door = Door()
    for n in range(3 * MAX_NAMES):
        stranger = PeerName(f"stranger {n}")
        door.keeper.admits(stranger, f"/ip4/203.{n // 256}.{n % 256}.9/tcp/1", 0.0)
        door.hear(sealed(ANN[:2]), 0.0, stranger)
    assert len(door.keeper) <= 5 * MAX_NAMES
    for n in range(3 * MAX_NAMES):
        door.keeper.left(PeerName(f"stranger {n}"))
    door.keeper.sweep(60.0)
    assert len(door.keeper) == 0
    assert len(door.reputation) == 0


@pytest.mark.slow
def test_a_crowd_of_authors_does_not_silence_the_others() -> None:
    """Names of authors are free: with every bucket in use, a newcomer is heard all the same."""
    limits = Limits(author_rate=1e-6, peer_burst=1e6)
    door = Door(limits)
    crowd = [listens(f"author {n}", 1)[0] for n in range(1_100)]
    for start in range(0, 1_100, 20):
        assert door.hear(sealed(crowd[start : start + 20]), 0.0).busy == 0
    assert door.hear(sealed(ANN[:3]), 0.0).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "wrong", [{"peer_rate": 0.0}, {"peer_burst": 31.0}, {"author_burst": 0.5}, {"flood": 11.0}]
)
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParamError, match=next(iter(wrong))):
        Limits(**wrong)
