"""The sheet "Why": where a recommendation comes from, and what can be done about it."""

from collections.abc import Callable
from typing import Any

from kivy.uix.widget import Widget

from mobile.screens.why_parts import WhyParts
from mobile.screens.why_path import WhyPath
from mobile.theme import GAP, HAIR, MARGIN, SMALL, WIDE, Role
from mobile.viewmodel import State, Why, Wishes
from mobile.widgets import Button, Card, Column, CoverArt, House, IconButton, Strip, Text


class WhySheet:
    """Opens and closes the sheet as the states say; a person closing it is a wish.

    Args:
        wishes: told what a person wants.
        house: shows the sheet.
    """

    def __init__(self, wishes: Wishes, house: House) -> None:
        self._wishes = wishes
        self._house = house
        self._shown: Why | None = None
        self.content: WhyContent | None = None
        """What the open sheet holds"""

    def show(self, state: State) -> None:
        """Show what this state has; does nothing if it is shown."""
        why = state.why
        if why is self._shown:
            return
        self._shown = why
        if why is None:
            self.content = None
            self._house.close_sheet()
            return
        self.content = WhyContent(why, self._wishes, self._house)
        self._house.open_sheet(self.content, on_closed=self._closed)

    def _closed(self) -> None:
        """A person closed it: the next state's `why`, whatever it is, is news."""
        self._shown = self.content = None
        self._wishes.close_why()


class WhyContent(Column):
    """What the sheet holds.

    Args:
        why: what is shown.
        wishes: told what a person wants.
        house: asks before something is forgotten.
    """

    def __init__(self, why: Why, wishes: Wishes, house: House, **kwargs: Any) -> None:
        super().__init__(gap=MARGIN, padding=(WIDE, HAIR, WIDE, MARGIN), **kwargs)
        self._why = why
        self._wishes = wishes
        self._house = house
        close = IconButton("close", "Close", wishes.close_why)
        words = Column(
            Text(why.title, role=Role.HEADING, lines=3),
            *_if(why.creator, Text(why.creator, colour="quiet", lines=2)),
            gap=2,
        )
        self.add_widget(Strip(CoverArt(why.cover), words, close, gap=GAP))
        self.add_widget(
            Card(
                Text(why.reason, colour="on_tint"),
                ground="tint",
                outlined=False,
                padding=(MARGIN, GAP, MARGIN, GAP),
            )
        )
        self.add_widget(_part("Came through", WhyParts(why.parts)))
        if why.path:
            self.add_widget(_part("The way it came", WhyPath(why.path)))
        if why.model:
            self.add_widget(Text(why.model, role=Role.CAPTION, colour="quiet"))
        self.not_interested = Button(
            "Not interested",
            icon="eye-off-outline",
            on_press=self._then(lambda: wishes.not_interested(why.item)),
        )
        self.less_from = Button(
            f"Less from {why.peer_label or 'this peer'}",
            icon="thumb-down-outline",
            on_press=self._then(lambda: wishes.less_from(why.peer)),
        )
        self.forget = Button(
            f"Forget {_quoted(why.own_title)}",
            icon="delete-outline",
            kind="danger",
            on_press=self._ask_to_forget,
        )
        self.add_widget(
            Column(
                self.not_interested,
                *_if(why.peer, self.less_from),
                *_if(why.own_item, self.forget),
                gap=SMALL,
            )
        )

    def _then(self, act: Callable[[], None]) -> Callable[[], None]:
        """Close the sheet, and do it."""

        def acts() -> None:
            self._wishes.close_why()
            act()

        return acts

    def _ask_to_forget(self) -> None:
        why = self._why
        self._house.confirm(
            f"Forget {_quoted(why.own_title)}?",
            "What you did with it is deleted here, and taken back where it was sent. Your lists "
            "are made as if it had never been. This cannot be undone.",
            "Forget",
            self._then(lambda: self._wishes.forget_item(why.own_item)),
            danger=True,
        )


def _part(title: str, content: Widget) -> Column:
    return Column(Text(title, role=Role.CAPTION, colour="quiet", bold=True), content, gap=SMALL)


def _if(there: str, *widgets: Widget) -> tuple[Widget, ...]:
    return widgets if there else ()


def _quoted(title: str) -> str:
    return f"“{title}”" if title else "this"
