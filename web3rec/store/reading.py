"""What the recommender asks of the log; nothing here changes it.

Of others it sees what is live at a moment: neither quarantined nor past its time. The ego's own
history does not expire on its own device.
"""

from collections.abc import Mapping

from web3rec.errors import CorruptStore
from web3rec.records import Kind
from web3rec.records.succession import Rotation
from web3rec.store.database import Database
from web3rec.store.ladder import NEVER
from web3rec.types import Event, ItemKey, Millis, PeerId

Row = tuple[PeerId, int, ItemKey, Kind, int, int]
"""author, n, item key, kind, weight, t (unix s)"""

INTERACTIONS = "kind IN ('listen', 'like', 'share', 'collect')"
LIVE = "(source = 0 OR x > ?) AND author NOT IN (SELECT author FROM quarantine)"


def interactions(db: Database, me: PeerId, now: int) -> list[Row]:
    """Live interactions of all authors at `now` (unix s).

    The ego's own come in the order and at the time it did them, not as they are stated to
    others: what it forgot, imported or wrote anew shows in neither. Their n counts from 0, and
    none is later than now.
    """
    kinds = {kind.value: kind for kind in Kind}
    others = db.rows(
        "SELECT author, n, key, kind, weight, t FROM records "  # noqa: S608 - constants
        f"WHERE {INTERACTIONS} AND {LIVE} AND author != ?",
        (now, me),
    )
    own = db.rows(
        "SELECT key, kind, weight, touched FROM records "  # noqa: S608 - constants
        f"WHERE author = ? AND {INTERACTIONS} ORDER BY touched, key, kind, weight",
        (me,),
    )
    found: list[Row] = [
        (a, n, key, kinds[kind], weight, t) for a, n, key, kind, weight, t in others
    ]
    found += [
        (me, place, key, kinds[kind], weight, min(touched // 1000, now))
        for place, (key, kind, weight, touched) in enumerate(own)
    ]
    return found


def endorsements(db: Database, me: PeerId, now: int) -> list[tuple[PeerId, int, PeerId, int]]:
    """Live trust edges at `now` (unix s): author, n, peer, weight in eighths.

    The ego's own n count from 0, as in `interactions`.
    """
    others = db.rows(
        "SELECT author, n, key, weight FROM records "  # noqa: S608 - constants
        f"WHERE kind = 'trust' AND {LIVE} AND author != ?",
        (now, me),
    )
    own = enumerate(own_endorsements(db, me, now))
    return others + [(me, place, peer, weight) for place, (peer, weight, _) in own]


def rotations(db: Database, now: int) -> list[Rotation]:
    """Live rotations of all authors. Cost: O(rotations)."""
    rows = db.rows(
        f"SELECT author, n, key, weight FROM records WHERE kind = 'rotate' AND {LIVE}",  # noqa: S608
        (now,),
    )
    return [Rotation(PeerId(author), n, PeerId(peer), w) for author, n, peer, w in rows]


def own_endorsements(db: Database, me: PeerId, now: int) -> list[tuple[PeerId, int, Millis]]:
    """The ego's live trust edges, later ones replacing earlier ones: peer, weight, touched."""
    return [(peer, weight, touched) for peer, weight, touched, _ in stated_trust(db, me, now)]


def stated_trust(db: Database, me: PeerId, now: int) -> list[tuple[PeerId, int, Millis, bool]]:
    """The same, and whether each is for good here.

    What leaves is ordered by n, as everybody orders it; what stays has its place among that by
    when it was written.
    """
    rows = db.rows(
        "SELECT seq, n, level, key, weight, touched FROM records "  # noqa: S608 - constants
        f"WHERE author = ? AND kind = 'trust' AND {LIVE} ORDER BY seq",
        (me, now),
    )
    placed, reached = [], 0
    for seq, n, level, peer, weight, touched in rows:
        private = level == NEVER
        place = reached if private else n
        reached = max(reached, place)
        placed.append((place, seq, (PeerId(peer), weight, Millis(touched), private)))
    return [said for _, _, said in sorted(placed, key=lambda one: one[:2])]


def touched(db: Database, me: PeerId) -> dict[ItemKey, Millis]:
    """When the ego last touched each item, on its own clock."""
    rows = db.rows(
        "SELECT key, max(touched) FROM records "  # noqa: S608 - constants
        f"WHERE author = ? AND {INTERACTIONS} GROUP BY key",
        (me,),
    )
    return {ItemKey(key): Millis(at) for key, at in rows}


def unwanted(db: Database) -> frozenset[ItemKey]:
    """Items the ego said it is not interested in."""
    rows = db.rows("SELECT key FROM feedback WHERE kind = ?", (Event.NOT_INTERESTED.value,))
    return frozenset(ItemKey(row[0]) for row in rows)


def replies(db: Database) -> list[tuple[ItemKey, bool]]:
    """What the ego said to items of lists, in order: accepted (any act), or skipped or unwanted.

    Having looked at an item is no answer.
    """
    rows = db.rows("SELECT key, kind FROM feedback WHERE batch != '' ORDER BY at, seq")
    refused = (Event.SKIP.value, Event.NOT_INTERESTED.value)
    return [(ItemKey(key), kind not in refused) for key, kind in rows if kind != Event.VIEW.value]


def blocked(db: Database) -> frozenset[PeerId]:
    rows = db.rows("SELECT peer FROM peers WHERE blocked = 1")
    return frozenset(PeerId(row[0]) for row in rows)


def names(db: Database) -> dict[PeerId, str]:
    """What the ego calls its peers."""
    rows = db.rows("SELECT peer, name FROM peers WHERE name != ''")
    return {PeerId(peer): name for peer, name in rows}


def history(db: Database, me: PeerId) -> list[tuple[str, str, int, int, bool]]:
    """The ego's own acts in order of time: item, kind, weight, touched (ms), is it for good here.

    What has no record (skips and the like) leaves no device anyway, and is not called private.
    """
    rows = db.rows(
        "SELECT items.uri, kind, weight, touched, level = ? FROM records "  # noqa: S608 - constants
        f"JOIN items USING (key) WHERE author = ? AND {INTERACTIONS} "
        "UNION ALL SELECT items.uri, kind, 1, at, 0 FROM feedback JOIN items USING (key) "
        "WHERE kind IN ('skip', 'view', 'not_interested') ORDER BY 4, 1, 2, 3",
        (NEVER, me),
    )
    return [(item, kind, weight, at, bool(private)) for item, kind, weight, at, private in rows]


def counts(db: Database) -> Mapping[str, int]:
    """How much there is of what."""
    tables = ("records", "tombstones", "quarantine", "items", "feedback", "peers")
    sql = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608 - constants
    return dict(zip(tables, db.rows(sql)[0], strict=True))


def authors(db: Database) -> dict[PeerId, int]:
    """How many records of each author are held, past their time or not."""
    rows = db.rows("SELECT author, count(*) FROM records GROUP BY author")
    return {PeerId(author): count for author, count in rows}


def ids(db: Database) -> set[bytes]:
    """All record ids that are held, live or as tombstones."""
    return {row[0] for row in db.rows("SELECT id FROM records UNION ALL SELECT id FROM tombstones")}


def setting(db: Database, name: str) -> object:
    """A setting's value, None if it was never set."""
    rows = db.rows("SELECT value FROM settings WHERE name = ?", (name,))
    return rows[0][0] if rows else None


def whole(value: object, default: int) -> int:
    """A setting that is a number. Raises CorruptStore if it is something else."""
    if value is None:
        return default
    if not isinstance(value, int):
        raise CorruptStore("a setting in the log is not a number; run `web3rec doctor`")
    return value
