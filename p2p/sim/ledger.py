"""A device's records without a disk: what `p2p.ledger.Ledger` promises, by the real merge rule.

Held are the records of authors the device trusts, up to a window each, and a few of strangers';
what is not kept for lack of room is remembered by id, so that nobody offers it again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from p2p.holdings import Holdings
from p2p.sim.notary import Notary
from web3rec.records import Entry, Judgement, Kind, Signed, settle
from web3rec.records.model import DAY
from web3rec.records.rules import Welcome
from web3rec.types import Millis, PeerId, RecordId

ID_BYTES: Final = 16
"""Of a record's id, as sync names it."""
WINDOW: Final = 200
"""Records kept of one author; as in the store."""
POOL: Final = 512
"""Records of strangers kept in all. A guess; the store has its own."""
MAX_DECLINED: Final = 8_192

Held = Callable[[Signed], None]


class SimLedger:
    """One device's records in memory."""

    def __init__(
        self,
        notary: Notary,
        clock: Callable[[], Millis],
        trusted: Callable[[PeerId], bool],
        *,
        on_held: Held,
        on_said: Held,
        level: int = 2,
        pool: int = POOL,
    ) -> None:
        """`trusted`: whose records count against no pool; `on_held` hears of each new
        one of theirs, `on_said` of each own one when it is released.
        """
        self.level = level
        self.held: dict[RecordId, Signed] = {}
        self.declined: dict[RecordId, int] = {}
        """Not kept for lack of room -> expiry."""
        self.pool = pool
        self._notary = notary
        self._clock = clock
        self._trusted = trusted
        self._on_held = on_held
        self._on_said = on_said
        self._outbox: list[Signed] = []
        self._shared: dict[bytes, Signed] = {}
        self._dead: dict[RecordId, tuple[PeerId, int, int]] = {}  # author, n, expiry
        self._authors: dict[PeerId, dict[RecordId, None]] = {}
        self._strangers = 0
        self._callbacks: list[Callable[[], None]] = []
        self._holdings: Holdings | None = None

    # -- the owner ------------------------------------------------------------------------------

    def add(self, records: Iterable[Signed]) -> None:
        """Our own user did something."""
        for signed in records:
            self._keep(signed)
            self._outbox.append(signed)
        for callback in list(self._callbacks):
            callback()

    # -- the network ----------------------------------------------------------------------------

    def judge(self, data: bytes, welcome: Welcome) -> Judgement:
        """See `Ledger.judge`."""
        return self._notary.judge(data, self._clock(), self._knows, welcome)

    async def ingest(self, signed: Sequence[Signed]) -> int:
        """See `Ledger.ingest`."""
        new = 0
        for one in signed:
            if not self._knows(one.id):
                new += self._arrived(one)
        self._holdings = None
        return new

    async def release(self) -> tuple[bytes, ...]:
        """See `Ledger.release`; everything is due at once."""
        if self.level == 0:
            return ()
        due = sorted(self._outbox, key=lambda s: s.record.kind is not Kind.RETRACT)
        self._outbox.clear()
        due = [s for s in due if s.id in self.held]
        for signed in due:
            self._shared[signed.id[:ID_BYTES]] = signed
            self._on_said(signed)
        self._holdings = None
        return tuple(s.envelope for s in due)

    async def holdings(self) -> Holdings:
        """See `Ledger.holdings`."""
        if self._holdings is None:
            today = self._clock() // 1_000 // DAY
            known = [(s.record.x, s.id) for s in self._shared.values()]
            known += [(x, id_) for id_, (_, _, x) in self._dead.items()]
            known += [(x, id_) for id_, x in self.declined.items()]
            live = sorted({(x // DAY, id_[:ID_BYTES]) for x, id_ in known if x // DAY > today})
            self._holdings = Holdings(
                np.array([day for day, _ in live], dtype=np.uint32), b"".join(i for _, i in live)
            )
        return self._holdings

    async def envelopes(self, ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """See `Ledger.envelopes`."""
        if self.level == 0:
            return ()
        found = [self._shared[i] for i in ids if i in self._shared]
        found.sort(key=lambda s: s.record.kind is not Kind.RETRACT)
        return tuple(s.envelope for s in found)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See `Ledger.on_change`."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    # -- parts ----------------------------------------------------------------------------------

    @property
    def strangers(self) -> int:
        """Records held of authors we do not trust; never above the pool."""
        return self._strangers

    def _knows(self, id_: RecordId) -> bool:
        return id_ in self.held or id_ in self._dead or id_ in self.declined

    def _arrived(self, signed: Signed) -> bool:
        trusted = self._trusted(signed.record.author)
        if not trusted and self._strangers >= self.pool:
            if len(self.declined) >= MAX_DECLINED:
                del self.declined[next(iter(self.declined))]
            self.declined[signed.id] = signed.record.x
            return False
        self._strangers += not trusted
        self._shared[signed.id[:ID_BYTES]] = signed
        self._keep(signed)
        self._on_held(signed)
        return True

    def _keep(self, signed: Signed) -> None:
        """Take it in and settle its author anew."""
        author = signed.record.author
        ids = self._authors.setdefault(author, {})
        ids[signed.id] = None
        self.held[signed.id] = signed
        entries = [
            Entry.of(self.held[i]) if i in self.held else Entry.tombstone(i, self._dead[i][1])
            for i in ids
        ]
        settled = settle(entries, WINDOW)
        for id_ in sorted(settled.dead):
            public = id_[:ID_BYTES] in self._shared or id_ in self._dead
            gone = self._drop(id_)
            if not public:
                ids.pop(id_, None)  # it never left: nothing of it is told
            elif gone is not None:
                self._dead[id_] = (author, gone.record.n, gone.record.x)
        for id_ in sorted(settled.evicted):
            self._drop(id_)
            self._dead.pop(id_, None)
            ids.pop(id_, None)
        self._holdings = None

    def _drop(self, id_: RecordId) -> Signed | None:
        gone = self.held.pop(id_, None)
        self._shared.pop(id_[:ID_BYTES], None)
        if gone is not None:
            self._strangers -= not self._trusted(gone.record.author)
        return gone
