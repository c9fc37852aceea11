"""The small sheet of a row: what can be done with a recommendation, in words."""

from collections.abc import Callable
from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from mobile.theme import GAP, HAIR, MARGIN, SMALL, WIDE, Role, Theme
from mobile.viewmodel import ForYouRow, Wishes
from mobile.widgets import (
    Column,
    CoverArt,
    Hairline,
    House,
    Icon,
    Pressable,
    Strip,
    Text,
    grown,
)

LINE = 56.0
"""dp, at least"""


class RowActsSheet(Column):
    """More, less, never again, and why. Pressing anything closes the sheet and does it.

    Args:
        row: what it is about.
        wishes: told what a person wants.
        house: where the sheet is open.
    """

    def __init__(self, row: ForYouRow, wishes: Wishes, house: House, **kwargs: Any) -> None:
        super().__init__(gap=0, padding=(0, HAIR, 0, MARGIN), **kwargs)
        item = row.item

        def then(act: Callable[[str], None]) -> Callable[[], None]:
            def acts() -> None:
                house.close_sheet()
                act(item)

            return acts

        words = Column(Text(row.title, role=Role.STRONG, lines=2), gap=2)
        if row.creator:
            words.add_widget(Text(row.creator, role=Role.CAPTION, colour="quiet", lines=1))
        self.add_widget(
            Strip(CoverArt(row.cover, size=48), words, gap=GAP, padding=(WIDE, 0, WIDE, GAP))
        )
        self.add_widget(Hairline())
        self.more = Act(
            "heart" if row.liked else "heart-outline",
            "Take the like back" if row.liked else "More like this",
            "It counts no more" if row.liked else "Counts as a like",
            then(wishes.like),
        )
        self.less = Act(
            "thumb-down-outline",
            "Less like this",
            "A skip, which stays on this phone",
            then(wishes.less),
        )
        self.never = Act(
            "eye-off-outline", "Not interested", "Is never shown again", then(wishes.not_interested)
        )
        self.why = Act(
            "information-outline",
            "Why this?",
            "Who it came through",
            then(wishes.open_why),
        )
        for act in (self.more, self.less, self.never, self.why):
            self.add_widget(act)


class Act(Pressable, BoxLayout):
    """A line that does something: a sign, what it does, and what follows.

    Args:
        icon: one of `ICONS`.
        label: what it does.
        detail: what follows; "" for nothing.
        on_press: does it.
    """

    def __init__(self, icon: str, label: str, detail: str, on_press: Callable[[], object]) -> None:
        super().__init__(label=label, act=on_press, size_hint_y=None)
        self.held_radius = 0.0
        sign = Icon(icon, colour="accent", pos_hint={"center_y": 0.5})
        self._words = Column(Text(label), gap=0, pos_hint={"center_y": 0.5})
        if detail:
            self._words.add_widget(Text(detail, role=Role.CAPTION, colour="quiet"))
        self.add_widget(sign)
        self.add_widget(self._words)
        self._words.fbind("height", self._measure)
        self.wear()

    def dress(self, theme: Theme) -> None:
        self.padding = (dp(WIDE), dp(SMALL / 2), dp(WIDE), dp(SMALL / 2))
        self.spacing = dp(MARGIN)
        self._measure()

    def _measure(self, *_: object) -> None:
        self.height = max(grown(LINE), self._words.height + dp(SMALL))
