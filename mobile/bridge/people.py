"""Whom the ego trusts and blocks: what is asked for shows at once, and can be undone."""

from dataclasses import replace
from typing import Any, Final

from mobile.bridge.office import LIST, PEOPLE, PRIVACY, Office
from mobile.presenting.people import people, trusted
from mobile.viewmodel import Person
from web3rec.checking import peer_of
from web3rec.recommender import Recommender
from web3rec.records import did_key
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import PeerId
from web3rec.wording import short

LITTLE: Final = 1 / MAX_WEIGHT
"""The least trust there is: half of it is none"""


class People:
    """The people of the screen "Network"."""

    def __init__(self, office: Office) -> None:
        """Nothing is shown yet."""
        self._office, self._board = office, office.board
        office.renewals[PEOPLE] = self.make

    def make(self, rec: Recommender) -> None:
        """Who there is, as the log has it."""
        shown, others = people(rec, self._office.clock())
        self._board.amend("network", people=shown, others=others, me=did_key(rec.me))

    def trust(self, peer: str, weight: float, name: str) -> None:
        """0 takes it back."""
        self._amended(peer, trust=weight or None, **({"name": name} if name else {}))

        def act(rec: Recommender) -> None:
            who = peer_of(peer)
            before, called = _stated(rec, who)
            rec.trust(who, weight, name=name or (called if weight else ""))
            after, now_called = _stated(rec, who)
            if (before, called) == (after, now_called):
                return
            label = name or called or short(who)
            words = f"You trust {label}: {after:.0%}" if after else f"You no longer trust {label}"
            self._board.say(words, lambda: self._put_back(who, before, called))

        self._asked(act)

    def less_from(self, peer: str) -> None:
        """Half the trust there is, in whole eighths; none, if it was the least."""

        def act(rec: Recommender) -> None:
            who = peer_of(peer)
            before, called = _stated(rec, who)
            if not before:
                self._board.say("You do not trust this person yourself; others you trust do.")
                return
            after = 0.0 if before <= LITTLE else max(1, int(before * MAX_WEIGHT / 2)) / MAX_WEIGHT
            rec.trust(who, after, name=called if after else "")
            label = called or short(who)
            words = f"{label} counts less: {after:.0%}" if after else f"{label} counts no more"
            self._board.say(words, lambda: self._put_back(who, before, called))

        self._asked(act)

    def block(self, peer: str, *, blocked: bool) -> None:
        """Never hear somebody, or hear it again."""
        self._amended(peer, blocked=blocked)

        def act(rec: Recommender) -> None:
            who = peer_of(peer)
            if (who in rec.log.silenced()) == blocked:
                return
            label = rec.log.names().get(who) or short(who)
            rec.block(who, blocked=blocked)
            words = f"Blocked: {label}" if blocked else f"Heard again: {label}"
            self._board.say(words, lambda: self.block(did_key(who), blocked=not blocked))

        self._asked(act)

    # -- inside ----------------------------------------------------------------------------------

    def _asked(self, act: Any) -> None:
        self._office.act(act, undone=lambda: self._office.renew(PEOPLE))
        self._office.renew(LIST, PEOPLE, PRIVACY)

    def _put_back(self, who: PeerId, weight: float, name: str) -> None:
        self._amended(did_key(who), trust=weight or None)
        self._asked(lambda rec: rec.trust(who, weight, name=name if weight else ""))

    def _amended(self, peer: str, **fields: Any) -> None:
        """Show it before it is done."""

        def amended(one: Person) -> Person:
            return replace(one, **fields) if one.peer == peer else one

        with self._board.lock:
            shown = self._board.state.network.people
            self._board.amend("network", people=tuple(map(amended, shown)))


def _stated(rec: Recommender, who: PeerId) -> tuple[float, str]:
    """The ego's own trust in somebody, 0 if there is none, and what it calls it."""
    return trusted(rec).get(who, 0.0), rec.log.names().get(who, "")
