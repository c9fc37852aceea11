"""A ledger in memory keeps what the store would, in whatever order it comes."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p.sim.authors import BEGIN, Author
from p2p.sim.ledger import ID_BYTES, MAX_DECLINED, SimLedger
from p2p.sim.notary import Notary
from web3rec.records import Signed
from web3rec.types import Millis, RecordId


def ledger(*trusted: Author, level: int = 2, pool: int = 10) -> SimLedger:
    known = {author.peer for author in trusted}
    return SimLedger(
        Notary(),
        lambda: Millis(BEGIN),
        known.__contains__,
        on_held=lambda _signed: None,
        on_said=lambda _signed: None,
        level=level,
        pool=pool,
    )


async def learned(one: SimLedger, records: Sequence[Signed]) -> set[RecordId]:
    for signed in records:
        await one.ingest([signed])
    return set(one.held)


async def test_a_retraction_takes_back_what_came_before_it_in_either_order() -> None:
    author = Author(1, "a")
    first, second = author.likes(bytes(16)), author.likes(b"x" * 16)
    taken = author.retracts(first)
    for order in ([first, second, taken], [taken, first, second]):
        one = ledger(author)
        assert await learned(one, order) == {second.id, taken.id}
        assert await one.ingest([first]) == 0  # known to be dead
        known = await one.holdings()
        assert len(known) == 3  # nobody offers it again
        assert (await one.envelopes([first.id[:ID_BYTES]])) == ()


@settings(max_examples=25)
@given(st.permutations(range(6)), st.permutations(range(6)))
async def test_Y2_the_order_of_arrival_does_not_matter(one: list[int], other: list[int]) -> None:
    author = Author(1, "a")
    items = [bytes([i]) * 16 for i in range(3)]
    records = [author.likes(i) for i in items]
    records += [author.retracts(one) for one in records[:2]]
    records.append(author.likes(items[0]))
    ends = [await learned(ledger(author), [records[i] for i in order]) for order in (one, other)]
    assert ends[0] == ends[1]
    assert records[5].id in ends[0]


async def test_R7_strangers_fill_their_pool_and_the_rest_is_declined_and_remembered() -> None:
    friend, stranger = Author(1, "friend"), Author(1, "stranger")
    one = ledger(friend, pool=10)
    spam = [stranger.likes(i.to_bytes(16)) for i in range(50)]
    assert await one.ingest(spam) == 10
    assert one.strangers == 10
    assert len(one.declined) == 40
    assert await one.ingest([friend.likes(bytes(16))]) == 1
    assert len(await one.holdings()) == 51
    await one.ingest([stranger.likes(i.to_bytes(16)) for i in range(MAX_DECLINED + 10)])
    assert len(one.declined) == MAX_DECLINED


async def test_own_records_are_told_once_and_only_after_their_release() -> None:
    author = Author(1, "a")
    one = ledger(author)
    changes: list[int] = []
    end = one.on_change(lambda: changes.append(1))
    signed = author.likes(bytes(16))
    one.add([signed])
    assert changes == [1]
    assert len(await one.holdings()) == 0
    assert await one.envelopes([signed.id[:ID_BYTES]]) == ()
    assert await one.release() == (signed.envelope,)
    assert await one.release() == ()
    known = await one.holdings()
    assert np.asarray(known.days).tolist() == [signed.record.x // 86_400]
    assert await one.envelopes([signed.id[:ID_BYTES]]) == (signed.envelope,)
    end()
    one.add([author.likes(b"y" * 16)])
    assert changes == [1]


async def test_what_was_taken_back_before_its_release_never_left() -> None:
    author = Author(1, "a")
    one = ledger(author)
    liked = author.likes(bytes(16))
    one.add([liked])
    taken = author.retracts(liked)
    one.add([taken])
    assert await one.release() == (taken.envelope,)
    assert len(await one.holdings()) == 1


async def test_retractions_leave_first() -> None:
    author = Author(1, "a")
    one = ledger(author)
    records = [author.likes(bytes([i]) * 16) for i in range(3)]
    records.append(author.retracts(records[0]))
    await one.ingest(records)
    given = await one.envelopes([s.id[:ID_BYTES] for s in records])
    assert given[0] == records[3].envelope
    assert set(given) == {s.envelope for s in records[1:]}


async def test_D1_at_level_0_nothing_is_told() -> None:
    author, friend = Author(1, "a"), Author(1, "b")
    one = ledger(author, friend, level=0)
    one.add([author.likes(bytes(16))])
    heard = friend.likes(bytes(16))
    await one.ingest([heard])
    assert await one.release() == ()
    assert await one.envelopes([heard.id[:ID_BYTES]]) == ()
