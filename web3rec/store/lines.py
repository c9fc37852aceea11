"""What several keys of one person said, as said by one: see `web3rec.records.succession`.

Applied to rows as they are read, before anybody counts anything: windows, budgets, votes and trust
downstream know the last key of a line only.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from web3rec.records.succession import Succession, succession
from web3rec.store.database import Database
from web3rec.store.reading import rotations
from web3rec.types import PeerId

_Row = tuple[Any, ...]


def who_is_who(db: Database, me: PeerId, now: int) -> Succession:
    """Who took over from whom, as of `now` (unix s). Cost: O(rotations)."""
    return succession(rotations(db, now), me)


def said_by_one(rows: Sequence[_Row], who: Succession) -> Sequence[_Row]:
    """Statements (author, n, ...) under the author's last key; what came too late is left out.

    Within a line later keys come later, whatever their n, which count from 0 then.
    """
    if not who.heads and not who.ended:
        return rows
    found: list[_Row] = []
    lines: dict[PeerId, list[_Row]] = {}
    for row in rows:
        author, n = row[0], row[1]
        if who.hears(author, n):
            head = who.of(author)
            (lines.setdefault(head, []) if head in who.lines else found).append(row)
    for head, said in lines.items():
        place = {key: at for at, key in enumerate(who.line(head))}
        said.sort(key=lambda row: (place[row[0]], *row[1:]))
        found += [(head, at, *row[2:]) for at, row in enumerate(said)]
    return found


def about_whom(rows: Iterable[_Row], who: Succession) -> list[_Row]:
    """Trust (author, n, peer, ...) in the last key of whom it is about; in oneself, none."""
    mapped = ((row[0], row[1], who.of(row[2]), *row[3:]) for row in rows)
    return [row for row in mapped if row[0] != row[2]]
