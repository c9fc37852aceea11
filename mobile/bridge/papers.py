"""The screen "Privacy": levels, what is kept, what was sent, and forgetting it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from mobile.bridge.deck import Deck
from mobile.bridge.lists import Lists
from mobile.bridge.office import KEPT, LIBRARY, LIST, PEOPLE, PRIVACY, SETTINGS, Office
from mobile.bridge.tastes import Tastes
from mobile.presenting.phrases import counted
from mobile.presenting.privacy import RUNGS, exports, receipt_words, sent, stored
from web3rec.recommender import Recommender
from web3rec.store import Receipt
from web3rec.types import Millis

ALL: Final = (LIST, LIBRARY, PRIVACY, PEOPLE, SETTINGS, KEPT)
_HOUR: Final = 3_600_000


class Papers:
    """What the ego's own records come to."""

    def __init__(
        self, office: Office, lists: Lists, tastes: Tastes, deck: Deck, folder: Path | None
    ) -> None:
        """Nothing is shown yet. `folder`: for exports."""
        self._office, self._board = office, office.board
        self._lists, self._tastes, self._deck = lists, tastes, deck
        self._folder = folder
        office.renewals[PRIVACY] = self.make
        office.renewals[KEPT] = self.count
        self._board.amend("privacy", rungs=RUNGS, folder="" if folder is None else str(folder))

    def make(self, rec: Recommender) -> None:
        """As the log has it."""
        now = self._office.clock()
        shown, more = sent(rec, now)
        self._board.amend(
            "privacy",
            level=rec.log.level,
            private=rec.log.private,
            sent=shown,
            more_sent=more,
            exports=exports(self._folder),
        )

    def count(self, rec: Recommender) -> None:
        """What is kept; apart, since counting a hundred thousand records takes a while."""
        self._board.amend("privacy", stored=stored(rec))

    def share(self, level: int) -> None:
        """What may leave from now on."""
        self._board.amend("privacy", level=level)
        self._act(lambda rec: rec.share(level))

    def private_session(self, *, on: bool) -> None:
        """What is done meanwhile never leaves."""
        self._board.amend("privacy", private=on)

        def act(rec: Recommender) -> None:
            rec.private_session = on

        self._act(act)

    def forget_item(self, item: str) -> None:
        with self._board.lock:
            self._tastes.show(item, None)
            self._lists.forget(item)
            self._deck.drop(item)

        def wish(rec: Recommender) -> Receipt:
            try:
                return rec.forget(item=item)
            finally:
                self._tastes.settle(item, None)

        self._forget(wish)

    def forget_hour(self) -> None:
        """All that was done within the last hour."""
        since = Millis(max(0, self._office.clock() - _HOUR))
        self._lists.forget()
        self._deck.drop()
        self._forget(lambda rec: rec.forget(since=since))

    def forget_all(self) -> None:
        """Everything the ego did, said or named."""
        self._lists.forget()
        self._deck.drop()
        self._forget(lambda rec: rec.forget_all())

    def export(self, path: Path, passphrase: str) -> None:
        """To a new file, sealed if there is a passphrase."""

        def act(rec: Recommender) -> None:
            if path.parent == self._folder:
                path.parent.mkdir(parents=True, exist_ok=True)
            count = rec.export(path, passphrase=passphrase or None)
            self._board.say(f"Exported: {counted(count, 'act')}, to {path.name}")

        self._busy("exporting", act)
        self._office.renew(PRIVACY)

    def bring_in(self, path: Path, passphrase: str) -> None:
        """Import what was exported."""

        def act(rec: Recommender) -> None:
            count = rec.import_(path, passphrase=passphrase or None)
            self._board.say(f"Imported: {counted(count, 'act')} that were not here")
            self._tastes.read(rec)

        self._busy("importing", act)
        self._office.renew(*ALL)

    def new_identity(self, reopen: Callable[[], object]) -> None:
        """A new key. `reopen`: once the store closed itself; on the desk, nothing else holds it."""

        def act(rec: Recommender) -> None:
            try:
                rec.rotate()
            finally:
                reopen()
            self._board.say("You have a new key. Those who trust you follow it.")

        self._busy("making a new key", act)

    # -- inside ----------------------------------------------------------------------------------

    def _forget(self, wish: Callable[[Recommender], Receipt]) -> None:
        def act(rec: Recommender) -> None:
            try:
                receipt = wish(rec)
            finally:
                self._tastes.read(rec)
            self._board.amend("privacy", receipt=receipt_words(receipt))

        self._busy("forgetting", act)
        self._office.renew(*ALL)

    def _act(self, act: Callable[[Recommender], object]) -> None:
        self._office.act(act, undone=lambda: self._office.renew(PRIVACY))
        self._office.renew(PRIVACY)

    def _busy(self, doing: str, act: Callable[[Recommender], object]) -> None:
        self._board.amend("privacy", busy=doing)

        def done(rec: Recommender) -> None:
            act(rec)
            self._board.amend("privacy", busy="")

        self._office.act(done, undone=lambda: self._board.amend("privacy", busy=""))
