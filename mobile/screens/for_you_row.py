"""A row of the list "For you": cover, title and creator; below them, in one line, why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.input.motionevent import MotionEvent
from kivy.metrics import dp
from kivy.uix.widget import Widget

from mobile.theme import GAP, MARGIN, READING, SMALL, WIDE, Role, Theme
from mobile.viewmodel import ForYouRow
from mobile.widgets import CoverArt, Dressed, Icon, IconButton, Pressable, Text, colour
from mobile.widgets.look import Act
from mobile.widgets.scrolling import claim

ROW = 100.0
"""dp: two targets above each other, or a title of two lines with what stands below it"""
LONG_PRESS = 0.5
"""s that a finger rests on a row until its sheet opens (Android's own is .4 to .5)"""


@dataclass(frozen=True, slots=True)
class RowActs:
    """What a row asks its screen for; each is told the row's model."""

    play: Callable[[ForYouRow], object]
    like: Callable[[ForYouRow], object]
    why: Callable[[ForYouRow], object]
    acts: Callable[[ForYouRow], object]
    """The sheet with all that can be done"""


class ForYouLine(Pressable, Widget):
    """One recommendation. Pressed, it plays; held, or by its dots, it shows what else can be done.

    The lower half of its words is a button of its own: the reason, which opens the sheet "Why".
    """

    def __init__(self, acts: RowActs, **kwargs: Any) -> None:
        self._acts = acts
        self._row: ForYouRow | None = None
        self._long: Any = None
        # Place, size and title change several times in a turn; all is put in its place once.
        self._place_soon = Clock.create_trigger(self._place, -1)
        super().__init__(label="", act=self._told(acts.play), **kwargs)
        self._cover = CoverArt(size=64)
        self._title = _line(Role.STRONG, "text", lines=2)
        self._title.fbind("height", self._place_soon)
        self._creator = _line(Role.CAPTION, "quiet")
        self.reason = Reason(self._told(acts.why))
        self.like = IconButton("heart-outline", "", self._told(acts.like))
        self.more = IconButton("dots-vertical", "", self._told(acts.acts))
        self._parting: Parting | None = None
        for widget in (
            self._cover, self._title, self._creator, self.reason, self.like, self.more,
        ):  # fmt: skip
            self.add_widget(widget)
        self.bind(pos=self._place_soon, size=self._place_soon)
        self.wear()

    @property
    def row(self) -> ForYouRow | None:
        """What it shows."""
        return self._row

    def show(self, row: ForYouRow) -> None:
        """Show this row; costs nothing if it does."""
        before, self._row = self._row, row
        if row is before:
            return
        self.label = f"Play {row.title}"
        self._cover.cover = row.cover
        self._title.text = row.title
        self._creator.text = row.creator
        self.reason.text = row.why
        self.reason.label = f"Why {row.title}: {row.why}"
        self.like.icon = "heart" if row.liked else "heart-outline"
        self.like.recolour("accent" if row.liked else "quiet")
        self.like.label = f"Take back the like of {row.title}" if row.liked else f"Like {row.title}"
        self.more.label = f"More about {row.title}"
        if before is None or bool(before.creator) != bool(row.creator):
            self._place_soon()

    def dress(self, theme: Theme) -> None:
        for part in (self._cover, self._title, self._creator, self.reason, self.like, self.more):
            part.dress(theme)
        self._place_soon()

    # -- held -------------------------------------------------------------------------------------

    def on_touch_down(self, touch: MotionEvent) -> bool:
        taken = bool(super().on_touch_down(touch))
        if taken and self.state == "down":
            self._long = Clock.schedule_once(lambda _: self._held(touch), LONG_PRESS)
        return taken

    def on_touch_up(self, touch: MotionEvent) -> bool:
        self._lift()
        return bool(super().on_touch_up(touch))

    def take_back(self) -> None:
        self._lift()
        super().take_back()

    def _held(self, touch: MotionEvent) -> None:
        claim(touch, self)  # whatever the finger does from here on, nobody else is meant
        touch.ungrab(self)
        self.take_back()
        if self._row is not None:
            self._acts.acts(self._row)

    def _lift(self) -> None:
        if self._long is not None:
            self._long.cancel()
            self._long = None

    # -- where things are -------------------------------------------------------------------------

    def _place(self, *_: object) -> None:
        aside = max(0.0, (self.width - dp(READING)) / 2)
        left, right = self.x + aside + dp(MARGIN), self.x + self.width - aside
        middle = round(self.y + self.height / 2)
        self._cover.pos = (left, middle - self._cover.height / 2)
        self.more.pos = (right - self.more.width, middle)
        self.like.pos = (self.more.x - self.like.width, middle)
        words = left + self._cover.width + dp(GAP)
        room = max(1.0, self.like.x - words)
        low = self._creator.height if self._row is None or self._row.creator else 0.0
        block = self._title.height + low + dp(2) + self.reason.line
        top = middle + block / 2
        for text in (self._title, self._creator):
            text.width = room
            top -= text.height
            text.pos = (words, round(top))
        foot = middle - block / 2
        self.reason.stand(
            words,
            self.y,
            max(1.0, right - dp(SMALL) - words),
            middle - self.y,
            round(foot - self.y),
        )
        self._part()

    def _part(self) -> None:
        """What a swipe uncovers is there only while there is a swipe."""
        if self.x < 0:
            if self._parting is None:
                self._parting = Parting()
                self.add_widget(self._parting)
            self._parting.uncover(self.x + self.width, self.y, -self.x, self.height)
        elif self._parting is not None:
            self.remove_widget(self._parting)
            self._parting = None

    def _told(self, act: Callable[[ForYouRow], object]) -> Act:
        def acts() -> None:
            if self._row is not None:
                act(self._row)

        return acts


class Reason(Pressable, Widget):
    """The line that says why, with its (i); what is pressed is higher than what is seen."""

    def __init__(self, act: Act, **kwargs: Any) -> None:
        self._line_at = 0.0
        super().__init__(label="", act=act, size_hint=(None, None), **kwargs)
        self._sign = Icon("information-outline", colour="accent", size=16)
        self._text = _line(Role.CAPTION, "quiet")
        self.add_widget(self._sign)
        self.add_widget(self._text)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def text(self) -> str:
        return str(self._text.text)

    @text.setter
    def text(self, text: str) -> None:
        self._text.text = text

    @property
    def line(self) -> float:
        """Height of the line in pixels."""
        return float(self._text.height)

    def dress(self, theme: Theme) -> None:
        self._sign.dress(theme)
        self._text.dress(theme)
        self._place()

    def stand(self, x: float, y: float, width: float, height: float, line_at: float) -> None:
        """Take this place; the line is so many pixels above its lower edge."""
        self._line_at = line_at
        self.pos, self.size = (x, y), (width, height)
        self._place()

    def _place(self, *_: object) -> None:
        y = self.y + self._line_at
        self._sign.pos = (self.x, round(y + (self.line - self._sign.height) / 2))
        room = self._sign.width + dp(6)
        self._text.width = max(1.0, self.width - room)
        self._text.pos = (self.x + room, y)


class Parting(Dressed, Widget):
    """What stands behind a row that is swept away: what lifting the finger will do."""

    def __init__(self) -> None:
        super().__init__(size_hint=(None, None))
        with self.canvas.before:
            self._paint = Color()
            self._ground = Rectangle()
        self._sign = Icon("eye-off-outline", colour="on_tint")
        self._text = Text("Not interested", role=Role.LABEL, colour="on_tint", lines=1, hug=True)
        self._text.size_hint = (None, None)
        self.add_widget(self._sign)
        self.add_widget(self._text)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self._paint.rgba = colour(theme, "tint")

    def uncover(self, x: float, y: float, width: float, height: float) -> None:
        """Stand at the right of the row, so wide (pixels)."""
        self.pos, self.size = (x, y), (width, height)
        self._ground.pos, self._ground.size = self.pos, self.size
        middle = y + height / 2
        self._sign.pos = (x + dp(WIDE), round(middle - self._sign.height / 2))
        left = self._sign.right + dp(SMALL)
        self._text.pos = (left, round(middle - self._text.height / 2))
        self._text.opacity = 1.0 if left + self._text.width < x + width else 0.0


def _line(role: Role, ink: str, *, lines: int = 1) -> Text:
    text = Text(role=role, colour=ink, lines=lines)
    text.size_hint = (None, None)
    return text
