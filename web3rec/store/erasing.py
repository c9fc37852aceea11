"""The part of a log that forgets: each wish is one transaction, and comes with a receipt."""

import secrets
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace

from web3rec.errors import DataError
from web3rec.records import Kind
from web3rec.store import forgetting
from web3rec.store.neighbours import Neighbours
from web3rec.store.own import Author
from web3rec.store.receipt import ALL, PEER, SALT_BYTES, Receipt, Trail
from web3rec.store.showing import Showing
from web3rec.types import ItemKey, Millis, PeerId

_Wish = Callable[[sqlite3.Connection, Author, Millis, Trail], Receipt]


class Erasing(Showing):
    """What `Log` forgets by. Its receipts carry proofs, but no signature yet."""

    neighbours: Neighbours
    _held: set[bytes]
    _residue: bool
    _secret: bytes

    def forget_item(
        self, key: ItemKey, *, rehearse: bool = False, trail: Trail | None = None
    ) -> Receipt:
        """All the ego's acts on an item. With `rehearse` only the receipt is made.

        Here as below, `trail` gets to know what was erased, for whoever wants to look for it.
        """
        return self._forget(
            lambda sql, by, now, gone: forgetting.forget_item(sql, key, by, now, gone),
            rehearse=rehearse,
            trail=trail,
        )

    def forget_since(
        self,
        since: Millis,
        item: ItemKey | None = None,
        *,
        rehearse: bool = False,
        trail: Trail | None = None,
    ) -> Receipt:
        """All the ego's acts on items, or on this one, from a moment on (unix ms)."""
        return self._forget(
            lambda sql, by, now, gone: forgetting.forget_since(sql, since, by, now, gone, item),
            rehearse=rehearse,
            trail=trail,
        )

    def forget_peer(
        self,
        peer: PeerId,
        *,
        heard: bool = False,
        rehearse: bool = False,
        trail: Trail | None = None,
    ) -> Receipt:
        """The ego's trust in a peer, and its name; with `heard` also all that the peer said.

        Raises DataError: `heard`, and it is the ego itself.
        """
        keys = self.keys_of(peer)
        if heard and self._me in keys:
            raise DataError("that is your own key: forget everything, or an item, instead")
        wish = forgetting.forget_heard if heard else forgetting.forget_peer
        return self._forget(
            lambda sql, by, now, gone: wish(sql, keys, by, now, gone),
            rehearse=rehearse,
            trail=trail,
        )

    def forget_all(self, *, rehearse: bool = False, trail: Trail | None = None) -> Receipt:
        """Everything the ego did, said or named, and whom its device met."""
        if not rehearse:
            self.neighbours.forgetting()
        return self._forget(forgetting.forget_all, rehearse=rehearse, trail=trail)

    @property
    def is_scrubbed(self) -> bool:
        """Whether nothing that was erased is left in the file's journal.

        False while a reader holds the pages it began with; the next write tries again.
        """
        return not self._residue

    def naming(self, key: ItemKey) -> tuple[int, int]:
        """How many rows of the ego's own doing name an item, and how many others.

        Others are other people's records, the app's description, the ego's retractions and what it
        withholds. Cost: O(what is held).
        """
        mine = (
            "SELECT (SELECT count(*) FROM records WHERE key = ?1 AND author = ?2 "
            "AND kind NOT IN ('retract', 'trust', 'rotate')) "
            "+ (SELECT count(*) FROM feedback WHERE key = ?1) "
            "+ (SELECT count(*) FROM payments WHERE key = ?1)"
        )
        others = (
            "SELECT (SELECT count(*) FROM records WHERE key = ?1 "
            "AND (author != ?2 OR kind = 'retract')) "
            "+ (SELECT count(*) FROM items WHERE key = ?1) "
            "+ (SELECT count(*) FROM withheld_items WHERE key = ?1)"
        )
        with self._db.reading():
            found = [self._db.rows(query, (key, self._me))[0][0] for query in (mine, others)]
        return found[0], found[1]

    def says(self, words: str) -> bool:
        """Whether a record or an item that is held has this in its text. Cost: O(bytes held)."""
        found = self._db.rows(
            "SELECT 1 FROM records WHERE instr(envelope, ?1) UNION ALL SELECT 1 FROM items "
            "WHERE instr(uri || ' ' || title || ' ' || creator || ' ' || tags, ?2) LIMIT 1",
            (words.encode(), words),
        )
        return bool(found)

    def holds_any(self, ids: Iterable[bytes], replies: Iterable[int]) -> bool:
        """Whether a row of these records, or of these local replies, is here. Cost: 10 µs each."""
        with self._db.reading():
            return any(
                self._db.rows(f"SELECT 1 FROM {table} WHERE {column} = ?", (one,))  # noqa: S608
                for table, column, ones in (("records", "id", ids), ("feedback", "seq", replies))
                for one in ones
            )

    # -- inside ----------------------------------------------------------------------------------

    def _forget(self, wish: _Wish, *, rehearse: bool, trail: Trail | None) -> Receipt:
        gone = Trail() if trail is None else trail
        with suppress(_RehearsedError), self._write() as sql:
            before = dict(forgetting.last_rows(sql)).get("records", 0)
            receipt = wish(sql, self._author(0), self._clock(), gone)
            if rehearse:
                raise _RehearsedError
            written = sql.execute(
                "SELECT id, x, kind FROM records WHERE seq > ? AND author = ?", (before, self._me)
            ).fetchall()
            gone.asked += [(id_, x) for id_, x, kind in written if kind == Kind.RETRACT.value]
            last = forgetting.last_rows(sql)
            proofs = gone.proofs(secrets.token_bytes(SALT_BYTES), self._secret, receipt.wish, last)
            receipt = replace(receipt, author=self._me, proofs=proofs)
            self._changed()
            if receipt.wish in (ALL, PEER):
                self._remember()
            else:  # of what is kept in memory only this follows from the ego's own acts
                self._held -= {*gone.ids, *gone.replaced} - gone.left
                self._held |= {id_ for id_, *_ in written}
            self._residue = True
        return receipt

    def _write(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _author(self, count: int) -> Author:
        raise NotImplementedError

    def _remember(self) -> None:
        raise NotImplementedError

    def _changed(self) -> None:
        raise NotImplementedError


class _RehearsedError(Exception):
    """Undoes the transaction of a wish that was only tried."""
