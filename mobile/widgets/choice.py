"""One of several: a line with a ring, filled if it is the one."""

from typing import Any

from kivy.graphics import Color, Ellipse, Line
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from mobile.theme import GAP, TARGET, Role, Theme
from mobile.widgets.look import LOOK, Act, Dressed, colour
from mobile.widgets.pressing import Pressable
from mobile.widgets.text import Text

RING = 20.0
"""dp"""


class _Ring(Dressed, Widget):
    """Draws the ring of a Choice."""

    def __init__(self, *, chosen: bool) -> None:
        super().__init__(size_hint=(None, None), pos_hint={"center_y": 0.5})
        self.chosen = chosen
        with self.canvas:
            self._ring_paint = Color()
            self._ring = Line()
            self._dot_paint = Color()
            self._dot = Ellipse()
        self.bind(pos=self._place)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.size = (dp(RING), dp(RING))
        self._ring_paint.rgba = colour(theme, "accent" if self.chosen else "edge")
        self._dot_paint.rgba = colour(theme, "accent", 1.0 if self.chosen else 0.0)
        self._place()

    def _place(self, *_: object) -> None:
        width = max(1.0, dp(1))
        self._ring.circle = (*self.center, self.width / 2 - width)
        self._ring.width = width
        side = self.width * 0.5
        self._dot.pos = (self.center_x - side / 2, self.center_y - side / 2)
        self._dot.size = (side, side)


class Choice(Pressable, BoxLayout):
    """One of several; whoever makes them lets one be chosen.

    Args:
        title: what is chosen.
        text: a quieter text below; "" for none.
        chosen: whether it is the one.
        on_press: called when a finger is lifted over it, chosen or not.
    """

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        chosen: bool = False,
        on_press: Act | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label=title, act=on_press, size_hint_y=None, **kwargs)
        self._ring = _Ring(chosen=chosen)
        self._words = BoxLayout(orientation="vertical", size_hint_y=None)
        self._words.bind(minimum_height=self._words.setter("height"))
        self._words.pos_hint = {"center_y": 0.5}
        self._title = Text(title)
        self._words.add_widget(self._title)
        if text:
            self._words.add_widget(Text(text, role=Role.CAPTION, colour="quiet"))
        self.add_widget(self._ring)
        self.add_widget(self._words)
        self._words.fbind("height", self._measure)
        self.wear()

    @property
    def title(self) -> str:
        return str(self._title.text)

    @property
    def chosen(self) -> bool:
        return self._ring.chosen

    @chosen.setter
    def chosen(self, chosen: bool) -> None:
        if chosen != self._ring.chosen:
            self._ring.chosen = chosen
            self._ring.dress(LOOK.theme)

    def on_disabled(self, *_: object) -> None:
        self.opacity = 0.45 if self.disabled else 1.0

    def dress(self, theme: Theme) -> None:
        self.spacing = dp(GAP)
        self.padding = (0, dp(6))
        self._words.spacing = dp(2)
        self._measure()

    def _measure(self, *_: object) -> None:
        self.height = max(dp(TARGET), self._words.height + 2 * dp(6))
