"""One person on the screen "Network": its row, and the sheet that says more of it."""

from collections.abc import Callable
from typing import Any

from mobile.screens.copying import CopyText
from mobile.theme import GAP, HAIR, MARGIN, SMALL, WIDE, Role
from mobile.viewmodel import Person, Wishes
from mobile.widgets import (
    Bar,
    Button,
    Column,
    Hairline,
    IconButton,
    Level,
    Strip,
    Text,
    hold,
)

STEPS = 8
"""Trust is given in eighths: finer than that nobody means it"""


def trust_words(weight: float) -> str:
    """How a trust is told."""
    return f"{weight:.0%}" if weight > 0 else "not trusted"


class PersonRow(Column):
    """Name, detail, the trust as a level, and a button for more.

    Args:
        wishes: told of a trust when the finger is lifted.
        on_more: called with the person for whom more is wanted.
    """

    def __init__(self, wishes: Wishes, on_more: Callable[[Person], object], **kwargs: Any) -> None:
        super().__init__(gap=HAIR, **kwargs)
        self._wishes = wishes
        self._on_more = on_more
        self._person: Person | None = None
        self._name = Text(role=Role.STRONG, lines=2)
        self._detail = Text(role=Role.CAPTION, colour="quiet", lines=2)
        self.more = IconButton("dots-vertical", "More", self._more)
        self._head = Strip(Column(self._name, self._detail, gap=1), self.more)
        self.level = Level("Your trust", 0.0, self._trust, steps=STEPS, words=trust_words)
        self.unblock = Button("Unblock", icon="undo", on_press=self._unblock)

    def show(self, person: Person) -> None:
        """Show this one; the same object as before costs nothing."""
        if person is self._person:
            return
        self._person = person
        self._name.text = person.name
        self._detail.text = person.detail
        self.more.label = f"More about {person.name}"
        self.level.value = person.trust or 0.0
        hold(self, self._head, self.unblock if person.blocked else self.level, Hairline())

    def _trust(self, weight: float) -> None:
        if self._person is not None:
            self._wishes.trust(self._person.peer, weight)

    def _unblock(self) -> None:
        if self._person is not None:
            self._wishes.block(self._person.peer, blocked=False)

    def _more(self) -> None:
        if self._person is not None:
            self._on_more(self._person)


class PersonSheet(Column):
    """All that can be known and done about one person.

    Args:
        wishes: told of trust and of blocking.
        person: who it is.
    """

    def __init__(self, wishes: Wishes, person: Person, **kwargs: Any) -> None:
        super().__init__(gap=GAP, padding=(WIDE, SMALL, WIDE, MARGIN), **kwargs)
        self.peer = person.peer
        self._wishes = wishes
        self._person: Person | None = None
        self._name = Text(role=Role.TITLE, lines=3)
        self._detail = Text(colour="quiet")
        self.level = Level("Your trust", 0.0, self._trust, steps=STEPS, words=trust_words)
        self._reach_words = Text(role=Role.CAPTION, colour="quiet")
        self._reach = Bar()
        self._arrives = Column(self._reach_words, self._reach, gap=HAIR)
        self._blocked = Text("Blocked: nothing of what it says counts here, whoever trusts it.")
        self.key = CopyText(person.peer, "Copy the key")
        self.block = Button("", on_press=self._block)
        self.show(person)

    def show(self, person: Person) -> None:
        """Show this one as it is now."""
        if person is self._person:
            return
        self._person = person
        self._name.text = person.name
        self._detail.text = person.detail
        self.level.value = person.trust or 0.0
        self._reach.fraction = person.reach
        self._reach_words.text = (
            f"Of all the trust you give, {person.reach:.0%} arrives here, also through others."
        )
        self.block.text = "Unblock" if person.blocked else "Block"
        self.block.icon = "undo" if person.blocked else "account-cancel-outline"
        known = (self._blocked,) if person.blocked else (self.level, self._arrives)
        hold(self, self._name, self._detail, *known, self.key, self.block)

    def _trust(self, weight: float) -> None:
        self._wishes.trust(self.peer, weight)

    def _block(self) -> None:
        if self._person is not None:
            self._wishes.block(self.peer, blocked=not self._person.blocked)
