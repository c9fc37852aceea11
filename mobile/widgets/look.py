"""The look in force: one theme and one measure for all widgets, which follow a change at once."""

from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from kivy.event import EventDispatcher
from kivy.metrics import Metrics, dp, sp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from mobile.theme import LIGHT, Theme


class Look(EventDispatcher):
    """What all widgets look at; there is one, `LOOK`."""

    theme = ObjectProperty(LIGHT)
    """The colours in force; setting it dresses every widget again"""
    motion = BooleanProperty(True)
    """Whether things move into place; False puts them there at once"""
    version = NumericProperty(0)
    """Rises when anything changed that widgets are dressed by, after they were"""

    def __init__(self) -> None:
        self._worn: WeakValueDictionary[int, Dressed] = WeakValueDictionary()
        super().__init__()
        Metrics.bind(density=self.again, fontscale=self.again)

    def on_theme(self, *_: object) -> None:
        self.again()

    def again(self, *_: object) -> None:
        """Dress every widget again, the eldest first."""
        for widget in list(self._worn.values()):
            widget._look_changed()  # noqa: SLF001 - ours
        self.version += 1

    def follow(self, widget: "Dressed") -> None:
        """Dress it whenever anything changes, for as long as it lives.

        Not by Kivy's `bind`, which looks through all that were ever bound, dead ones too, at every
        call: after two thousand widgets each further one took over 2 ms to make.
        """
        self._worn[id(widget)] = widget


LOOK = Look()


class Dressed:
    """A widget that is dressed by the look in force. Call `wear()` at the end of `__init__`."""

    def wear(self) -> None:
        """Follow the look, for as long as the widget lives."""
        LOOK.follow(self)
        self.dress(LOOK.theme)

    def _look_changed(self, *_: object) -> None:
        self.dress(LOOK.theme)

    def dress(self, theme: Theme) -> None:
        """Take on colours and sizes; called at first and after every change."""
        raise NotImplementedError


def colour(theme: Theme, role: str, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """A colour of the theme by its role's name, as Kivy wants it.

    Raises:
        AttributeError: there is no such role.
    """
    red, green, blue = getattr(theme, role)
    return red, green, blue, alpha


def grown(size: float) -> float:
    """Dp in pixels, larger if text is: for things that hold text. Never smaller than dp."""
    return float(max(dp(size), sp(size)))


Act = Callable[[], Any]
"""What a press does"""
