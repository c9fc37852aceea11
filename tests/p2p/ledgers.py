"""A ledger without disk or threads, so that a daemon can live in virtual time; and its records."""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from p2p.holdings import ID_BYTES, Holdings
from web3rec.records import Judgement, Kind, Record, Signed, SigningKey, judge, seal
from web3rec.records.model import DAY
from web3rec.records.rules import Welcome, everybody
from web3rec.types import Millis, RecordId

TODAY = 20_000 * DAY
NOW = Millis((TODAY + 3600) * 1000)


def listens(author: str, count: int, first: int = 0) -> list[Signed]:
    """Listens of one author to `count` items, all different from those with another `first`."""
    key = SigningKey.from_seed(hashlib.sha256(author.encode()).digest())
    return [
        seal(
            Record(
                author=key.peer,
                n=first + i + 1,
                t=TODAY,
                x=TODAY + DAY,
                kind=Kind.LISTEN,
                item=hashlib.sha256(f"{author} {first + i}".encode()).digest()[:16],
            ),
            key,
        )
        for i in range(count)
    ]


def forged(signed: Signed) -> bytes:
    """The same envelope with one bit of its signature turned."""
    at = len(signed.envelope) - 54  # inside the 64 bytes of `s`, the last field
    return signed.envelope[:at] + bytes([signed.envelope[at] ^ 1]) + signed.envelope[at + 1 :]


class FakeLedger:
    """What `p2p.ledger.Ledger` promises, in memory, nothing ever expiring."""

    def __init__(self, name: str, *, level: int = 2) -> None:
        self.name = name
        self.level = level
        self.held: dict[RecordId, Signed] = {}
        self.ingested: list[RecordId] = []
        self._outbox: list[Signed] = []
        self._shared: dict[bytes, Signed] = {}
        self._callbacks: list[Callable[[], None]] = []

    def add(self, records: Iterable[Signed]) -> None:
        """Our own user did something."""
        for one in records:
            self.held[one.id] = one
            self._outbox.append(one)
        for callback in self._callbacks:
            callback()

    def judge(self, data: bytes, welcome: Welcome = everybody) -> Judgement:
        return judge(data, NOW, self.held.__contains__, welcome)

    async def ingest(self, signed: Sequence[Signed]) -> int:
        new = {one.id: one for one in signed if one.id not in self.held}
        self.held |= new
        self.ingested += new
        self._share(new.values())
        return len(new)

    async def release(self) -> tuple[bytes, ...]:
        if self.level == 0:
            return ()
        due = tuple(one.envelope for one in self._outbox)
        self._share(self._outbox)
        self._outbox.clear()
        return due

    async def holdings(self) -> Holdings:
        return Holdings.of({(one.record.x // DAY, i) for i, one in self._shared.items()})

    async def envelopes(self, ids: Sequence[bytes]) -> tuple[bytes, ...]:
        if self.level == 0:
            return ()
        found = [self._shared[i] for i in ids if i in self._shared]
        found.sort(key=lambda one: one.record.kind is not Kind.RETRACT)
        return tuple(one.envelope for one in found)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def _share(self, records: Iterable[Signed]) -> None:
        self._shared |= {one.id[:ID_BYTES]: one for one in records}
