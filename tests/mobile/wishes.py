"""Wishes and a house that only remember what was asked. Needs no Kivy."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mobile.viewmodel import Wishes

Call = tuple[Any, ...]
"""("like", "i7"), ("trust", "did:key:z6…", .5, ""): the name, then every argument in order"""


_Dynamic: Any = object
"""For the type checker: has all methods there are. They are put in below."""


class FakeWishes(_Dynamic):  # type: ignore[misc, unused-ignore]
    """Every wish is noted in `calls`, its arguments checked against the protocol's."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    @property
    def last(self) -> Call | None:
        """The latest call, None if there was none."""
        return self.calls[-1] if self.calls else None


def _noting(name: str) -> Callable[..., None]:
    signature = inspect.signature(getattr(Wishes, name))

    def note(self: FakeWishes, *args: Any, **kwargs: Any) -> None:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        self.calls.append((name, *list(bound.arguments.values())[1:]))

    return note


NAMES = tuple(name for name in vars(Wishes) if not name.startswith("_"))
for _name in NAMES:
    setattr(FakeWishes, _name, _noting(_name))


@dataclass
class FakeHouse:
    """A house without walls: what screens ask of it is kept to be looked at."""

    sheets: list[Any] = field(default_factory=list)
    """Open ones, the one on top last"""
    questions: list[tuple[str, str, str, Callable[[], object]]] = field(default_factory=list)
    """(title, text, action, on_yes) of every `confirm`"""
    went: list[str] = field(default_factory=list)
    _on_closed: Callable[[], object] | None = None

    def open_sheet(self, content: Any, on_closed: Callable[[], object] | None = None) -> None:
        self.sheets = [content]
        self._on_closed = on_closed

    def close_sheet(self) -> None:
        self.sheets = []
        self._on_closed = None

    def close_by_hand(self) -> None:
        """As a person does it: whoever opened the sheet is told."""
        on_closed = self._on_closed
        self.close_sheet()
        if on_closed is not None:
            on_closed()

    def confirm(
        self,
        title: str,
        text: str,
        action: str,
        on_yes: Callable[[], object],
        *,
        danger: bool = False,
    ) -> None:
        self.questions.append((title, text, action, on_yes))

    def go(self, screen: str) -> None:
        self.went.append(screen)
