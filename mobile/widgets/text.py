"""Text in its role: one line cut with …, a few lines, or as many as it takes."""

from functools import lru_cache
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.metrics import sp
from kivy.uix.label import Label

from mobile.theme import TYPE, Role, Theme
from mobile.widgets.fitting import Measure, fitted
from mobile.widgets.look import Dressed, colour

FONT = "Roboto"
NATURAL_LEADING = 1.172
"""Line height of Roboto in font sizes (its ascender and descender)"""


@lru_cache(maxsize=64)
def measure(size: float, *, bold: bool, font: str = FONT) -> Measure:
    """How wide texts are in a font; `size` in pixels."""
    label = CoreLabel(font_size=size, bold=bold, font_name=font)
    label.resolve_font_name()
    extents = label.get_cached_extents()

    def wide(text: str) -> float:
        return float(extents(text)[0])

    return wide


class _FittedLabel(CoreLabel):  # type: ignore[misc, unused-ignore]
    """Kivy's drawing of text with our way to shorten it: Kivy's keeps the last word."""

    def shorten(self, text: str, margin: int = 0) -> str:
        width = self.text_size[0]
        if width is None or not text:
            return text
        lines = self.options.get("max_lines") or 1
        return fitted(text, width, lines, lambda part: float(self.get_extents(part)[0]))


class Text(Dressed, Label):
    """Text. It never holds markup: a stranger's title is shown letter by letter.

    Args:
        text: what it says.
        role: how it is set.
        colour: name of a colour of the theme.
        lines: at most; what is longer is cut with …; 0 wraps into as many as it takes.
        align: "left", "center" or "right".
        hug: as wide as its text; otherwise as wide as its place.
        bold: other than its role says, if given.
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: Role = Role.BODY,
        colour: str = "text",
        lines: int = 0,
        align: str = "left",
        hug: bool = False,
        bold: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self._role = role
        self._colour = colour
        self._lines = lines
        self._hug = hug
        self._set_bold = TYPE[role].bold if bold is None else bold
        super().__init__(
            text=text,
            halign=align,
            valign="middle",
            size_hint_y=None,
            shorten=lines > 0,
            max_lines=lines,
            bold=self._set_bold,
            **kwargs,
        )
        if hug:
            self.size_hint_x = None
        self.fbind("width", self._fit)
        self.fbind("text", self._fit)
        self.fbind("texture_size", self._settle)
        self.wear()

    def _create_label(self) -> None:
        given = {name: getattr(self, name) for name in self._font_properties}
        self._label: Any = _FittedLabel(usersize=self.text_size, **given)
        self._label.options["max_lines"] = self.max_lines  # which Kivy forgets when it makes one

    @property
    def ink(self) -> str:
        """The name of its colour."""
        return self._colour

    @property
    def natural_width(self) -> float:
        """Pixels that the text takes in one line."""
        return measure(self.font_size, bold=self.bold, font=self.font_name)(self.text) + 1

    @property
    def line(self) -> float:
        """Height of a line in pixels."""
        return float(round(self.font_size * TYPE[self._role].leading))

    @property
    def shown(self) -> str:
        """What can be read: the text, or its beginning with …"""
        lines = [line.words[0].text for line in self._label._cached_lines if line.words]  # noqa: SLF001 - Kivy keeps it there
        return "\n".join(lines)

    def recolour(self, role: str) -> None:
        """Another colour of the theme."""
        if role != self._colour:
            self._colour = role
            self._look_changed()

    def texture_update(self, *args: Any) -> None:
        """Make the letters now. Kivy would while a frame is drawn, and a renderer in software has
        to stop for it: without this the slow frames of scrolling take half as long again.
        """
        super().texture_update(*args)
        if self.texture is not None:
            self.texture.bind()

    def dress(self, theme: Theme) -> None:
        kind = TYPE[self._role]
        self.font_size = round(sp(kind.size))
        self.line_height = kind.leading / NATURAL_LEADING if self._lines != 1 else 1.0
        self.color = self.disabled_color = colour(theme, self._colour)
        self._fit()

    def _fit(self, *_: object) -> None:
        if self._hug:
            self.width = self.natural_width
        self.text_size = (max(1.0, self.width), None)
        self._settle()

    def _settle(self, *_: object) -> None:
        if self._lines == 1:
            self.height = self.line
        else:
            self.height = self.texture_size[1] if self.text else 0
