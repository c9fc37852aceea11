"""A device's log as the network needs it: the only place in this package that knows its threads.

The log is synchronous, locked and on disk; the daemon is one trio task tree that must never wait
for a disk. So each call that may touch SQLite takes one hop to a worker thread, and news from
the log, which may come from any thread, hops back. Keeping the hops here keeps virtual time
possible everywhere else (a clock that jumps when all tasks wait cannot see a working thread).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import trio

from p2p.holdings import Holdings
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement
from web3rec.types import PeerId

if TYPE_CHECKING:
    from web3rec.store import Log

T = TypeVar("T")


class ThreadedLedger:
    """Adapts `web3rec.store.log.Log` to `p2p.ledger.Ledger`. Make it inside the trio run."""

    def __init__(self, log: "Log") -> None:
        """The log stays its owner's: it is neither opened nor closed here."""
        self._log = log
        self._one_at_a_time = trio.CapacityLimiter(1)  # the log has one lock anyhow
        self._holdings: tuple[int, Holdings] | None = None

    @property
    def level(self) -> int:
        return self._log.level

    def judge(self, data: bytes, welcome: Callable[[PeerId], bool]) -> Judgement:
        """No thread, no SQL: a signature check at most (about .1 ms)."""
        return self._log.judge(data, welcome)

    async def ingest(self, signed: Sequence[Signed]) -> int:
        return await self.call(partial(self._log.ingest, signed))

    async def release(self) -> tuple[bytes, ...]:
        return await self.call(self._log.release)

    async def holdings(self) -> Holdings:
        """Cost: that of `Log.known`; where nothing changed, next to nothing."""
        return await self.call(self._compared)

    async def envelopes(self, ids: Sequence[bytes]) -> tuple[bytes, ...]:
        return await self.call(partial(self._log.envelopes, ids))

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

    async def call(self, work: Callable[[], T]) -> T:
        """Do something with the log off the loop, in turn with everything else."""
        return await trio.to_thread.run_sync(work, limiter=self._one_at_a_time)

    def _compared(self) -> Holdings:
        """In a worker thread."""
        known = self._log.known()
        if self._holdings is None or self._holdings[0] != known.generation:
            self._holdings = known.generation, Holdings(known.days, known.ids)
        return self._holdings[1]
