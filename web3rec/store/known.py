"""What this device has seen, for telling two devices' records apart: ids and the days they end on.

An element is (x // 86400, the first 16 bytes of the id) of a record that came over the network or
left this device, whatever became of it here: alive, taken back, or declined for want of room. So
the ego's private acts, its blocks and whom it trusts cannot show in it. What ends today is left
out: it is not worth a request.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.clock import DAY_S
from web3rec.store import settings
from web3rec.store.database import Database

ID_BYTES: Final = 16
"""Of a record's id; enough that no two records share them by chance or by work."""
_ELEMENT: Final = np.dtype([("day", ">u4"), ("id", "V16")])
_Keys = npt.NDArray[np.bytes_]
_KEY: Final = f"S{_ELEMENT.itemsize}"
"""Day and id as one string of bytes, which sorts as the pair does."""
_LOOSE: Final = 8_192
"""New keys kept apart from the sorted ones, at most."""
_PART: Final = "SELECT name, value FROM settings WHERE name IN ('seen_part', 'seen_until')"
_SEEN: Final = (
    "SELECT x, id FROM records WHERE pos IS NOT NULL "
    "UNION ALL SELECT x, id FROM tombstones WHERE heard "
    "UNION ALL SELECT x, id FROM declined"
)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A set of elements, sorted by (day, id), each once; read-only."""

    days: npt.NDArray[np.uint32]
    """uint32[n], x // 86400, rising"""
    ids: bytes
    """16 n bytes: the first 16 of each id, in the same order"""
    generation: int
    """Another number whenever it is another set; of one open log"""

    def __len__(self) -> int:
        return len(self.days)


class Seen:
    """Keeps `Known` in step with a log. Not thread-safe: whoever holds it locks.

    Should there ever be more than is worth remembering, chance decides which part of the ids is:
    those whose mark, a hash with this device's salt, lies below a limit, be they held or not. So
    even then it does not show what is held. The limit is lifted when all that was seen by then is
    over: what ends later is known whole.
    """

    def __init__(self, salt: bytes) -> None:
        """Nothing is read yet. `salt`: 16 random bytes of this device."""
        self._salt = salt
        self._keys: _Keys | None = None
        self._fresh: list[bytes] = []
        self._known: Known | None = None
        self._part = (0, -1)  # marks below this, of what ends on this day or before
        self._generation = 0
        self._today = -1

    def add(self, ends: Iterable[tuple[int, bytes]]) -> None:
        """More was seen: (x in unix seconds, id) of each. Known already does no harm."""
        if self._keys is not None:
            self._fresh += (_key(x, id_) for x, id_ in ends)

    def drop(self) -> None:
        """Keep nothing: all is read again when it is asked for."""
        self._keys, self._known = None, None
        self._fresh = []

    def known(self, db: Database, today: int) -> Known:
        """What is known and lives beyond `today` (days since 1970).

        Cost: O(n) the first time (.8 µs each); O(what is new log n) and a copy after a change.
        """
        keys = self._now(db)
        if self._known is None or self._today != today:
            self._generation += 1
            self._today = today
            self._known = _beyond(keys, today, self._generation)
        return self._known

    def narrow(self, db: Database, sql: sqlite3.Connection, today: int, most: int) -> bool:
        """Remember only a part if more than `most` are known; True if it came to that.

        Call inside a transaction, and then `purge`.
        """
        keys = self._keys
        if keys is None or len(self._fresh) > _LOOSE:
            keys = self._now(db)
        if len(keys) + len(self._fresh) <= most or len(self.known(db, today)) <= most:
            return False
        living = _living(self._now(db), today)
        marks = np.sort(_marks(living, self._salt))
        limit, until = int(marks[most - most // 8]), int(living.view(_ELEMENT)["day"][-1])
        if self._part[1] > today:
            limit = min(limit, self._part[0])
        self._part = limit, until
        settings.save(sql, "seen_part", limit)
        settings.save(sql, "seen_until", until)
        self.drop()
        return True

    def purge(self, db: Database, sql: sqlite3.Connection, today: int) -> None:
        """Of what was declined, erase what is over or not of the part. Cost: O(declined)."""
        self._now(db)
        rows = sql.execute("SELECT x, id FROM declined").fetchall()
        keys = _keys(rows)
        stays = self._is_part(keys) & (keys.view(_ELEMENT)["day"] > today)
        gone = [(id_,) for (_, id_), stay in zip(rows, stays.tolist(), strict=True) if not stay]
        sql.executemany("DELETE FROM declined WHERE id = ?", gone)

    def _now(self, db: Database) -> _Keys:
        if self._keys is None:
            found = dict(db.rows(_PART))
            self._part = found.get("seen_part", 0), found.get("seen_until", -1)
            keys = _sorted(_keys(db.rows(_SEEN)))
            self._keys, self._fresh, self._known = keys[self._is_part(keys)], [], None
        if self._fresh:
            new = _sorted(np.frombuffer(b"".join(self._fresh), _KEY))
            self._keys, self._fresh = _joined(self._keys, new[self._is_part(new)]), []
            self._known = None
        return self._keys

    def _is_part(self, keys: _Keys) -> npt.NDArray[np.bool_]:
        limit, until = self._part
        if until < 0:
            return np.ones(len(keys), np.bool_)
        below = _marks(keys, self._salt) < np.uint64(limit)
        return np.asarray(below | (keys.view(_ELEMENT)["day"] > until))


def _keys(rows: Sequence[tuple[int, bytes]]) -> _Keys:
    """As strings of bytes, from (x, id)."""
    keys = np.zeros(len(rows), _ELEMENT)
    keys["day"] = np.fromiter((x for x, _ in rows), np.int64, len(rows)) // DAY_S
    keys["id"] = np.frombuffer(b"".join([id_[:ID_BYTES] for _, id_ in rows]), "V16")
    return keys.view(_KEY)


def _marks(keys: _Keys, salt: bytes) -> npt.NDArray[np.uint64]:
    """uint64 below 2^63: a hash of each id that nobody else can tell; multiply and shift, twice."""
    marks = np.ndarray(len(keys), ">u8", keys, 4, keys.strides).astype(np.uint64)
    for at in (0, 8):
        odd = np.uint64(int.from_bytes(salt[at : at + 8]) | 1)
        marks = (marks ^ (marks >> np.uint64(29))) * odd
    return (marks ^ (marks >> np.uint64(32))) >> np.uint64(1)


def _living(keys: _Keys, today: int) -> _Keys:
    """The keys of what ends after today."""
    return keys[np.searchsorted(keys, np.frombuffer(_key((today + 1) * DAY_S, b""), _KEY)[0]) :]


def _sorted(keys: _Keys) -> _Keys:
    """Rising, each once.

    By their first eight bytes as numbers, then the few ties: ten times faster than strings alone.
    """
    heads = np.ndarray(len(keys), ">u8", keys, strides=keys.strides).astype(np.uint64)
    keys = np.sort(keys[np.argsort(heads)], kind="stable")
    first = np.ones(len(keys), np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    return keys[first]


def _joined(keys: _Keys, new: _Keys) -> _Keys:
    at = np.searchsorted(keys, new)
    there = at < len(keys)
    there[there] = keys[at[there]] == new[there]
    return np.insert(keys, at[~there], new[~there])


def _beyond(keys: _Keys, today: int, generation: int) -> Known:
    living = _living(keys, today).view(_ELEMENT)
    days = living["day"].astype(np.uint32)
    days.flags.writeable = False
    return Known(days, living["id"].tobytes(), generation)


def _key(x: int, id_: bytes) -> bytes:
    day = min(max(x // DAY_S, 0), 0xFFFF_FFFF)
    return day.to_bytes(4, "big") + id_[:ID_BYTES].ljust(ID_BYTES, b"\0")
