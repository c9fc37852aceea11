"""What was just done, above everything at the lower edge, with a way to take it back."""

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.graphics import Color, RoundedRectangle
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from mobile.theme import GAP, MARGIN, RADIUS, Role, Theme
from mobile.viewmodel import Notice
from mobile.widgets.buttons import Button
from mobile.widgets.icons import Icon
from mobile.widgets.look import LOOK, Dressed, colour
from mobile.widgets.text import Text

STAYS = 5.0
"""Seconds"""


class NoticeBar(Dressed, BoxLayout):
    """One notice for five seconds.

    Args:
        notice: what it says.
        on_undo: called with its id when Undo is pressed.
        on_over: called with its id when its time is over.
    """

    def __init__(
        self, notice: Notice, on_undo: Callable[[int], Any], on_over: Callable[[int], Any]
    ) -> None:
        self.notice = notice
        self._on_undo = on_undo
        self._on_over = on_over
        super().__init__(size_hint=(None, None))
        with self.canvas.before:
            self._paint = Color()
            self._shape = RoundedRectangle()
        if notice.error:
            sign = Icon("alert-circle-outline", colour="notice_accent", size=22)
            sign.pos_hint = {"center_y": 0.5}
            self.add_widget(sign)
        self._text = Text(notice.text, role=Role.BODY, colour="on_notice")
        self._text.pos_hint = {"center_y": 0.5}
        self.add_widget(self._text)
        if notice.undo:
            undo = Button("Undo", kind="notice", on_press=self._undo, hug=True)
            undo.pos_hint = {"center_y": 0.5}
            self.add_widget(undo)
        self._text.fbind("height", self._measure)
        self.bind(pos=self._place, size=self._place)
        self._timer = Clock.schedule_once(self._over, STAYS)
        self.wear()
        if LOOK.motion:
            self.opacity = 0
            Animation(opacity=1, duration=0.12).start(self)

    def leave(self) -> None:
        """Go away without telling anybody."""
        self._timer.cancel()
        Animation.cancel_all(self)
        if self.parent is not None:
            self.parent.remove_widget(self)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        super().on_touch_down(touch)
        return bool(self.collide_point(*touch.pos))

    def dress(self, theme: Theme) -> None:
        self.spacing = dp(GAP)
        self.padding = [dp(MARGIN), dp(4), dp(8 if self.notice.undo else MARGIN), dp(4)]
        self._paint.rgba = colour(theme, "notice")
        self._measure()

    def _measure(self, *_: object) -> None:
        self.height = max(dp(56), self._text.height + dp(24))

    def _place(self, *_: object) -> None:
        self._shape.pos, self._shape.size = self.pos, self.size
        self._shape.radius = [dp(RADIUS)]

    def _undo(self) -> None:
        self.leave()
        self._on_undo(self.notice.id)

    def _over(self, *_: object) -> None:
        self.leave()
        self._on_over(self.notice.id)
