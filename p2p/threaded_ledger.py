"""A device's log as the daemon needs it: the only place in this package that knows threads.

The log is synchronous, locked and on disk; the daemon is one trio task tree that must never wait
for a disk. So each call that may touch SQLite takes one hop to a worker thread, and news from
the log, which may come from any thread, hops back. Keeping the hops here keeps virtual time
possible everywhere else (a clock that jumps when all tasks wait cannot see a working thread).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import trio

from p2p.catchup import Shared
from p2p.transport import PeerName
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement

if TYPE_CHECKING:
    from web3rec.store import Log, Page

T = TypeVar("T")

READ_AT_ONCE: Final = 1_024
"""Records read from the log in one go while we look for its end."""


class ThreadedLedger:
    """Adapts `web3rec.store.log.Log` to `p2p.daemon.Ledger`. Make it inside the trio run."""

    def __init__(self, log: "Log") -> None:
        """The log stays its owner's: it is neither opened nor closed here."""
        self._log = log
        self._one_at_a_time = trio.CapacityLimiter(1)  # the log has one lock anyhow
        self._end = 0
        self._shared: Shared | None = None
        self._digested = (-1, -1)  # the generation and the end it was true for

    @property
    def id(self) -> bytes:
        return self._log.id

    @property
    def level(self) -> int:
        return self._log.level

    def judge(self, data: bytes) -> Judgement:
        """No thread, no SQL: a signature check at most (about .1 ms)."""
        return self._log.judge(data)

    async def ingest(self, signed: Sequence[Signed]) -> int:
        return await self._call(partial(self._log.ingest, signed))

    async def release(self) -> tuple[bytes, ...]:
        return await self._call(self._log.release)

    async def since(self, cursor: int, limit: int) -> "Page":
        return await self._call(partial(self._log.since, cursor, limit))

    async def end(self) -> int:
        """Cost: O(records since the last call)."""
        return await self._call(self._find_end)

    async def shared(self) -> Shared:
        """Cost: O(records) after a change (1 µs each), else that of an empty page."""
        return await self._call(self._summary)

    async def cursor(self, peer: PeerName) -> tuple[bytes, int]:
        return await self._call(partial(self._log.cursor, peer))

    async def save_cursor(self, peer: PeerName, log_id: bytes, cursor: int) -> None:
        await self._call(partial(self._log.save_cursor, peer, log_id, cursor))

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back inside this trio run after each commit, whichever thread made it.

        Several commits may be reported as one. Returns what ends the subscription; a report
        that was under way may still arrive after it.
        """
        token = trio.lowlevel.current_trio_token()

        def hop() -> None:
            try:
                token.run_sync_soon(callback, idempotent=True)
            except trio.RunFinishedError:
                return  # the node ended between two commits: nobody is left to tell

        return self._log.on_change(hop)

    def _summary(self) -> Shared:
        """In a worker thread. End before digest: what comes in between stands behind the end.

        A release moves the end, any other change the generation; what expires in the meantime
        makes the digest old, which costs a session but hides nothing.
        """
        generation, before = self._log.generation, self._digested
        end = self._find_end()
        if self._shared is None or (generation, end) != before:
            self._shared = Shared(*self._log.digest(), end)
            self._digested = generation, end
        return self._shared

    def _find_end(self) -> int:
        while (page := self._log.since(self._end, READ_AT_ONCE)).envelopes:
            self._end = page.cursor
        return self._end

    async def _call(self, work: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(work, limiter=self._one_at_a_time)
