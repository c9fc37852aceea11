"""Sync sessions over a channel, with real signatures, cuts, floods and silence."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from p2p.memory import Network
from p2p.reconcile import Holdings
from p2p.sessions import SESSION_SECONDS, Visited, host, keeper, visit
from p2p.sync import Offence
from p2p.sync_wire import MAX_BATCH, Done, Hello, Peers, Records, Want, decode, encode
from p2p.transport import Channel, PeerName
from tests.p2p.ledgers import NOW, forged, listens
from web3rec.records import Judgement, Signed, judge
from web3rec.records.model import DAY
from web3rec.types import Verdict

SALTS = (b"o" * 16, b"s" * 16)


class PairChannel:
    """One end of two memory channels; notes what it sends, and may be cut."""

    def __init__(
        self,
        out: trio.MemorySendChannel[bytes],
        back: trio.MemoryReceiveChannel[bytes],
        *,
        most: float = math.inf,
    ) -> None:
        self.said: list[bytes] = []
        self._out, self._back, self._most = out, back, most

    async def send(self, frame: bytes) -> None:
        if len(self.said) >= self._most:
            self._out.close()
            self._back.close()
            raise ConnectionError("cut")
        self.said.append(frame)
        try:
            await self._out.send(frame)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionError("the other end is gone") from error

    async def receive(self) -> bytes | None:
        try:
            return await self._back.receive()
        except trio.EndOfChannel:
            return None
        except trio.ClosedResourceError as error:
            raise ConnectionError("cut") from error

    def finish(self, *, well: bool = True) -> None:
        """As a transport does: who leaves before the other end has finished breaks it off."""
        self._out.close()
        if not well:
            self._back.close()


def channels(*, most: float = math.inf) -> tuple[PairChannel, PairChannel]:
    """Two ends; the second is cut off after `most` frames of its own."""
    to_server, from_opener = trio.open_memory_channel[bytes](0)
    to_opener, from_server = trio.open_memory_channel[bytes](0)
    return PairChannel(to_server, from_server), PairChannel(to_opener, from_opener, most=most)


class Device:
    """A ledger in memory: what it holds, what it only knows of, what it may not give away."""

    def __init__(self, records: Iterable[Signed] = (), *, level: int = 2) -> None:
        self.level = level
        self.held = {one.id: one for one in records}
        self.bent: dict[bytes, bytes] = {}
        """16-byte id -> what is sent in place of the envelope."""
        self.ingested: list[int] = []

    async def holdings(self) -> Holdings:
        return Holdings.of({(one.record.x // DAY, one.id[:16]) for one in self.held.values()})

    async def envelopes(self, ids: Sequence[bytes]) -> tuple[bytes, ...]:
        if self.level == 0:
            return ()
        held = {id_[:16]: one.envelope for id_, one in self.held.items()} | self.bent
        return tuple(held[id_] for id_ in ids if held[id_])

    def judge(self, data: bytes) -> Judgement:
        return judge(data, NOW, self.held.__contains__)

    async def ingest(self, signed: Sequence[Signed]) -> int:
        await trio.lowlevel.checkpoint()
        self.ingested.append(len(signed))
        before = len(self.held)
        self.held |= {one.id: one for one in signed}
        return len(self.held) - before


async def session(
    one: Device, other: Device, *, most: float = math.inf, take: int = 5000
) -> tuple[Visited, Visited, PairChannel, PairChannel]:
    """`one` visits `other`; both accounts, and both ends of the channel."""
    ours, theirs = channels(most=most)
    hosted: list[Visited] = []

    async def serve() -> None:
        keep = keeper(other.judge, other.ingest)
        hosted.append(
            await host(theirs, other, keep, salt=SALTS[1], addresses=("/other",), take=take)
        )
        theirs.finish(well=hosted[-1].well)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        keep = keeper(one.judge, one.ingest)
        visited = await visit(ours, one, keep, salt=SALTS[0], addresses=("/one",), take=take)
        ours.finish(well=visited.well)
    return visited, hosted[0], ours, theirs


async def test_Y1_a_visit_leaves_both_with_everything() -> None:
    common, mine, yours = listens("both", 50), listens("one", 30), listens("other", 120)
    one, other = Device(common + mine), Device(common + yours)
    visited, hosted, ours, theirs = await session(one, other)
    assert one.held == other.held
    assert len(one.held) == 200
    assert visited == Visited(
        new=120,
        received=120,
        sent=30,
        well=True,
        bytes_in=sum(map(len, theirs.said)),
        bytes_out=sum(map(len, ours.said)),
        rounds=visited.rounds,
        heard=("/other",),
    )
    assert hosted == Visited(
        new=30,
        received=30,
        sent=120,
        well=True,
        bytes_in=visited.bytes_out,
        bytes_out=visited.bytes_in,
        rounds=hosted.rounds,
        heard=("/one",),
    )
    assert visited.rounds <= 3


async def test_Y3_a_forged_record_is_not_kept_nor_is_its_batch_but_earlier_ones_are() -> None:
    records = listens("other", 3 * MAX_BATCH)
    one, other = Device(), Device(records)
    newest_first = sorted((one.id for one in records), reverse=True)
    bad = newest_first[MAX_BATCH + 5]
    other.bent[bad[:16]] = forged(other.held[bad])
    visited, hosted, *_ = await session(one, other)
    assert visited.offence is Offence.FORGED
    assert not visited.well
    assert visited.new == len(one.held) == MAX_BATCH
    assert set(one.held) == set(newest_first[:MAX_BATCH])
    assert not hosted.well
    assert hosted.offence is None


@pytest.mark.parametrize("most", range(12))
async def test_what_came_before_a_cut_is_kept_and_the_next_visit_finds_the_rest(most: int) -> None:
    records = listens("other", 5 * MAX_BATCH)
    one, other = Device(listens("one", 5)), Device(records)
    visited, hosted, _, theirs = await session(one, other, most=most)
    batches = sum(isinstance(decode(frame), Records) for frame in theirs.said)
    assert visited.new == len(one.held) - 5 == min(batches * MAX_BATCH, len(records))
    assert visited.well == (most >= 11)
    assert hosted.well == (most >= 11)
    assert visited.offence is None
    visited, *_ = await session(one, other)
    assert visited.well
    assert one.held == other.held


async def test_sessions_that_take_little_say_that_there_is_more() -> None:
    one, other = Device(), Device(listens("other", 250))
    news, more = [], True
    while more:
        visited, *_ = await session(one, other, take=100)
        news.append(visited.new)
        more = visited.more
    assert news == [100, 100, 50]


async def test_D1_at_level_0_nothing_of_ours_leaves_whichever_end_we_are() -> None:
    for quiet_opens in (True, False):
        quiet, open_ = Device(listens("quiet", 9), level=0), Device(listens("open", 7))
        pair = (quiet, open_) if quiet_opens else (open_, quiet)
        visited, hosted, ours, theirs = await session(*pair)
        said = [decode(frame) for frame in (ours if quiet_opens else theirs).said]
        assert not any(isinstance(frame, Records | Peers) for frame in said)
        assert len(quiet.held) == 16
        assert len(open_.held) == 7
        assert visited.well
        assert hosted.well


async def test_a_level_that_falls_in_mid_session_holds_at_once() -> None:
    """The ledger gives nothing from then on, and no address goes either."""
    one, other = Device(listens("one", 9)), Device(listens("other", 9))

    async def fall(ids: Sequence[bytes]) -> tuple[bytes, ...]:
        one.level = 0
        return ()

    one.envelopes = fall  # type: ignore[method-assign]
    visited, hosted, ours, _ = await session(one, other)
    assert visited.sent == 0
    assert visited.unserved == 9
    assert hosted.heard == ()
    assert visited.new == 9
    assert visited.well
    assert not any(isinstance(decode(frame), Peers) for frame in ours.said)


async def test_what_may_not_leave_is_counted_and_does_no_harm() -> None:
    one, other = Device(), Device(listens("other", 20))
    for id_ in sorted(other.held)[:4]:
        other.bent[id_[:16]] = b""
    visited, hosted, *_ = await session(one, other)
    assert visited.new == 16
    assert hosted.unserved == 4
    assert visited.well
    assert not visited.more


async def against(us: Device, frames: Iterable[bytes], *, opens: bool = False) -> Visited:
    """What we make of a stranger who says these, whatever we say, and then finishes."""
    ours, theirs = channels()
    result: list[Visited] = []

    async def listen() -> None:
        while await theirs.receive() is not None:
            pass

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)

        async def live() -> None:
            end = visit if opens else host
            result.append(await end(ours, us, keeper(us.judge, us.ingest), salt=SALTS[0]))
            ours.finish(well=False)

        nursery.start_soon(live)
        try:
            for frame in frames:
                await theirs.send(frame)
            theirs.finish()
        except ConnectionError:
            pass  # we hung up on it
    return result[0]


HELLO = encode(Hello(True, 5000, SALTS[1]))


@pytest.mark.parametrize(
    ("frames", "offence"),
    [
        ([b"\1\1rubbish"], Offence.MALFORMED),
        ([b"\2\1from the future"], None),
        ([HELLO, HELLO], Offence.ORDER),
        ([HELLO, encode(Want(bytes(8)))], Offence.WANT),
        ([], None),
        ([HELLO], None),
    ],
)
async def test_Y6_a_host_lives_through_whatever_a_stranger_says(
    frames: list[bytes], offence: Offence | None
) -> None:
    visited = await against(Device(listens("us", 3)), frames)
    assert visited.offence is offence
    assert not visited.well


async def test_something_behind_the_end_is_an_offence() -> None:
    done = encode(Done(more=False))
    frames = [encode(Hello(False, 0, SALTS[1])), done, encode(Peers(("/x",)))]
    visited = await against(Device(), frames, opens=True)
    assert visited.offence is Offence.ORDER
    assert not visited.well


async def test_whoever_is_silent_is_left_after_30_seconds(
    autojump_clock: MockClock,
) -> None:
    ours, theirs = channels()
    start = trio.current_time()
    visited = await host(ours, Device(), keeper(Device().judge, Device().ingest), salt=SALTS[0])
    assert trio.current_time() - start == pytest.approx(SESSION_SECONDS)
    assert visited == Visited()
    assert theirs.said == []


async def test_other_tasks_get_a_turn_every_32_signatures() -> None:
    device, records = Device(), listens("other", 96)
    turns, done = 0, False

    async def count() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count)
        keep = keeper(device.judge, device.ingest)
        assert await keep(tuple(one.envelope for one in records)) == 96
        done = True
    assert turns >= 3
    assert device.ingested == [96]


async def test_what_is_known_is_neither_kept_again_nor_held_against_anybody() -> None:
    records = listens("other", 5)
    device = Device(records)
    keep = keeper(device.judge, device.ingest)
    assert await keep(tuple(one.envelope for one in records)) == 0
    assert device.ingested == []


async def test_Y1_sessions_over_a_transport_leave_both_with_everything(
    autojump_clock: MockClock, rng: np.random.Generator
) -> None:
    """Over the simulated network: three round trips of .1 s, and both ends finish their stream."""
    one, other = Device(listens("one", 20)), Device(listens("other", 300))
    network = Network(rng, delay=0.1)
    left, right = network.host("left"), network.host("right")
    hosted: list[Visited] = []

    async def serve(_peer: PeerName, channel: Channel) -> None:
        keep = keeper(other.judge, other.ingest)
        hosted.append(await host(channel, other, keep, salt=SALTS[1]))

    async def refuse(_peer: PeerName, _channel: Channel) -> None:
        raise AssertionError("nobody opens a channel to this end")

    def ignore(_peer: PeerName, _data: bytes) -> Verdict:
        return Verdict.IGNORE

    async with left.running(ignore, refuse), right.running(ignore, serve):
        await left.dial(right.addresses[0])
        start = trio.current_time()
        async with left.open(right.name, timeout=10) as channel:
            keep = keeper(one.judge, one.ingest)
            visited = await visit(channel, one, keep, salt=SALTS[0])
        assert trio.current_time() - start < 3
        await trio.sleep(1)
    assert one.held == other.held
    assert (visited.well, visited.new, visited.sent) == (True, 300, 20)
    assert [(h.well, h.new, h.sent) for h in hosted] == [(True, 20, 300)]
    assert left.offences == right.offences == {}
