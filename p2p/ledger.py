"""What the network needs of a device's records; `p2p.threaded_ledger` adapts the log to it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from p2p.holdings import Holdings
from web3rec.records.model import Signed
from web3rec.records.rules import Judgement
from web3rec.types import PeerId


class Ledger(Protocol):
    """A device's records; methods that may wait for a disk are async."""

    @property
    def level(self) -> int:
        """The privacy ladder, 0 to 3."""
        ...

    def judge(self, data: bytes, welcome: Callable[[PeerId], bool]) -> Judgement:
        """Total, quick, without I/O; `welcome` is asked about the author before the signature."""
        ...

    async def ingest(self, signed: Sequence[Signed]) -> int:
        """Keep verified records in one transaction; how many were new."""
        ...

    async def release(self) -> tuple[bytes, ...]:
        """Envelopes of ours that are due now and never left before, retractions first."""
        ...

    async def holdings(self) -> Holdings:
        """Everything seen from the network, or released to it, that lives beyond today."""
        ...

    async def envelopes(self, ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """Those of these records (16-byte ids) that anybody may have now, retractions first."""
        ...

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, in this trio run, after each commit; returns what ends it."""
        ...
