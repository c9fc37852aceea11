"""A list of any length: only rows that can be seen are looked at, and only so many widgets live."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.theme import Theme
from mobile.widgets.look import LOOK, Dressed, grown
from mobile.widgets.scrolling import Scroller

SPARE = 1
"""Rows that live beyond either edge"""
MADE_AT_ONCE = 3
"""New rows in one turn of the loop; one takes some 5 to 10 ms, its texts included"""
FAR = 0.3
"""Of the width: a swipe that goes further means it"""


class Row(Protocol):
    """What a list is made of: a widget that shows a view model. `RowLine` is a good ground."""

    def show(self, model: Any) -> None:
        """Show this model, whatever was shown before; the same object as before costs nothing."""
        ...


class RowList(Dressed, Scroller):
    """Rows of one height below each other.

    Args:
        make_row: a new row; is a widget and a `Row`. Called about once for every row that fits.
        row_height: dp at the usual font scale; grows with the font scale, never shrinks.
        on_swipe: called with the model of a row that was swept to the left; None if rows stay.
            The row is gone when the next `rows` come without it, else it comes back.
    """

    def __init__(
        self,
        make_row: Callable[[], Widget],
        row_height: float,
        *,
        on_swipe: Callable[[Any], object] | None = None,
        **kwargs: Any,
    ) -> None:
        self._make_row = make_row
        self._row_dp = row_height
        self._on_swipe = on_swipe
        self._rows: Sequence[Any] = ()
        self._alive: dict[int, Widget] = {}
        self._idle: list[Widget] = []
        self._swiped: int | None = None
        self._row_height = 1
        self._turn = self._made = 0
        self._later = Clock.create_trigger(lambda *_: self._fill(), 0)
        super().__init__(**kwargs)
        self.add_widget(Widget())
        self.wear()

    @property
    def rows(self) -> Sequence[Any]:
        """The view models; may be lazy: only `len` and visible places are asked."""
        return self._rows

    @rows.setter
    def rows(self, rows: Sequence[Any]) -> None:
        self._rows = rows
        self._unswipe()
        self._measure()
        for place in list(self._alive):
            if place >= len(rows):
                self._retire(place)
            else:
                self._show(self._alive[place], place)
        self._fill()

    @property
    def row_height(self) -> int:
        """Pixels."""
        return self._row_height

    @property
    def alive(self) -> int:
        """How many row widgets there are."""
        return len(self._alive) + len(self._idle)

    def row_at(self, place: int) -> Widget | None:
        """The widget that shows a place, if it can be seen."""
        return self._alive.get(place)

    def dress(self, theme: Theme) -> None:
        self._row_height = max(1, round(grown(self._row_dp)))
        for place in list(self._alive):
            self._retire(place)
        self._measure()
        self._place()

    def place(self, *_: object) -> None:
        super().place()
        for widget in self._alive.values():
            widget.width = self.width
        self._arrange()
        self._fill()

    def _moved(self, *_: object) -> None:
        super()._moved()
        self._fill()

    def _measure(self) -> None:
        content = self.content
        height = len(self._rows) * self._row_height
        if content.height != height:
            content.height = height
            self._arrange()
            self.offset = min(self.offset, self.furthest)
            self._translate()

    def _arrange(self) -> None:
        """Places are counted from the top, Kivy's coordinates from below."""
        for place, widget in self._alive.items():
            widget.pos = (0, self.content_height - (place + 1) * self._row_height)
            widget.size = (self.width, self._row_height)

    def _fill(self) -> None:
        """Let exactly the visible rows live."""
        if self.width <= 1 or self.height <= 1:
            return
        first = max(0, int(self.offset // self._row_height) - SPARE)
        past = int((self.offset + self.height) // self._row_height) + 1 + SPARE
        past = min(len(self._rows), past)
        for place in [p for p in self._alive if not first <= p < past]:
            self._retire(place)
        for place in range(first, past):
            if place in self._alive:
                continue
            if not self._idle and not self._may_make():
                self._later()  # the others in the next turn
                break
            self._revive(place)
        self._park()

    def _may_make(self) -> bool:
        """Whether this turn has time for another new row: a screenful at once would stutter."""
        if Clock.frames != self._turn:
            self._turn, self._made = Clock.frames, 0
        self._made += 1
        return self._made <= MADE_AT_ONCE

    def _revive(self, place: int) -> None:
        widget = self._idle.pop() if self._idle else self._make_row()
        widget.size_hint = (None, None)
        widget.size = (self.width, self._row_height)
        widget.pos = (0, self.content_height - (place + 1) * self._row_height)
        self._show(widget, place)
        if widget.parent is None:
            self.content.add_widget(widget)
        self._alive[place] = widget

    def _retire(self, place: int) -> None:
        self._idle.append(self._alive.pop(place))

    def _park(self) -> None:
        """Idle rows stay out of sight and out of the tree."""
        for widget in self._idle:
            if widget.parent is not None:
                widget.parent.remove_widget(widget)

    def _show(self, widget: Widget, place: int) -> None:
        widget.show(self._rows[place])

    # -- swiping ----------------------------------------------------------------------------------

    def sideways(self, touch: MotionEvent) -> bool:
        start_x, start_y = touch.ud[self._key]
        if self._on_swipe is None or touch.x > start_x:
            return False
        place = int(((self.y + self.height) - start_y + self.offset) // self._row_height)
        if place not in self._alive:
            return False
        self._swiped = place
        return True

    def drag(self, touch: MotionEvent) -> None:
        if self._swiped is None:
            super().drag(touch)
            return
        widget = self._alive.get(self._swiped)
        if widget is not None:
            widget.x = min(0.0, touch.x - touch.ud[self._key][0] + dp(10))

    def drop(self, touch: MotionEvent) -> None:
        if self._swiped is None:
            super().drop(touch)
            return
        place, self._swiped = self._swiped, None
        widget = self._alive.get(place)
        if widget is None:
            return
        if widget.x > -FAR * self.width or self._on_swipe is None:
            self._back(widget)
            return
        widget.x = -self.width
        self._swiped_out = widget
        self._on_swipe(self._rows[place])

    _swiped_out: Widget | None = None

    def _unswipe(self) -> None:
        if self._swiped_out is not None:
            self._swiped_out.x = 0
            self._swiped_out = None

    def _back(self, widget: Widget) -> None:
        if LOOK.motion:
            Animation(x=0, duration=0.15, t="out_quad").start(widget)
        else:
            widget.x = 0
