"""What the shell does for a screen; the app is one, tests may have a simple one."""

from collections.abc import Callable
from typing import Protocol

from kivy.uix.widget import Widget


class House(Protocol):
    """Given to every screen."""

    def open_sheet(self, content: Widget, on_closed: Callable[[], object] | None = None) -> None:
        """Show a sheet with this in it, instead of the one there may be.

        Args:
            content: says its own height (a Column).
            on_closed: called when a person closes it, not by `close_sheet`.
        """
        ...

    def close_sheet(self) -> None:
        """Take away the sheet, if any, and a question over it; `on_closed` is not called."""
        ...

    def confirm(
        self,
        title: str,
        text: str,
        action: str,
        on_yes: Callable[[], object],
        *,
        danger: bool = False,
    ) -> None:
        """Ask before something is done, over the sheet if there is one.

        `action` is what the button says.
        """
        ...

    def go(self, screen: str) -> None:
        """Show a screen: "for you", "library", "network", "privacy", "settings".

        Raises:
            KeyError: there is no such screen.
        """
        ...
