"""Stand-ins for the screens, and an app that starts with them."""

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.app import Hooks, Web3recApp
from mobile.shell import ENTRIES, Parts
from mobile.viewmodel import Cover, State, Why, Wishes
from mobile.widgets import Button, Column, Field, House, Text
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeWishes

WHY = Why("i1", "Ocean", "Somebody", Cover("O", 0.1, 0.4, 1), "friend 12 likes it", ())


class Screen(Column):
    """Notes what it is shown; has a button that asks, and a field."""

    def __init__(self, name: str, house: House) -> None:
        self.states: list[State] = []
        self.agreed: list[str] = []
        self.came_again = 0
        super().__init__(
            Text(f"the screen {name}"),
            Button(
                "Ask",
                on_press=lambda: house.confirm(
                    "Forget all?", "Nothing is left.", "Forget", lambda: self.agreed.append(name)
                ),
            ),
            Field("Words"),
            fill=True,
        )

    def show(self, state: State) -> None:
        self.states.append(state)

    def again(self) -> None:
        self.came_again += 1


class WhyOpener:
    """As mobile.screens.why: opens a sheet while there is a `why`."""

    def __init__(self, wishes: Wishes, house: House) -> None:
        self.wishes, self.house = wishes, house
        self.shown: Why | None = None

    def show(self, state: State) -> None:
        if state.why is self.shown:
            return
        self.shown = state.why
        if state.why is None:
            self.house.close_sheet()
        else:
            self.house.open_sheet(Column(Text(state.why.title)), self.closed)

    def closed(self) -> None:
        self.shown = None
        self.wishes.close_why()


class Bar(Column):
    def __init__(self) -> None:
        super().__init__(Text("plays"))
        self.states: list[State] = []

    def show(self, state: State) -> None:
        self.states.append(state)


class Made:
    """Which screens were made."""

    def __init__(self) -> None:
        self.screens: dict[str, Screen] = {}
        self.players: list[Bar] = []
        self.parts = Parts(
            screens={name: self._make(name) for name, _, _ in ENTRIES},
            why=WhyOpener,
            player=self._player,
        )

    def _make(self, name: str) -> Callable[[Wishes, House], Screen]:
        def make(_wishes: Wishes, house: House) -> Screen:
            assert name not in self.screens, "made twice"
            self.screens[name] = Screen(name, house)
            return self.screens[name]

        return make

    def _player(self, _wishes: Wishes, _house: House) -> Bar:
        self.players.append(Bar())
        return self.players[0]


@pytest.fixture
def made() -> Made:
    return Made()


Start = Callable[..., Any]


@pytest.fixture
def start(stage: Stage, wishes: FakeWishes, made: Made) -> Start:
    def start(first: State | None = None, **hooks: Any) -> Web3recApp:
        app = Web3recApp(wishes, first or State(), Hooks(**hooks), made.parts)
        stage.start(app)
        return app

    return start
