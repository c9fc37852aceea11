"""Taking texts away and in: the system's clipboard, if there is one."""

from typing import Any

from kivy.clock import Clock

from mobile.widgets import Button, Column, Text

SAID = 2.0
"""Seconds for which a button says that it did its work"""


def copied(text: str) -> bool:
    """Put a text on the clipboard; False if there is none."""
    try:
        from kivy.core.clipboard import Clipboard  # noqa: PLC0415 - looks for one when imported

        Clipboard.copy(text)
    except Exception:  # noqa: BLE001 - each system's clipboard fails in ways of its own
        return False
    return True


def pasted() -> str:
    """What is on the clipboard, in one line; "" if there is nothing or no clipboard."""
    try:
        from kivy.core.clipboard import Clipboard  # noqa: PLC0415

        return " ".join(str(Clipboard.paste() or "").replace("\0", "").split())
    except Exception:  # noqa: BLE001
        return ""


class CopyText(Column):
    """A long text, in full, and a button that copies it.

    Args:
        text: what is copied.
        action: what the button says.
    """

    def __init__(self, text: str, action: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._action = action
        self._text = Text(text, colour="quiet")
        self.button = Button(action, icon="content-copy", on_press=self._copy)
        self.add_widget(self._text)
        self.add_widget(self.button)
        self._again = Clock.create_trigger(self._say_action, SAID)

    @property
    def text(self) -> str:
        return str(self._text.text)

    @text.setter
    def text(self, text: str) -> None:
        self._text.text = text
        self.button.disabled = not text

    def _copy(self) -> None:
        done = copied(self.text)
        self.button.text = "Copied" if done else "No clipboard here: write it down"
        self.button.icon = "check" if done else "alert-circle-outline"
        self._again.cancel()
        self._again()

    def _say_action(self, _dt: float) -> None:
        self.button.text = self._action
        self.button.icon = "content-copy"
