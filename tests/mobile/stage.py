"""A Kivy window in this process that nobody sees: stepped frame by frame, with a time of its own.

No sleeping: `advance(5)` is five seconds for animations and notices, and some milliseconds for us.
Kivy has one window a process; one stage after another gets it, at its own size, empty.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glFinish, glReadPixels
from kivy.metrics import Metrics
from kivy.tests.common import UnitTestTouch
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget
from PIL import Image

from mobile.theme import LIGHT, Theme
from mobile.widgets import LOOK, Text
from mobile.widgets.pressing import Pressable

FRAME = 1 / 30
"""Seconds of a frame"""
BACK_KEY = 27
"""Android's back key, and Escape"""


class _Time:
    """What the Clock takes for time."""

    now = 1000.0


def _sleep(microseconds: float, *_: object) -> None:
    """As the Clock sleeps, when it has a rate of frames: time goes by, we do not wait."""
    _Time.now += max(microseconds, 1.0) / 1e6


class Stage:
    """The window, and somebody's finger in front of it. Made by the fixture `stage`."""

    def __init__(self) -> None:
        self.root: Widget | None = None
        self.width = self.height = 0
        Clock.time = lambda: _Time.now
        Clock.usleep = _sleep
        EventLoop.start()
        self.resize(412, 915)
        self.dress(LIGHT)
        LOOK.motion = False

    # -- what is shown ----------------------------------------------------------------------------

    def show(self, root: Widget) -> None:
        """Make this all there is in the window, and let it settle."""
        self.clear()
        self.root = root
        Window.add_widget(root)
        self.settle()

    def start(self, app: Any) -> None:
        """Let an App build its root, as `run()` would, without its loop."""
        self.clear()
        app._run_prepare()
        self.root = app.root
        self._app = app
        self.settle()

    _app: Any = None

    def clear(self) -> None:
        """Take everything out of the window."""
        if self._app is not None:
            app, self._app = self._app, None
            app.dispatch("on_stop")
        for child in list(Window.children):
            Window.remove_widget(child)
        self.root = None

    def leave(self) -> None:
        """Leave the window as the next stage wants to find it."""
        self.clear()
        self.resize(412, 915)
        LOOK.theme, LOOK.motion = LIGHT, True

    def dress(self, theme: Theme) -> None:
        """Light or dark."""
        LOOK.theme = theme
        Window.clearcolor = (*theme.background, 1)
        self.settle()

    def resize(
        self, width: int, height: int, density: float = 1.0, font_scale: float = 1.0
    ) -> None:
        """Another window: size in pixels, pixels a dp, how much larger the text."""
        Metrics.density, Metrics.fontscale = density, font_scale
        self.width, self.height = width, height
        # Drawn into memory the real window keeps its size, and Kivy would try anew in every frame.
        Window._unbind_create_window()
        Window.system_size = (width, height)
        Window.dispatch("on_resize", *Window.system_size)
        self.settle()
        assert (Window.width, Window.height) == (width, height)

    def rotate(self) -> None:
        """Turn the phone by a quarter."""
        self.resize(self.height, self.width, Metrics.density, Metrics.fontscale)

    # -- time -------------------------------------------------------------------------------------

    def frames(self, count: int = 1) -> None:
        """Let so many frames go by."""
        for _ in range(count):
            _Time.now += FRAME
            EventLoop.idle()

    def settle(self) -> None:
        """Let texts be set and boxes be laid out, which takes a few frames."""
        self.frames(5)

    def advance(self, seconds: float) -> None:
        """Let so much time go by, frame by frame."""
        self.frames(math.ceil(seconds / FRAME))

    # -- a finger ---------------------------------------------------------------------------------

    def tap(self, where: Widget | tuple[float, float]) -> None:
        """Touch a widget's middle, or a place in pixels from the lower left, and let go."""
        x, y = self.middle(where)
        touch = UnitTestTouch(x, y)
        touch.touch_down()
        self.frames()
        touch.touch_up()
        self.settle()

    def press(self, where: Widget | tuple[float, float]) -> UnitTestTouch:
        """Touch, and do not let go."""
        touch = UnitTestTouch(*self.middle(where))
        touch.touch_down()
        self.frames()
        return touch

    def swipe(
        self,
        where: Widget | tuple[float, float],
        dx: float = 0.0,
        dy: float = 0.0,
        *,
        steps: int = 8,
    ) -> None:
        """Touch, move by so many pixels (up and right are positive) and let go while moving."""
        x, y = self.middle(where)
        touch = UnitTestTouch(x, y)
        touch.touch_down()
        for step in range(1, steps + 1):
            self.frames()
            touch.touch_move(x + dx * step / steps, y + dy * step / steps)
        touch.touch_up()
        self.settle()

    def back(self) -> None:
        """Press the back key (Escape on a desktop)."""
        Window.dispatch("on_keyboard", BACK_KEY, 0, None, [])
        self.settle()

    def write(self, text: str) -> None:
        """Write into the field that was touched last."""
        field = next(
            widget for widget in self.walk() if isinstance(widget, TextInput) and widget.focus
        )
        for letter in text:
            field.insert_text(letter)
        self.settle()

    @staticmethod
    def middle(where: Widget | tuple[float, float]) -> tuple[float, float]:
        """Where a widget's middle is in the window, in pixels from the lower left."""
        if isinstance(where, tuple):
            return where
        x, y = where.to_window(*where.pos)
        return x + where.width / 2, y + where.height / 2

    # -- looking ----------------------------------------------------------------------------------

    def walk(self, root: Widget | None = None) -> Iterator[Widget]:
        """Every widget in the window."""
        for child in [root] if root is not None else list(Window.children):
            yield from child.walk()

    def find(self, label: str, root: Widget | None = None) -> Any:
        """What can be pressed and is called so.

        Raises:
            LookupError: nothing is; the message says what there is.
        """
        labels = []
        for widget in self.walk(root):
            found = getattr(widget, "label", None)
            if isinstance(found, str):
                if found == label:
                    return widget
                labels.append(found)
        raise LookupError(f"nothing is called {label!r} here; there are {sorted(set(labels))}")

    def all_of(self, kind: type[Widget], root: Widget | None = None) -> list[Any]:
        """Every widget of a class."""
        return [widget for widget in self.walk(root) if isinstance(widget, kind)]

    def texts(self, root: Widget | None = None) -> list[str]:
        """All texts there are, in the order of the tree."""
        return [widget.text for widget in self.walk(root) if isinstance(widget, Text)]

    def says(self, words: str) -> bool:
        """Whether these words are anywhere in the window."""
        return any(words in text for text in self.texts())

    def pressable(self) -> list[Pressable]:
        """Everything that can be pressed."""
        return [widget for widget in self.walk() if isinstance(widget, Pressable)]

    def pixels(self) -> npt.NDArray[np.uint8]:
        """The window as it is drawn: uint8 [height, width, 3], first row at the top."""
        self.frames()
        Window.dispatch("on_draw")
        glFinish()
        raw = glReadPixels(0, 0, self.width, self.height, GL_RGBA, GL_UNSIGNED_BYTE)
        picture = np.frombuffer(raw, np.uint8).reshape(self.height, self.width, 4)
        return np.ascontiguousarray(picture[::-1, :, :3])

    def save(self, path: Path) -> Path:
        """The window as a PNG."""
        Image.fromarray(self.pixels()).save(path)
        return path

    def draws_in(self, frames: int) -> int:
        """How many of the next frames are drawn: 0 if nothing moves."""
        drawn = 0

        def count(*_: object) -> None:
            nonlocal drawn
            drawn += 1

        Window.bind(on_flip=count)
        try:
            self.frames(frames)
        finally:
            Window.unbind(on_flip=count)
        return drawn
