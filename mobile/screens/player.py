"""The player: a bar that stands below every screen while something plays."""

from typing import Any

from kivy.metrics import dp, sp

from mobile.theme import GAP, HAIR, MARGIN, SMALL, TARGET, TYPE, Role, Theme
from mobile.viewmodel import Player, State, Wishes
from mobile.widgets import Bar, Card, Column, CoverArt, House, IconButton, Strip, Text, hold

ROOM = 8.0
"""Sizes of its type that a title has at least: about two words"""


class PlayerBar(Column):
    """All of `Player`; has no height while nothing plays.

    Args:
        wishes: told what is pressed.
        house: not needed; every screen is made alike.
    """

    def __init__(self, wishes: Wishes, house: House, **kwargs: Any) -> None:
        super().__init__(gap=0, **kwargs)
        self._wishes = wishes
        self._house = house
        self._player: Player | None = None
        self.progress = Bar(height=3)
        self._cover = CoverArt(size=44)
        self._title = Text(role=Role.STRONG, lines=1)
        self._creator = Text(role=Role.CAPTION, colour="quiet", lines=1)
        self._words = Column(self._title, gap=1)
        self.like = IconButton("heart-outline", "Like", self._like)
        self.pause = IconButton("pause", "Pause", self._pause, colour="text")
        self.next = IconButton("skip-next", "Next", wishes.next, colour="text")
        self.stop = IconButton("close", "Stop", wishes.stop)
        self._buttons = Strip(gap=0, size_hint_x=None)
        self._buttons.bind(minimum_width=self._buttons.setter("width"))
        self._card = Card(
            self.progress,
            Strip(
                self._cover,
                self._words,
                self._buttons,
                gap=GAP,
                padding=(MARGIN, SMALL, HAIR, SMALL),
            ),
            gap=0,
            padding=(0, 0, 0, 0),
            radius=0,
            outlined=False,
        )

        self.bind(width=self._make_room)

    def dress(self, theme: Theme) -> None:
        """Larger text needs more room."""
        super().dress(theme)
        if hasattr(self, "_card"):
            self._make_room()

    def _make_room(self, *_: object) -> None:
        """A heart only where the title keeps some words beside it: its row has one, too."""
        words = self.width - self._cover.width - dp(MARGIN + 2 * GAP + HAIR + 4 * TARGET)
        like = self.like if words >= ROOM * sp(TYPE[Role.STRONG].size) else None
        hold(self._buttons, like, self.pause, self.next, self.stop)

    def show(self, state: State) -> None:
        """Show the part; the same object as before costs nothing."""
        player = state.player
        if player is self._player:
            return
        self._player = player
        hold(self, self._card if player.item else None)
        if not player.item:
            return
        self._cover.cover = player.cover
        self._title.text = player.title
        self._creator.text = player.creator
        hold(self._words, self._title, self._creator if player.creator else None)
        self.progress.fraction = player.position / player.length if player.length > 0 else 0.0
        self.pause.icon = "pause" if player.playing else "play"
        self.pause.label = "Pause" if player.playing else "Play"
        self.like.icon = "heart" if player.liked else "heart-outline"
        self.like.recolour("accent" if player.liked else "quiet")

    def _pause(self) -> None:
        if self._player is not None:
            self._wishes.pause(paused=self._player.playing)

    def _like(self) -> None:
        if self._player is not None:
            self._wishes.like(self._player.item)
