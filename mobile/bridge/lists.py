"""The screen "For you": what is tapped shows at once; the new list follows when it is made.

A row that was liked, or came back by Undo, is pinned: it keeps its place until the list is asked
for anew. The others follow each new list. What was turned down is gone at once, whatever list is
under way, and stays away for as long as the app runs.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mobile.bridge.office import LIBRARY, LIST, PRIVACY, WHY, Office
from mobile.bridge.tastes import Tastes
from mobile.presenting.lists import brief, frequent_tags, placed, row_of
from mobile.presenting.phrases import sentence
from mobile.presenting.settings import model_of
from mobile.presenting.why import why_of
from mobile.viewmodel import ForYou, ForYouRow, Phase
from web3rec.batch import Batch, Recommendation
from web3rec.clock import at_work
from web3rec.recommender import Recommender
from web3rec.store.catalogue import nameless
from web3rec.types import Event, ItemKey, Millis, PeerId
from web3rec.wording import short

LISTED: Final = 24
"""Positions asked for: two to three screens. Forty take up to twice the time (0040)."""
KNOWN: Final = 5
"""Acts after which chosen tags have no say any more: taste has"""
_COLD: Final = "Nothing is known of you yet. Pick a few tags to start from."
_BARE: Final = (
    "There is nothing to recommend yet: this device has no catalogue, and nobody was heard."
)
_EMPTY: Final = (
    "Nothing is left to recommend. Trust somebody under Network, or wait until others are heard."
)


class Lists:
    """The list. Wishes come on the UI thread; `make` runs on the desk."""

    def __init__(self, office: Office, tastes: Tastes, limit: int = LISTED) -> None:
        """Nothing is shown yet."""
        self._office, self._board, self._tastes, self._limit = office, office.board, tastes, limit
        office.renewals[LIST] = self.make
        self._order: list[str] = []
        self._batch: Batch | None = None
        self._told: dict[str, tuple[Recommendation, ForYouRow, Batch]] = {}
        self._pins: dict[str, int] = {}
        self._gone: set[str] = set()
        self._chosen: dict[str, None] = {}
        self._started = False
        self._asked_why = ""
        self.worked = 0.0
        """Seconds of the processor that the last list took"""

    # -- wishes ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """A new list; nothing is pinned any more."""
        with self._board.lock:
            self._pins.clear()
            if self._board.state.for_you.phase is not Phase.LOADING:
                self._board.amend("for_you", refreshing=True)
        self._office.renew(LIST, LIBRARY)

    def like(self, item: str) -> None:
        """Liked, or no more."""
        with self._board.lock:
            since = self._tastes.since(item)
            at = self._office.moment() if since is None else since
            after = at if since is None else None
            if item in self._rows():
                self._pins[item] = self._rows().index(item)
            batch = self.batch_of(item)
            self._like(item, after)

        def act(rec: Recommender) -> None:
            if after is None:
                rec.forget(item=item, since=at)
            else:
                rec.record(Event.LIKE, item, at=at, batch=batch)
            self._tastes.settle(item, after)

        def undone() -> None:
            self._like(item, since)
            self._tastes.settle(item, since)

        self._office.act(act, undone)
        self._office.renew(LIST, LIBRARY, PRIVACY)

    def turn_down(self, item: str, event: Event, words: str) -> None:
        """Gone from the list; a notice that undoes it."""
        with self._board.lock:
            rows = self._rows()
            place = rows.index(item) if item in rows else 0
            at, batch, title = self._office.moment(), self.batch_of(item), self.title_of(item)
            self._gone.add(item)
            self._pins.pop(item, None)
            self._show()
            if self._board.state.why is not None and self._board.state.why.item == item:
                self.close_why()
            self._office.act(
                lambda rec: rec.record(event, item, at=at, batch=batch),
                undone=lambda: self._bring_back(item, place),
            )
            self._board.say(f"{words}: “{title}”", lambda: self._unturn(item, place, at))
        self._office.renew(LIST, PRIVACY)

    def choose_tag(self, tag: str) -> None:
        """Choose a tag, or choose it no more."""
        with self._board.lock:
            if self._chosen.pop(tag, "") == "":
                self._chosen[tag] = None
            tags = self._board.state.for_you.tags
            self._board.amend(
                "for_you", tags=tuple(replace(one, chosen=one.tag in self._chosen) for one in tags)
            )

    def start_from_tags(self) -> None:
        """Make a list of the chosen tags; nothing happens where none is."""
        with self._board.lock:
            if not self._chosen:
                return
            self._started = True
            self._board.amend("for_you", refreshing=True)
        self._office.renew(LIST)

    def open_why(self, item: str) -> None:
        """Open the sheet for an item of the list."""
        with self._board.lock:
            if item not in self._told:
                return
            self._asked_why = item
        self._office.desk.renew(WHY, self._make_why)

    def close_why(self) -> None:
        with self._board.lock:
            self._asked_why = ""
            self._board.change(why=None)

    # -- what others ask -------------------------------------------------------------------------

    def batch_of(self, item: str) -> str:
        """The id of the list that an item was shown in; "" if in none."""
        told = self._told.get(item)
        return "" if told is None else told[2].id

    def title_of(self, item: str) -> str:
        told = self._told.get(item)
        return item if told is None else told[1].title

    def row(self, item: str) -> ForYouRow | None:
        """The row of an item that is in the list."""
        told = self._told.get(item)
        return None if told is None or item in self._gone else told[1]

    def following(self, item: str) -> tuple[str, ...]:
        """What stands in the list after an item; all of it, if that is not there."""
        rows = self._rows()
        return tuple(rows[rows.index(item) + 1 :] if item in rows else rows)

    def forget(self, item: str = "") -> None:
        """Keep nothing in mind of an item; of nothing, if none is given."""
        with self._board.lock:
            for one in [item] if item else [*self._gone, *self._pins, *self._chosen]:
                self._gone.discard(one)
                self._pins.pop(one, None)
                if not item:
                    self._chosen.pop(one, None)
            self._started = self._started and bool(item)
            self.close_why()
            self._board.dismiss()

    # -- the desk --------------------------------------------------------------------------------

    def make(self, rec: Recommender) -> None:
        """A new list, or the tags to start from."""
        with self._board.lock:
            gone = frozenset(self._gone)
            words = tuple(self._chosen) if self._started else ()
        acts = len(rec.log.touched())
        if not acts and not words and not rec.log.stated_trust():
            self._show_tags(rec)
            return
        began = at_work()
        try:
            batch = rec.recommend(self._limit, exclude=gone, words=words if acts < KNOWN else ())
        except Exception:
            self._board.amend("for_you", refreshing=False)
            raise
        self.worked = at_work() - began
        whys = self._whys(rec, batch)
        model, detail = model_of(batch)
        with self._board.lock:
            self._take(batch, whys)
            self._show(refreshing=False)
            self._board.amend("settings", model=model, model_detail=detail)

    def _show_tags(self, rec: Recommender) -> None:
        catalogue = rec.log.items().values()
        with self._board.lock:
            tags = frequent_tags(catalogue, self._chosen)
            self._order, self._told, self._batch = [], {}, None
            self._pins.clear()
            phase = Phase.COLD if tags else Phase.EMPTY
            self._board.change(for_you=ForYou(phase, (), _COLD if tags else _BARE, tags))

    def _take(self, batch: Batch, whys: Sequence[str]) -> None:
        """Remember a list, and of older ones what is still shown or can be brought back."""
        kept = {item: self._told[item] for item in (*self._pins, *self._gone) if item in self._told}
        new = {
            str(one.item.id): (one, self._row(one, why), batch)
            for one, why in zip(batch, whys, strict=True)
        }
        self._told = {**kept, **{item: new[item] for item in new if item not in self._pins}}
        self._order, self._batch = list(new), batch

    def _row(self, one: Recommendation, why: str) -> ForYouRow:
        """The row that is there already, if it is the same."""
        row, told = row_of(one, why), self._told.get(str(one.item.id))
        return told[1] if told is not None and told[1] == row else row

    def _whys(self, rec: Recommender, batch: Batch) -> list[str]:
        """Why each stands there, in a line."""
        names = rec.log.names()
        items = rec.log.some_items({one.path.own for one in batch if one.path is not None})

        def title(key: ItemKey) -> str:
            item = items.get(key) or nameless(key)
            return item.title or str(item.id)

        return [brief(one, title, lambda peer: names.get(peer) or short(peer)) for one in batch]

    def _make_why(self) -> None:
        rec, item = self._office.rec, self._asked_why
        if rec is None or item not in self._told:
            return
        one, _, batch = self._told[item]
        names, own = rec.log.names(), None
        if one.path is not None:
            key: ItemKey = one.path.own
            own = rec.log.some_items({key}).get(key) or nameless(key)

        def name(peer: PeerId) -> str:
            return names.get(peer) or short(peer)

        sheet = why_of(one, batch, own, name)
        with self._board.lock:
            if self._asked_why == item:
                self._board.change(why=sheet)

    # -- inside; the board is locked -------------------------------------------------------------

    def _rows(self) -> list[str]:
        """Ids, in order of the rows that are shown."""
        pins = {item: at for item, at in self._pins.items() if item in self._told}
        return placed(self._order, pins, self._gone)

    def _show(self, *, refreshing: bool | None = None) -> None:
        with self._board.lock:
            old, liked = self._board.state.for_you, self._tastes.liked
            if self._batch is None:
                return
            busy = old.refreshing if refreshing is None else refreshing
            shown = {row.item: row for row in old.rows}
            rows = []
            for item in self._rows():
                row = self._told[item][1]
                row = replace(row, liked=True) if item in liked else row
                rows.append(shown[item] if shown.get(item) == row else row)
            note = sentence(self._batch.note) if rows else _EMPTY
            phase = Phase.LIST if rows else Phase.EMPTY
            self._board.change(for_you=ForYou(phase, tuple(rows), note, (), busy))

    def _like(self, item: str, at: Millis | None) -> None:
        """Show it as liked since then, or as not liked."""
        with self._board.lock:
            self._tastes.show(item, at)
            self._show()
            player = self._board.state.player
            if player.item == item:
                self._board.amend("player", liked=at is not None)

    def _bring_back(self, item: str, place: int) -> None:
        with self._board.lock:
            self._gone.discard(item)
            if item in self._told:
                self._pins[item] = place
            self._show()

    def _unturn(self, item: str, place: int, at: Millis) -> None:
        """Undo: nothing of the act is left."""
        self._bring_back(item, place)
        self._office.act(lambda rec: rec.forget(item=item, since=at))
        self._office.renew(LIST, PRIVACY)
