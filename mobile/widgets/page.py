"""A page: sections below each other, that scroll; columns no wider than is read well."""

from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from mobile.theme import GAP, MARGIN, READING, SMALL, WIDE, Role, Theme
from mobile.widgets.layout import Card, Column, Strip
from mobile.widgets.look import LOOK, Dressed
from mobile.widgets.scrolling import Scroller
from mobile.widgets.text import Text


class Page(Scroller):
    """A column that scrolls.

    Args:
        children: what stands on it.
        gap: dp between them.
    """

    def __init__(self, *children: Widget, gap: float = WIDE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._column = Column(*children, gap=gap, padding=(MARGIN, SMALL, MARGIN, WIDE))
        self.add_widget(self._column)
        self.fbind("width", self._narrow)
        LOOK.bind(version=self._narrow)  # weakly, unlike fbind
        self._narrow()

    def add(self, widget: Widget) -> Widget:
        """Put something at the end; returns it."""
        self._column.add_widget(widget)
        return widget

    def drop_all(self) -> None:
        """Take everything away."""
        self._column.clear_widgets()

    def section(self, title: str, *children: Widget, note: str = "") -> "Section":
        """Put a section at the end; returns it."""
        section = Section(title, *children, note=note)
        self._column.add_widget(section)
        return section

    def _narrow(self, *_: object) -> None:
        side = max(dp(MARGIN), (self.width - dp(READING)) / 2)
        self._column.padding = [side, dp(SMALL), side, dp(WIDE)]


class Section(Column):
    """A heading, what it is about in a line, and a card with what belongs to it.

    Args:
        title: "" for none.
        children: what the card holds; see `add`, `drop_all`.
        note: a quieter text below the heading; "" for none.
    """

    def __init__(self, title: str, *children: Widget, note: str = "", **kwargs: Any) -> None:
        super().__init__(gap=SMALL, **kwargs)
        if title:
            self.add_widget(Text(title, role=Role.HEADING))
        self._note = Text(note, role=Role.CAPTION, colour="quiet")
        self.add_widget(self._note)
        self.card = Card(*children)
        self.add_widget(self.card)

    @property
    def note(self) -> str:
        return str(self._note.text)

    @note.setter
    def note(self, note: str) -> None:
        self._note.text = note

    def add(self, widget: Widget) -> Widget:
        """Put something at the end of the card; returns it."""
        self.card.add_widget(widget)
        return widget

    def drop_all(self) -> None:
        """Take everything out of the card."""
        self.card.clear_widgets()


class Pair(Strip):
    """A label at the left and its value at the right; both wrap.

    Args:
        label: what it is.
        value: how much or which.
    """

    def __init__(self, label: str, value: str, **kwargs: Any) -> None:
        self._value = Text(value, align="right", size_hint_x=0.55)
        super().__init__(
            Text(label, colour="quiet", size_hint_x=0.45), self._value, gap=GAP, **kwargs
        )

    @property
    def value(self) -> str:
        return str(self._value.text)

    @value.setter
    def value(self, value: str) -> None:
        self._value.text = value


class RowLine(Dressed, BoxLayout):
    """A row's skeleton: something at the left, two or three lines of text, something at the right.

    Args:
        left: such as a CoverArt or an Icon; None for nothing.
        right: such as IconButtons.
        third: whether there is a third line.
    """

    def __init__(
        self,
        left: Widget | None = None,
        *right: Widget,
        third: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.first = Text(role=Role.STRONG, lines=1)
        self.second = Text(role=Role.CAPTION, colour="quiet", lines=1)
        self.third = Text(role=Role.CAPTION, colour="quiet", lines=1) if third else None
        self._words = BoxLayout(orientation="vertical", size_hint_y=None)
        self._words.bind(minimum_height=self._words.setter("height"))
        for text in (self.first, self.second, self.third):
            if text is not None:
                self._words.add_widget(text)
        for widget in (left, self._words, *right):
            if widget is not None:
                widget.pos_hint = {"center_y": 0.5}
                self.add_widget(widget)
        self.wear()

    def say(self, first: str, second: str, third: str = "") -> None:
        """Set the lines."""
        self.first.text, self.second.text = first, second
        if self.third is not None:
            self.third.text = third

    def dress(self, theme: Theme) -> None:
        self.padding = (dp(MARGIN), 0, dp(SMALL), 0)
        self.spacing = dp(GAP)
        self._words.spacing = dp(1)
