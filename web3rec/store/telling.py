"""All live statements that make a graph, in columns, some authors at a time.

The graph replaces what an author said by all it says now (`web3rec.graph.window`), so whoever is
asked about is named in the answer even if it has nothing to say.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from web3rec.store.database import Database
from web3rec.store.lines import about_whom, said_by_one, who_is_who
from web3rec.store.reading import INTERACTIONS, LIVE, own_endorsements
from web3rec.types import PeerId

_ASKED: Final = 500
"""Authors of one SQL statement."""
AT_ONCE: Final = 1 << 16
"""Statements after which an answer is handed out, so that few are in memory as Python objects."""

Columns = Sequence[Sequence[Any]]


class Told(NamedTuple):
    """All that some authors say."""

    authors: list[PeerId]
    acts: Columns
    """author, n, item key, kind, weight, t (unix s): six columns of equal length"""
    endorsements: Columns
    """author, n, peer, weight in eighths, t (unix s): five columns"""


def told(
    db: Database,
    me: PeerId,
    now: int,
    authors: Collection[PeerId] | None = None,
    unheard: Collection[PeerId] = (),
) -> Iterator[Told]:
    """What these authors say, of which any may be silent; everybody, if None.

    The unheard say nothing, whatever they say. Who has several keys is one author, the last of
    them: see `lines`; asked about by any of them.

    The ego's own acts come in the order and at the time it did them, as in `reading.interactions`;
    so do its endorsements, which it may have stated to others as of another day.

    Cost: about 1.5 µs a statement.
    """
    who = who_is_who(db, me, now)
    if authors is None:
        authors = {PeerId(row[0]) for row in db.rows("SELECT DISTINCT author FROM records")}
        authors.add(me)
    heads = {who.of(author) for author in authors}
    named = sorted(heads & set(unheard) - {me})
    acts: list[Any] = []
    edges: list[Any] = []
    others = sorted(heads - {me, *named})
    if me in heads:
        named.append(me)
        acts, edges = _own(db, me, now)
        edges = about_whom(edges, who)
    for some in _pieces(others):
        named += some
        keys = [key for head in some for key in who.line(head)]
        marks = ",".join("?" * len(keys))
        where = f"author IN ({marks}) AND {LIVE}"
        done = db.rows(
            "SELECT author, n, key, kind, weight, t FROM records "  # noqa: S608 - constants
            f"WHERE {where} AND {INTERACTIONS}",
            (*keys, now),
        )
        trusted = db.rows(
            f"SELECT author, n, key, weight, t FROM records WHERE {where} AND kind = 'trust'",  # noqa: S608
            (*keys, now),
        )
        acts += said_by_one(done, who)
        edges += about_whom(said_by_one(trusted, who), who) if who.heads or who.ended else trusted
        if len(acts) + len(edges) >= AT_ONCE:
            yield Told(named, _columns(acts, 6), _columns(edges, 5))
            named, acts, edges = [], [], []
    if named:
        yield Told(named, _columns(acts, 6), _columns(edges, 5))


def _own(db: Database, me: PeerId, now: int) -> tuple[list[Any], list[Any]]:
    acts = db.rows(
        "SELECT key, kind, weight, touched FROM records "  # noqa: S608 - constants
        f"WHERE author = ? AND {INTERACTIONS} ORDER BY touched, key, kind, weight",
        (me,),
    )
    return (
        [
            (me, place, key, kind, weight, min(touched // 1000, now))
            for place, (key, kind, weight, touched) in enumerate(acts)
        ],
        [
            (me, place, peer, weight, min(touched // 1000, now))
            for place, (peer, weight, touched) in enumerate(own_endorsements(db, me, now))
        ],
    )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> Columns:
    # Not zip(*rows): its iterator for each row sets the garbage collector going.
    return [[row[column] for row in rows] for column in range(width)]


def _pieces(authors: Sequence[PeerId]) -> Iterable[list[PeerId]]:
    return (list(authors[at : at + _ASKED]) for at in range(0, len(authors), _ASKED))
