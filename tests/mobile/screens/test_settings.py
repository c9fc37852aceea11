"""The screen "Settings": colours, learning, and what is said about the app."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.samples import SAMPLES
from mobile.screens.settings import SettingsScreen
from mobile.viewmodel import Fact, Scheme, State
from tests.mobile.screens.phones import TALL, faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

STATE = SAMPLES["for you"]


@pytest.fixture
def screen(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> SettingsScreen:
    stage.resize(*TALL)
    screen = SettingsScreen(wishes, house)
    screen.show(STATE)
    stage.show(screen)
    return screen


def with_settings(**changes: Any) -> State:
    return replace(STATE, settings=replace(STATE.settings, **changes))


@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_scheme_is_chosen_and_shown(
    stage: Stage, screen: SettingsScreen, wishes: FakeWishes, scheme: Scheme
) -> None:
    stage.tap(screen.schemes[scheme])
    assert wishes.calls == [("use_scheme", scheme)]
    screen.show(with_settings(scheme=scheme))
    assert [one for one, choice in screen.schemes.items() if choice.chosen] == [scheme]


def test_one_can_learn_now_unless_it_learns(
    stage: Stage, screen: SettingsScreen, wishes: FakeWishes
) -> None:
    stage.tap(stage.find("Learn now"))
    assert wishes.calls == [("learn",)]
    screen.show(with_settings(learning=True))
    stage.tap(stage.find("Learning …"))
    assert wishes.calls == [("learn",)]


def test_it_says_what_orders_lists_and_what_the_app_is(
    stage: Stage, screen: SettingsScreen
) -> None:
    settings = STATE.settings
    for words in (settings.model_detail, settings.backend, settings.telemetry):
        assert stage.says(words)
    for fact in settings.facts:
        assert stage.says(fact.label)
        assert stage.says(fact.value)
    screen.show(with_settings(facts=(Fact("Version", "9"),)))
    assert not stage.says(settings.facts[1].value)


def test_it_says_that_nothing_is_read_aloud(stage: Stage, screen: SettingsScreen) -> None:
    assert stage.says("There is no support for screen readers")


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["settings", "loading"])
def test_nothing_is_clipped_on_any_phone(
    stage: Stage, wishes: FakeWishes, house: FakeHouse, sample: str
) -> None:
    screen = SettingsScreen(wishes, house)
    screen.show(SAMPLES[sample])
    assert faults(stage, screen) == {}
