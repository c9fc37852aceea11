"""Who trusts whom, as far as others may know it: what the room of the store is given out by."""

from web3rec.store.database import Database
from web3rec.store.lines import about_whom, said_by_one, who_is_who
from web3rec.store.reading import LIVE, own_endorsements
from web3rec.types import PeerId

Edge = tuple[PeerId, int, PeerId, int, int]
"""author, n, peer, weight in eighths, t (unix s)"""


def vouched(db: Database, me: PeerId, now: int, *, private: bool) -> list[Edge]:
    """Live trust edges at `now` (unix s), sorted.

    Of the ego's those that have left the device, with the time they state; with `private` all of
    them, in its own order and at its own time.

    Who has several keys is one author, the last of them: see `lines`.

    Cost: 1 µs an edge, and nothing for all else.
    """
    columns = "SELECT author, n, key, weight, t FROM records WHERE kind = 'trust'"
    others = db.rows(f"{columns} AND {LIVE} AND author != ?", (now, me))
    if private:
        stated = own_endorsements(db, me, now)
        own = [
            (me, n, peer, weight, min(touched // 1000, now))
            for n, (peer, weight, touched) in enumerate(stated)
        ]
    else:
        left = f"{columns} AND author = ? AND pos IS NOT NULL AND x > ?"
        own = db.rows(left, (me, now))
    who = who_is_who(db, me, now)
    if who.heads or who.ended:
        heard = [row for row in said_by_one(others, who) if row[0] != me]
        return sorted(row[:5] for row in about_whom([*heard, *own], who))
    return sorted([*others, *own])
