"""A word on a rounded ground: a tag that may be chosen, or the chip that tells how things stand."""

from typing import Any

from kivy.graphics import Color, Line, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.theme import HAIR, TARGET, Role, Theme
from mobile.widgets.icons import Icon
from mobile.widgets.look import Act, colour, grown
from mobile.widgets.pressing import Pressable
from mobile.widgets.text import Text

HEIGHT = 34.0
"""dp of what is drawn; what is touched is 48"""


class Tag(Pressable, Widget):
    """As wide as its words, up to `most` dp, then cut with …

    Args:
        text: the word.
        chosen: on a ground of the accent.
        icon: one of `ICONS`, before the word; "" for none.
        on_press: None if it only tells something; then it is as high as it is drawn.
        most: dp.
    """

    def __init__(
        self,
        text: str,
        *,
        chosen: bool = False,
        icon: str = "",
        on_press: Act | None = None,
        most: float = 360,
        **kwargs: Any,
    ) -> None:
        self._chosen = chosen
        self.most = most
        super().__init__(label=text, act=on_press, size_hint=(None, None), **kwargs)
        with self.canvas.before:
            self._paint = Color()
            self._shape = RoundedRectangle()
            self._edge_paint = Color()
            self._edge = Line()
        self._icon = Icon(icon, size=18)
        self._text = Text(text, role=Role.LABEL, lines=1, bold=False)
        self._text.size_hint = (None, None)
        self.add_widget(self._icon)
        self.add_widget(self._text)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def text(self) -> str:
        return str(self._text.text)

    @text.setter
    def text(self, text: str) -> None:
        if text != self._text.text:
            self._text.text = self.label = text
            self._look_changed()

    @property
    def is_cut(self) -> bool:
        """Whether there was no room for all of the word, as it was last dressed."""
        return bool(self._text.natural_width + 2 > self._text.width)

    @property
    def icon(self) -> str:
        return self._icon.name

    @icon.setter
    def icon(self, name: str) -> None:
        if name != self._icon.name:
            self._icon.name = name
            self._look_changed()

    @property
    def chosen(self) -> bool:
        return self._chosen

    @chosen.setter
    def chosen(self, chosen: bool) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self._look_changed()

    def on_touch_down(self, touch: Any) -> bool:
        return self.act is not None and bool(super().on_touch_down(touch))

    def dress(self, theme: Theme) -> None:
        self._text.dress(theme)
        self._icon.dress(theme)
        self._paint.rgba = colour(theme, "tint" if self._chosen else "surface")
        self._edge_paint.rgba = colour(theme, "accent" if self._chosen else "outline")
        ink = "on_tint" if self._chosen else "text"
        self._text.recolour(ink)
        self._icon.recolour(ink if self._chosen else "quiet")
        room = self._icon.width + dp(6) if self._icon.name else 0.0
        words = max(1.0, min(self._text.natural_width + 2, dp(self.most) - room - 2 * dp(14)))
        self._text.width = words
        height = grown(HEIGHT)
        self.size = (
            max(words + room + 2 * dp(14), dp(TARGET) if self.act else 0.0),
            max(height, dp(TARGET)) if self.act else height,
        )
        self._place()

    def _place(self, *_: object) -> None:
        height = min(self.height, grown(HEIGHT) + dp(HAIR))
        y = (self.y + self.height / 2) - height / 2
        self._shape.pos, self._shape.size = (self.x, y), (self.width, height)
        self._shape.radius = [height / 2]
        self._edge.rounded_rectangle = (self.x, y, self.width, height, height / 2)
        self._edge.width = max(1.0, dp(0.6))
        self.held_radius = height / 2 / dp(1)
        room = self._icon.width + dp(6) if self._icon.name else 0.0
        left = (self.x + self.width / 2) - (self._text.width + room) / 2
        self._icon.pos = (round(left), round((self.y + self.height / 2) - self._icon.height / 2))
        self._text.pos = (
            round(left + room),
            round((self.y + self.height / 2) - self._text.height / 2),
        )

    def _shade(self, *_: object) -> None:
        super()._shade()
        height = min(self.height, grown(HEIGHT) + dp(HAIR))
        self._held_shape.pos = (self.x, (self.y + self.height / 2) - height / 2)
        self._held_shape.size = (self.width, height)
