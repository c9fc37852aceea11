"""The screen "Library": everything there is, and what a few words find in it."""

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.uix.boxlayout import BoxLayout

from mobile.theme import MARGIN, SMALL, WIDE, Role, Theme
from mobile.viewmodel import Library, LibraryRow, State, Wishes
from mobile.widgets import (
    Column,
    CoverArt,
    Field,
    Gap,
    House,
    Icon,
    IconButton,
    Pressable,
    RowLine,
    RowList,
    Strip,
    Text,
    hold,
)

PAUSE = 0.15
"""Seconds after the last letter before a search begins: about a fast typist's gap between two"""
ROW = 68.0
"""dp"""


class LibraryScreen(Column):
    """All of `Library`.

    Args:
        wishes: told what is looked for, liked and played.
        house: not needed; every screen is made alike.
    """

    def __init__(self, wishes: Wishes, house: House, **kwargs: Any) -> None:
        super().__init__(fill=True, gap=0, **kwargs)
        self._wishes = wishes
        self._house = house
        self._library: Library | None = None
        self._rows: Sequence[LibraryRow] = ()
        self._query = ""
        self.field = Field("Search titles and creators", self._typed, on_enter=self._entered)
        self.clear = IconButton("close", "Clear the search", self._clear)
        self._icon = Icon("magnify", colour="quiet")
        self._top = Strip(self._icon, self.field, padding=(MARGIN, SMALL, MARGIN, 0))
        self.total = Text(role=Role.CAPTION, colour="quiet", lines=1)
        self._count = Column(self.total, padding=(MARGIN, SMALL, MARGIN, SMALL))
        self.list = RowList(lambda: LibraryLine(wishes), ROW)
        self._note = Text(colour="quiet", align="center")
        self._nothing = Column(
            Gap(WIDE),
            self._note,
            Gap(),
            fill=True,
            padding=(WIDE, WIDE, WIDE, WIDE),
        )
        self._look_up = Clock.create_trigger(self._search, PAUSE)
        hold(self, self._top, self._count, self.list)

    def show(self, state: State) -> None:
        """Show the part; the same object as before costs nothing. What is being typed stays."""
        library = state.library
        if library is self._library:
            return
        self._library = library
        if library.query != self._query:
            if self.field.text == self._query:  # nobody has typed on since
                self.field.put(library.query)
            self._query = library.query
            self.list.to_top()
        if library.rows is not self._rows:
            self._rows = self.list.rows = library.rows
        self._note.text = library.note or ("" if library.searching else "Nothing was found.")
        empty = not len(library.rows)
        self.total.text = _told(library)
        self._offer_clear()
        hold(self, self._top, self._count, self._nothing if empty else self.list)

    def again(self) -> None:
        """To the beginning."""
        self.list.to_top()

    def _typed(self, _words: str) -> None:
        self._offer_clear()
        self._look_up.cancel()
        self._look_up()

    def _entered(self, _words: str) -> None:
        self._look_up.cancel()
        self._search()

    def _clear(self) -> None:
        self.field.text = ""
        self._entered("")

    def _search(self, *_: object) -> None:
        self._wishes.search(self.field.text)

    def _offer_clear(self) -> None:
        # Only its right end comes and goes: a field that left the tree would lose its focus.
        there = self.clear.parent is not None
        if self.field.text and not there:
            self._top.add_widget(self.clear)
        elif there and not self.field.text:
            self._top.remove_widget(self.clear)


class LibraryLine(Pressable, BoxLayout):
    """A row: a press plays it, its heart likes it."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._row: LibraryRow | None = None
        super().__init__(label="", act=self._play)
        self._cover = CoverArt(size=52)
        self.like = IconButton("heart-outline", "", self._like)
        self._line = RowLine(self._cover, self.like)
        self.add_widget(self._line)
        self.wear()

    def show(self, row: LibraryRow) -> None:
        """Show this one; an equal one costs nothing, as lazy rows are made at every look."""
        if row == self._row:
            return
        self._row = row
        self.label = f"Play {row.title}"
        self._cover.cover = row.cover
        self._line.first.text = row.title
        self._line.second.text = row.creator
        self.like.icon = "heart" if row.liked else "heart-outline"
        self.like.recolour("accent" if row.liked else "quiet")
        self.like.label = f"Like {row.title}"

    def dress(self, theme: Theme) -> None:
        """What it is made of dresses itself."""

    def _play(self) -> None:
        if self._row is not None:
            self._wishes.play(self._row.item)

    def _like(self) -> None:
        if self._row is not None:
            self._wishes.like(self._row.item)


def _told(library: Library) -> str:
    """How many there are, in a line."""
    if library.searching:
        return "Searching …"
    if library.query:
        return f"{len(library.rows):,} of {library.total:,} found"
    return "1 item" if library.total == 1 else f"{library.total:,} items"
