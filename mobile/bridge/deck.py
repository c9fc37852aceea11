"""The player's wishes, and the acts that come of them: plays and skips, with the list's id.

While learning is off nothing of it is recorded, not even here.
"""

from collections.abc import Callable
from dataclasses import replace

from mobile.bridge.lists import Lists
from mobile.bridge.office import LIST, PRIVACY, Office
from mobile.bridge.shelves import Shelves
from mobile.bridge.tastes import Tastes
from mobile.bridge.turntable import Left, Piece, Turntable
from web3rec.types import Event


class Deck:
    """All calls come on the UI thread."""

    def __init__(
        self,
        office: Office,
        lists: Lists,
        shelves: Shelves,
        tastes: Tastes,
        learning: Callable[[], bool],
    ) -> None:
        """`learning`: whether what is played may be kept."""
        self._office, self._board = office, office.board
        self._lists, self._shelves, self._tastes = lists, shelves, tastes
        self._learning = learning
        self._table = Turntable()

    def play(self, item: str) -> None:
        """From the list or the library; what comes after it there follows."""
        with self._board.lock:
            if self._table.shown.item == item:
                self.pause(paused=False)
                return
            listed = self._lists.row(item) is not None
            after = self._lists.following(item) if listed else self._shelves.following(item)
            self._play(item, after)

    def pause(self, *, paused: bool) -> None:
        with self._board.lock:
            self._table.pause(paused=paused)
            self._show()

    def next(self) -> None:
        """The next that can still be played; nothing, if there is none."""
        with self._board.lock:
            after = self._table.following
            for at, item in enumerate(after):
                if self._piece(item) is not None:
                    self._play(item, after[at + 1 :])
                    return
            self.stop()

    def stop(self) -> None:
        with self._board.lock:
            self._record(self._table.leave())
            self._show()

    def tick(self, now: float) -> None:
        """Time goes on; at its end an item is played, and the next one begins."""
        with self._board.lock:
            if self._table.tick(now):
                self.next()
            else:
                self._show()

    def drop(self, item: str = "") -> None:
        """Stop and record nothing, if it is this item that plays, or whatever plays."""
        with self._board.lock:
            if item in ("", self._table.shown.item):
                self._table.leave()
                self._show()

    # -- inside ----------------------------------------------------------------------------------

    def _play(self, item: str, after: tuple[str, ...]) -> None:
        piece = self._piece(item)
        if piece is not None:
            self._record(self._table.play(piece, after))
            self._show()

    def _piece(self, item: str) -> Piece | None:
        liked = self._tastes.since(item) is not None
        row = self._lists.row(item)
        if row is not None:
            return Piece(item, row.title, row.creator, self._lists.batch_of(item), liked)
        entry = self._shelves.entry(item)
        return None if entry is None else Piece(item, entry.title, entry.creator, "", liked)

    def _record(self, left: Left | None) -> None:
        if left is None or not self._learning():
            return
        event, at = (Event.PLAY if left.played else Event.SKIP), self._office.moment()
        self._office.act(lambda rec: rec.record(event, left.item, at=at, batch=left.batch))
        self._office.renew(LIST, PRIVACY)

    def _show(self) -> None:
        shown = self._table.shown
        self._board.change(player=replace(shown, liked=self._tastes.since(shown.item) is not None))
