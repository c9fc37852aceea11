"""The Kivy App: the shell in a window, and what the system tells an app handed to who must know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent
from kivy.metrics import Metrics
from kivy.utils import platform

from mobile.shell import PARTS, Insets, Parts, Shell
from mobile.startup import IDLE_FPS
from mobile.theme import DARK, LIGHT
from mobile.viewmodel import Scheme, State, Wishes
from mobile.widgets import LOOK

BACK_KEY = 27
"""Android's back key and gesture, and Escape"""
RESTS_AFTER = 2.0
"""Seconds without a touch and without a frame drawn after which the app looks up less often"""

PREPARES_EVERY = 0.25
"""Seconds at rest between two steps of making screens that were not opened yet"""


def _nothing() -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the app calls, on Kivy's thread; each has to return within a second or so."""

    pause: Callable[[], object] = _nothing
    """The app goes to the background; the process may be killed after this returned"""
    resume: Callable[[], None] = _nothing
    stop: Callable[[], object] = _nothing
    """The app ends"""
    low_memory: Callable[[], None] = _nothing
    dark: Callable[[], bool] = lambda: False
    """Whether the system is dark; asked when the scheme is the system's, at start and on resume"""
    font_scale: Callable[[], float | None] = lambda: None
    """How large the person wants text; asked on resume; None leaves it"""
    touched: Callable[[], None] = _nothing
    """A finger was put down: lists should not move under it"""
    insets: Callable[[], Insets] = Insets
    """What of the window belongs to the system; asked at start, on resume and after rotation"""


class Web3recApp(App):
    """The app.

    Args:
        wishes: what the screens may ask for.
        first: shown in the first frame.
        hooks: what the system's events lead to.
        parts: how screens are made; other ones in tests.
    """

    title = "web3rec"
    use_kivy_settings = False

    def __init__(
        self, wishes: Wishes, first: State, hooks: Hooks | None = None, parts: Parts = PARTS
    ) -> None:
        super().__init__()
        self.hooks = hooks if hooks is not None else Hooks()
        self._wishes = wishes
        self._first = first
        self._parts = parts
        self._scheme: Scheme | None = None
        self._awake = Clock._max_fps  # noqa: SLF001 - Kivy tells it nowhere else
        self._resting: Any = None
        self._fingers: set[Any] = set()
        self._held: State | None = None

    def build(self) -> Shell:
        """Make the root widget; Kivy calls it."""
        self._use_scheme(self._first)
        self.shell = Shell(self._wishes, self._first, self._parts)
        self.shell.insets = self.hooks.insets()
        return self.shell

    def show(self, state: State) -> None:
        """Show a State; on Kivy's thread only.

        While a finger is down what is under it stays: the State waits until it is lifted.
        """
        if self._fingers:
            self._held = state
            return
        self._held = None
        self._use_scheme(state)
        self.shell.show(state)

    # -- Kivy's events ----------------------------------------------------------------------------

    def on_start(self) -> None:
        Window.softinput_mode = "below_target"
        Window.bind(
            on_keyboard=self._key,
            on_touch_down=self._touched,
            on_touch_up=self._lifted,
            on_flip=self._flipped,
            on_memorywarning=self._low_memory,
            on_resize=self._resized,
        )
        self._wake()

    def on_pause(self) -> bool:
        self._fingers.clear()  # whoever lifts one elsewhere does not tell us
        self.hooks.pause()
        return True

    def on_resume(self) -> None:
        scale = self.hooks.font_scale()
        if scale is not None and scale != Metrics.fontscale:
            Metrics.fontscale = scale
        self._scheme = None
        self._use_scheme(self.shell._state)  # noqa: SLF001 - ours
        self.shell.insets = self.hooks.insets()
        self._wake()
        self.hooks.resume()

    def on_stop(self) -> None:
        Window.unbind(
            on_keyboard=self._key,
            on_touch_down=self._touched,
            on_touch_up=self._lifted,
            on_flip=self._flipped,
            on_memorywarning=self._low_memory,
            on_resize=self._resized,
        )
        self._fingers.clear()
        if self._resting is not None:
            self._resting.cancel()
            self._preparing.cancel()
        Clock._max_fps = self._awake  # noqa: SLF001
        self.hooks.stop()

    def open_settings(self, *_: Any) -> bool:
        """Kivy's own settings panel (F1) is not ours."""
        return False

    # -- what the system says ---------------------------------------------------------------------

    def _key(self, _window: Any, key: int, *_: Any) -> bool:
        self._wake()
        if key != BACK_KEY:
            return False
        if self.shell.back():
            return True
        if platform == "android":
            return False  # Kivy moves the task to the back
        self.stop()
        return True

    def _low_memory(self, *_: Any) -> None:
        self.hooks.low_memory()

    def _resized(self, *_: Any) -> None:
        self.shell.insets = self.hooks.insets()

    def _use_scheme(self, state: State) -> None:
        scheme = state.settings.scheme
        if scheme is self._scheme:
            return
        self._scheme = scheme
        dark = self.hooks.dark() if scheme is Scheme.SYSTEM else scheme is Scheme.DARK
        LOOK.theme = DARK if dark else LIGHT
        Window.clearcolor = (*LOOK.theme.background, 1)

    # -- resting ----------------------------------------------------------------------------------
    # While nobody touches anything and no frame is drawn, Kivy's loop looks up fifteen times a
    # second instead of thirty: a first touch is seen 67 ms later at worst. Whatever is touched or
    # drawn wakes it in the same turn.

    def _touched(self, _window: Any, touch: MotionEvent) -> bool:
        self._fingers.add(touch.uid)
        self._wake()
        self.hooks.touched()
        return False

    def _lifted(self, _window: Any, touch: MotionEvent) -> bool:
        self._fingers.discard(touch.uid)
        if self._held is not None and not self._fingers:
            Clock.schedule_once(self._show_held, -1)  # once widgets know that it was lifted
        return False

    def _show_held(self, *_: Any) -> None:
        if self._held is not None:
            self.show(self._held)

    def _flipped(self, *_: Any) -> None:
        self._wake()

    def _wake(self) -> None:
        Clock._max_fps = self._awake  # noqa: SLF001
        if self._resting is None:
            self._resting = Clock.create_trigger(self._rest, RESTS_AFTER)
            self._preparing = Clock.create_trigger(self._prepare, PREPARES_EVERY)
        self._resting.cancel()
        self._preparing.cancel()
        self._resting()

    def _rest(self, *_: Any) -> None:
        self._preparing()
        if self._awake > IDLE_FPS:
            Clock._max_fps = IDLE_FPS  # noqa: SLF001

    def _prepare(self, *_: Any) -> None:
        """Make a screen that was not opened yet, so that it opens without a stutter."""
        if not self._fingers and self.shell.prepare():
            self._preparing()
