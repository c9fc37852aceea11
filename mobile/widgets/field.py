"""A line that a person writes in."""

from collections.abc import Callable
from typing import Any

from kivy.graphics import Color, InstructionGroup, RoundedRectangle
from kivy.metrics import dp, sp
from kivy.uix.textinput import TextInput

from mobile.theme import RADIUS_SMALL, SMALL, TARGET, TYPE, Role, Theme
from mobile.widgets.look import Dressed, colour
from mobile.widgets.text import NATURAL_LEADING


class Field(Dressed, TextInput):
    """One line of text.

    Args:
        hint: what is wanted; shown while it is empty.
        on_text: called with the text after every change by a person.
        on_enter: called with the text when Enter is pressed.
        secret: shown as dots.
    """

    def __init__(
        self,
        hint: str,
        on_change: Callable[[str], object] | None = None,
        *,
        on_enter: Callable[[str], object] | None = None,
        secret: bool = False,
        **kwargs: Any,
    ) -> None:
        self.label = hint
        self._on_change = on_change
        self._on_enter = on_enter
        self._setting = False
        super().__init__(
            hint_text=hint,
            multiline=False,
            password=secret,
            password_mask="•",  # noqa: S106 - what stands for a letter
            size_hint_y=None,
            write_tab=False,
            use_bubble=False,
            use_handles=False,
            **kwargs,
        )
        self.background_normal = self.background_active = self.background_disabled_normal = ""
        self.background_color = (0, 0, 0, 0)
        self._paint = Color()
        self._shape = RoundedRectangle()
        # A group: what is inserted on its own is drawn with whatever texture was bound last.
        ground = InstructionGroup()
        ground.add(self._paint)
        ground.add(self._shape)
        self.canvas.before.insert(0, ground)
        self.bind(pos=self._shape_up, size=self._shape_up, focus=self._look_changed)
        self.fbind("text", self._changed)
        self.wear()

    text: str

    def put(self, text: str) -> None:
        """Set the text without telling anybody."""
        if text != self.text:
            self._setting = True
            self.text = text
            self._setting = False

    def on_text_validate(self) -> None:
        if self._on_enter is not None:
            self._on_enter(self.text)

    def dress(self, theme: Theme) -> None:
        size = round(sp(TYPE[Role.BODY].size))
        self.font_size = size
        line = size * NATURAL_LEADING
        self.height = max(dp(TARGET), line + 2 * dp(SMALL))
        side = dp(14)
        self.padding = (side, (self.height - line) / 2, side, (self.height - line) / 2)
        self.foreground_color = colour(theme, "text")
        self.disabled_foreground_color = colour(theme, "quiet")
        self.hint_text_color = colour(theme, "quiet")
        self.cursor_color = colour(theme, "accent")
        self.selection_color = colour(theme, "accent", 0.3)
        self.cursor_width = max(1, dp(2))
        self._paint.rgba = colour(theme, "raised")
        self._shape_up()

    def _shape_up(self, *_: object) -> None:
        self._shape.pos, self._shape.size = self.pos, self.size
        self._shape.radius = [dp(RADIUS_SMALL)]

    def _changed(self, *_: object) -> None:
        if self._on_change is not None and not self._setting:
            self._on_change(self.text)
