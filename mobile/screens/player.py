"""The player: a bar that stands below every screen while something plays."""

from typing import Any

from mobile.theme import GAP, MARGIN, SMALL, Role
from mobile.viewmodel import Player, State, Wishes
from mobile.widgets import Bar, Card, Column, CoverArt, House, IconButton, Strip, Text, hold


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
        buttons = Strip(self.like, self.pause, self.next, self.stop, gap=0, size_hint_x=None)
        buttons.bind(minimum_width=buttons.setter("width"))
        self._card = Card(
            self.progress,
            Strip(self._cover, self._words, buttons, gap=GAP, padding=(MARGIN, SMALL, 4, SMALL)),
            gap=0,
            padding=(0, 0, 0, 0),
            radius=0,
            outlined=False,
        )

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
