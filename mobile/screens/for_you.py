"""The screen "For you": the list, or what stands there while there is none."""

from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from mobile.screens.for_you_row import ROW, ForYouLine, RowActs
from mobile.screens.pull_list import PullList, RenewalSign
from mobile.screens.row_acts import RowActsSheet
from mobile.screens.skeleton import Skeleton
from mobile.screens.tags import TagPicker
from mobile.theme import MARGIN, READING, SMALL, WIDE, Role
from mobile.viewmodel import ForYou, ForYouRow, Phase, State, Wishes
from mobile.widgets import (
    LOOK,
    Button,
    Column,
    Gap,
    House,
    Icon,
    IconButton,
    Page,
    Strip,
    Text,
)
from mobile.widgets.holding import hold

HINT = "Swipe left what is nothing for you. Pull down for a new list."
"""Above the list, where nothing else has to be said"""


class ForYouScreen(BoxLayout):
    """The app's first screen.

    Args:
        wishes: told what a person wants.
        house: the shell, for sheets and for going to other screens.
    """

    def __init__(self, wishes: Wishes, house: House, **kwargs: Any) -> None:
        self._wishes = wishes
        self._house = house
        self._shown: ForYou | None = None
        super().__init__(orientation="vertical", **kwargs)
        self.list = RowsOverlaid(wishes, self._acts)
        self.tags = TagPicker(wishes)
        self.empty = Empty(house, wishes)
        self.skeleton = Skeleton()
        self.refresh = IconButton("refresh", "Make a new list", wishes.refresh, colour="accent")
        self._note = Text(HINT, role=Role.CAPTION, colour="quiet")
        self._head = Strip(self._note, self.refresh)
        self.fbind("width", self._narrow)
        LOOK.bind(version=self._narrow)  # weakly, unlike fbind
        self._narrow()

    def show(self, state: State) -> None:
        """Show this state; costs nothing where it has what is shown."""
        for_you = state.for_you
        if for_you is self._shown:
            return
        self._shown = for_you
        listed = for_you.phase is Phase.LIST
        self._note.text = for_you.note or HINT
        self.refresh.disabled = for_you.refreshing
        self.refresh.opacity = 0.45 if for_you.refreshing else 1.0
        body: Widget = self.skeleton
        if listed:
            body = self.list
            self.list.show(for_you)
        elif for_you.phase is Phase.COLD:
            body = self.tags
            self.tags.show(for_you)
        elif for_you.phase is Phase.EMPTY:
            body = self.empty
            self.empty.show(for_you)
        hold(self, self._head if listed else None, body)

    def again(self) -> None:
        """Its entry in the navigation was pressed while it is in front: back to the beginning."""
        self.list.rows.to_top()

    def _acts(self, row: ForYouRow) -> None:
        self._house.open_sheet(RowActsSheet(row, self._wishes, self._house))

    def _narrow(self, *_: object) -> None:
        side = max(0.0, (self.width - dp(READING)) / 2)
        self._head.padding = [side + dp(MARGIN), 0, side, 0]


class RowsOverlaid(FloatLayout):
    """The rows, with the sign of renewal over them.

    Args:
        wishes: told what a person wants.
        acts: opens the sheet of a row.
    """

    def __init__(self, wishes: Wishes, acts: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        row_acts = RowActs(
            play=lambda row: wishes.play(row.item),
            like=lambda row: wishes.like(row.item),
            why=lambda row: wishes.open_why(row.item),
            acts=acts,
        )
        self.rows = PullList(
            lambda: ForYouLine(row_acts),
            ROW,
            on_swipe=lambda row: wishes.not_interested(row.item),
            on_pull=wishes.refresh,
            pos_hint={"x": 0, "y": 0},
        )
        self._sign = RenewalSign()
        self._busy = False
        self.add_widget(self.rows)
        self.add_widget(self._sign)
        self.rows.bind(pulled=self._place, pos=self._place, size=self._place)

    def show(self, for_you: ForYou) -> None:
        """Show these rows; those that are shown already cost nothing."""
        if self.rows.rows is not for_you.rows:
            self.rows.rows = for_you.rows
        self._busy = for_you.refreshing
        self._place()

    def _place(self, *_: object) -> None:
        rows = self.rows
        self._sign.show(
            pulled=rows.pulled, busy=self._busy, left=rows.x, top=rows.top, width=rows.width
        )


class Empty(Page):
    """Something is known of the ego, but nothing is left to recommend.

    Args:
        house: the shell, to go to "network".
        wishes: asked for a new list.
    """

    def __init__(self, house: House, wishes: Wishes, **kwargs: Any) -> None:
        self._text = Text(align="center", colour="quiet")
        self.to_network = Button(
            "Open Network", icon="account-group-outline", kind="filled",
            on_press=lambda: house.go("network"),
        )  # fmt: skip
        self.again = Button("Try again", icon="refresh", on_press=wishes.refresh)
        sign = Icon("star-four-points-outline", colour="accent", size=48)
        middle = Strip(Widget(size_hint_y=None, height=0), sign, Widget(size_hint_y=None, height=0))
        super().__init__(
            Column(
                Gap(WIDE),
                middle,
                Text("Nothing new for you", role=Role.TITLE, align="center"),
                self._text,
                Gap(SMALL),
                self.to_network,
                self.again,
                gap=MARGIN,
            ),
            **kwargs,
        )

    def show(self, for_you: ForYou) -> None:
        """Show what to do."""
        self._text.text = for_you.note
