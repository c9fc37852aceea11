"""The way a recommendation came, station below station: you, your item, a friend, the item."""

from typing import Any

from kivy.graphics import Color, Ellipse, Rectangle
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.theme import GAP, Role, Theme
from mobile.viewmodel import Step, StepKind
from mobile.widgets import Column, Dressed, Icon, Text, colour, grown

SIGNS = {
    StepKind.YOU: "account",
    StepKind.OWN_ITEM: "music-note",
    StepKind.FRIEND: "account-heart-outline",
    StepKind.PERSON: "account-group-outline",
    StepKind.ITEM: "star-four-points",
}
CAPTIONS = {
    StepKind.YOU: "",
    StepKind.OWN_ITEM: "which you know",
    StepKind.FRIEND: "whom you trust",
    StepKind.PERSON: "vouched for",
    StepKind.ITEM: "recommended",
}
"""What stands below a label"""
DISC = 36.0
"""dp around a sign"""
STATION = 48.0
"""dp in height, at least"""


class WhyPath(Column):
    """A line with a station for every step.

    Args:
        steps: from the ego to the item; not empty.
    """

    def __init__(self, steps: tuple[Step, ...], **kwargs: Any) -> None:
        last = len(steps) - 1
        stations = [Station(step, first=at == 0, last=at == last) for at, step in enumerate(steps)]
        super().__init__(*stations, gap=0, **kwargs)


class Station(Dressed, Widget):
    """One step: its sign on the line, its label beside it.

    Args:
        step: what it shows.
        first, last: where the line begins and ends.
    """

    def __init__(self, step: Step, *, first: bool, last: bool) -> None:
        self.step = step
        self._first, self._last = first, last
        super().__init__(size_hint_y=None)
        ends = first or last
        with self.canvas.before:
            self._line_paint = Color()
            self._line = Rectangle()
            self._disc_paint = Color()
            self._disc = Ellipse()
        self._ground = "accent" if ends else "tint"
        self._sign = Icon(SIGNS[step.kind], colour="on_accent" if ends else "on_tint", size=20)
        name = step.label[:1].upper() + step.label[1:] if step.kind is StepKind.YOU else step.label
        self._label = Text(name, role=Role.BODY, lines=2, bold=ends)
        self._caption = Text(CAPTIONS[step.kind], role=Role.CAPTION, colour="quiet", lines=1)
        for text in (self._label, self._caption):
            text.size_hint = (None, None)
            text.fbind("height", self._measure)
        for widget in (self._sign, self._label, self._caption):
            self.add_widget(widget)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    def dress(self, theme: Theme) -> None:
        for part in (self._sign, self._label, self._caption):
            part.dress(theme)
        self._line_paint.rgba = colour(theme, "edge", 0.7)
        self._disc_paint.rgba = colour(theme, self._ground)
        self._measure()
        self._place()

    @property
    def _words(self) -> float:
        caption = self._caption.height if self._caption.text else 0.0
        return float(self._label.height + caption)

    def _measure(self, *_: object) -> None:
        self.height = round(max(grown(STATION), self._words + dp(10)))
        self._place()

    def _place(self, *_: object) -> None:
        disc, middle = dp(DISC), round(self.y + self.height / 2)
        centre = self.x + disc / 2
        self._disc.pos, self._disc.size = (self.x, middle - disc / 2), (disc, disc)
        low = middle if self._last else self.y
        high = middle if self._first else self.y + self.height
        self._line.pos, self._line.size = (centre - dp(1), low), (dp(2), high - low)
        self._sign.pos = (
            round(centre - self._sign.width / 2),
            round(middle - self._sign.height / 2),
        )
        left = self.x + disc + dp(GAP)
        top = middle + self._words / 2
        for text in (self._label, self._caption):
            text.width = max(1.0, self.x + self.width - left)
            if text.text:
                top -= text.height
                text.pos = (left, round(top))
