"""Whom the ego trusts, blocks, names or hears of; trusted first, then by reach."""

from typing import Final

from mobile.presenting.phrases import counted, since_day
from mobile.viewmodel import Person
from web3rec.recommender import Recommender
from web3rec.records import did_key
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import Millis, PeerId
from web3rec.wording import short

MOST: Final = 100
"""People shown"""
_DAY: Final = 86_400


def people(rec: Recommender, now: Millis) -> tuple[tuple[Person, ...], int]:
    """The first `MOST` people, and how many others are known.

    Raises Closed. Cost: that of the list's view, if the log changed; O(records) to count them.
    """
    view, log = rec.view(), rec.log
    trust = trusted(rec)
    names, blocked, authors = log.names(), log.blocked(), log.authors()
    numbers, tau = view.snapshot.users, view.trust.tau

    def reach(peer: PeerId) -> float:
        number = numbers.number(peer)
        return 0.0 if number is None or peer in blocked else min(1.0, float(tau[number]))

    known = (set(trust) | set(names) | blocked | set(authors)) - {rec.me}
    reaches = {peer: reach(peer) for peer in known}
    order = sorted(
        known,
        key=lambda peer: (
            -trust.get(peer, 0.0),
            peer not in names and peer not in blocked,
            -reaches[peer],
            -authors.get(peer, 0),
            peer,
        ),
    )
    shown = order[:MOST]
    newest = _newest(rec, shown)
    made = tuple(
        Person(
            peer=did_key(peer),
            name=names.get(peer) or short(peer),
            trust=trust.get(peer),
            reach=reaches[peer],
            blocked=peer in blocked,
            detail=_detail(authors.get(peer, 0), newest.get(peer), now, blocked=peer in blocked),
        )
        for peer in shown
    )
    return made, len(order) - len(made)


def trusted(rec: Recommender) -> dict[PeerId, float]:
    """Whom the ego trusts itself, by the key each goes by now; in (0, 1]."""
    who = rec.log.who_is_who()
    return {who.of(peer): weight / MAX_WEIGHT for peer, weight, _ in rec.log.stated_trust()}


def _newest(rec: Recommender, wanted: list[PeerId]) -> dict[PeerId, int]:
    """When each did last what it told; unix seconds. Cost: 2 µs for each of their statements."""
    newest: dict[PeerId, int] = {}
    for told in rec.log.told(wanted):
        for statements in (told.acts, told.endorsements):
            for author, t in zip(statements[0], statements[-1], strict=True):
                newest[author] = max(newest.get(author, 0), t)
    return newest


def _detail(records: int, newest: int | None, now: Millis, *, blocked: bool) -> str:
    if blocked:
        return "blocked · not heard"
    if not records:
        return "nothing heard yet"
    said = counted(records, "record")
    if newest is None:
        return said
    return f"{said} · last active {since_day((now / 1000 - newest) / _DAY)}"
