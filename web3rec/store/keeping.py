"""What the log keeps of others, within its room: every way in and out of it goes through here.

    arrivals ─► seats of the pool ─► merge rule, as wide as each author's places ─► records
                    │ who lost a seat             │ what found no place
                    └─────────► let go ───────────┴─────────► declined: ids, not to be sent again

What is kept of others is a function of the set of records that came, of the quotas and of the
salt, in whatever order they came; quotas are given by `apportion`. What is seen, kept or not, is
remembered (`known`), so that quotas do not show in what this device asks others for.
"""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from web3rec.clock import DAY_S
from web3rec.params import QuotaParams
from web3rec.records import Signed
from web3rec.store import declined, letting_go, reading, settings
from web3rec.store.database import Database
from web3rec.store.ingest import Merged, Placement, Source, merge, resettle
from web3rec.store.known import Known, Seen
from web3rec.store.letting_go import trim
from web3rec.store.room import Room, rank, tag_of
from web3rec.types import PeerId, RecordId


@dataclass(frozen=True, slots=True)
class Apportioned:
    """What became of the store when the room was given out anew."""

    people: int
    """Authors with a quota of their own"""
    strangers: int
    """Authors in the pool"""
    share: int
    """Places of each of these"""
    let_go: int
    """Records that were let go"""


class Keeping:
    """The store's room, in memory and on disk. Not thread-safe: whoever holds it locks."""

    def __init__(
        self, db: Database, me: PeerId, window: int, params: QuotaParams, salt: bytes
    ) -> None:
        """Nothing is read yet.

        Args:
            db: the log.
            me: the ego.
            window: its places; nobody has more.
            params: everybody else's.
            salt: `room.SALT_BYTES` random bytes of this device.
        """
        self._db, self._me, self._salt, self._window = db, me, salt, window
        most, least = min(params.most, window), min(params.least, window)
        self._params = replace(params, most=most, least=least)
        self._seen = Seen(salt)
        self._declined = declined.Declined(db)
        self._room: Room | None = None
        self._excess: set[PeerId] = set()  # held, but nobody has room for it any more

    def drop(self) -> None:
        """Keep nothing in memory: the database may say something else now."""
        self._seen.drop()
        self._declined.drop()
        self._room = None

    def renew(self) -> None:
        """Bring what is asked without the database in line with it."""
        self.drop()
        self._declined.renew()

    def drop_seen(self) -> None:
        """The ego's own records left, or came to be known in another way than by `take`."""
        self._seen.drop()

    def known(self, now: int) -> Known:
        """See `known.Seen.known`; `now` in unix seconds."""
        return self._seen.known(self._db, now // DAY_S)

    def has_declined(self, id_: bytes) -> bool:
        """Whether a record came and was not kept."""
        return self._declined.has(id_)

    def remembered(self, now: int) -> dict[str, tuple[bool, int]]:
        """What is kept in memory -> whether a fresh reading says the same, and how much it is."""
        here, fresh = self.known(now), Seen(self._salt).known(self._db, now // DAY_S)
        same = here.ids == fresh.ids and here.days.tobytes() == fresh.days.tobytes()
        other = declined.Declined(self._db)
        self._declined.renew()
        other.renew()
        return {
            "seen": (same, len(fresh)),
            "declined": (self._declined.heads() == other.heads(), len(other)),
        }

    @property
    def is_private(self) -> bool:
        """Whether the quotas depend on what only this device knows; then nothing kept may show."""
        return bool(reading.setting(self._db, "private_quotas"))

    def places(self, author: PeerId) -> int:
        """How many places an author has."""
        return self._now().places(author)

    # -- inside a transaction ------------------------------------------------------------------

    def take(
        self, sql: sqlite3.Connection, signed: Sequence[Signed], placement: Placement, now: int
    ) -> Merged:
        """Merge verified, timely records as far as there is room. `now` in unix seconds.

        Cost: that of `merge`, and about 10 µs an author.
        """
        room = self._now()
        self._declined.renew()
        if placement.source is Source.PEER:
            signed = [one for one in signed if not self._is_forgotten(sql, one.id)]
        authors = {one.record.author for one in signed}
        gone = self._make_up(sql, room)
        new: frozenset[PeerId] = frozenset()
        if placement.source is Source.HOSTED:
            self._host(sql, room, authors)
        else:
            seating = room.meet(authors)
            new = seating.new
            for author in seating.out:
                gone |= trim(sql, author, 0)
            if seating.narrowed:
                gone |= self._narrow(sql, room)
        merged = merge(sql, signed, placement, me=self._me, places=room.places)
        merged.dropped |= gone
        self._declined.add(merged.dropped)
        room.leave(new - {one.record.author for one in signed if one.id in merged.held})
        if placement.source is Source.PEER:
            seen = [one for one in signed if one.id not in merged.waiting]
            self._note(sql, [one for one in seen if one.id not in merged.held])
            self._seen.add((one.record.x, one.id) for one in seen)
            if taken := [i for i in merged.held if self._declined.has(i)]:
                declined.take_in(sql, taken)
                self._declined.drop()
            self._bound(sql, now)
        return merged

    def apportion(
        self,
        sql: sqlite3.Connection,
        quotas: Mapping[PeerId, int],
        pool: int,
        now: int,
        *,
        private: bool,
    ) -> tuple[Apportioned, set[RecordId]]:
        """Give the room out anew; returns what became of it, and the ids that were let go.

        Args:
            sql: an open transaction.
            quotas: places of everybody who is no stranger.
            pool: places of all strangers.
            now: unix seconds.
            private: whether that depends on what only this device knows. Then nothing that was
                declined is asked for again, since that would tell.

        Cost: O(held authors), and that of `trim` for whoever gets less.
        """
        before, was_private = self._now(), self.is_private
        had = {PeerId(author) for (author,) in sql.execute("SELECT author FROM quotas")}
        for name, value in (("pool", pool), ("private_quotas", int(private))):
            settings.save(sql, name, value)
        sql.execute("DELETE FROM quotas")
        sql.executemany("INSERT INTO quotas (author, quota) VALUES (?, ?)", quotas.items())
        room = self._room = self._read(quotas, pool)
        gone = self._make_up(sql, room)
        if not private:
            risen = {
                author
                for author in had.union(quotas)
                if was_private or room.room_for(author) > before.places(author)
            }
            self._ask_again(sql, before, room, {tag_of(a) for a in risen}, set(map(tag_of, quotas)))
        self._declined.drop()
        self._seen.drop()
        self._bound(sql, now)
        self._declined.renew()
        return Apportioned(len(quotas), room.strangers, room.share, len(gone)), gone

    def lapse(self, sql: sqlite3.Connection, now: int, authors: Collection[bytes]) -> None:
        """After expiry: forget what is over, and judge anew who is quarantined (unix seconds)."""
        sql.execute("DELETE FROM declined WHERE x <= ?", (now,))
        freed = letting_go.lapse(sql, now)
        for author in {*map(PeerId, authors), *freed}:
            resettle(sql, author, self._now().places(author))
        self.drop()

    # -- inside -----------------------------------------------------------------------------------

    def _now(self) -> Room:
        if self._room is None:
            quotas = self._db.rows("SELECT author, quota FROM quotas")
            pool = reading.whole(reading.setting(self._db, "pool"), self._params.pool)
            most = self._params.most
            self._room = self._read({PeerId(a): min(q, most) for a, q in quotas}, pool)
        return self._room

    def _read(self, quotas: Mapping[PeerId, int], pool: int) -> Room:
        """The room for what is held, by these quotas; notes who has more than its places."""
        hosted = self._db.rows("SELECT author FROM hosted")
        guests = {self._me, *(PeerId(author) for (author,) in hosted)}
        room = Room(
            window=self._window,
            most=self._params.most,
            least=self._params.least,
            pool=pool,
            salt=self._salt,
            quotas=quotas,
            guests=guests,
        )
        held = self._held()
        room.meet(held)
        self._excess = {a for a, count in held.items() if count > room.places(a)} - guests
        return room

    def _held(self) -> dict[PeerId, int]:
        """How many ids of each author are held."""
        counts: dict[PeerId, int] = {}
        for table in ("records", "tombstones"):
            query = f"SELECT author, count(*) FROM {table} GROUP BY author"  # noqa: S608 - constants
            for author, count in self._db.rows(query):
                counts[PeerId(author)] = counts.get(PeerId(author), 0) + count
        return counts

    def _make_up(self, sql: sqlite3.Connection, room: Room) -> set[RecordId]:
        """Let go of what there is no room for since the room was given out."""
        gone: set[RecordId] = set()
        while self._excess:
            author = self._excess.pop()
            gone |= trim(sql, author, room.places(author))
        return gone

    def _narrow(self, sql: sqlite3.Connection, room: Room) -> set[RecordId]:
        """The strangers' share fell: let go of what is beyond it."""
        gone: set[RecordId] = set()
        for author, count in self._held().items():
            if not room.is_guest(author) and count > (places := room.places(author)):
                gone |= trim(sql, author, places, crowded=True)
        return gone

    def _host(self, sql: sqlite3.Connection, room: Room, authors: Collection[PeerId]) -> None:
        room.host(authors)
        sql.executemany(
            "INSERT OR IGNORE INTO hosted (author) VALUES (?)", [(author,) for author in authors]
        )

    def _is_forgotten(self, sql: sqlite3.Connection, id_: bytes) -> bool:
        """Whether a record was forgotten with its author, perhaps since it was judged."""
        return self._declined.has(id_) and declined.is_nobodys(sql, id_)

    def _note(self, sql: sqlite3.Connection, refused: Sequence[Signed]) -> None:
        """Remember what came and is not kept; what was held before is."""
        held = (
            "SELECT 1 FROM records WHERE id = ?1 UNION ALL SELECT 1 FROM tombstones WHERE id = ?1"
        )
        new = [one for one in refused if not sql.execute(held, (one.id,)).fetchone()]
        declined.decline(sql, new)
        self._declined.add(one.id for one in new)

    def _ask_again(
        self,
        sql: sqlite3.Connection,
        before: Room,
        room: Room,
        risen: set[bytes],
        named: set[bytes],
    ) -> None:
        """Whoever has more room than before shall be offered again."""
        wider = room.share > before.share or room.strangers < room.seats <= before.strangers

        def wanted(tag: bytes) -> bool:
            return tag in risen or (wider and tag not in named and room.could_sit(tag))

        declined.ask_again(sql, wanted)

    def _bound(self, sql: sqlite3.Connection, now: int) -> None:
        """Neither what is remembered of ids nor of authors grows beyond its bound."""
        room, today = self._now(), now // DAY_S
        authors = 4 * (room.seats + self._params.people)
        letting_go.bound(sql, authors, lambda author: rank(self._salt, tag_of(author)))
        narrowed = self._seen.narrow(self._db, sql, today, self._params.seen)
        if narrowed or len(self._declined) > self._params.seen:
            self._seen.purge(self._db, sql, today)
            self._declined.drop()
            self._declined.renew()
