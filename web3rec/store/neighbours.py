"""What a node remembers of its neighbours over a restart: whom something is held against, and where
peers can be dialled.

Rows of plain values; what they mean is `p2p.reputation`'s and `p2p.book`'s. They hold spans of
time, not times, and one moment for all, so that a clock set back or forward in between can do no
more than shorten or prolong the time away. Whom one met, and from where, is the ego's business as
much as what it heard: `forget_all` erases all of it, bans included.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from web3rec.store.database import Database
from web3rec.types import Millis

MAX_ROWS: Final = 4_096
"""Of each kind; what comes behind them is not written."""

Standing = tuple[bool, str, float, int, float]
"""is it a place (else a peer), name, what is held against it, bans so far, seconds a ban lasts yet
(negative: since it ended)"""
Place = tuple[str, int, str, str, float, float | None, int, int]
"""address, source, who told it, whose share it is, seconds since it was learned and since it was
reached (None: never), failures, rank as an anchor (0: none)"""

_STANDING: Final = ((int,), (str,), (float,), (int,), (float,))
_PLACE: Final = (
    (str,), (int,), (str,), (str,), (float,), (float, type(None)), (int,), (int,)
)  # fmt: skip
_SAVED: Final = "neighbours_saved"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was saved, as it was then."""

    standings: tuple[Standing, ...]
    places: tuple[Place, ...]
    away: float
    """Seconds since then, >= 0."""
    epoch: int
    """To be given back to `save`."""


class Neighbours:
    """The two tables; reached as `log.neighbours`. Thread-safe."""

    def __init__(self, db: Database) -> None:
        """Made by `Log`."""
        self._db, self._epoch = db, 0

    def load(self, now: Millis) -> Remembered:
        """What was saved last; rows that do not read are left out, never an error."""
        with self._db.reading():
            epoch = self._epoch
            standings = self._db.rows(
                "SELECT is_place, name, guilt, bans, remaining FROM reputation"
            )
            places = self._db.rows(
                "SELECT address, source, teller, share, learned, reached, failures, anchor "
                "FROM addresses ORDER BY anchor = 0, anchor, learned"
            )
            saved = self._db.rows("SELECT value FROM settings WHERE name = ?", (_SAVED,))
        then = saved[0][0] if saved and isinstance(saved[0][0], int) else now
        return Remembered(
            tuple((bool(row[0]), *row[1:]) for row in standings if _reads(row, _STANDING)),
            tuple(row for row in places if _reads(row, _PLACE)),
            max(0, now - then) / 1000,
            epoch,
        )

    def save(
        self, standings: Iterable[Standing], places: Iterable[Place], now: Millis, epoch: int
    ) -> bool:
        """Replace what was saved, in one transaction.

        False, and nothing is written, if everything was forgotten since `epoch` was loaded: what
        is known from before is to be forgotten as well, by loading anew.

        Cost: about 10 ms for two full tables.
        """
        with self._db.writing() as sql:
            if epoch != self._epoch:
                return False
            sql.execute("DELETE FROM reputation")
            sql.executemany(
                "INSERT OR REPLACE INTO reputation VALUES (?, ?, ?, ?, ?)",
                islice(standings, MAX_ROWS),
            )
            sql.execute("DELETE FROM addresses")
            sql.executemany(
                "INSERT OR REPLACE INTO addresses VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                islice(places, MAX_ROWS),
            )
            sql.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_SAVED, now),
            )
        return True

    def forgetting(self) -> None:
        """Everything is about to be forgotten: what a node still has in memory is not to be saved.

        The rows themselves go in the same transaction as all the rest.
        """
        with self._db.lock:
            self._epoch += 1


def _reads(row: tuple[Any, ...], kinds: tuple[tuple[type, ...], ...]) -> bool:
    return all(isinstance(value, kind) for value, kind in zip(row, kinds, strict=True))
