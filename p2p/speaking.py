"""What we have to say goes out as gossip, as far as neighbours will listen; sync carries the rest.

At privacy level 0 nothing leaves. The log promises the same by itself; here it is said again.
"""

from collections.abc import Callable, Sequence
from typing import Final

import trio

from p2p import wire
from p2p.buckets import Buckets
from p2p.ledger import Ledger
from p2p.options import NodeOptions
from p2p.quiet import Quiet
from p2p.stats import Stats
from p2p.transport import Transport
from web3rec.records.envelope import record_id, unwrap

SETTLE_SECONDS: Final = 0.25
"""Least time between two looks at the outbox, so that a burst of commits costs one."""
HEARD_SECONDS: Final = 1.0
"""After so long, neighbours have kept what was gossiped and need not be sent it again."""
ID_BYTES: Final = 16
"""Of a record's id, as sync names it."""
_US: Final = "us"


class Speaking:
    """Publishes what is due; the task is `speak`."""

    def __init__(
        self,
        ledger: Ledger,
        transport: Transport,
        options: NodeOptions,
        stats: Stats,
        quiet: Quiet,
        left_over: Callable[[], None],
    ) -> None:
        """`left_over` is called when something was released that gossip did not carry."""
        self.under_way: frozenset[bytes] = frozenset()
        """Ids (16 bytes) of what is being published now. It is not to be shown in a sync: who
        had it already would not pass the message on, and those behind would miss it."""
        self.gate = trio.Lock()
        """Held while records are released but not yet in `under_way`."""
        self._ledger = ledger
        self._transport = transport
        self._options = options
        self._stats = stats
        self._quiet = quiet
        self._left_over = left_over
        # What neighbours will take from us; a message beyond it would be dropped there.
        self._pace: Buckets[str] = Buckets(options.records_per_second, options.records_burst)

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
        """One look at the outbox; with nobody connected it is left to sync to deliver."""
        if self._ledger.level <= 0:
            return
        try:
            async with self.gate:
                released = await self._ledger.release()
                batches = self._fitting(released)
                self.under_way = frozenset(_short_id(e) for batch in batches for e in batch)
            sent = 0
            for batch in batches:
                if self._ledger.level <= 0 or not self._transport.peers():
                    break
                self._quiet.moved()
                await self._transport.publish(wire.pack(batch))
                self._stats.messages_sent += 1
                self._stats.records_sent += len(batch)
                sent += len(batch)
                await trio.sleep(self._options.publish_gap)
        finally:
            self.under_way = frozenset()
        if sent < len(released):
            await trio.sleep(HEARD_SECONDS if sent else 0)
            self._left_over()

    def _fitting(self, released: Sequence[bytes]) -> list[Sequence[bytes]]:
        """As many messages, from the front, as neighbours will take from us now."""
        fitting: list[Sequence[bytes]] = []
        if not self._transport.peers():
            return fitting
        for batch in wire.split(released, self._options.batch_records):
            if not self._pace.take(_US, len(batch), trio.current_time()):
                break
            fitting.append(batch)
        return fitting


def _short_id(envelope: bytes) -> bytes:
    parts = unwrap(envelope)
    return record_id(parts[0])[:ID_BYTES] if parts else b""
