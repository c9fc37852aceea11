"""The log: every record this device holds, and the only state the rest is a function of.

The network calls `judge`, `ingest`, `release` and `since`; the recommender reads `interactions`,
`endorsements` and the catalogue. Thread-safe. Durable: a call that changes something has
committed when it returns.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from web3rec.clock import Clock
from web3rec.records import Judgement, Kind, Signed, SigningKey, judge
from web3rec.store import catalogue, forgetting, ladder, own, sharing
from web3rec.store.database import Database
from web3rec.store.forgetting import Receipt
from web3rec.store.ingest import Placement, Source, merge
from web3rec.store.own import Author, OwnAct
from web3rec.store.sharing import Page, Pending
from web3rec.types import Event, Item, ItemKey, Millis, PeerId, RecordId

WINDOW: Final = 200
"""Records of one author kept, newest sequence first (records.md)."""

Row = tuple[PeerId, int, ItemKey, Kind, int, int]
"""author, n, item key, kind, weight, t"""


class Log:
    """One device's records, on disk."""

    def __init__(
        self,
        directory: Path,
        key: SigningKey,
        clock: Clock,
        *,
        read_only: bool = False,
        window: int = WINDOW,
    ) -> None:
        """Open or create. Raises what `Database` raises.

        `delays` below draws release delays; it is set by the recommender, which owns chance.
        """
        self._db = Database(directory, read_only=read_only)
        self._key, self._clock, self._window = key, clock, window
        self._device = secrets.randbelow(256)
        self._listeners: list[Callable[[], None]] = []
        self.generation = 0
        """Rises with every change of what the log holds."""
        self.delays: Callable[[int], tuple[Millis, ...]] = lambda _count: ()
        self.id = self._identity()
        self._held: set[bytes] = {
            row[0]
            for row in self._db.rows("SELECT id FROM records UNION SELECT id FROM tombstones")
        }

    # -- what the network calls ------------------------------------------------------------

    def judge(self, data: bytes) -> Judgement:
        """What to do with a stranger's bytes; never raises, asks no database."""
        return judge(data, self._clock(), self._held.__contains__)

    def ingest(self, signed: Sequence[Signed], *, source: Source = Source.PEER) -> int:
        """Merge verified records, one transaction; returns how many are new and live."""
        level = 1 if source is Source.HOSTED else 0
        placement = Placement(source, touched=0, level=level, due=0)
        with self._db.writing() as sql:
            merged = merge(sql, signed, placement, me=self._key.peer, window=self._window)
        self._held |= merged.held
        self._held -= merged.dropped
        if merged.stored or merged.buried:
            self._changed()
        return merged.stored

    def release(self) -> tuple[bytes, ...]:
        """Own and hosted records that may leave now; marks them so. See `sharing.release`."""
        return sharing.release(self._db, self.level, self._clock())

    def since(self, cursor: int, limit: int) -> Page:
        """Shared records after a cursor. See `sharing.since`."""
        return sharing.since(self._db, self.level, self._clock(), cursor, limit)

    def cursor(self, peer: str) -> tuple[bytes, int]:
        """(log id, cursor) last reached at that peer; (b"", 0) if never."""
        return sharing.load_cursor(self._db, peer)

    def save_cursor(self, peer: str, log_id: bytes, cursor: int) -> None:
        """Remember how far we read a peer's log."""
        sharing.save_cursor(self._db, peer, log_id, cursor)

    def digest(self) -> tuple[int, bytes]:
        """(count, digest) of shared live records; equal digests mean converged."""
        return sharing.digest(self._db, self._clock())

    def outbox(self) -> tuple[Pending, ...]:
        """The ego's records that will leave at the present level."""
        return sharing.waiting(self._db, self.level, self._clock())

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each change, on whichever thread made it; returns the way out."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    # -- what the ego does -----------------------------------------------------------------

    def write_acts(self, acts: Sequence[OwnAct]) -> int:
        """Store the ego's acts, one transaction; returns how many became records."""
        with self._db.writing() as sql:
            made = own.write_acts(sql, acts, self._author(len(acts)), self._clock())
        self._join(made)
        return len(made)

    def write_trust(self, peer: PeerId, weight: int, name: str) -> None:
        """State trust in a peer (1..8 eighths) and what the ego calls it."""
        with self._db.writing() as sql:
            signed = own.write_trust(sql, peer, weight, self._author(1), self._clock())
            if name:
                sql.execute(
                    "INSERT INTO peers (peer, name, blocked) VALUES (?, ?, 0) "
                    "ON CONFLICT (peer) DO UPDATE SET name = excluded.name",
                    (peer, name),
                )
        self._join([signed])

    def block(self, peer: PeerId, *, blocked: bool) -> None:
        """Remember, here only, that a peer shall not be heard (or again be heard)."""
        with self._db.writing() as sql:
            sql.execute(
                "INSERT INTO peers (peer, name, blocked) VALUES (?, '', ?) "
                "ON CONFLICT (peer) DO UPDATE SET blocked = excluded.blocked",
                (peer, int(blocked)),
            )
        self._changed()

    def add_items(self, items: Iterable[Item]) -> int:
        """Describe items for this app; never shared."""
        with self._db.writing() as sql:
            count = catalogue.add_items(sql, items)
        self._changed()
        return count

    def forget_item(self, key: ItemKey) -> Receipt:
        return self._forget(lambda sql, author, now: forgetting.forget_item(sql, key, author, now))

    def forget_since(self, since: Millis) -> Receipt:
        return self._forget(
            lambda sql, author, now: forgetting.forget_since(sql, since, author, now)
        )

    def forget_peer(self, peer: PeerId) -> Receipt:
        return self._forget(lambda sql, author, now: forgetting.forget_peer(sql, peer, author, now))

    def forget_all(self) -> Receipt:
        return self._forget(forgetting.forget_all)

    # -- what the recommender reads ----------------------------------------------------------

    def interactions(self) -> list[Row]:
        """Live interactions of all authors that are not quarantined."""
        kinds = {kind.value: kind for kind in Kind}
        rows = self._db.rows(
            "SELECT author, n, key, kind, weight, t FROM records WHERE kind IN "
            "('listen', 'like', 'share', 'collect') "
            "AND author NOT IN (SELECT author FROM quarantine)"
        )
        return [(a, n, key, kinds[kind], weight, t) for a, n, key, kind, weight, t in rows]

    def endorsements(self) -> list[tuple[PeerId, int, PeerId, int]]:
        """Live trust edges: author, n, peer, weight in eighths."""
        return self._db.rows(
            "SELECT author, n, key, weight FROM records WHERE kind = 'trust' "
            "AND author NOT IN (SELECT author FROM quarantine)"
        )

    def touched(self) -> dict[ItemKey, Millis]:
        """When the ego last touched each item, on its own clock."""
        return own.touched_items(
            self._db.rows(
                "SELECT key, touched FROM records WHERE author = ? AND kind IN "
                "('listen', 'like', 'share', 'collect')",
                (self._key.peer,),
            )
        )

    def unwanted(self) -> frozenset[ItemKey]:
        """Items the ego said it is not interested in."""
        rows = self._db.rows(
            "SELECT key FROM feedback WHERE kind = ?", (Event.NOT_INTERESTED.value,)
        )
        return frozenset(ItemKey(row[0]) for row in rows)

    def blocked(self) -> frozenset[PeerId]:
        rows = self._db.rows("SELECT peer FROM peers WHERE blocked = 1")
        return frozenset(PeerId(row[0]) for row in rows)

    def names(self) -> dict[PeerId, str]:
        """What the ego calls its peers."""
        rows = self._db.rows("SELECT peer, name FROM peers WHERE name != ''")
        return {PeerId(peer): name for peer, name in rows}

    def items(self, *, described: bool = True) -> dict[ItemKey, Item]:
        """The app's catalogue; with described=False also bare names the ego touched."""
        return catalogue.all_items(self._db, described=described)

    def descriptions(self) -> list[tuple[ItemKey, PeerId, RecordId, Item]]:
        """What peers call items."""
        return catalogue.descriptions(self._db)

    def history(self) -> list[tuple[str, str, int, int]]:
        """The ego's own acts in order of time: item, kind, weight, touched (ms)."""
        return self._db.rows(
            "SELECT items.uri, kind, weight, touched FROM records JOIN items USING (key) "
            "WHERE source = 0 AND kind IN ('listen', 'like', 'share', 'collect') "
            "UNION ALL SELECT items.uri, kind, 1, at FROM feedback JOIN items USING (key) "
            "WHERE kind IN ('skip', 'view', 'not_interested') ORDER BY 4, 1, 2"
        )

    def counts(self) -> Mapping[str, int]:
        """How much there is of what."""
        tables = ("records", "tombstones", "quarantine", "items", "feedback", "peers")
        sql = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608 - constants
        return dict(zip(tables, self._db.rows(sql)[0], strict=True))

    # -- settings and life -------------------------------------------------------------------

    @property
    def level(self) -> int:
        """The privacy ladder's present level, 0..3."""
        return int(self._setting("level", 0))

    @level.setter
    def level(self, level: int) -> None:
        self._save_setting("level", ladder.checked(level))

    @property
    def read_only(self) -> bool:
        return self._db.read_only

    def expire(self) -> int:
        """Erase others' records past their expiry; the ego's own stay. Returns how many."""
        now = self._clock() // 1000
        if self.read_only or not self._db.rows(
            "SELECT 1 FROM records WHERE x <= ? AND source != 0 "
            "UNION ALL SELECT 1 FROM tombstones WHERE x <= ? LIMIT 1",
            (now, now),
        ):
            return 0
        with self._db.writing() as sql:
            sql.execute("DELETE FROM tombstones WHERE x <= ?", (now,))
            gone = sql.execute("DELETE FROM records WHERE x <= ? AND source != 0", (now,)).rowcount
        self._reload()
        return gone

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several writes as one transaction: all of them, or, if the block raises, none."""
        try:
            with self._db.writing():
                yield
        except BaseException:
            self._reload()
            raise

    def close(self) -> None:
        self._db.close()

    # -- inside ------------------------------------------------------------------------------

    def _author(self, count: int) -> Author:
        return Author(self._key, self.level, self._device, self.delays(count))

    def _forget(self, wish: "Callable[..., Receipt]") -> Receipt:
        with self._db.writing() as sql:
            receipt = wish(sql, self._author(0), self._clock())
        self._db.scrub()
        self._reload()
        return receipt

    def _join(self, made: Sequence[Signed]) -> None:
        self._held |= {signed.id for signed in made}
        self._changed()

    def _reload(self) -> None:
        self._held = {
            row[0]
            for row in self._db.rows("SELECT id FROM records UNION SELECT id FROM tombstones")
        }
        self._changed()

    def _changed(self) -> None:
        self.generation += 1
        for listener in tuple(self._listeners):
            listener()

    def _setting(self, name: str, default: object) -> int | bytes:
        rows = self._db.rows("SELECT value FROM settings WHERE name = ?", (name,))
        return rows[0][0] if rows else default  # type: ignore[return-value]

    def _save_setting(self, name: str, value: object) -> None:
        with self._db.writing() as sql:
            sql.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def _identity(self) -> bytes:
        """Sixteen random bytes born with the database: cursors into it carry them."""
        found = self._setting("log_id", b"")
        if isinstance(found, bytes) and len(found) == 16:
            return found
        fresh = secrets.token_bytes(16)
        if not self.read_only:
            self._save_setting("log_id", fresh)
        return fresh
