"""A list that is pulled down for a new one."""

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.graphics import Color, Ellipse, Line, PopMatrix, PushMatrix, Rotate
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from mobile.theme import SMALL, Theme
from mobile.widgets import LOOK, Dressed, Icon, RowList, colour

PULL = 72.0
"""dp a list is pulled until letting it go asks for a new one"""
DRAG = 0.5
"""How far it goes for every dp of the finger: it resists"""
DISC = 40.0
"""dp of the sign"""


class PullList(RowList):
    """Rows, which tell when a person pulled them down from their beginning.

    Args:
        on_pull: called when a finger that pulled far enough is lifted.
        options: those of `RowList`.
    """

    pulled = NumericProperty(0.0)
    """Pixels, 0 .. 1.5 PULL; 0 unless a finger pulls"""

    def __init__(self, *args: Any, on_pull: Callable[[], object], **options: Any) -> None:
        self._on_pull = on_pull
        self._aside = False
        super().__init__(*args, **options)

    @property
    def ready(self) -> bool:
        """Whether letting go now asks for a new list."""
        return bool(self.pulled >= dp(PULL))

    def on_touch_down(self, touch: MotionEvent) -> bool:
        self._aside = False
        return bool(super().on_touch_down(touch))

    def sideways(self, touch: MotionEvent) -> bool:
        self._aside = super().sideways(touch)
        return self._aside

    def drag(self, touch: MotionEvent) -> None:
        pulls = self.pulled > 0 or (self.offset <= 0 and touch.dy < 0)
        if self._aside or not pulls:
            super().drag(touch)
        else:
            self.pulled = min(1.5 * dp(PULL), max(0.0, self.pulled - DRAG * touch.dy))

    def drop(self, touch: MotionEvent) -> None:
        ready, pulling, self.pulled = self.ready, self.pulled > 0, 0.0
        if ready:
            self._on_pull()
        elif not pulling:
            super().drop(touch)


class RenewalSign(Dressed, Widget):
    """A disc that comes down over a list while it is pulled, and stays while a new one is made."""

    angle = NumericProperty(0.0)
    """Degrees"""

    def __init__(self) -> None:
        self._pulled = 0.0
        self._busy = False
        super().__init__(size_hint=(None, None), opacity=0)
        with self.canvas.before:
            self._paint = Color()
            self._disc = Ellipse()
            self._edge_paint = Color()
            self._edge = Line()
            PushMatrix()
            self._turn = Rotate(axis=(0, 0, 1))
        self._icon = Icon("refresh", colour="accent")
        self.add_widget(self._icon)
        with self.canvas.after:
            PopMatrix()
        self.bind(pos=self._place, angle=self._place)
        self.wear()

    def show(self, *, pulled: float, busy: bool, left: float, top: float, width: float) -> None:
        """Stand where a pull of so many pixels puts it, below the list's upper edge."""
        self._pulled = pulled
        if busy != self._busy:
            self._busy = busy
            self._spin()
        depth = dp(DISC + SMALL) if busy else min(pulled, dp(PULL) * 1.2)
        self.opacity = 1.0 if busy else min(1.0, pulled / (0.4 * dp(PULL)))
        if not busy:
            self.angle = -pulled / dp(1) * 3
        self.pos = (left + (width - self.width) / 2, top - depth)

    def dress(self, theme: Theme) -> None:
        self.size = (dp(DISC), dp(DISC))
        self._paint.rgba = colour(theme, "surface")
        self._edge_paint.rgba = colour(theme, "outline")
        self._place()

    def _spin(self) -> None:
        Animation.cancel_all(self, "angle")
        self.angle = 0
        if self._busy and LOOK.motion:
            turns = Animation(angle=-360, duration=1.0) + Animation(angle=0, duration=0)
            turns.repeat = True
            turns.start(self)

    def _place(self, *_: object) -> None:
        middle = (self.x + self.width / 2, self.y + self.height / 2)
        self._disc.pos, self._disc.size = self.pos, self.size
        self._edge.circle = (*middle, self.width / 2)
        self._edge.width = max(1.0, dp(0.6))
        self._turn.origin, self._turn.angle = middle, self.angle
        self._icon.pos = (
            round(middle[0] - self._icon.width / 2),
            round(middle[1] - self._icon.height / 2),
        )
