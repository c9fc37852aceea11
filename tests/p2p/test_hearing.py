"""What is gossiped is judged at once and kept soon, and may cost no more than so much."""

from collections.abc import Sequence

import pytest
import trio
import trio.testing

from p2p import wire
from p2p.admission import Doorkeeper
from p2p.hearing import GATHER_SECONDS, INGEST_AT_ONCE, Hearing
from p2p.quiet import QUIET_SECONDS, Quiet
from p2p.reputation import Reputation
from p2p.stats import Stats
from p2p.transport import PeerName
from tests.p2p.ledgers import FakeLedger, forged, listens
from web3rec.records import Signed
from web3rec.types import Verdict

MALLORY, ANN = PeerName("mallory"), PeerName("ann")


class Counting(FakeLedger):
    """Notes how many records each transaction had."""

    def __init__(self, name: str, *, level: int = 2) -> None:
        super().__init__(name, level=level)
        self.batches: list[int] = []

    async def ingest(self, signed: Sequence[Signed]) -> int:
        self.batches.append(len(signed))
        return await super().ingest(signed)


class Ear:
    """A Hearing and all around it."""

    def __init__(self, *, inbox: int = 1024, level: int = 2) -> None:
        self.ledger, self.stats, self.quiet = Counting("me", level=level), Stats(), Quiet()
        self.shunned: list[PeerName] = []
        self.door = Doorkeeper(self.ledger.judge, Reputation())
        self.hearing = Hearing(
            self.ledger, self.door, inbox, self.stats, self.quiet, self.shunned.append
        )

    def hears(self, records: Sequence[Signed], peer: PeerName = ANN) -> Verdict:
        return self.hearing.judge(peer, wire.pack([one.envelope for one in records]))


async def test_a_burst_of_messages_is_one_transaction(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ear = Ear()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ear.hearing.keep)
        for n in range(10):
            assert ear.hears(listens(f"author {n}", 8)) is Verdict.ACCEPT
        await trio.sleep(2 * GATHER_SECONDS)
        assert ear.ledger.batches == [80]
        assert ear.stats.records_stored == ear.stats.records_verified == 80
        nursery.cancel_scope.cancel()


@pytest.mark.slow
async def test_no_transaction_is_without_bound(autojump_clock: trio.testing.MockClock) -> None:
    ear = Ear()
    async with trio.open_nursery() as nursery:
        for n in range(80):
            neighbour = PeerName(f"neighbour {n // 15}")
            assert ear.hears(listens(f"author {n}", 32), neighbour) is Verdict.ACCEPT
        nursery.start_soon(ear.hearing.keep)
        await trio.sleep(10)
        assert sum(ear.ledger.batches) == 80 * 32
        assert max(ear.ledger.batches) < INGEST_AT_ONCE + 32
        nursery.cancel_scope.cancel()


async def test_a_full_inbox_drops_says_so_and_judges_on(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ear = Ear(inbox=2)
    verdicts = [ear.hears(listens(f"author {n}", 1)) for n in range(5)]
    assert verdicts == [Verdict.ACCEPT] * 5, "others may have room"
    assert ear.stats.messages_dropped == 3


async def test_D1_at_level_0_what_is_heard_is_kept_but_not_passed_on(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ear = Ear(level=0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ear.hearing.keep)
        assert ear.hears(listens("author", 3)) is Verdict.IGNORE
        await trio.sleep(1)
        assert ear.stats.records_stored == 3
        assert ear.hears(listens("author", 3)) is Verdict.IGNORE
        nursery.cancel_scope.cancel()


async def test_who_is_banned_is_shunned_at_once_and_not_heard_any_more(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ear = Ear()
    for n in range(5):
        bad = wire.pack([forged(listens(f"author {n}", 1)[0])])
        assert ear.hearing.judge(MALLORY, bad) is (Verdict.REJECT if n < 4 else Verdict.IGNORE)
    assert set(ear.shunned) == {MALLORY}
    assert ear.stats.records_rejected == 4
    assert ear.hears(listens("good", 1), MALLORY) is Verdict.IGNORE
    assert ear.hears(listens("good", 1), ANN) is Verdict.ACCEPT


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(9_000), b"\x02\x01\x00\x01x"])
async def test_Y6_bytes_that_are_no_message_are_refused(
    autojump_clock: trio.testing.MockClock, data: bytes
) -> None:
    ear = Ear()
    assert ear.hearing.judge(MALLORY, data) is Verdict.REJECT
    assert ear.door.hear(ANN, data, 0.0).verdict is Verdict.REJECT
    assert ear.stats.records_received == 0


async def test_what_is_too_much_is_dropped_not_rejected(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Five hundred at once are taken of one neighbour; another's are heard as before."""
    ear = Ear()
    verdicts = [ear.hears(listens(f"author {n}", 32)) for n in range(17)]
    assert verdicts.count(Verdict.ACCEPT) == 15
    assert verdicts[15:] == [Verdict.IGNORE] * 2
    assert ear.stats.messages_dropped == 2
    assert not ear.shunned
    assert ear.hears(listens("another", 32), MALLORY) is Verdict.ACCEPT


async def test_only_what_is_new_makes_it_loud(autojump_clock: trio.testing.MockClock) -> None:
    """An echo, junk and what is too much do not put off a sync."""
    ear = Ear()
    assert ear.quiet.now()
    records = listens("author", 1)
    ear.hears(records)
    assert not ear.quiet.now()
    await trio.sleep(QUIET_SECONDS)
    assert ear.quiet.now()
    await ear.ledger.ingest(records)
    ear.hears(records)
    ear.hearing.judge(MALLORY, b"junk")
    assert ear.quiet.now()
