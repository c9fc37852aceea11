"""What an eye would find wrong on a screen: texts cut off or over each other, targets too small."""

from collections.abc import Iterator
from itertools import combinations

from kivy.core.window import Window
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget

from mobile.theme import TARGET
from mobile.widgets import Field, Level, Pressable, Scroller, Text

PIXEL = 1.5
"""Rounding, in pixels"""

Rect = tuple[float, float, float, float]
"""Left, bottom, right, top in the window"""


def clipped(root: Widget) -> list[str]:
    """Texts below `root` that cannot be read whole; [] if there are none.

    A text is clipped if it is larger than its widget, if it leaves the window or a widget that
    holds it (what a Scroller can bring into sight is not), or if it lies over its neighbour.
    A line that ends in … on purpose is not clipped, but one with nothing before the … is.
    """
    faults = []
    labels = [widget for widget in _seen(root) if isinstance(widget, Label) and widget.text]
    for label in labels:
        name = f"{label.text[:40]!r}"
        wide, high = label.texture_size
        if wide > label.width + PIXEL or high > label.height + PIXEL:
            faults.append(f"{name} takes {wide} x {high}, has {label.width} x {label.height}")
        if isinstance(label, Text) and getattr(label, "shown", label.text) == "…":
            faults.append(f"{name} has no room for a single letter")
        faults += [f"{name} {fault}" for fault in _outside(label)]
    texts = [
        (label, rect)
        for label in labels
        if isinstance(label, Text) and (rect := _in_sight(label)) is not None
    ]
    for (one, first), (other, second) in combinations(texts, 2):
        if _overlap(first, second) and _side_by_side(one, other):
            faults.append(f"{one.text[:40]!r} lies over {other.text[:40]!r}")
    return faults


def small_targets(root: Widget) -> list[str]:
    """What is touched below `root` and smaller than 48 dp in some direction; [] if nothing is."""
    least = dp(TARGET) - 0.5
    return [
        f"{getattr(widget, 'label', type(widget).__name__)!r} is "
        f"{widget.width / dp(1):.0f} x {widget.height / dp(1):.0f} dp, less than {TARGET:.0f}"
        for widget in _seen(root)
        if _touched(widget) and (widget.width < least or widget.height < least)
    ]


def _touched(widget: Widget) -> bool:
    if isinstance(widget, Pressable):
        return widget.act is not None and not widget.disabled
    return isinstance(widget, Level | Field | TextInput)


def _seen(root: Widget) -> Iterator[Widget]:
    """All widgets that are drawn: none of an invisible one's."""
    if root.opacity > 0 and root.width > 0 and root.height > 0:
        yield root
        for child in root.children:
            yield from _seen(child)


def _rect(widget: Widget) -> Rect:
    x, y = widget.to_window(*widget.pos)
    return x, y, x + widget.width, y + widget.height


def _inked(text: Text) -> Rect:
    """Where the letters of a text are, within its widget."""
    left, bottom, right, top = _rect(text)
    wide = min(text.natural_width, text.width)
    high = min(text.texture_size[1], text.height)
    slack = (right - left) - wide
    if text.halign == "left":
        right -= slack
    elif text.halign == "right":
        left += slack
    else:
        left, right = left + slack / 2, right - slack / 2
    middle = (bottom + top) / 2
    return left, middle - high / 2, right, middle + high / 2


def _in_sight(text: Text) -> Rect | None:
    """What of a text's letters no Scroller hides; None if it hides them all."""
    left, bottom, right, top = _inked(text)
    holder = text.parent
    while isinstance(holder, Widget):
        if isinstance(holder, Scroller):
            _, low, _, high = _rect(holder)
            bottom, top = max(bottom, low), min(top, high)
        holder = holder.parent
    return (left, bottom, right, top) if top - bottom > PIXEL else None


def _outside(label: Label) -> list[str]:
    """Which widgets a text sticks out of."""
    left, bottom, right, top = _rect(label)
    if isinstance(label, Text):
        left, bottom, right, top = _inked(label)
    faults = []
    upright = True
    holder = label.parent
    while isinstance(holder, Widget):
        low_x, low_y, high_x, high_y = _rect(holder)
        if left < low_x - PIXEL or right > high_x + PIXEL:
            faults.append(f"sticks out of a {type(holder).__name__} sideways")
        if isinstance(holder, Scroller):
            upright = False
        elif upright and (bottom < low_y - PIXEL or top > high_y + PIXEL):
            faults.append(f"sticks out of a {type(holder).__name__} above or below")
        if isinstance(holder, Scroller) and holder.height < min(label.height, dp(TARGET)):
            faults.append("is in a Scroller without height")
        holder = holder.parent
    if left < -PIXEL or right > Window.width + PIXEL:
        faults.append("leaves the window sideways")
    if upright and (bottom < -PIXEL or top > Window.height + PIXEL):
        faults.append("leaves the window above or below")
    return faults


def _overlap(one: Rect, other: Rect) -> bool:
    return (
        one[0] < other[2] - PIXEL
        and other[0] < one[2] - PIXEL
        and one[1] < other[3] - PIXEL
        and other[1] < one[3] - PIXEL
    )


def _side_by_side(one: Widget, other: Widget) -> bool:
    """Whether they share a box: only what a box lays out must not overlap, a sheet may."""
    above = []
    holder = one.parent
    while isinstance(holder, Widget):
        above.append(holder)
        holder = holder.parent
    holder = other.parent
    while isinstance(holder, Widget):
        if holder in above:
            return isinstance(holder, BoxLayout)
        holder = holder.parent
    return False
