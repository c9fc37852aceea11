"""The upper edge: which screen this is, and how the network stands."""

from collections.abc import Callable
from typing import Any

from kivy.metrics import dp
from kivy.uix.floatlayout import FloatLayout

from mobile.theme import GAP, MARGIN, Role, Theme
from mobile.viewmodel import Chip
from mobile.widgets.look import LOOK, Dressed, grown
from mobile.widgets.tag import Tag
from mobile.widgets.text import Text

HEIGHT = 60.0
"""dp at the usual font scale"""


class TopBar(Dressed, FloatLayout):
    """A title and the chip; the chip is as wide as what the title leaves.

    Args:
        on_chip: called when the chip is pressed.
    """

    def __init__(self, on_chip: Callable[[], Any]) -> None:
        self._chip: Chip | None = None
        super().__init__(size_hint_y=None)
        self._title = Text(role=Role.TITLE, lines=1)
        self._title.size_hint = (None, None)
        self._tag = Tag("", on_press=on_chip)
        self.add_widget(self._title)
        self.add_widget(self._tag)
        self.bind(pos=self._place, size=self._place)
        self.wear()

    @property
    def title(self) -> str:
        return str(self._title.text)

    @title.setter
    def title(self, title: str) -> None:
        self._title.text = title
        self._place()

    def show(self, chip: Chip) -> None:
        """Show how the network stands."""
        if chip is self._chip:
            return
        self._chip = chip
        self._tag.icon = "sync" if chip.busy else "check" if chip.online else "cloud-off-outline"
        self._place()

    def dress(self, theme: Theme) -> None:
        self.height = round(grown(HEIGHT))
        self._title.dress(theme)
        self._place()

    def _place(self, *_: object) -> None:
        room = self.width - 2 * dp(MARGIN)
        title = min(self._title.natural_width + 2, room)
        self._tag.most = max(0.0, (room - title - dp(GAP)) / dp(1))
        whole = "" if self._chip is None else self._chip.text
        for words in (whole, whole.partition(" · ")[0]):  # of two parts the first says most
            self._tag.text = words
            self._tag.dress(LOOK.theme)
            if not self._tag.is_cut:
                break
        middle = self.y + self.height / 2
        self._title.width = title
        self._title.pos = (round(self.x + dp(MARGIN)), round(middle - self._title.height / 2))
        self._tag.pos = (
            round((self.x + self.width) - dp(MARGIN) - self._tag.width),
            round(middle - self._tag.height / 2),
        )
