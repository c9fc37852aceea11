"""One nursery between a log and a network: hear, keep, speak, catch up, stay connected.

    network ─► judge (sync) ─► inbox (bounded) ─► keep ─► ledger.ingest
    ledger.release ─► speak ─► transport.publish
    neighbours ◄─► catch-up in both directions, on connecting and when gossip is quiet

Gossip is the fast path and may lose anything; what makes two logs agree is catch-up. Crash-only:
no task catches what it does not understand, so a fault of ours (a full disk, a closed log)
cancels the siblings and surfaces in `run`, and `p2p.node` restarts it. A stranger's bytes and a
neighbour's silence are not faults: they are counted and survived.

At privacy level 0 nothing leaves: what is heard is kept but not passed on, nothing is published,
and who asks gets an empty answer. The log promises the same by itself; here it is said again.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import trio

from p2p import wire
from p2p.admission import Buckets, admitted
from p2p.catchup import UNSAID, Answering, Asking, PageLike, Shared
from p2p.contacts import keep_in_touch
from p2p.options import NodeOptions
from p2p.stats import Stats, Wishes
from p2p.transport import PeerName, Transport
from p2p.visits import NEVER, Turn, Visits, go_round
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement
from web3rec.types import Verdict

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings these stubs; they hide trio.TaskStatus

MAX_SESSIONS: Final = 4
"""Catch-ups we run at once, and pages we read for others at once."""
SESSION_SECONDS: Final = 30.0
"""A catch-up takes no longer, whichever end we are."""
SILENCE_SECONDS: Final = 10.0
"""Longest wait for one frame."""
QUIET_SECONDS: Final = 2.0
"""Gossip that has moved nothing new for so long, to us or from us, is quiet."""
SETTLE_SECONDS: Final = 0.25
"""Least time between two looks at the outbox, so that a burst of commits costs one."""
GATHER_SECONDS: Final = 0.1
"""How long heard records wait for more, so that a burst costs few transactions and thread hops."""
INGEST_AT_ONCE: Final = 1_024
"""Records of one database transaction at most; more messages than that wait their turn."""
JUDGE_AT_ONCE: Final = 32
"""Signatures checked before other tasks get a turn."""
MAX_SESSIONS_A_VISIT: Final = 8
"""Sessions in a row with one peer, while it has more: 40,000 records, then others' turn."""


class Ledger(Protocol):
    """What the daemon needs of a device's records; `p2p.ledger` adapts the log to it."""

    @property
    def id(self) -> bytes:
        """16 bytes; cursors into this log mean nothing under another id."""
        ...

    @property
    def level(self) -> int:
        """The privacy ladder, 0 to 3."""
        ...

    def judge(self, data: bytes) -> Judgement:
        """Total, quick, without I/O."""
        ...

    async def ingest(self, signed: Sequence[Signed]) -> int:
        """Keep verified records in one transaction; how many were new."""
        ...

    async def release(self) -> tuple[bytes, ...]:
        """Envelopes of ours that are due now and never left before, retractions first."""
        ...

    async def since(self, cursor: int, limit: int) -> PageLike:
        """What anybody may have, behind a cursor, in an order that only grows at its end."""
        ...

    async def end(self) -> int:
        """A cursor with nothing behind it; between two cursors stand at most as many records as
        they differ by.
        """
        ...

    async def shared(self) -> Shared:
        """What `since` would give from 0 on, in short."""
        ...

    async def cursor(self, peer: PeerName) -> tuple[bytes, int]:
        """(log id, cursor) last reached at that peer; (b"", 0) if never."""
        ...

    async def save_cursor(self, peer: PeerName, log_id: bytes, cursor: int) -> None: ...

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, in this trio run, after each commit; returns what ends it."""
        ...


async def run(
    ledger: Ledger,
    transport: Transport,
    options: NodeOptions,
    stats: Stats,
    *,
    wishes: Wishes | None = None,
    task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Be a peer until cancelled; `task_status` fires once others can reach us.

    Raises what the transport raises when it cannot listen (AddressInUse, VersionMismatch), and
    whatever the ledger raises (in an ExceptionGroup): those are for the caller to judge.
    """
    daemon = _Daemon(ledger, transport, options, stats)
    try:
        async with transport.running(daemon.judge, daemon.answer):
            stats.addresses = transport.addresses
            task_status.started()
            await daemon.work(wishes or Wishes())
    finally:
        stats.peers, stats.addresses = (), ()


class _Daemon:
    """The tasks of one `run`; public methods are what the nursery and the transport call."""

    def __init__(
        self,
        ledger: Ledger,
        transport: Transport,
        options: NodeOptions,
        stats: Stats,
    ) -> None:
        self._ledger = ledger
        self._transport = transport
        self._options = options
        self._stats = stats
        rate, burst = options.records_per_second, options.records_burst
        self._brings: Buckets[PeerName] = Buckets(rate, burst)
        self._fetches: Buckets[PeerName] = Buckets(rate, burst)
        self._inbox, self._kept = trio.open_memory_channel[tuple[Signed, ...]](options.inbox)
        self._busy = NEVER  # when gossip last moved something new
        self._fence: int | None = None  # end of the log before what is being published
        self._answering: set[PeerName] = set()
        self._ask_slots = trio.CapacityLimiter(MAX_SESSIONS)
        self._read_slots = trio.CapacityLimiter(MAX_SESSIONS)

    async def work(self, wishes: Wishes) -> None:
        """All tasks, until cancelled or until one of them fails."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.keep)
            nursery.start_soon(self.speak)
            visits = Visits(self._options.catchup_interval)
            nursery.start_soon(go_round, visits, self.catch_up, self.quiet)
            await keep_in_touch(
                self._transport, self._options.bootstrap, visits, self._stats, wishes
            )

    # -- hearing ------------------------------------------------------------------------------

    def judge(self, peer: PeerName, data: bytes) -> Verdict:
        """The transport's validator: cheap checks first, never raises, never waits."""
        stats = self._stats
        stats.messages_received += 1
        envelopes = wire.unpack(data)
        if envelopes is None:
            return Verdict.REJECT
        stats.records_received += len(envelopes)
        if not self._brings.take(peer, len(envelopes), trio.current_time()):
            stats.messages_dropped += 1
            return Verdict.IGNORE
        admission = self._admitted(envelopes)
        if admission is None:
            return Verdict.REJECT
        keep, clean = admission
        if keep:
            self._busy = trio.current_time()
            try:
                self._inbox.send_nowait(keep)
            except trio.WouldBlock:  # catch-up will bring them again
                stats.messages_dropped += 1
        return Verdict.ACCEPT if clean and self._ledger.level > 0 else Verdict.IGNORE

    def _admitted(self, envelopes: Sequence[bytes]) -> tuple[tuple[Signed, ...], bool] | None:
        """(records to keep, may it be passed on), counted; None if an envelope is a forgery."""
        admission = admitted(map(self._ledger.judge, envelopes))
        if admission.verdict is Verdict.REJECT:
            self._stats.records_rejected += 1
            return None
        self._stats.records_verified += len(admission.keep)
        return admission.keep, admission.verdict is Verdict.ACCEPT

    async def keep(self) -> None:
        """Inbox to ledger, as many messages in one transaction as have gathered."""
        async for records in self._kept:
            gathered = list(records)
            await trio.sleep(GATHER_SECONDS)
            while len(gathered) < INGEST_AT_ONCE:
                try:
                    gathered.extend(self._kept.receive_nowait())
                except trio.WouldBlock:
                    break
            self._stats.records_stored += await self._ledger.ingest(gathered)
            self._busy = trio.current_time()

    def quiet(self) -> bool:
        """Whether gossip has brought nothing new, and we published nothing, for a while."""
        return trio.current_time() >= self._busy + QUIET_SECONDS

    # -- speaking -----------------------------------------------------------------------------

    async def speak(self) -> None:
        """Publish what is due: after a commit, or at the latest every `flush_interval`."""
        poke, poked = trio.open_memory_channel[None](1)

        def on_commit() -> None:
            try:
                poke.send_nowait(None)
            except trio.WouldBlock:
                return  # already poked, not yet looked

        unsubscribe = self._ledger.on_change(on_commit)
        try:
            while True:
                await self._publish()
                await trio.sleep(min(SETTLE_SECONDS, self._options.flush_interval))
                with trio.move_on_after(self._options.flush_interval):
                    await poked.receive()
        finally:
            unsubscribe()

    async def _publish(self) -> None:
        """One look at the outbox; with nobody connected it is left to catch-up to deliver.

        What is about to be published is not served to askers meanwhile: who had it already would
        not pass the message on, and those behind would miss it.
        """
        if self._ledger.level <= 0:
            return
        fence = await self._ledger.end()
        try:
            for batch in wire.split(await self._ledger.release(), self._options.batch_records):
                if self._ledger.level <= 0 or not self._transport.peers():
                    return
                self._fence, self._busy = fence, trio.current_time()
                await self._transport.publish(wire.pack(batch))
                self._stats.messages_sent += 1
                self._stats.records_sent += len(batch)
                await trio.sleep(self._options.publish_gap)
        finally:
            self._fence = None

    # -- catching up --------------------------------------------------------------------------

    async def answer(self, peer: PeerName, request: bytes) -> AsyncIterator[bytes]:
        """Serve one session; ends early when the peer has one already or fetched too much.

        No limit is held while a frame is under way: a neighbour who reads slowly costs us its
        own stream, never another's turn.
        """
        session = Answering.to(request, self._ledger.id)
        if session is None:
            self._stats.offence(peer)
            return
        if peer in self._answering:
            return
        self._answering.add(peer)
        try:
            deadline = trio.current_time() + SESSION_SECONDS
            same = await self._same(peer, session)
            yield same or session.header
            while session.need is not None and trio.current_time() < deadline:
                cursor, limit = session.need
                if self._fence is not None:
                    limit = min(limit, self._fence - cursor)
                if limit <= 0:
                    yield session.nothing()
                    return
                if not self._fetches.take(peer, limit, trio.current_time()):
                    return
                if self._ledger.level <= 0:
                    yield session.nothing()
                    return
                async with self._read_slots:
                    page = await self._ledger.since(cursor, limit)
                self._stats.records_sent += len(page.envelopes)
                yield session.frame(page)
        finally:
            self._answering.discard(peer)

    async def _same(self, peer: PeerName, session: Answering) -> bytes | None:
        """The answer to somebody who holds what we hold; a look costs as much as a batch."""
        if self._ledger.level <= 0 or not session.comparable:
            return None
        if not self._fetches.take(peer, wire.MAX_BATCH, trio.current_time()):
            return None
        async with self._read_slots:
            return session.same(await self._ledger.shared())

    async def catch_up(self, turn: Turn) -> bool:
        """Visit one peer: sessions until it has nothing more, fails, or had its share.

        True if it brought anything new.
        """
        brought = 0
        for _ in range(MAX_SESSIONS_A_VISIT):
            async with self._ask_slots:
                new, more = await self._session(turn)
            brought += new
            if not more:
                break
        return brought > 0

    async def _session(self, turn: Turn) -> tuple[int, bool]:
        """One session as the asking end: how many records were new; is it worth another.

        A session that brings only what we hold is left while gossip is busy, unless the visit
        is to be thorough: what is missing behind it is most likely under way.
        """
        peer, new = turn.peer, 0
        start = await self._ledger.cursor(peer)
        # At level 0 not even a digest leaves; the price is that records may come more than once.
        mine = await self._ledger.shared() if self._ledger.level > 0 else UNSAID
        session = Asking(*start, mine=mine)
        reached, well = start, False
        try:
            with trio.fail_after(SESSION_SECONDS):
                async with self._transport.ask(
                    peer, session.request, timeout=SILENCE_SECONDS
                ) as frames:
                    async for frame in frames:
                        envelopes = session.take(frame)
                        learned = None if envelopes is None else await self._learned(envelopes)
                        if learned is None:
                            self._stats.offence(peer)
                            break
                        reached = (session.log_id, session.cursor)
                        new += learned
                        well = session.done
                        if well:
                            self._stats.catchups += 1
                            break
                        if envelopes and not (learned or turn.thorough or self.quiet()):
                            break
        except (OSError, trio.TooSlowError):
            well = False  # gone, or too slow; what came until then is kept
        if reached != start:
            await self._ledger.save_cursor(peer, *reached)
        return new, well and session.more

    async def _learned(self, envelopes: tuple[bytes, ...]) -> int | None:
        """Judge and keep one batch, how much of it was new; None if it holds a forgery."""
        self._stats.records_received += len(envelopes)
        keep: list[Signed] = []
        for at in range(0, len(envelopes), JUDGE_AT_ONCE):
            admission = self._admitted(envelopes[at : at + JUDGE_AT_ONCE])
            if admission is None:
                return None
            keep.extend(admission[0])
            await trio.lowlevel.checkpoint()
        new = await self._ledger.ingest(keep) if keep else 0
        self._stats.records_stored += new
        return new
