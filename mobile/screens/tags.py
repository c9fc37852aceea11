"""The start of somebody of whom nothing is known: tags to choose from, and a button."""

from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout

from mobile.theme import GAP, MARGIN, READING, SMALL, Role
from mobile.viewmodel import ForYou, TagChoice, Wishes
from mobile.widgets import LOOK, Button, Column, Flow, Hairline, Icon, Page, Strip, Tag, Text

STAYS = "Your choice stays on this phone; nobody is told."


class TagPicker(BoxLayout):
    """Tags, and a button that stays below them however many there are.

    Args:
        wishes: told which tags are chosen.
    """

    def __init__(self, wishes: Wishes, **kwargs: Any) -> None:
        self._wishes = wishes
        self._shown: ForYou | None = None
        self._tags: dict[str, Tag] = {}
        super().__init__(orientation="vertical", **kwargs)
        self._note = Text(colour="quiet")
        self._flow = Flow()
        self._page = Page(
            Column(
                Text("What do you like?", role=Role.TITLE),
                self._note,
                Strip(
                    Icon("lock-outline", colour="accent", size=20),
                    Text(STAYS, colour="quiet"),
                ),
                gap=SMALL,
            ),
            self._flow,
            gap=GAP,
        )
        self.start = Button("", kind="filled", on_press=wishes.start_from_tags)
        self._foot = Column(self.start, padding=(MARGIN, SMALL, MARGIN, SMALL))
        self.add_widget(self._page)
        self.add_widget(Hairline())
        self.add_widget(self._foot)
        self.fbind("width", self._narrow)
        LOOK.bind(version=self._narrow)  # weakly, unlike fbind

    @property
    def tags(self) -> dict[str, Tag]:
        """The tags there are, by their word."""
        return dict(self._tags)

    def show(self, for_you: ForYou) -> None:
        """Show this choice; does nothing if it is the one that is shown."""
        if for_you is self._shown:
            return
        self._shown = for_you
        self._note.text = for_you.note
        if list(self._tags) != [choice.tag for choice in for_you.tags]:
            self._make(for_you.tags)
        for choice in for_you.tags:
            self._tags[choice.tag].chosen = choice.chosen
            self._tags[choice.tag].icon = "check" if choice.chosen else "plus"
        chosen = sum(choice.chosen for choice in for_you.tags)
        busy = for_you.refreshing
        self.start.disabled = not chosen or busy
        tags = f" of {chosen} tags" if chosen > 1 else " of one tag" if chosen else ""
        self.start.text = "Making your list …" if busy else f"Make my list{tags}"

    def _make(self, choices: tuple[TagChoice, ...]) -> None:
        self._flow.clear_widgets()
        self._tags = {}
        for choice in choices:
            tag = Tag(
                choice.tag,
                icon="plus",  # a sign either way: tags stay where they are when one is chosen
                on_press=partial(self._wishes.choose_tag, choice.tag),
            )
            self._tags[choice.tag] = tag
            self._flow.add_widget(tag)

    def _narrow(self, *_: object) -> None:
        side = max(dp(MARGIN), (self.width - dp(READING)) / 2)
        self._foot.padding = [side, dp(SMALL), side, dp(SMALL)]
