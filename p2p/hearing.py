"""What neighbours gossip: judged at once, kept as soon as the disk has time.

    transport ─► judge (sync, never waits) ─► inbox (bounded) ─► keep ─► ledger.ingest

At privacy level 0 what is heard is kept but not passed on: nothing leaves.
"""

from collections.abc import Callable
from typing import Final

import trio

from p2p.admission import Doorkeeper
from p2p.ledger import Ledger
from p2p.quiet import Quiet
from p2p.stats import Stats
from p2p.transport import PeerName
from web3rec.records.model import Signed
from web3rec.types import Verdict

GATHER_SECONDS: Final = 0.1
"""How long heard records wait for more, so that a burst costs few transactions and thread hops."""
INGEST_AT_ONCE: Final = 1_024
"""Records of one database transaction at most; more messages than that wait their turn."""


class Hearing:
    """The judge the transport calls, and the task `keep` behind it."""

    def __init__(
        self,
        ledger: Ledger,
        door: Doorkeeper,
        inbox: int,
        stats: Stats,
        quiet: Quiet,
        shun: Callable[[PeerName], None],
    ) -> None:
        """`inbox`: messages that may wait; `shun` is called with who has just been banned."""
        self._ledger, self._door, self._stats, self._quiet = ledger, door, stats, quiet
        self._shun = shun
        self._inbox, self._kept = trio.open_memory_channel[tuple[Signed, ...]](inbox)

    def judge(self, peer: PeerName, data: bytes) -> Verdict:
        """The transport's validator: cheap checks first, never raises, never waits."""
        stats, now = self._stats, trio.current_time()
        stats.messages_received += 1
        found = self._door.hear(peer, data, now)
        stats.records_received += found.records
        stats.records_verified += len(found.keep)
        if found.banned:
            self._shun(peer)
        if found.verdict is Verdict.REJECT:
            stats.records_rejected += bool(found.records)
        elif found.busy and found.busy == found.records:
            stats.messages_dropped += 1
        if found.keep:
            self._quiet.moved()
            try:
                self._inbox.send_nowait(found.keep)
            except trio.WouldBlock:  # sync will bring them again
                stats.messages_dropped += 1
        if found.verdict is Verdict.ACCEPT and self._ledger.level <= 0:
            return Verdict.IGNORE
        return found.verdict

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
            self._quiet.moved()
