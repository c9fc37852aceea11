"""The store and whoever works with it: acts in order, on one thread, whatever becomes of them.

    act     something the person did: durable once done; waits for the store while it is let go
    renew   something that is shown anew: of several that wait, one is enough

What the SDK raises becomes a notice in plain words, or, where there is no working store, the
State's failure. The thread goes on.
"""

import logging
from collections.abc import Callable
from typing import Final

from mobile.bridge.board import Board, Undo
from mobile.desk import Desk
from mobile.presenting.troubles import FATAL, words_for
from web3rec.clock import Clock
from web3rec.errors import Closed
from web3rec.recommender import Recommender
from web3rec.types import Millis

logger = logging.getLogger(__name__)

Act = Callable[[Recommender], object]
LIST: Final = "list"
PEOPLE: Final = "people"
PRIVACY: Final = "privacy"
KEPT: Final = "kept"
LIBRARY: Final = "library"
SETTINGS: Final = "settings"
WHY: Final = "why"


class Office:
    """What every part of the bridge works with. Thread-safe."""

    def __init__(self, open_store: Callable[[], Recommender], board: Board, clock: Clock) -> None:
        """Nothing is opened yet.

        Args:
            open_store: opens the recommender; called on the desk, again after each `close`.
            board: where everything is shown.
            clock: unix ms.
        """
        self.board, self.clock = board, clock
        self.desk = Desk("web3rec-desk", self._broke)
        self.rec: Recommender | None = None
        """The open store; only the desk changes it"""
        self.opened: list[Callable[[Recommender], object]] = []
        """What is done on the desk each time the store was opened"""
        self.renewals: dict[str, Act] = {}
        """By name: how each part of what is shown is made anew, on the desk"""
        self.is_stale = False
        """Whether somebody else than the desk changed the log since it was shown"""
        self._open_store = open_store
        self._parked: list[tuple[Act, Undo | None]] = []
        self._last: Millis = Millis(0)

    # -- any thread ------------------------------------------------------------------------------

    def act(self, act: Act, undone: Undo | None = None) -> None:
        """Do something with the store.

        Args:
            act: what, on the desk.
            undone: if it could not be done: takes back what the screens show already.
        """
        self.desk.ask(lambda: self._do(act, undone))

    def renew(self, *names: str) -> None:
        """Show these parts anew."""
        for name in names:
            self.desk.renew(name, lambda name=name: self._renew(name))  # type: ignore[misc]

    def open(self) -> None:
        """Open the store, if it is not open; what waited for it is done first."""
        self.desk.ask(self._open)

    def close(self, done: Callable[[], object]) -> None:
        """Close the store after all acts that were asked for; `done` is called on the desk."""

        def end() -> None:
            self._close()
            done()

        self.desk.ask(end)

    def flush(self, seconds: float) -> bool:
        """Wait until all acts asked for are durable; False if they are not."""
        return self.desk.settle(seconds, acts=True) and not self._parked

    def moment(self) -> Millis:
        """Now, and later than the last one: no two acts of the screens have the same."""
        with self.board.lock:
            self._last = Millis(max(self.clock(), self._last + 1))
            if self._last - self.clock() > 1000:  # the clock was set back
                self._last = self.clock()
            return self._last

    # -- the desk --------------------------------------------------------------------------------

    def reopen(self) -> None:
        """After the store closed itself, as a change of keys does."""
        self._close()
        self._open()

    def trouble(self, error: Exception) -> None:
        """Tell what went wrong."""
        if isinstance(error, FATAL):
            self.board.change(failure=words_for(error))
        else:
            self.board.say(words_for(error), error=True)

    def _do(self, act: Act, undone: Undo | None) -> None:
        if self.rec is None:
            self._parked.append((act, undone))
            return
        try:
            act(self.rec)
        except Exception:
            if undone is not None:
                undone()
            raise  # to `_broke`: the desk goes on

    def _renew(self, name: str) -> None:
        if self.rec is not None:
            try:
                self.renewals[name](self.rec)
            except Closed:
                return  # it is shown once the store is open again

    def _open(self) -> None:
        if self.rec is not None:
            return
        try:
            rec = self._open_store()
        except Exception as error:  # noqa: BLE001 - whatever it is, without a store there is no app
            logger.warning("the store was not opened: %s", type(error).__name__)
            self.board.change(failure=words_for(error))
            return
        self.rec = rec
        rec.log.on_change(self._heard)
        self.board.change(failure="")
        parked, self._parked = self._parked, []
        for act, undone in parked:
            try:
                self._do(act, undone)
            except Exception as error:  # noqa: BLE001 - as if the desk had done it
                self._broke(error)
        for follow in self.opened:
            follow(rec)

    def _close(self) -> None:
        if self.rec is not None:
            self.rec.close()
            self.rec = None

    def _heard(self) -> None:
        """After a commit, on whichever thread made it; the desk shows its own anyway."""
        if not self.desk.here:
            self.is_stale = True

    def _broke(self, error: Exception) -> None:
        logger.warning("a wish was not carried out: %s", type(error).__name__)
        logger.debug("why", exc_info=error)
        self.trouble(error)
