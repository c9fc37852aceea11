"""Wishes that are granted at once: every one leads to a new State, as from a very quick bridge."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mobile.app import Web3recApp
from mobile.screens.for_you import ForYouScreen
from mobile.screens.for_you_row import ForYouLine
from mobile.viewmodel import ForYou, ForYouRow, Notice, State, Why
from tests.mobile.screens.phones import on_top
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeWishes


class Answering(FakeWishes):
    """Grants what the list and its sheets wish for; the rest is only noted.

    Args:
        first: the State to start from.
        why: what `open_why` opens.
    """

    def __init__(self, first: State, why: Why | None = None) -> None:
        super().__init__()
        self.state = first
        self._why = why
        self._before: dict[int, ForYou] = {}
        self.tell: Callable[[State], None] = lambda _: None
        """Who is told of new States"""

    def like(self, item: str) -> None:
        self.calls.append(("like", item))
        self._renew(
            tuple(
                replace(row, liked=not row.liked) if row.item == item else row
                for row in self.state.for_you.rows
            )
        )

    def less(self, item: str) -> None:
        self.calls.append(("less", item))
        self._drop(item)

    def not_interested(self, item: str) -> None:
        self.calls.append(("not_interested", item))
        self._drop(item)

    def undo(self, notice: int) -> None:
        self.calls.append(("undo", notice))
        self._show(replace(self.state, for_you=self._before.pop(notice), notice=None))

    def choose_tag(self, tag: str) -> None:
        self.calls.append(("choose_tag", tag))
        tags = tuple(
            replace(choice, chosen=not choice.chosen) if choice.tag == tag else choice
            for choice in self.state.for_you.tags
        )
        self._show(replace(self.state, for_you=replace(self.state.for_you, tags=tags)))

    def open_why(self, item: str) -> None:
        self.calls.append(("open_why", item))
        self._show(replace(self.state, why=self._why))

    def close_why(self) -> None:
        self.calls.append(("close_why",))
        self._show(replace(self.state, why=None))

    def _drop(self, item: str) -> None:
        number = len(self.calls)
        self._before[number] = self.state.for_you
        rows = tuple(row for row in self.state.for_you.rows if row.item != item)
        self.state = replace(self.state, notice=Notice(number, "Gone from your list", undo=True))
        self._renew(rows)

    def _renew(self, rows: tuple[ForYouRow, ...]) -> None:
        self._show(replace(self.state, for_you=replace(self.state.for_you, rows=rows)))

    def _show(self, state: State) -> None:
        self.state = state
        self.tell(state)


class Visit:
    """The app, with wishes that are granted at once.

    Args:
        stage: where it is shown.
        first: the State to start from.
        why: what `open_why` opens.
    """

    def __init__(self, stage: Stage, first: State, why: Why | None = None) -> None:
        self.wishes = Answering(first, why)
        self.app = Web3recApp(self.wishes, first)
        self.wishes.tell = self.app.show
        stage.start(self.app)

    @property
    def screen(self) -> ForYouScreen:
        """The list's screen."""
        screen = self.app.shell.screen
        assert isinstance(screen, ForYouScreen)
        return screen

    @property
    def sheet(self) -> Any:
        """What the sheet on top holds; None if there is none."""
        return on_top(self.app.shell)

    @property
    def titles(self) -> list[str]:
        """Of the rows, as the list has them."""
        return [row.title for row in self.screen.list.rows.rows]

    def row(self, place: int) -> ForYouLine:
        """The widget of a row that can be seen."""
        row = self.screen.list.rows.row_at(place)
        assert isinstance(row, ForYouLine)
        return row
