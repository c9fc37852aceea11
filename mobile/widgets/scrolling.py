"""Scrolling: a finger moves the content, and a press counts the moment the finger is lifted.

Kivy's own ScrollView holds every press back, .2 s after the finger has left. Here what is touched
learns of it at once, and has its press taken back if the finger moves on to scroll.
"""

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, PopMatrix, PushMatrix, RoundedRectangle, Translate
from kivy.graphics.transformation import Matrix
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.properties import NumericProperty
from kivy.uix.stencilview import StencilView
from kivy.uix.widget import Widget

from mobile.widgets.look import LOOK, colour

SLOP = 10.0
"""dp a finger moves before it is no press any more"""
WHEEL = 64.0
"""dp of a step of the mouse's wheel"""
FRICTION = 3.2
"""1/s: speed after a fling falls as exp(-FRICTION t); a guess that feels right"""
SLOWEST = 18.0
"""dp/s: slower than that, a fling is over"""
FASTEST = 9000.0
"""dp/s"""
BAR = 3.0
"""dp, width of the mark that tells where one is"""
BAR_STAYS = 0.7
"""s"""


class Scroller(StencilView):  # type: ignore[misc, unused-ignore]
    """Shows a part of one child that is higher than itself.

    The child's width is ours; its height is its own.
    """

    offset = NumericProperty(0.0)
    """Pixels of the child above the upper edge, 0 .. `furthest`; stays when the child grows"""

    def __init__(self, **kwargs: Any) -> None:
        self._content: Any = None
        self._speed = 0.0
        self._fling = None
        self._trail: list[tuple[float, float]] = []
        super().__init__(**kwargs)
        with self.canvas.before:
            PushMatrix()
            self._shift = Translate()
        with self.canvas.after:
            self._bar_paint = Color(0, 0, 0, 0)
            self._bar = RoundedRectangle()
        self._hide_bar = Clock.create_trigger(self._bar_gone, BAR_STAYS)
        self._place = Clock.create_trigger(self.place, -1)
        self.fbind("offset", self._moved)
        self.bind(pos=self._place, size=self._place)
        self.canvas.after.insert(0, PopMatrix())

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def content(self) -> Any:
        """What is shown a part of."""
        return self._content

    @property
    def furthest(self) -> float:
        """The largest offset there is; 0 if all can be seen."""
        return max(0.0, self.content_height - float(self.height))

    @property
    def content_height(self) -> float:
        return float(self._content.height) if self._content is not None else 0.0

    def add_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        if self._content is not None:
            raise ValueError("a Scroller shows one child; put a Column into it")
        self._content = widget
        widget.size_hint = (None, None)
        widget.pos = (0, 0)
        super().add_widget(widget, *args, **kwargs)
        widget.bind(size=self._place)
        self._place()

    def remove_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        super().remove_widget(widget, *args, **kwargs)
        if widget is self._content:
            widget.unbind(size=self._place)
            self._content = None

    def place(self, *_: object) -> None:
        """Lay the content out; called before the next frame after any change of size."""
        if self._content is not None and self._content.width != self.width:
            self._content.width = self.width
        self.offset = min(self.offset, self.furthest)
        self._translate()

    def to_top(self) -> None:
        self.halt()
        self.offset = 0.0

    def reveal(self, widget: Widget) -> None:
        """Scroll as little as it takes to see a widget inside the content."""
        if self._content is None:
            return
        top = (
            self.content_height
            - (widget.to_window(*widget.pos)[1] - self._content_y)
            - (widget.height)
        )
        if top < self.offset:
            self.offset = max(0.0, top)
        elif top + widget.height > self.offset + self.height:
            self.offset = min(self.furthest, top + widget.height - self.height)

    @property
    def _content_y(self) -> float:
        """Where the content's lower edge is, in our parent's coordinates."""
        return float(round((self.y + self.height) - self.content_height + self.offset))

    def _moved(self, *_: object) -> None:
        self._translate()
        self._show_bar()

    def _translate(self) -> None:
        # Whole pixels: text is sharp, and a float32 holds them exactly up to 16.7 million.
        self._shift.xy = (round(self.x), self._content_y)

    # -- coordinates ------------------------------------------------------------------------------

    def to_local(self, x: float, y: float, **_: Any) -> tuple[float, float]:
        return x - self._shift.x, y - self._shift.y

    def to_parent(self, x: float, y: float, **_: Any) -> tuple[float, float]:
        return x + self._shift.x, y + self._shift.y

    def _apply_transform(self, matrix: Matrix, pos: tuple[float, float] | None = None) -> Matrix:
        shift = Matrix().translate(self._shift.x, self._shift.y, 0)
        return super()._apply_transform(matrix.multiply(shift), (0, 0))

    # -- touches ----------------------------------------------------------------------------------

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        if touch.is_mouse_scrolling:
            return self._wheel(touch)
        flung = self._fling is not None
        self.halt()
        key = self._key
        if key not in touch.ud:
            touch.ud[key] = touch.pos
            touch.grab(self)
            self._trail = [(Clock.time(), touch.y)]
        if not flung:  # a touch that stops a fling presses nothing
            self._pass(super().on_touch_down, touch)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return self._key in touch.ud or self._pass(super().on_touch_move, touch)
        owner = touch.ud.get("owner")
        if owner is None:
            owner = self._claim(touch)
        if owner is self:
            self.drag(touch)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return self._key in touch.ud or self._pass(super().on_touch_up, touch)
        touch.ungrab(self)
        if touch.ud.get("owner") is self:
            self.drop(touch)
        return True

    def drag(self, touch: MotionEvent) -> None:
        """A finger that is ours moved."""
        self._trail.append((Clock.time(), touch.y))
        del self._trail[:-6]
        self.offset = min(self.furthest, max(0.0, self.offset + touch.dy))

    def drop(self, touch: MotionEvent) -> None:
        """A finger that is ours was lifted."""
        (since, low), (now, high) = self._trail[0], self._trail[-1]
        if Clock.time() - now < 0.12 and now > since:
            self.fling((high - low) / (now - since))

    def sideways(self, touch: MotionEvent) -> bool:
        """Whether we want a finger that moves sideways."""
        return False

    @property
    def _key(self) -> str:
        return f"scroller {self.uid}"

    def _claim(self, touch: MotionEvent) -> Any:
        """Whose finger it is, once it has moved far enough to tell."""
        start = touch.ud[self._key]
        dx, dy = abs(touch.x - start[0]), abs(touch.y - start[1])
        if max(dx, dy) <= dp(SLOP):
            return None
        if dx > dy:
            if not self.sideways(touch):
                return None
        elif self.furthest <= 0:
            return None
        claim(touch, self)
        return self

    def _pass(self, handler: Callable[[MotionEvent], Any], touch: MotionEvent) -> bool:
        touch.push()
        touch.apply_transform_2d(self.to_local)
        taken = bool(handler(touch))
        touch.pop()
        return taken

    def _wheel(self, touch: MotionEvent) -> bool:
        step = {"scrollup": 1, "scrolldown": -1}.get(touch.button, 0)
        before = self.offset
        self.offset = min(self.furthest, max(0.0, before + step * dp(WHEEL)))
        return bool(self.offset != before)

    # -- flinging ---------------------------------------------------------------------------------

    @property
    def moving(self) -> bool:
        """Whether the content moves by itself."""
        return self._fling is not None

    def fling(self, speed: float) -> None:
        """Let the content go on by itself; `speed` in pixels a second, > 0 shows what is below."""
        self.halt()
        if abs(speed) > dp(SLOWEST) and self.furthest > 0 and LOOK.motion:
            self._speed = max(-dp(FASTEST), min(dp(FASTEST), speed))
            self._fling = Clock.schedule_interval(self._glide, 0)

    def halt(self) -> None:
        """Stop a fling."""
        if self._fling is not None:
            self._fling.cancel()
            self._fling = None

    def _glide(self, dt: float) -> None:
        wanted = self.offset + self._speed * dt
        self.offset = min(self.furthest, max(0.0, wanted))
        self._speed *= 2.718281828 ** (-FRICTION * dt)
        if self.offset != wanted or abs(self._speed) < dp(SLOWEST):
            self.halt()

    # -- the mark at the side ---------------------------------------------------------------------

    def _show_bar(self) -> None:
        if self.furthest <= 0:
            return
        share = self.height / self.content_height
        length = max(dp(28), self.height * share)
        top = (self.y + self.height) - (self.height - length) * self.offset / self.furthest
        self._bar.pos = ((self.x + self.width) - dp(BAR) - dp(3), top - length)
        self._bar.size = (dp(BAR), length)
        self._bar.radius = [dp(BAR) / 2]
        self._bar_paint.rgba = colour(LOOK.theme, "quiet", 0.55)
        self._hide_bar.cancel()
        self._hide_bar()

    def _bar_gone(self, *_: object) -> None:
        self._bar_paint.rgba = (0, 0, 0, 0)


def claim(touch: MotionEvent, owner: Widget) -> None:
    """Make a finger the owner's: everybody else who holds it has the press taken back."""
    touch.ud["owner"] = owner
    for reference in list(touch.grab_list):
        other = reference()
        if other is not None and other is not owner and hasattr(other, "take_back"):
            touch.ungrab(other)
            other.take_back()
