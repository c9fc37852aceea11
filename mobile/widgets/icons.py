"""Signs: which there are, and one of them as a widget.

The font is a subset of Material Design Icons (mobile/assets/icons.ttf, its licence beside it);
`scripts/icons.py` makes it of the names below.
"""

from pathlib import Path
from typing import Any, Final

from kivy.metrics import dp
from kivy.uix.label import Label

from mobile.theme import Theme
from mobile.widgets.look import Dressed, colour

FONT: Final = Path(__file__).resolve().parent.parent / "assets" / "icons.ttf"

ICONS: Final = {
    "account": 0xF0004,
    "account-cancel-outline": 0xF12E0,
    "account-group": 0xF0849,
    "account-group-outline": 0xF0B58,
    "account-heart-outline": 0xF0BE3,
    "account-outline": 0xF0013,
    "account-plus-outline": 0xF0801,
    "alert-circle": 0xF0028,
    "alert-circle-outline": 0xF05D6,
    "arrow-left": 0xF004D,
    "arrow-right": 0xF0054,
    "battery-charging": 0xF0084,
    "block-helper": 0xF00AD,
    "bookshelf": 0xF125F,
    "check": 0xF012C,
    "chevron-down": 0xF0140,
    "chevron-left": 0xF0141,
    "chevron-right": 0xF0142,
    "chevron-up": 0xF0143,
    "clock-outline": 0xF0150,
    "close": 0xF0156,
    "cloud-off-outline": 0xF0164,
    "cog": 0xF0493,
    "cog-outline": 0xF08BB,
    "content-copy": 0xF018F,
    "delete-forever-outline": 0xF0B89,
    "delete-outline": 0xF09E7,
    "dots-vertical": 0xF01D9,
    "export-variant": 0xF0B93,
    "eye-off-outline": 0xF06D1,
    "heart": 0xF02D1,
    "heart-outline": 0xF02D5,
    "history": 0xF02DA,
    "information-outline": 0xF02FD,
    "key-variant": 0xF030B,
    "lan-connect": 0xF0318,
    "lock-outline": 0xF0341,
    "magnify": 0xF0349,
    "minus": 0xF0374,
    "music-box-multiple-outline": 0xF0F04,
    "music-note": 0xF0387,
    "pause": 0xF03E4,
    "play": 0xF040A,
    "plus": 0xF0415,
    "refresh": 0xF0450,
    "school-outline": 0xF1180,
    "shield-lock": 0xF099D,
    "shield-lock-outline": 0xF0CCC,
    "skip-next": 0xF04AD,
    "star-four-points": 0xF0AE2,
    "star-four-points-outline": 0xF0AE3,
    "stop": 0xF04DB,
    "sync": 0xF04E6,
    "tag-outline": 0xF04FC,
    "theme-light-dark": 0xF050E,
    "thumb-down-outline": 0xF0512,
    "tray-arrow-down": 0xF0120,
    "undo": 0xF054C,
    "wifi": 0xF05A9,
    "wifi-off": 0xF05AA,
}
"""Name -> code point; the names are the font's own"""


class Icon(Dressed, Label):
    """A sign.

    Args:
        name: one of `ICONS`, or "" for none.
        colour: name of a colour of the theme.
        size: of the sign in dp; signs do not grow with the text.

    Raises:
        KeyError: there is no such sign; see `ICONS`.
    """

    def __init__(self, name: str, *, colour: str = "text", size: float = 24, **kwargs: Any) -> None:
        self._name = name
        self._colour = colour
        self._dp = size
        super().__init__(text=_sign(name), font_name=str(FONT), size_hint=(None, None), **kwargs)
        self.wear()

    @property
    def name(self) -> str:
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self.text = _sign(name)

    def recolour(self, role: str) -> None:
        """Another colour of the theme."""
        if role != self._colour:
            self._colour = role
            self._look_changed()

    def dress(self, theme: Theme) -> None:
        self.font_size = round(dp(self._dp))
        self.size = (dp(self._dp), dp(self._dp))
        self.color = self.disabled_color = colour(theme, self._colour)


def _sign(name: str) -> str:
    return chr(ICONS[name]) if name else ""
