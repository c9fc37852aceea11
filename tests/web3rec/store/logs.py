"""Logs, clocks and records for the tests of the store: real SQLite, time by hand."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.strategies import KEYS, NOW, TODAY
from web3rec.params import QuotaParams
from web3rec.records import Kind, Record, Signed, SigningKey, item_key, seal
from web3rec.records.model import DAY, DEFAULT_LIFETIME, MAX_LIFETIME
from web3rec.store import Log, OwnAct
from web3rec.types import Event, ItemId, ItemKey, Millis, PeerId

ME: Final = KEYS[0]
"""The ego of every log here."""
ANN, BOB, CAT = KEYS[1:4]
MIDNIGHT: Final = TODAY * DAY
"""The start of TODAY, unix seconds."""
DAY_MS: Final = DAY * 1000
JAZZ, FOLK, ROCK = (ItemId(f"trk:{name}") for name in ("jazz", "folk", "rock"))


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for one example of a law; in memory where there is such a place."""
    memory = Path("/dev/shm")  # noqa: S108 - a place for tests
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as path:
        yield Path(path)


@dataclass(slots=True)
class HandClock:
    """A clock that shows what it is set to."""

    now: Millis = NOW

    def __call__(self) -> Millis:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now = Millis(self.now + int(days * DAY_MS))


def open_log(
    path: Path,
    clock: HandClock | None = None,
    *,
    level: int | None = None,
    key: SigningKey = ME,
    window: int = 200,
    quotas: QuotaParams | None = None,
) -> Log:
    """ME's log at path, at NOW; at a privacy level, if told."""
    log = Log(path, key, clock or HandClock(), quotas, window=window)
    if level is not None:
        log.level = level
    return log


def record(
    key: SigningKey,
    n: int,
    kind: Kind = Kind.LIKE,
    item: bytes | str = JAZZ,
    *,
    t: int = MIDNIGHT,
    lifetime: int = DEFAULT_LIFETIME,
    weight: int = 1,
) -> Signed:
    """A signed record with a given sequence; items go by their key."""
    subject = item_key(item) if isinstance(item, str) and item != "*" else item
    span = MAX_LIFETIME if kind is Kind.RETRACT else lifetime
    return seal(Record(key.peer, n, t, t + span, kind, subject, weight), key)


def act(
    item: str = JAZZ,
    event: Event = Event.LIKE,
    *,
    at: int = NOW,
    weight: int = 1,
    batch: str = "",
    paid: tuple[tuple[PeerId, float], ...] = (),
) -> OwnAct:
    return OwnAct(event, item, Millis(at), weight, batch, paid)


def rows(log: Log, sql: str) -> list[Any]:
    """What is really in the file."""
    return log._db.rows(sql)


def live(log: Log, author: PeerId | None = None) -> set[bytes]:
    """Ids of the records held, of one author if given."""
    found = rows(log, "SELECT id, author FROM records")
    return {i for i, by in found if author in (None, by)}


def dead(log: Log) -> set[bytes]:
    return {i for (i,) in rows(log, "SELECT id FROM tombstones")}


def quarantined(log: Log) -> set[bytes]:
    return {author for (author,) in rows(log, "SELECT author FROM quarantine")}


def ids(signed: Sequence[Signed]) -> set[bytes]:
    return {one.id for one in signed}


def contents(log: Log) -> dict[str, list[Any]]:
    """All tables, without what differs from device to device or only counts."""
    return {
        "records": rows(
            log,
            "SELECT author, t, x, kind, key, weight, source, touched, level, due, pos IS NULL "
            "FROM records ORDER BY author, n",
        ),
        **{
            table: rows(log, f"SELECT {columns} FROM {table} ORDER BY {columns}")  # noqa: S608 - constants
            for table, columns in {
                "tombstones": "id, author, n, x",
                "quarantine": "author, author",
                "items": "key, uri, title, creator, tags, described",
                "feedback": "at, key, kind, batch",
                "payments": "at, key, batch, accepted, payer, part",
                "peers": "peer, name, blocked",
            }.items()
        },
    }


def traces(directory: Path, *secrets: bytes) -> list[str]:
    """The files of a directory that hold any of these byte strings."""
    return [
        path.name
        for path in sorted(directory.rglob("*"))
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]


def key_of_item(item: str) -> ItemKey:
    """An item's key, computed as the format says."""
    return ItemKey(hashlib.sha256(item.encode()).digest()[:16])


def filled(path: Path) -> Log:
    """A log at level 1 with 40 acts of the ego's and 40 of Ann's, still open."""
    log = open_log(path, level=1)
    log.write_acts([act(f"trk:{n}") for n in range(40)])
    log.ingest([record(ANN, n, item=f"trk:{n}") for n in range(40)])
    return log


def readable(path: Path) -> Log:
    """A reader of ME's log."""
    return Log(path, ME, HandClock(), read_only=True)


def peer_log(path: Path) -> Log:
    """The log of somebody else, who is in touch."""
    return open_log(path, level=1, key=SigningKey.from_seed(bytes([77]) * 32))


def heard(log: Log, other: Log) -> int:
    """What one log has out reaches another as the network would carry it."""
    judged = [other.judge(envelope) for envelope in log.since(0, 1000).envelopes]
    return other.ingest([one.signed for one in judged if one.signed])
