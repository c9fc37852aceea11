"""Who a recommendation came through: one bar of up to three parts, and what they are."""

from typing import Any

from kivy.graphics import Color, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.theme import HAIR, SMALL, Theme
from mobile.viewmodel import Part
from mobile.widgets import Column, Dressed, Strip, Text, colour

INKS = (("accent", 1.0), ("edge", 1.0), ("accent", 0.45))
"""Of the parts, most first; the third stands beside the second, and the gap tells them apart"""
HEIGHT = 12.0
"""dp of the bar"""
LEAST = 4.0
"""dp: a part of one percent can be seen"""


class WhyParts(Column):
    """The bar, and a line for each part with its percent.

    Args:
        parts: 1 to 3, whose percents sum to 100.
    """

    def __init__(self, parts: tuple[Part, ...], **kwargs: Any) -> None:
        super().__init__(PartsBar(tuple(part.percent for part in parts)), gap=SMALL, **kwargs)
        for number, part in enumerate(parts):
            percent = Text(f"{part.percent} %", align="right", hug=True, lines=1, bold=True)
            self.add_widget(Strip(_Dot(number), Text(part.label, lines=2), percent, gap=SMALL))


class PartsBar(Dressed, Widget):
    """A bar whose lengths are the percents."""

    def __init__(self, percents: tuple[int, ...]) -> None:
        self.percents = percents
        super().__init__(size_hint_y=None)
        with self.canvas:
            self._drawn = [(Color(), RoundedRectangle()) for _ in percents]
        self.bind(pos=self._place, size=self._place)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.height = dp(HEIGHT)
        for number, (paint, _) in enumerate(self._drawn):
            paint.rgba = ink(theme, number)
        self._place()

    def _place(self, *_: object) -> None:
        gap = dp(2)
        left, total = self.x, max(1, sum(self.percents))
        room = self.width - gap * (len(self.percents) - 1)
        for number, (percent, (_, shape)) in enumerate(
            zip(self.percents, self._drawn, strict=True)
        ):
            first, last = number == 0, number == len(self.percents) - 1
            wide = max(dp(LEAST), room * percent / total)
            right = self.x + self.width if last else left + wide
            shape.pos, shape.size = (left, self.y), (max(0.0, right - left), self.height)
            near, far = self.height / 2 if first else dp(2), self.height / 2 if last else dp(2)
            shape.radius = [near, far, far, near]
            left = right + gap


class _Dot(Dressed, Widget):
    """The colour of a part."""

    def __init__(self, number: int) -> None:
        self._number = number
        super().__init__(size_hint=(None, None))
        with self.canvas:
            self._paint = Color()
            self._shape = RoundedRectangle()
        self.bind(pos=self._place)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.size = (dp(HEIGHT), dp(HEIGHT))
        self._paint.rgba = ink(theme, self._number)
        self._place()

    def _place(self, *_: object) -> None:
        self._shape.pos, self._shape.size, self._shape.radius = self.pos, self.size, [dp(HAIR)]


def ink(theme: Theme, number: int) -> tuple[float, float, float, float]:
    """The colour of the part of this number, from 0."""
    role, alpha = INKS[number % len(INKS)]
    return colour(theme, role, alpha)
