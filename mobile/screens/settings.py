"""The screen "Settings": colours, what orders the lists, and what this app is."""

from functools import partial
from typing import Any

from mobile.theme import HAIR, SMALL, Role
from mobile.viewmodel import Fact, Scheme, Settings, State, Wishes
from mobile.widgets import Button, Choice, Column, House, Page, Pair, Text, hold

SCHEMES = {
    Scheme.SYSTEM: ("As the system has it", ""),
    Scheme.LIGHT: ("Light", ""),
    Scheme.DARK: ("Dark", ""),
}
ACCESS = (
    "Text follows the system's font size. There is no support for screen readers: the toolkit this "
    "app is drawn with (Kivy) has none. All that can be done here can also be done with the "
    "command line web3rec on a computer, as plain text."
)


class SettingsScreen(Page):
    """All of `Settings`.

    Args:
        wishes: told what a person asks for.
        house: not needed; every screen is made alike.
    """

    def __init__(self, wishes: Wishes, house: House, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._house = house
        self._settings: Settings | None = None
        self._facts: tuple[Fact, ...] | None = None
        self.schemes = {
            scheme: Choice(title, text, on_press=partial(wishes.use_scheme, scheme))
            for scheme, (title, text) in SCHEMES.items()
        }
        self._model = Text(role=Role.STRONG)
        self._detail = Text(colour="quiet")
        self._backend = Pair("Models run in", "")
        self.learn = Button("Learn now", icon="school-outline", kind="tonal", on_press=wishes.learn)
        self._pairs = Column(gap=SMALL)
        self._telemetry = Text()
        self.section("Colours", Column(*self.schemes.values(), gap=HAIR))
        self._order = self.section(
            "What orders your lists",
            note="Learning tries, on this device and with your own likes, whether another order "
            "would have served you better.",
        )
        self.section("Telemetry", self._telemetry)
        self.section("Reading aloud", Text(ACCESS))
        self._about = self.section("About web3rec", self._pairs)

    def again(self) -> None:
        """To the beginning."""
        self.to_top()

    def show(self, state: State) -> None:
        """Show the part; the same object as before costs nothing."""
        settings = state.settings
        if settings is self._settings:
            return
        self._settings = settings
        for scheme, choice in self.schemes.items():
            choice.chosen = scheme is settings.scheme
        self._model.text = f"{settings.model[:1].upper()}{settings.model[1:]}"
        self._detail.text = settings.model_detail
        self._backend.value = settings.backend
        self.learn.text = "Learning …" if settings.learning else "Learn now"
        self.learn.disabled = settings.learning
        hold(
            self._order.card,
            self._model,
            self._detail if settings.model_detail else None,
            self._backend if settings.backend else None,
            self.learn,
        )
        self._telemetry.text = settings.telemetry
        if settings.facts != self._facts:
            self._facts = settings.facts
            hold(self._pairs, *(Pair(fact.label, fact.value) for fact in settings.facts))
