"""A ledger without disk or threads, so that a daemon can live in virtual time; and its records."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from p2p.catchup import Shared
from p2p.transport import PeerName
from web3rec.records import Judgement, Kind, Record, Signed, SigningKey, judge, seal
from web3rec.records.model import DAY
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
    at = signed.envelope.rindex(b"\x58\x40") + 10  # inside the 64 bytes of `s`, the last field
    return signed.envelope[:at] + bytes([signed.envelope[at] ^ 1]) + signed.envelope[at + 1 :]


@dataclass(frozen=True, slots=True)
class FakePage:
    envelopes: tuple[bytes, ...]
    cursor: int
    more: bool


class FakeLedger:
    """What `web3rec.store.log.Log` promises, in memory, nothing ever expiring."""

    def __init__(self, name: str, *, level: int = 2) -> None:
        self.id = hashlib.sha256(name.encode()).digest()[:16]
        self.level = level
        self.held: dict[RecordId, Signed] = {}
        self.ingested: list[RecordId] = []
        self._outbox: list[Signed] = []
        self._shared: list[bytes] = []
        self._cursors: dict[PeerName, tuple[bytes, int]] = {}
        self._callbacks: list[Callable[[], None]] = []

    def add(self, records: Iterable[Signed]) -> None:
        """Our own user did something."""
        for one in records:
            self.held[one.id] = one
            self._outbox.append(one)
        for callback in self._callbacks:
            callback()

    def judge(self, data: bytes) -> Judgement:
        return judge(data, NOW, self.held.__contains__)

    async def ingest(self, signed: Sequence[Signed]) -> int:
        new = {one.id: one for one in signed if one.id not in self.held}
        self.held |= new
        self.ingested += new
        self._shared += [one.envelope for one in new.values()]
        return len(new)

    async def release(self) -> tuple[bytes, ...]:
        if self.level == 0:
            return ()
        due = tuple(one.envelope for one in self._outbox)
        self._outbox.clear()
        self._shared += due
        return due

    async def since(self, cursor: int, limit: int) -> FakePage:
        if self.level == 0:
            return FakePage((), cursor, more=False)
        page = tuple(self._shared[cursor : cursor + limit])
        end = cursor + len(page)
        return FakePage(page, end, more=end < len(self._shared))

    async def end(self) -> int:
        return len(self._shared)

    async def shared(self) -> Shared:
        together = hashlib.sha256(b"".join(sorted(self._shared)))
        return Shared(len(self._shared), together.digest(), len(self._shared))

    async def cursor(self, peer: PeerName) -> tuple[bytes, int]:
        return self._cursors.get(peer, (b"", 0))

    async def save_cursor(self, peer: PeerName, log_id: bytes, cursor: int) -> None:
        self._cursors[peer] = (log_id, cursor)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)
