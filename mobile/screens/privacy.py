"""The screen "Privacy": what leaves, what was sent, what is kept, and how to forget it."""

from typing import Any

from mobile.screens.moving import MovingSection
from mobile.theme import GAP, HAIR, MARGIN, SMALL, Role
from mobile.viewmodel import Fact, Privacy, Rung, Sent, State, Wishes
from mobile.widgets import (
    Button,
    Card,
    Choice,
    Column,
    Hairline,
    House,
    Icon,
    IconButton,
    Listing,
    Page,
    Pair,
    Strip,
    Text,
    Toggle,
    hold,
)

EVERYTHING = (
    "Erased here, at once: all you did, whom you trust and block, the names you gave, what you "
    "keep to yourself, and what this device learnt from it. What had left is taken back: others "
    "who play fair erase it too, and nobody can make the rest do so. What stays: your key, your "
    "settings, and what other people said. It cannot be undone. If you may want it back, export "
    "it first."
)
LAST_HOUR = (
    "All you did within the last hour is erased here, and what of it had left is taken back. It "
    "cannot be undone."
)


class PrivacyScreen(Column):
    """All of `Privacy`.

    Args:
        wishes: told what a person asks for, after it was confirmed where it has to be.
        house: opens sheets and asks.
    """

    def __init__(self, wishes: Wishes, house: House, **kwargs: Any) -> None:
        self._privacy: Privacy | None = None
        self.busy = _Busy()
        self._page = Page()
        super().__init__(fill=True, gap=0, **kwargs)
        self.leaving = LeavingSection(wishes, house)
        self.sent = SentSection(wishes, house)
        self.kept = KeptSection(wishes, house)
        self.moving = MovingSection(wishes, house)
        for title, note, section in (
            ("What leaves this device", "From now on; what is past stays as it was.", self.leaving),
            ("What was sent, and what waits", "Everything, in words.", self.sent),
            ("What is kept here", "In one folder of this device. Nobody else has it.", self.kept),
            ("Taking it along", "", self.moving),
        ):
            self._page.section(title, section, note=note)
        hold(self, self._page)

    def show(self, state: State) -> None:
        """Show the part; the same object as before costs nothing."""
        privacy = state.privacy
        if privacy is self._privacy:
            return
        self._privacy = privacy
        self.busy.words = privacy.busy
        hold(self, self.busy if privacy.busy else None, self._page)
        self.leaving.show(privacy)
        self.sent.show(privacy)
        self.kept.show(privacy)
        self.moving.show(privacy)

    def again(self) -> None:
        """To the beginning."""
        self._page.to_top()


class _Busy(Card):
    """What is being done; stands above the page, so that it is seen wherever one has scrolled."""

    def __init__(self) -> None:
        self._words = Text(lines=2, colour="on_tint")
        super().__init__(
            Strip(Icon("clock-outline", colour="on_tint"), self._words, gap=GAP),
            ground="tint",
            outlined=False,
            radius=0,
            padding=(MARGIN, SMALL, MARGIN, SMALL),
        )

    @property
    def words(self) -> str:
        return str(self._words.text)

    @words.setter
    def words(self, words: str) -> None:
        self._words.text = f"{words[:1].upper()}{words[1:]} …" if words else ""


class LeavingSection(Column):
    """The ladder, a private session, and whether anything is kept at all."""

    def __init__(self, wishes: Wishes, house: House) -> None:
        super().__init__()
        self._wishes = wishes
        self._house = house
        self._level = 0
        self._rungs: tuple[Rung, ...] = ()
        self.ladder = Column(gap=HAIR)
        self.private = Toggle(
            "Private session",
            "What you do now counts for your own lists and never leaves, at any level. It stays "
            "on until you switch it off.",
            on_change=lambda on: wishes.private_session(on=on),
        )
        self.paused = Toggle(
            "Pause learning",
            "What you play and like is not even kept here.",
            on_change=lambda on: wishes.keep_learning(on=not on),
        )
        hold(self, self.ladder, Hairline(), self.private, self.paused)

    @property
    def choices(self) -> list[Choice]:
        """The rungs, from the lowest level."""
        return [one for one in self.ladder.children[::-1] if isinstance(one, Choice)]

    def show(self, privacy: Privacy) -> None:
        self._level = privacy.level
        if privacy.rungs != self._rungs:
            self._rungs = privacy.rungs
            hold(self.ladder, *map(self._choice, privacy.rungs))
        for rung, choice in zip(self._rungs, self.choices, strict=True):
            choice.chosen = rung.level == privacy.level
        self.private.on = privacy.private
        self.paused.on = not privacy.learning

    def _choice(self, rung: Rung) -> Choice:
        return Choice(f"{rung.level} · {rung.title}", rung.text, on_press=lambda: self._ask(rung))

    def _ask(self, rung: Rung) -> None:
        """Lower at once: nothing is lost by it. Higher is consent, so it is asked for."""
        if rung.level > self._level:
            self._house.confirm(
                f"Share on level {rung.level}?",
                f"From now on leaves this device: {rung.text} What you did before stays here. You "
                "can go back at any time, but what has left by then is with others.",
                f"Share on level {rung.level}",
                lambda: self._wishes.share(rung.level),
            )
        elif rung.level < self._level:
            self._wishes.share(rung.level)


class SentSection(Column):
    """Records that left or wait to, in words, newest first."""

    def __init__(self, wishes: Wishes, house: House) -> None:
        super().__init__(gap=SMALL)
        self._wishes = wishes
        self._house = house
        self._shown: tuple[Sent, ...] | None = None
        self.rows = Listing(
            lambda: SentRow(self._forget), lambda one: (one.what, one.item), few=4, gap=HAIR
        )
        self._none = Text("Nothing has left, and nothing waits to.", colour="quiet")
        self._older = Text(role=Role.CAPTION, colour="quiet")

    def show(self, privacy: Privacy) -> None:
        if privacy.sent is not self._shown:
            self._shown = privacy.sent
            self.rows.show(privacy.sent)
        older = privacy.more_sent
        self._older.text = f"And {older} older ones." if older else ""
        hold(
            self,
            self.rows if privacy.sent else self._none,
            self._older if older else None,
        )

    def _forget(self, sent: Sent) -> None:
        self._house.confirm(
            "Forget this?",
            f"{sent.what[:1].upper()}{sent.what[1:]}: all you did with it is erased here. What of "
            "it had left is taken back; what waits does not leave. It cannot be undone.",
            "Forget it",
            lambda: self._wishes.forget_item(sent.item),
            danger=True,
        )


class SentRow(Strip):
    """One record, and a button to forget what it is about."""

    def __init__(self, on_forget: Any) -> None:
        self._sent: Sent | None = None
        self._what = Text(lines=2)
        self._when = Text(role=Role.CAPTION, colour="quiet", lines=2)
        self._words = Column(self._what, self._when, gap=1, padding=(0, HAIR, 0, HAIR))
        self.forget = IconButton(
            "delete-outline", "Forget this", lambda: self._sent and on_forget(self._sent)
        )
        super().__init__(self._words, gap=GAP)

    def show(self, sent: Sent) -> None:
        if sent is self._sent:
            return
        self._sent = sent
        self._what.text = f"{sent.what[:1].upper()}{sent.what[1:]}"
        self._when.text = sent.when
        self.forget.label = f"Forget {sent.what}"
        hold(self, self._words, self.forget if sent.item else None)


class KeptSection(Column):
    """Facts about what is stored, what was forgotten last, and the wishes to forget."""

    def __init__(self, wishes: Wishes, house: House) -> None:
        super().__init__(gap=GAP)
        self._facts: tuple[Fact, ...] | None = None
        self._pairs = Column(gap=SMALL)
        self.receipt = Text(colour="on_tint")
        self._receipt = Card(
            self.receipt,
            ground="tint",
            outlined=False,
            padding=(GAP, SMALL, GAP, SMALL),
        )
        self.hour = Button(
            "Forget the last hour",
            icon="history",
            kind="danger",
            on_press=lambda: house.confirm(
                "Forget the last hour?",
                LAST_HOUR,
                "Forget the hour",
                wishes.forget_hour,
                danger=True,
            ),
        )
        self.everything = Button(
            "Forget everything",
            icon="delete-forever-outline",
            kind="danger",
            on_press=lambda: house.confirm(
                "Forget everything?", EVERYTHING, "Forget all", wishes.forget_all, danger=True
            ),
        )

    def show(self, privacy: Privacy) -> None:
        if privacy.stored != self._facts:
            self._facts = privacy.stored
            hold(self._pairs, *(Pair(fact.label, fact.value) for fact in privacy.stored))
        self.receipt.text = privacy.receipt
        self.hour.disabled = self.everything.disabled = bool(privacy.busy)
        hold(
            self,
            self._pairs if privacy.stored else None,
            self._receipt if privacy.receipt else None,
            self.hour,
            self.everything,
        )
