"""What can be pressed: as large as a finger, shows that it is held, and acts when it is let go."""

from typing import Any

from kivy.graphics import Color, RoundedRectangle
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior

from mobile.theme import RADIUS_SMALL, Theme
from mobile.widgets.look import LOOK, Act, Dressed, colour

HELD = 0.10
"""How strongly what is held is shaded, 0 .. 1"""


class Pressable(ButtonBehavior, Dressed):
    """Mixed into a widget: `act` is called when a finger is lifted over it.

    A finger that moves on to scroll or to swipe takes its press back (`take_back`).
    """

    def __init__(self, *, label: str, act: Act | None, **kwargs: Any) -> None:
        self.label = label
        """What pressing does, in words: for tests, and for screen readers if Kivy ever has any"""
        self.act = act
        self.held_radius = RADIUS_SMALL
        super().__init__(**kwargs)
        with self.canvas.after:
            self._held_paint = Color(0, 0, 0, 0)
            self._held_shape = RoundedRectangle()
        self.fbind("state", self._shade)

    def on_release(self) -> None:
        if self.act is not None:
            self.act()

    def take_back(self) -> None:
        """The press does not count any more: the finger went on to scroll or to swipe."""
        self.state = "normal"

    def _shade(self, *_: object) -> None:
        held = self.state == "down"
        if held:
            self._held_shape.pos, self._held_shape.size = self.pos, self.size
            self._held_shape.radius = [dp(self.held_radius)]
        self._held_paint.rgba = colour(LOOK.theme, "text", HELD if held else 0.0)

    def dress(self, theme: Theme) -> None:
        raise NotImplementedError
