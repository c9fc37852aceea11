"""Wishes that are granted at once: every one leads to a new State, as from a very quick bridge."""

from collections.abc import Callable
from dataclasses import replace

from mobile.viewmodel import ForYou, Notice, State, Why
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

    def _renew(self, rows: tuple[object, ...]) -> None:
        self._show(replace(self.state, for_you=replace(self.state.for_you, rows=rows)))

    def _show(self, state: State) -> None:
        self.state = state
        self.tell(state)
