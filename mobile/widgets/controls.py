"""What is set: a switch, a level, and a bar that only shows one."""

from collections.abc import Callable
from typing import Any

from kivy.graphics import Color, Ellipse, RoundedRectangle
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from mobile.theme import GAP, TARGET, Role, Theme
from mobile.widgets.look import LOOK, Dressed, colour
from mobile.widgets.pressing import Pressable
from mobile.widgets.scrolling import SLOP, claim
from mobile.widgets.text import Text

SWITCH = (46.0, 26.0)
"""dp"""


class _Switch(Dressed, Widget):
    """Draws the switch of a Toggle."""

    def __init__(self, *, on: bool) -> None:
        super().__init__(size_hint=(None, None), pos_hint={"center_y": 0.5})
        self.on = on
        with self.canvas:
            self._track_paint = Color()
            self._track = RoundedRectangle()
            self._knob_paint = Color()
            self._knob = Ellipse()
        self.bind(pos=self._place)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.size = (dp(SWITCH[0]), dp(SWITCH[1]))
        self._track_paint.rgba = colour(theme, "accent" if self.on else "edge")
        self._knob_paint.rgba = colour(theme, "on_accent" if self.on else "surface")
        self._place()

    def _place(self, *_: object) -> None:
        self._track.pos, self._track.size = self.pos, self.size
        self._track.radius = [self.height / 2]
        side = self.height - dp(6)
        x = (self.x + self.width) - side - dp(3) if self.on else self.x + dp(3)
        self._knob.pos, self._knob.size = (x, self.y + dp(3)), (side, side)


class Toggle(Pressable, BoxLayout):
    """A line with a switch: pressing anywhere on it turns it.

    Args:
        label: what is on or off.
        detail: a quieter line below; "" for none.
        on: how it stands.
        on_change: called with the new value when a person turned it, not when `on` is set.
    """

    def __init__(
        self,
        label: str,
        detail: str = "",
        *,
        on: bool = False,
        on_change: Callable[[bool], object] | None = None,
        **kwargs: Any,
    ) -> None:
        self._on_change = on_change
        super().__init__(label=label, act=self._turn, size_hint_y=None, **kwargs)
        self._words = BoxLayout(orientation="vertical", size_hint_y=None)
        self._words.bind(minimum_height=self._words.setter("height"))
        self._words.pos_hint = {"center_y": 0.5}
        self._label = Text(label)
        self._detail = Text(detail, role=Role.CAPTION, colour="quiet")
        self._words.add_widget(self._label)
        self._words.add_widget(self._detail)
        self._switch = _Switch(on=on)
        self.add_widget(self._words)
        self.add_widget(self._switch)
        self._words.fbind("height", self._measure)
        self.wear()

    @property
    def on(self) -> bool:
        return self._switch.on

    @on.setter
    def on(self, on: bool) -> None:
        if on != self._switch.on:
            self._switch.on = on
            self._switch.dress(LOOK.theme)

    @property
    def detail(self) -> str:
        return str(self._detail.text)

    @detail.setter
    def detail(self, detail: str) -> None:
        self._detail.text = detail

    def on_disabled(self, *_: object) -> None:
        self.opacity = 0.45 if self.disabled else 1.0

    def dress(self, theme: Theme) -> None:
        self.spacing = dp(GAP)
        self.padding = (0, dp(6))
        self._words.spacing = dp(2)
        self._measure()

    def _measure(self, *_: object) -> None:
        self.height = max(dp(TARGET), self._words.height + 2 * dp(6))

    def _turn(self) -> None:
        self.on = not self.on
        if self._on_change is not None:
            self._on_change(self.on)


class Level(Dressed, Widget):
    """A slider with its label and value in words; tells the value when the finger is lifted.

    Args:
        label: what it sets; "" for the slider alone.
        value: in [low, high].
        on_change: called with the value on release, not when `value` is set.
        words: how a value is told, such as "80 %".
        steps: a finger moves it in so many equal steps; 0: wherever it is.
    """

    def __init__(
        self,
        label: str,
        value: float,
        on_change: Callable[[float], object] | None = None,
        *,
        low: float = 0.0,
        high: float = 1.0,
        steps: int = 0,
        words: Callable[[float], str] = lambda value: f"{value:.0%}",
        **kwargs: Any,
    ) -> None:
        self.label = label
        self._low, self._high = low, high
        self._steps = steps
        self._value = value
        self._before = value
        self._held = False
        self._on_change = on_change
        self._words = words
        super().__init__(size_hint_y=None, **kwargs)
        with self.canvas:
            self._track_paint = Color()
            self._track = RoundedRectangle()
            self._fill_paint = Color()
            self._fill = RoundedRectangle()
            self._knob = Ellipse()
        self._name = Text(label, role=Role.CAPTION, colour="quiet", lines=1)
        self._told = Text(words(value), role=Role.CAPTION, lines=1, align="right", hug=True)
        for text in (self._name, self._told):
            text.size_hint = (None, None)
            self.add_widget(text)
        self._told.fbind("width", self._place)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def value(self) -> float:
        return self._value

    @value.setter
    def value(self, value: float) -> None:
        if not self._held:
            self._set(value)

    def dress(self, theme: Theme) -> None:
        self._name.dress(theme)
        self._told.dress(theme)
        self.height = dp(TARGET) + (self._name.height if self.label else 0)
        self._track_paint.rgba = colour(theme, "raised")
        self._fill_paint.rgba = colour(theme, "accent")
        self._place()

    def _set(self, value: float) -> None:
        self._value = min(self._high, max(self._low, value))
        self._told.text = self._words(self._value)
        self._place()

    @property
    def _reach(self) -> tuple[float, float]:
        """Where the knob's middle may be: left and width."""
        room = self._told.width + dp(GAP) if not self.label else 0.0
        return self.x + dp(12), max(1.0, self.width - 2 * dp(12) - room)

    def _place(self, *_: object) -> None:
        left, width = self._reach
        middle = self.y + dp(TARGET) / 2
        share = (self._value - self._low) / ((self._high - self._low) or 1.0)
        thick = dp(6)
        self._track.pos, self._track.size = (left, middle - thick / 2), (width, thick)
        self._fill.pos, self._fill.size = self._track.pos, (max(thick, width * share), thick)
        self._track.radius = self._fill.radius = [thick / 2]
        side = dp(26 if self._held else 22)
        self._knob.pos = (left + width * share - side / 2, middle - side / 2)
        self._knob.size = (side, side)
        if self.label:
            self._name.pos = (self.x, (self.y + self.height) - self._name.height)
            self._name.width = max(1.0, self.width - self._told.width - dp(GAP))
            self._told.pos = ((self.x + self.width) - self._told.width, self._name.y)
        else:
            self._told.pos = (
                (self.x + self.width) - self._told.width,
                middle - self._told.height / 2,
            )

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if self.disabled or touch.is_mouse_scrolling or not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        touch.ud[self] = touch.pos
        self._before = self._value
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return self in touch.ud
        start_x, start_y = touch.ud[self]
        dx, dy = abs(touch.x - start_x), abs(touch.y - start_y)
        if "owner" not in touch.ud and dx > dp(SLOP) and dx > dy:
            claim(touch, self)
            self._held = True
        if touch.ud.get("owner") is self:
            self._follow(touch)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return self in touch.ud
        touch.ungrab(self)
        self._follow(touch)  # a tap goes there too
        self._held = False
        self._place()
        if self._value != self._before and self._on_change is not None:
            self._on_change(self._value)
        return True

    def take_back(self) -> None:
        """The finger went on to scroll."""
        self._held = False
        self._set(self._before)

    def _follow(self, touch: MotionEvent) -> None:
        left, width = self._reach
        share = min(1.0, max(0.0, (touch.x - left) / width))
        if self._steps:
            share = round(share * self._steps) / self._steps
        self._set(self._low + share * (self._high - self._low))


class Bar(Dressed, Widget):
    """How much of something, drawn.

    Args:
        fraction: 0 .. 1.
        colour: name of a colour of the theme.
        height: dp.
    """

    def __init__(
        self, fraction: float = 0.0, *, colour: str = "accent", height: float = 8, **kwargs: Any
    ) -> None:
        self._fraction = fraction
        self._role = colour
        self._dp = height
        super().__init__(size_hint_y=None, **kwargs)
        with self.canvas:
            self._track_paint = Color()
            self._track = RoundedRectangle()
            self._fill_paint = Color()
            self._fill = RoundedRectangle()
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def fraction(self) -> float:
        return self._fraction

    @fraction.setter
    def fraction(self, fraction: float) -> None:
        if fraction != self._fraction:
            self._fraction = fraction
            self._look_changed()

    def dress(self, theme: Theme) -> None:
        self.height = dp(self._dp)
        self._track_paint.rgba = colour(theme, "raised")
        share = self._share
        self._fill_paint.rgba = colour(theme, self._role, 1.0 if share > 0 else 0.0)
        self._place()

    @property
    def _share(self) -> float:
        return min(1.0, max(0.0, self._fraction))

    def _place(self, *_: object) -> None:
        self._track.pos, self._track.size = self.pos, self.size
        self._fill.pos = self.pos
        self._fill.size = (max(self.height, self.width * self._share), self.height)
        self._track.radius = self._fill.radius = [self.height / 2]
