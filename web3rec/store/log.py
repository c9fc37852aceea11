"""The log: every record this device holds, and the only state the rest is a function of.

The network calls `judge`, `ingest`, `release` and `since`; the recommender reads `interactions`,
`endorsements` and the catalogue. Thread-safe. Durable: a call that changes something has
committed when it returns.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from web3rec.clock import Clock, since_boot, system_clock
from web3rec.errors import Web3recError
from web3rec.params import QuotaParams
from web3rec.records import Flaw, Judgement, Signed, SigningKey, judge
from web3rec.records.rules import Welcome, everybody
from web3rec.store import catalogue, expiry, ladder, own, reading, sharing, withheld
from web3rec.store.clockwatch import ClockWatch, Monotonic
from web3rec.store.database import Database
from web3rec.store.erasing import Erasing
from web3rec.store.ingest import Placement, Source
from web3rec.store.keeping import Apportioned, Keeping
from web3rec.store.neighbours import Neighbours
from web3rec.store.own import Author, OwnAct
from web3rec.store.room import SALT_BYTES
from web3rec.store.sequence import draw_device
from web3rec.store.settings import save
from web3rec.store.verify import Found, look
from web3rec.types import Item, Millis, PeerId, Verdict

WINDOW: Final = 200
"""Records of one author kept, newest sequence first (docs/protocol.md)."""

T = TypeVar("T")


class Log(Erasing):
    """One device's records, on disk."""

    def __init__(
        self,
        directory: Path,
        key: SigningKey,
        clock: Clock,
        quotas: QuotaParams | None = None,
        *,
        read_only: bool = False,
        window: int = WINDOW,
        monotonic: Monotonic | None = None,
    ) -> None:
        """Open or create. Raises what `Database` raises.

        No author has more places than `window`; the quotas' other numbers bound what is stored
        until `apportion` says more. `monotonic` tells when the clock was set (see `clockwatch`):
        by default the machine's own does, for the machine's own clock; no other is doubted.

        `delays` below draws release delays; it is set by the recommender, which owns chance.
        """
        super().__init__(Database(directory, read_only=read_only), key.peer, clock)
        self.neighbours = Neighbours(self._db)
        self._key = key
        self._listeners: dict[object, Callable[[], None]] = {}
        self._depth, self._dirty, self._residue = 0, False, False
        self._generation, self._foreign, self._hidden = 0, 0, 0
        self._held: set[bytes] = set()
        self.delays: Callable[[int], tuple[Millis, ...]] = lambda _count: ()
        try:
            salt = self._once("salt", SALT_BYTES)
            self._kept = Keeping(self._db, key.peer, window, quotas or QuotaParams(), salt)
            self._secret, self._window = salt, window
            self._device = draw_device(reading.whole(reading.setting(self._db, "last_n"), 0))
            self._remember()
            if monotonic is None and clock is system_clock:
                monotonic = since_boot
            self._watch = ClockWatch(clock, monotonic, expiry.surely_past(self._db))
        except BaseException:
            self.close()
            raise

    # -- what the network calls ------------------------------------------------------------

    def judge(self, data: bytes, welcome: Welcome = everybody) -> Judgement:
        """What to do with a stranger's bytes; never raises, asks no database. See `rules.judge`."""
        found = judge(data, self._clock(), self._is_known, welcome)
        if found.signed and self._floor.covers(found.signed.record):
            return Judgement(Verdict.IGNORE, None, Flaw.EXPIRED, "before the clock was set back")
        return found

    def ingest(self, signed: Sequence[Signed], *, source: Source = Source.PEER) -> int:
        """Merge verified records, one transaction; returns how many are new and live.

        What expired since it was judged is left out.
        """
        placement = Placement(source, touched=0, level=int(source is Source.HOSTED), due=0)
        with self._write() as sql:
            now = self._clock() // 1000
            timely = [s for s in signed if s.record.x > now and not self._floor.covers(s.record)]
            merged = self._kept.take(sql, timely, placement, now)
            if merged.held or merged.dropped:
                self._held |= merged.held
                self._held -= merged.dropped
                self._changed()
        return merged.stored

    def apportion(
        self,
        quotas: Mapping[PeerId, int],
        pool: int,
        *,
        private: bool = False,
        basis: bytes = b"",
    ) -> Apportioned:
        """Give the store's room out anew, in one transaction; who gets less is cut at once.

        Args:
            quotas: how many places each of these has, 1 to the window; all others are strangers.
            pool: places of all strangers together, >= 0. See `room`.
            private: whether that tells what only this device knows. Then nothing of the log is
                shown to others above level 0 until it is given out anew, and nothing is asked for
                again, however much room there is now.
            basis: what the quotas were made of, in any form; `apportioned_by` tells it.

        Whoever has more room than before is offered again what was declined of it.

        Raises:
            ParamError: a quota or the pool is out of its range.
        """
        with self._write() as sql:
            now = self._clock() // 1000
            done, gone = self._kept.apportion(sql, quotas, pool, now, private=private)
            save(sql, "apportioned_by", basis)
            if gone:
                self._held -= gone
                self._changed()
        return done

    def release(self) -> tuple[bytes, ...]:
        """Own and hosted records that may leave now; marks them so. See `sharing.release`."""
        released = sharing.release(self._db, self.level, self._clock())
        if released:
            with self._db.lock:
                self._kept.drop_seen()
        return released

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each commit, on whichever thread made it; returns the way out."""
        token = object()
        self._listeners[token] = callback

        def leave() -> None:
            self._listeners.pop(token, None)

        return leave

    # -- what the ego does -----------------------------------------------------------------

    def write_acts(self, acts: Sequence[OwnAct]) -> int:
        """Store the ego's acts, one transaction; returns how many became records."""
        with self._write() as sql:
            made = own.write_acts(sql, acts, self._author(len(acts)), self._clock())
            self._held |= {signed.id for signed in made}
            self._changed()
        return len(made)

    def write_trust(self, peer: PeerId, weight: int, name: str) -> None:
        """State trust in a peer (1..8 eighths) and what the ego calls it."""
        with self._write() as sql:
            signed = own.write_trust(sql, peer, weight, self._author(1), self._clock())
            if name:
                sql.execute(
                    "INSERT INTO peers (peer, name, blocked) VALUES (?, ?, 0) "
                    "ON CONFLICT (peer) DO UPDATE SET name = excluded.name",
                    (peer, name),
                )
            self._held.add(signed.id)
            self._changed()

    def block(self, peer: PeerId, *, blocked: bool) -> None:
        """Remember, here only, that a peer shall not be heard (or again be heard)."""
        with self._write() as sql:
            sql.executemany(
                "INSERT INTO peers (peer, name, blocked) VALUES (?, '', ?) "
                "ON CONFLICT (peer) DO UPDATE SET blocked = excluded.blocked",
                [(key, int(blocked)) for key in (self.keys_of(peer) if not blocked else (peer,))],
            )
            self._changed()

    def add_items(self, items: Iterable[Item]) -> int:
        """Describe items for this app; never shared."""
        with self._write() as sql:
            count = catalogue.add_items(sql, items)
            withheld.keep_tagged(sql, self._key.peer)
            self._catalogue = None
            self._changed()
        return count

    def change(self, wish: Callable[[sqlite3.Connection, Author, Millis], T]) -> T:
        """A wish of the ego's that this file knows nothing of; one transaction."""
        with self._write() as sql:
            done = wish(sql, self._author(0), self._clock())
            self._remember()
            self._changed()
        return done

    # -- settings and life -------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """Rises with every change of what the log holds, made here or, if read-only, elsewhere."""
        with self._db.lock:
            if self.read_only and (foreign := self._db.foreign_changes()) != self._foreign:
                self._foreign = foreign
                self._generation += 1
            return self._generation

    @property
    def level(self) -> int:
        """The privacy ladder's present level, 0..3. Asks the database only if read-only."""
        return self._stored_level() if self.read_only else self._level

    @level.setter
    def level(self, level: int) -> None:
        with self._write() as sql:
            save(sql, "level", ladder.checked(level))
            self._level = level
            self._changed()

    @property
    def private(self) -> bool:
        """Whether what the ego does now stays here for good; asks as `level` does."""
        return self._hidden > 0 or (self._stored_private() if self.read_only else self._private)

    @private.setter
    def private(self, private: bool) -> None:
        with self._write() as sql:
            save(sql, "private", int(private))
            self._private = private
            self._changed()

    @contextmanager
    def privately(self) -> Iterator[None]:
        """A private session for as long as the block lasts, in this process, on every thread."""
        with self._db.lock:
            self._hidden += 1
        try:
            yield
        finally:
            with self._db.lock:
                self._hidden -= 1

    def expire(self) -> int:
        """Erase others' records past their expiry; the ego's own stay. Returns how many.

        None while the clock is in doubt: see `clockwatch`.
        """
        if self.read_only or not self.clock_is_steady or not self.lapsed():
            return 0
        with self._write() as sql:
            gone, authors = expiry.erase_lapsed(sql, self._clock() // 1000)
            self._kept.lapse(sql, self._clock() // 1000, authors)
            self._remember()
            self._changed()
        return gone

    @property
    def clock_is_steady(self) -> bool:
        """False from when the clock was set until it is believed again; nothing expires then."""
        with self._db.lock:
            return self._watch.is_steady()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several writes as one transaction: all of them, or, if the block raises, none."""
        with self._write():
            yield

    def checked(self) -> Found:
        """Is every row what it must be, but for its signature? See `verify.look`."""
        return look(
            self._db,
            self._me,
            self._window,
            deep=True,
            told=lambda _done, _total: None,
            signatures=False,
        )

    def remembered(self) -> dict[str, tuple[bool, int]]:
        """What is kept in memory -> whether a fresh reading of the file says the same; how much.

        A reader keeps nothing for long: it only counts. Cost: O(what is held).
        """
        with self._db.reading():
            ids, level = reading.ids(self._db), (self._stored_level(), self._stored_private())
            items = catalogue.all_items(self._db)
            now = self._clock() // 1000
            if self.read_only:
                return {"ids": (True, len(ids)), "catalogue": (True, len(items))}
            cached = items if self._catalogue is None else self._catalogue
            found = {
                "ids": (self._held == ids, len(ids)),
                "catalogue": (cached == items, len(items)),
                "settings": ((self._level, self._private) == level, 2),
                "expired": (self._floor == expiry.floor(self._db), 1),
            }
            return found | self._kept.remembered(now)

    def close(self) -> None:
        self._db.close()

    # -- inside ------------------------------------------------------------------------------

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; what is kept in memory follows it, and news go out after the outermost.

        They go out without the lock, so that a listener may wait for another thread.
        """
        with self._db.lock:
            self._depth += 1
            try:
                with self._db.writing() as sql:
                    yield sql
            except BaseException:
                self._kept.drop()
                if self._dirty:
                    with suppress(Web3recError):  # the error that matters is under way
                        self._remember()
                    self._generation += 1
                raise
            finally:
                self._depth -= 1
                outermost = self._depth == 0
                news = outermost and self._dirty
                self._dirty = self._dirty and not outermost
        try:
            if outermost and self._residue:
                self._residue = not self._db.scrub()
        finally:
            for listener in tuple(self._listeners.values()) if news else ():
                listener()

    def _changed(self) -> None:
        self._dirty = True
        self._generation += 1

    def _author(self, count: int) -> Author:
        made_at = 0 if self.private else self.level
        return Author(self._key, made_at, self._device, self.delays(count))

    def _remember(self) -> None:
        """Bring what is kept in memory in line with the database."""
        self._held = reading.ids(self._db)
        self._kept.renew()
        self._level, self._private = self._stored_level(), self._stored_private()
        self._floor = expiry.floor(self._db)
        self._catalogue = None

    def _stored_private(self) -> bool:
        return reading.whole(reading.setting(self._db, "private"), 0) != 0

    def _is_known(self, id_: bytes) -> bool:
        """Whether a record came before, held or declined."""
        return id_ in self._held or self._kept.has_declined(id_)

    def _once(self, name: str, length: int) -> bytes:
        """Random bytes that are drawn when the database is born."""
        found = reading.setting(self._db, name)
        if isinstance(found, bytes) and len(found) == length:
            return found
        fresh = secrets.token_bytes(length)
        if not self.read_only:
            with self._db.writing() as sql:
                save(sql, name, fresh)
        return fresh
