"""What a person chooses: kept as preferences, told to whoever has to follow them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mobile.bridge.office import SETTINGS, Office
from mobile.desk import FOREVER, Desk
from mobile.preferences import Preferences
from mobile.presenting.settings import facts, learnt
from mobile.viewmodel import Fact
from web3rec.errors import Closed
from web3rec.recommender import Recommender

Follow = Callable[[Preferences], object]


class Choices:
    """The present preferences, and the screen "Settings"."""

    def __init__(
        self,
        office: Office,
        preferences: Preferences,
        save: Follow,
        follow: Follow,
        more: tuple[Fact, ...],
    ) -> None:
        """Nothing is saved yet.

        Args:
            office: whose board and desk.
            preferences: as they are now.
            save: keeps them for good; on the desk.
            follow: told at once, on the UI thread, when they changed.
            more: facts about this app to show beside ours.
        """
        self._office, self._board = office, office.board
        self._now, self._save, self._follow, self._more = preferences, save, follow, more
        self.study = Desk("web3rec-study", office.trouble)
        office.renewals[SETTINGS] = self.make
        self._show()

    @property
    def now(self) -> Preferences:
        return self._now

    def change(self, **fields: Any) -> None:
        """Choose otherwise."""
        with self._board.lock:
            chosen = replace(self._now, **fields)
            if chosen == self._now:
                return
            self._now = chosen
            self._show()
        self._office.desk.ask(lambda: self._save(chosen))
        self._follow(chosen)

    def make(self, rec: Recommender) -> None:
        """About this app."""
        self._board.amend("settings", facts=(*facts(rec), *self._more))

    def learn(self, then: Callable[[], object]) -> None:
        """Let the device find out what orders its lists best; on a thread of its own."""
        self._board.amend("settings", learning=True)

        def work() -> None:
            rec = self._office.rec
            try:
                if rec is not None:
                    self._board.say(learnt(rec.learn(anew=True)))
                    then()
            except Closed:
                pass  # let go meanwhile: it is learnt another time
            finally:
                self._board.amend("settings", learning=False)

        self.study.renew("learn", work)

    def close(self, seconds: float = FOREVER) -> bool:
        """End the thread."""
        return self.study.close(seconds)

    def _show(self) -> None:
        now = self._now
        with self._board.lock:
            self._board.amend("settings", scheme=now.scheme)
            self._board.amend("privacy", learning=now.learning)
            self._board.amend(
                "network",
                on=now.network_on,
                unmetered_only=now.unmetered_only,
                charging_only=now.charging_only,
                background=now.background,
            )
