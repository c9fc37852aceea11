"""Columns, strips, flows and cards: boxes with gaps in dp, as high as what they hold."""

from typing import Any

from kivy.graphics import Color, Line, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stacklayout import StackLayout
from kivy.uix.widget import Widget

from mobile.theme import GAP, MARGIN, RADIUS, SMALL, Theme
from mobile.widgets.look import Dressed, colour

Insets = tuple[float, float, float, float]
"""Left, top, right, bottom"""


class Box(Dressed, BoxLayout):
    """A box whose gap and padding are in dp. `Column` and `Strip` are what screens use."""

    def __init__(
        self, *children: Widget, gap: float, padding: Insets = (0, 0, 0, 0), **kwargs: Any
    ) -> None:
        self._gap = gap
        self._padding = padding
        super().__init__(**kwargs)
        for child in children:
            self.add_widget(child)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.spacing = dp(self._gap)
        self.padding = [dp(part) for part in self._padding]


class Column(Box):
    """Things below each other; as high as they are together, or as its place if `fill`.

    Children say their own height (all of ours do), or share what is left if `fill`.
    """

    def __init__(
        self,
        *children: Widget,
        gap: float = SMALL,
        padding: Insets = (0, 0, 0, 0),
        fill: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*children, gap=gap, padding=padding, orientation="vertical", **kwargs)
        if not fill:
            self.size_hint_y = None
            self.height = self.minimum_height
            self.bind(minimum_height=self.setter("height"))


class Strip(Box):
    """Things beside each other, each in the middle of the strip's height."""

    def __init__(
        self,
        *children: Widget,
        gap: float = SMALL,
        padding: Insets = (0, 0, 0, 0),
        fill: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*children, gap=gap, padding=padding, orientation="horizontal", **kwargs)
        if not fill:
            self.size_hint_y = None
            self.height = self.minimum_height
            self.bind(minimum_height=self.setter("height"))

    def add_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        if not widget.pos_hint:
            widget.pos_hint = {"center_y": 0.5}
        super().add_widget(widget, *args, **kwargs)


class Flow(Dressed, StackLayout):
    """Things beside each other, going on below where there is no more room: tags."""

    def __init__(self, *children: Widget, gap: float = SMALL, **kwargs: Any) -> None:
        self._gap = gap
        super().__init__(size_hint_y=None, height=0, **kwargs)
        self.bind(minimum_height=self.setter("height"))
        for child in children:
            self.add_widget(child)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.spacing = dp(self._gap)


class Card(Column):
    """A column on a rounded ground of its own.

    Args:
        children: what it holds.
        ground: name of a colour of the theme.
        outlined: with a hairline around it.
    """

    def __init__(
        self,
        *children: Widget,
        ground: str = "surface",
        gap: float = GAP,
        padding: Insets = (MARGIN, MARGIN, MARGIN, MARGIN),
        outlined: bool = True,
        radius: float = RADIUS,
        **kwargs: Any,
    ) -> None:
        self._ground = ground
        self._radius = radius
        self._outlined = outlined
        super().__init__(gap=gap, padding=padding, **kwargs)
        with self.canvas.before:
            self._paint = Color()
            self._shape = RoundedRectangle()
            self._hairline_paint = Color()
            self._hairline = Line()
        self.bind(pos=self._place, size=self._place)
        for child in children:
            self.add_widget(child)
        self._look_changed()

    def dress(self, theme: Theme) -> None:
        super().dress(theme)
        if hasattr(self, "_hairline"):
            self._paint.rgba = colour(theme, self._ground)
            self._hairline_paint.rgba = colour(theme, "outline", 1.0 if self._outlined else 0.0)
            self._place()

    def _place(self, *_: object) -> None:
        radius = dp(self._radius)
        self._shape.pos, self._shape.size = self.pos, self.size
        self._shape.radius = [radius]
        self._hairline.rounded_rectangle = (*self.pos, *self.size, radius)
        self._hairline.width = max(1.0, dp(0.5))


class Gap(Dressed, Widget):
    """Empty space of so many dp in height, or all that is left if 0."""

    def __init__(self, height: float = 0) -> None:
        self._dp = height
        super().__init__()
        if height:
            self.size_hint_y = None
        self.wear()

    def dress(self, theme: Theme) -> None:
        if self._dp:
            self.height = dp(self._dp)


class Hairline(Dressed, Widget):
    """A line between things."""

    def __init__(self) -> None:
        super().__init__(size_hint_y=None)
        with self.canvas:
            self._paint = Color()
            self._shape = RoundedRectangle(radius=[0])
        self.bind(pos=self._place, size=self._place)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.height = max(1, round(dp(1)))
        self._paint.rgba = colour(theme, "outline")

    def _place(self, *_: object) -> None:
        self._shape.pos, self._shape.size = self.pos, self.size
