"""The player: there while something plays, and no longer."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from mobile.samples import SAMPLES
from mobile.screens.player import PlayerBar
from mobile.viewmodel import State
from tests.mobile.screens.phones import faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

STATE = SAMPLES["playing"]


@pytest.fixture
def bar(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> PlayerBar:
    bar = PlayerBar(wishes, house)
    bar.show(STATE)
    column = BoxLayout(orientation="vertical")
    column.add_widget(Widget())
    column.add_widget(bar)
    stage.show(column)
    return bar


def playing(**changes: Any) -> State:
    return replace(STATE, player=replace(STATE.player, **changes))


@pytest.mark.parametrize(
    ("button", "call"),
    [
        ("Pause", ("pause", True)),
        ("Next", ("next",)),
        ("Stop", ("stop",)),
        ("Like", ("like", STATE.player.item)),
    ],
)
def test_each_button_asks_for_its_own_thing(
    stage: Stage, bar: PlayerBar, wishes: FakeWishes, button: str, call: tuple[object, ...]
) -> None:
    stage.tap(stage.find(button))
    assert wishes.calls == [call]


def test_what_was_paused_goes_on(stage: Stage, bar: PlayerBar, wishes: FakeWishes) -> None:
    bar.show(playing(playing=False))
    stage.tap(stage.find("Play"))
    assert wishes.calls == [("pause", False)]


def test_it_is_there_only_while_something_plays(stage: Stage, bar: PlayerBar) -> None:
    assert bar.height > 48
    bar.show(SAMPLES["library"])
    stage.settle()
    assert bar.height == 0
    assert stage.pressable() == []
    bar.show(STATE)
    stage.settle()
    assert bar.height > 48
    assert stage.says(STATE.player.title)


def test_the_line_shows_how_far_it_is(stage: Stage, bar: PlayerBar) -> None:
    assert bar.progress.fraction == pytest.approx(83 / 214)
    bar.show(playing(position=0.0, length=0.0))
    assert bar.progress.fraction == 0.0


@pytest.mark.slow
def test_nothing_is_clipped_on_any_phone(
    stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    bar = PlayerBar(wishes, house)
    bar.show(STATE)
    assert faults(stage, bar) == {}


def test_with_large_text_the_title_gets_the_heart_s_room(stage: Stage, bar: PlayerBar) -> None:
    assert bar.like.parent is not None
    stage.resize(412, 915, 1.0, 1.5)
    assert bar.like.parent is None
    stage.rotate()
    assert bar.like.parent is not None
