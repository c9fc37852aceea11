"""A sheet: rises from below over everything, and is alone until it is closed."""

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.graphics import Color, Rectangle, RoundedRectangle
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.properties import NumericProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from mobile.theme import GAP, MARGIN, RADIUS, READING, SMALL, WIDE, Role, Theme
from mobile.widgets.buttons import WordButton
from mobile.widgets.layout import Column, Gap, Strip
from mobile.widgets.look import LOOK, Act, Dressed, colour
from mobile.widgets.scrolling import Scroller
from mobile.widgets.text import Text

TALLEST = 0.9
"""Of the screen; what is higher scrolls"""
RISE = 0.2
"""s"""


class Sheet(Dressed, FloatLayout):
    """A sheet around what it shows. The shell makes it: screens call `house.open_sheet(widget)`.

    Args:
        content: says its own height (a Column).
        on_closed: called once, when a person closed it; not by `leave()`.
    """

    risen = NumericProperty(0.0)
    """0 below the edge .. 1 in its place"""

    def __init__(
        self, content: Widget, *, on_closed: Callable[[], object] | None = None, **kwargs: Any
    ) -> None:
        self.content = content
        self._on_closed = on_closed
        self.bottom = 0.0
        """Pixels at the lower edge that belong to the system"""
        super().__init__(**kwargs)
        with self.canvas.before:
            self._scrim_paint = Color()
            self._scrim = Rectangle()
            self._paint = Color()
            self._shape = RoundedRectangle()
            self._handle_paint = Color()
            self._handle = RoundedRectangle()
        self._scroller = Scroller(size_hint=(None, None))
        self._scroller.add_widget(content)
        self.add_widget(self._scroller)
        self.bind(pos=self._place, size=self._place, risen=self._place)
        content.bind(height=self._place)
        self.wear()

    def rise(self, *, at_once: bool = False) -> None:
        """Come up; at once if another sheet stood there."""
        if LOOK.motion and not at_once:
            Animation(risen=1.0, duration=RISE, t="out_cubic").start(self)
        else:
            self.risen = 1.0

    def close(self) -> None:
        """A person closes it."""
        self.leave()
        if self._on_closed is not None:
            on_closed, self._on_closed = self._on_closed, None
            on_closed()

    def leave(self) -> None:
        """Go away without telling anybody."""
        Animation.cancel_all(self)
        if self.parent is not None:
            self.parent.remove_widget(self)
        if self.content.parent is not None:
            self.content.parent.remove_widget(self.content)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not super().on_touch_down(touch) and not self._on_ground(touch):
            touch.ud["beside the sheet"] = self
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        super().on_touch_move(touch)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        super().on_touch_up(touch)
        if touch.ud.get("beside the sheet") is self and not self._on_ground(touch):
            self.close()
        return True

    def dress(self, theme: Theme) -> None:
        self._paint.rgba = colour(theme, "surface")
        self._handle_paint.rgba = colour(theme, "edge", 0.6)
        self._place()

    def _on_ground(self, touch: MotionEvent) -> bool:
        x, y = self._shape.pos
        width, height = self._shape.size
        return bool(x <= touch.x <= x + width and y <= touch.y <= y + height)

    def _place(self, *_: object) -> None:
        handle = dp(28)
        width = min(self.width, dp(READING))
        wanted = self.content.height + handle + dp(SMALL) + self.bottom
        height = min(wanted, TALLEST * self.height)
        left = (self.x + self.width / 2) - width / 2
        y = round(self.y - height * (1 - self.risen))
        radius = dp(RADIUS + 8)
        self._shape.pos, self._shape.size = (left, y), (width, height)
        self._shape.radius = [(radius, radius), (radius, radius), (0, 0), (0, 0)]
        self._handle.size = (dp(36), dp(4))
        self._handle.pos = ((self.x + self.width / 2) - dp(18), y + height - dp(14))
        self._handle.radius = [dp(2)]
        self._scrim.pos, self._scrim.size = self.pos, self.size
        self._scrim_paint.rgba = (0, 0, 0, LOOK.theme.scrim * self.risen)
        self._scroller.pos = (left, y + self.bottom)
        self._scroller.size = (width, height - handle - self.bottom)


class Question(Column):
    """What `house.confirm` shows: a title, a text, and two buttons.

    Args:
        title: what is asked.
        text: what follows from it.
        action: what the button says that does it.
        on_yes, on_no: what the two buttons do.
        danger: whether it cannot be taken back.
    """

    def __init__(
        self, title: str, text: str, action: str, on_yes: Act, on_no: Act, *, danger: bool = False
    ) -> None:
        super().__init__(gap=GAP, padding=(WIDE, SMALL, WIDE, MARGIN))
        self.add_widget(Text(title, role=Role.TITLE))
        self.add_widget(Text(text))
        self.add_widget(Gap(SMALL))
        yes = WordButton(action, on_press=on_yes, kind="danger filled" if danger else "filled")
        self.add_widget(Strip(WordButton("Cancel", on_press=on_no), yes, gap=GAP))
