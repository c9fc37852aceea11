"""Where one can go: five entries at the lower edge, or at the left where the screen is flat."""

from collections.abc import Callable, Sequence
from typing import Any

from kivy.graphics import Color, Rectangle, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from mobile.theme import SMALL, Role, Theme
from mobile.widgets.icons import Icon
from mobile.widgets.look import LOOK, Dressed, colour, grown
from mobile.widgets.pressing import Pressable
from mobile.widgets.text import Text

HEIGHT = 64.0
"""dp at the usual font scale"""
RAIL = 84.0
"""dp, width at the left edge"""
PILL = (56.0, 30.0)
"""dp, behind the sign of where one is"""

_NONE: Any = None
"""A hint that says: as large as it is"""


class _Entry(Pressable, Widget):
    def __init__(self, name: str, icon: str, word: str, on_press: Callable[[], object]) -> None:
        self.name = name
        self._icon_name = icon
        self._here = False
        super().__init__(label=f"go to {name}", act=on_press)
        with self.canvas.before:
            self._paint = Color()
            self._pill = RoundedRectangle()
        self._icon = Icon(icon, colour="quiet")
        self._word = Text(word, role=Role.MARK, colour="quiet", lines=1, align="center")
        self._word.size_hint = (None, None)
        self.add_widget(self._icon)
        self.add_widget(self._word)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def here(self) -> bool:
        return self._here

    @here.setter
    def here(self, here: bool) -> None:
        if here != self._here:
            self._here = here
            self._icon.recolour("on_tint" if here else "quiet")
            self._word.recolour("accent" if here else "quiet")
            self._look_changed()

    def dress(self, theme: Theme) -> None:
        self._word.dress(theme)
        self._icon.dress(theme)
        self._paint.rgba = colour(theme, "tint", 1.0 if self._here else 0.0)
        self._place()

    def _place(self, *_: object) -> None:
        middle = self.x + self.width / 2
        high = dp(PILL[1]) + dp(2) + self._word.line
        top = self.y + (self.height + high) / 2
        wide = min(dp(PILL[0]), self.width - dp(4))
        self._pill.pos = (middle - wide / 2, top - dp(PILL[1]))
        self._pill.size = (wide, dp(PILL[1]))
        self._pill.radius = [dp(PILL[1]) / 2]
        self._icon.center = (round(middle), round(top - dp(PILL[1]) / 2))
        self._word.width = max(1.0, self.width - dp(2))
        self._word.pos = (round(middle - self._word.width / 2), round(top - high))


class Navigation(Dressed, BoxLayout):
    """The entries, and which of them is shown.

    Args:
        entries: (name of the screen, sign, word) of each.
        on_go: called with the name.
    """

    def __init__(
        self, entries: Sequence[tuple[str, str, str]], on_go: Callable[[str], Any]
    ) -> None:
        self._upright = False
        self._inset = 0.0
        super().__init__()
        with self.canvas.before:
            self._paint = Color()
            self._ground = Rectangle()
            self._line_paint = Color()
            self._line = Rectangle()
        self._entries = {
            name: _Entry(name, icon, word, lambda name=name: on_go(name))  # type: ignore[misc]
            for name, icon, word in entries
        }
        for entry in self._entries.values():
            self.add_widget(entry)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def here(self) -> str:
        """The screen that is shown."""
        return next((name for name, entry in self._entries.items() if entry.here), "")

    @here.setter
    def here(self, here: str) -> None:
        for name, entry in self._entries.items():
            entry.here = name == here

    def stand(self, *, upright: bool, inset: float) -> None:
        """At the left edge, entries below each other, or at the lower edge.

        Args:
            upright: at the left.
            inset: pixels beyond the outer edge that belong to the system.
        """
        self._upright, self._inset = upright, inset
        self.dress(LOOK.theme)

    def dress(self, theme: Theme) -> None:
        self._paint.rgba = colour(theme, "surface")
        self._line_paint.rgba = colour(theme, "outline")
        if self._upright:
            self.orientation = "vertical"
            self.size_hint_x, self.size_hint_y = _NONE, 1
            self.width = grown(RAIL) + self._inset
            self.padding = [self._inset, dp(SMALL), 0, dp(SMALL)]
        else:
            self.orientation = "horizontal"
            self.size_hint_x, self.size_hint_y = 1, _NONE
            self.height = max(dp(HEIGHT), dp(PILL[1] + 14) + grown(19)) + self._inset
            self.padding = [dp(4), 0, dp(4), self._inset]
        self._place()

    def _place(self, *_: object) -> None:
        self._ground.pos, self._ground.size = self.pos, self.size
        thin = max(1, round(dp(1)))
        if self._upright:
            self._line.pos, self._line.size = (
                ((self.x + self.width) - thin, self.y),
                (thin, self.height),
            )
        else:
            self._line.pos, self._line.size = (
                (self.x, (self.y + self.height) - thin),
                (self.width, thin),
            )
