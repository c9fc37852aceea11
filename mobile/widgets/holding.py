"""What stands in a box now: rows that keep their widget while their model stays, and no more of
them than are asked for.

For tens of rows of their own heights on a page. For thousands of rows of one height: `RowList`.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from kivy.uix.layout import Layout
from kivy.uix.widget import Widget

from mobile.theme import SMALL
from mobile.widgets.buttons import Button
from mobile.widgets.layout import Column


def hold(box: Layout, *wanted: Widget | None) -> None:
    """Let exactly these stand in a box, in this order; costs nothing if they do. None is left out.

    Cost: that of laying the box out anew, if anything changed.
    """
    there = [widget for widget in wanted if widget is not None]
    if box.children[::-1] == there:
        return
    box.clear_widgets()
    for widget in there:
        box.add_widget(widget)


class Listing(Column):
    """Rows below each other, the first few of them, and a button that shows more.

    Args:
        make: a new row; it has `show(model)`.
        key: what tells one model from another; its row keeps its widget while it is listed, and so
            a level that is being dragged there.
        few: rows at first, and how many more each press of the button shows.
        more: says the button, with how many are hidden as `{}`.
    """

    def __init__(
        self,
        make: Callable[[], Widget],
        key: Callable[[Any], Hashable],
        *,
        few: int = 8,
        more: str = "Show more ({})",
        gap: float = SMALL,
        **kwargs: Any,
    ) -> None:
        super().__init__(gap=gap, **kwargs)
        self._make = make
        self._key = key
        self._few = few
        self._shown = few
        self._more_words = more
        self._models: Sequence[Any] = ()
        self._rows: dict[Hashable, Widget] = {}
        self._more = Button("", icon="chevron-down", on_press=self.more)

    def show(self, models: Sequence[Any]) -> None:
        """Show these. Keys that come twice are told apart by how often they came."""
        self._models = models
        rows: dict[Hashable, Widget] = {}
        for model in models[: self._shown]:
            key = self._key(model)
            times = 0
            while (key, times) in rows:
                times += 1
            row = self._rows.get((key, times)) or self._make()
            row.show(model)
            rows[key, times] = row
        self._rows = rows
        hidden = len(models) - len(rows)
        if hidden > 0:
            self._more.text = self._more_words.format(hidden)
        hold(self, *rows.values(), self._more if hidden > 0 else None)

    def more(self) -> None:
        """Show some more."""
        self._shown += self._few
        self.show(self._models)

    @property
    def rows(self) -> list[Widget]:
        """The rows there are, from the top."""
        return list(self._rows.values())
