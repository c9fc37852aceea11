"""Grey rows, where rows will stand once the store is open."""

from typing import Any

from kivy.graphics import Color, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.screens.for_you_row import ROW
from mobile.theme import GAP, HAIR, MARGIN, READING, Theme
from mobile.widgets import Dressed, colour, grown

LINES = ((0.62, 16.0), (0.36, 12.0), (0.78, 12.0))
"""Share of the width, and dp: title, creator, reason"""
SPACE = 8.0
"""dp between the lines"""


class Skeleton(Dressed, Widget):
    """As many grey rows as its place holds; nothing in it moves, so it costs nothing to wait."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ink: tuple[float, float, float, float] = (0, 0, 0, 0)
        self.bind(pos=self._draw, size=self._draw)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self._ink = colour(theme, "raised")
        self._draw()

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        step = round(grown(ROW))
        aside = max(0.0, (self.width - dp(READING)) / 2)
        left, right = self.x + aside + dp(MARGIN), self.right - aside - dp(MARGIN)
        words = left + dp(64) + dp(GAP)
        with self.canvas:
            Color(*self._ink)
            for number in range(int(self.height // step)):
                middle = self.top - (number + 0.5) * step
                RoundedRectangle(
                    pos=(left, middle - dp(32)), size=(dp(64), dp(64)), radius=[dp(12)]
                )
                high = [grown(height) for _share, height in LINES]
                low = middle + (sum(high) + 2 * grown(SPACE)) / 2
                for (share, _dp), height in zip(LINES, high, strict=True):
                    # No two rows look the same, and every one looks the same each time.
                    width = (right - words) * share * (0.8 + 0.2 * ((number * 7 + 3) % 5) / 4)
                    low -= height
                    RoundedRectangle(pos=(words, low), size=(width, height), radius=[dp(HAIR)])
                    low -= grown(SPACE)
