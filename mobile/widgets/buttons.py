"""Buttons: with words, and with a sign only.

Kivy's style sheet matches classes by their bare name, so none of ours may be called as one of
Kivy's: `Button` is another name of `WordButton`.
"""

from typing import Any

from kivy.graphics import Color, Line, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.theme import SMALL, TARGET, Role, Theme
from mobile.widgets.icons import Icon
from mobile.widgets.look import Act, colour
from mobile.widgets.pressing import Pressable
from mobile.widgets.text import Text

KINDS = {
    "plain": ("", "accent"),
    "tonal": ("tint", "on_tint"),
    "filled": ("accent", "on_accent"),
    "notice": ("", "notice_accent"),
    "danger": ("", "danger"),
    "danger filled": ("danger", "on_danger"),
}
"""Kind -> ground and text; those without a ground have an edge"""


class WordButton(Pressable, Widget):
    """A button with words: as wide as its place, or as its words if `hug`.

    Words that are too long go on in a second line.

    Args:
        text: what it does.
        icon: one of `ICONS`, or "".
        on_press: called when a finger is lifted over it.
        kind: "plain", "tonal", "filled", "danger" (an edge), "danger filled" or "notice".
    """

    def __init__(
        self,
        text: str,
        *,
        icon: str = "",
        on_press: Act | None = None,
        kind: str = "plain",
        hug: bool = False,
        **kwargs: Any,
    ) -> None:
        self._ground, ink = KINDS[kind]
        self._hug = hug
        super().__init__(label=text, act=on_press, size_hint_y=None, **kwargs)
        if hug:
            self.size_hint_x = None
        with self.canvas.before:
            self._paint = Color()
            self._shape = RoundedRectangle()
            self._edge_paint = Color()
            self._edge = Line()
        self._icon = Icon(icon, colour=ink, size=20)
        self._text = Text(text, role=Role.LABEL, colour=ink, lines=2, align="center")
        self._text.size_hint = (None, None)
        self.add_widget(self._icon)
        self.add_widget(self._text)
        self._text.fbind("height", self._measure)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def text(self) -> str:
        return str(self._text.text)

    @text.setter
    def text(self, text: str) -> None:
        self._text.text = self.label = text
        self._measure()
        self._place()

    @property
    def icon(self) -> str:
        return self._icon.name

    @icon.setter
    def icon(self, name: str) -> None:
        self._icon.name = name
        self._measure()
        self._place()

    def on_disabled(self, *_: object) -> None:
        self.opacity = 0.45 if self.disabled else 1.0

    def dress(self, theme: Theme) -> None:
        self._text.dress(theme)
        self._icon.dress(theme)
        self._paint.rgba = colour(theme, self._ground or "surface", 1.0 if self._ground else 0.0)
        edge = "edge" if self._text.ink == "accent" else self._text.ink
        bare = bool(self._ground) or self._text.ink == "notice_accent"
        self._edge_paint.rgba = colour(theme, edge, 0.0 if bare else 1.0)
        self._measure()
        self._place()

    @property
    def _icon_room(self) -> float:
        return float(self._icon.width + dp(SMALL)) if self._icon.name else 0.0

    def _measure(self, *_: object) -> None:
        self.height = max(dp(TARGET), self._text.height + dp(16))
        if self._hug:
            self.width = self._text.natural_width + self._icon_room + 2 * dp(18)

    def _place(self, *_: object) -> None:
        inner = max(1.0, self.width - 2 * dp(12) - self._icon_room)
        self._text.width = min(inner, self._text.natural_width + 2)
        left = (self.x + self.width / 2) - (self._text.width + self._icon_room) / 2
        self._icon.pos = (round(left), round((self.y + self.height / 2) - self._icon.height / 2))
        self._text.pos = (
            round(left + self._icon_room),
            round((self.y + self.height / 2) - self._text.height / 2),
        )
        radius = min(self.height / 2, dp(TARGET) / 2)
        self.held_radius = radius / dp(1)
        self._shape.pos, self._shape.size = self.pos, self.size
        self._shape.radius = [radius]
        self._edge.rounded_rectangle = (*self.pos, *self.size, radius)
        self._edge.width = max(1.0, dp(0.6))


class IconButton(Pressable, Widget):
    """A sign that can be pressed, 48 dp square.

    Args:
        icon: one of `ICONS`.
        label: what it does, in words.
        on_press: called when a finger is lifted over it.
        colour: name of a colour of the theme.
    """

    def __init__(
        self,
        icon: str,
        label: str,
        on_press: Act | None = None,
        *,
        colour: str = "quiet",
        **kwargs: Any,
    ) -> None:
        super().__init__(label=label, act=on_press, size_hint=(None, None), **kwargs)
        self.held_radius = TARGET / 2
        self._icon = Icon(icon, colour=colour)
        self.add_widget(self._icon)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def icon(self) -> str:
        return self._icon.name

    @icon.setter
    def icon(self, name: str) -> None:
        self._icon.name = name

    def recolour(self, role: str) -> None:
        """Another colour of the theme."""
        self._icon.recolour(role)

    def dress(self, theme: Theme) -> None:
        self._icon.dress(theme)
        self.size = (dp(TARGET), dp(TARGET))
        self._place()

    def _place(self, *_: object) -> None:
        self._icon.center = (round(self.x + self.width / 2), round(self.y + self.height / 2))


Button = WordButton
"""What everybody calls it"""
