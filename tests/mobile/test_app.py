"""The shell around the screens: what is shown where, and what the back key, notices and time do."""

from dataclasses import replace

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.metrics import Metrics

from mobile.shell import ENTRIES, Insets
from mobile.startup import IDLE_FPS
from mobile.theme import DARK, LIGHT
from mobile.viewmodel import (
    Chip,
    Notice,
    Player,
    Scheme,
    Settings,
    State,
)
from mobile.widgets import LOOK, Column, Text
from tests.mobile.audit import clipped, small_targets
from tests.mobile.rooms import WHY, Made, Start, made, start
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeWishes

__all__ = ["made", "start"]

# -- screens --------------------------------------------------------------------------------------


def test_the_first_frame_shows_the_first_state_and_makes_one_screen_only(
    start: Start, stage: Stage, made: Made
) -> None:
    first = State(chip=Chip("5 peers · synced", online=True))
    start(first)
    assert set(made.screens) == {"for you"}
    assert made.screens["for you"].states[-1] is first
    assert stage.says("5 peers · synced")
    assert stage.says("the screen for you")
    assert not made.players


@pytest.mark.parametrize("name", [name for name, _, _ in ENTRIES])
def test_every_entry_of_the_navigation_goes_there(
    name: str, start: Start, stage: Stage, made: Made
) -> None:
    app = start()
    stage.tap(stage.find(f"go to {name}"))
    assert app.shell.here == name
    assert stage.says(f"the screen {name}")


def test_a_screen_that_comes_to_the_front_is_told_the_latest_state(
    start: Start, stage: Stage, made: Made
) -> None:
    app = start()
    app.shell.go("library")
    app.shell.go("for you")
    later = State(chip=Chip("later"))
    app.show(later)
    assert made.screens["library"].states[-1] is not later  # it is not in front
    app.shell.go("library")
    assert made.screens["library"].states[-1] is later


def test_an_entry_pressed_again_tells_its_screen(start: Start, stage: Stage, made: Made) -> None:
    start()
    stage.tap(stage.find("go to for you"))
    assert made.screens["for you"].came_again == 1


def test_an_unknown_screen_is_a_mistake(start: Start) -> None:
    with pytest.raises(KeyError):
        start().shell.go("nowhere")


def test_the_chip_leads_to_the_network(start: Start, stage: Stage) -> None:
    app = start(State(chip=Chip("offline · from this phone")))
    stage.tap(stage.find("offline · from this phone"))
    assert app.shell.here == "network"


def test_the_player_stands_below_the_screen_once_something_plays(
    start: Start, stage: Stage, made: Made
) -> None:
    app = start()
    assert not stage.says("plays")
    playing = State(player=Player(item="i1", title="Ocean", length=200, playing=True))
    app.show(playing)
    stage.settle()
    assert stage.says("plays")
    assert made.players[0].states[-1] is playing
    assert made.players[0].to_window(*made.players[0].pos)[1] >= 60  # above the navigation


# -- the back key ---------------------------------------------------------------------------------


def test_back_closes_the_question_then_the_sheet_then_goes_home_then_leaves(
    start: Start, stage: Stage, wishes: FakeWishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start()
    left: list[bool] = []
    monkeypatch.setattr(app, "stop", lambda: left.append(True))
    app.shell.go("privacy")
    app.show(State(why=WHY))
    app.shell.confirm("Sure?", "Really.", "Yes", lambda: None)
    stage.settle()
    assert stage.says("Sure?")
    stage.back()
    assert not stage.says("Sure?")
    assert stage.says("Ocean")
    stage.back()
    assert not stage.says("Ocean")
    assert wishes.calls == [("close_why",)]
    assert app.shell.here == "privacy"
    stage.back()
    assert app.shell.here == "for you"
    assert not left
    stage.back()
    assert left == [True]


def test_other_keys_do_nothing(start: Start, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start()
    app.shell.go("library")
    Window.dispatch("on_keyboard", ord("a"), 0, "a", [])
    assert app.shell.here == "library"


# -- sheets ---------------------------------------------------------------------------------------


def test_the_why_sheet_stands_as_long_as_the_state_has_it(start: Start, stage: Stage) -> None:
    app = start()
    app.show(State(why=WHY))
    stage.settle()
    assert stage.says("Ocean")
    app.show(State())
    stage.settle()
    assert not stage.says("Ocean")
    assert app.shell.sheet is None


def test_a_tap_beside_the_sheet_closes_it_and_presses_nothing(
    start: Start, stage: Stage, wishes: FakeWishes
) -> None:
    app = start()
    app.show(State(why=WHY))
    stage.settle()
    stage.tap((200.0, 880.0))
    assert app.shell.sheet is None
    assert app.shell.here == "for you"
    assert wishes.calls == [("close_why",)]


def test_nothing_below_a_sheet_can_be_pressed(start: Start, stage: Stage, made: Made) -> None:
    app = start()
    app.show(State(why=WHY))
    stage.settle()
    assert app.shell.sheet is not None
    stage.tap((200.0, 20.0))  # on the sheet, over the navigation
    assert app.shell.here == "for you"
    assert app.shell.sheet is not None


def test_a_question_acts_only_on_yes(start: Start, stage: Stage, made: Made) -> None:
    app = start()
    stage.tap(stage.find("Ask"))
    stage.tap(stage.find("Cancel"))
    assert made.screens["for you"].agreed == []
    assert app.shell.sheet is None
    stage.tap(stage.find("Ask"))
    stage.tap(stage.find("Forget"))
    assert made.screens["for you"].agreed == ["for you"]
    assert app.shell.sheet is None


def test_a_second_sheet_takes_the_place_of_the_first(start: Start, stage: Stage) -> None:
    app = start()
    closed: list[str] = []
    app.shell.open_sheet(Column(Text("one")), lambda: closed.append("one"))
    app.shell.open_sheet(Column(Text("two")), lambda: closed.append("two"))
    stage.settle()
    assert not stage.says("one")
    assert stage.says("two")
    stage.back()
    assert closed == ["two"]


# -- notices --------------------------------------------------------------------------------------


def test_a_notice_stays_five_seconds_and_is_dismissed(
    start: Start, stage: Stage, wishes: FakeWishes
) -> None:
    app = start()
    app.show(State(notice=Notice(7, "Not interested: Ocean", undo=True)))
    stage.advance(4.8)
    assert stage.says("Not interested: Ocean")
    assert wishes.calls == []
    stage.advance(0.4)
    assert not stage.says("Not interested: Ocean")
    assert wishes.calls == [("dismiss", 7)]


def test_undo_is_asked_once_and_the_notice_goes_at_once(
    start: Start, stage: Stage, wishes: FakeWishes
) -> None:
    app = start()
    state = State(notice=Notice(7, "Not interested: Ocean", undo=True))
    app.show(state)
    stage.settle()
    stage.tap(stage.find("Undo"))
    assert wishes.calls == [("undo", 7)]
    app.show(replace(state, chip=Chip("a state that still has it")))
    stage.advance(6)
    assert not stage.says("Not interested: Ocean")
    assert wishes.calls == [("undo", 7)]


def test_a_newer_notice_takes_the_place_and_the_five_seconds_begin_anew(
    start: Start, stage: Stage, wishes: FakeWishes
) -> None:
    app = start()
    app.show(State(notice=Notice(1, "first")))
    stage.advance(4)
    app.show(State(notice=Notice(2, "second")))
    stage.advance(4)
    assert stage.says("second")
    assert not stage.says("first")
    stage.advance(1.2)
    assert wishes.calls == [("dismiss", 2)]


def test_what_cannot_be_undone_has_no_undo(start: Start, stage: Stage) -> None:
    app = start()
    app.show(State(notice=Notice(1, "Copied")))
    stage.settle()
    with pytest.raises(LookupError):
        stage.find("Undo")


# -- failure --------------------------------------------------------------------------------------


def test_a_failure_takes_all_of_the_window_and_leaves_again(start: Start, stage: Stage) -> None:
    words = "Another web3rec has the store open. Close it and start again."
    app = start(State(failure=words))
    assert stage.says(words)
    assert not stage.says("the screen for you")
    with pytest.raises(LookupError):
        stage.find("go to library")
    app.show(State())
    stage.settle()
    assert not stage.says(words)
    assert stage.says("the screen for you")
    app.show(State(failure=words))
    stage.settle()
    assert stage.says(words)


def test_what_failed_can_be_tried_again(start: Start, stage: Stage, wishes: FakeWishes) -> None:
    start(State(failure="The disk is full. Make room, then try again."))
    stage.tap(stage.find("Try again"))
    assert wishes.calls == [("refresh",)]


# -- the window -----------------------------------------------------------------------------------

SIZES = [
    (412, 915, 1.0, 1.0),
    (360, 640, 1.0, 1.5),
    pytest.param((1080, 2340, 2.625, 1.0), marks=pytest.mark.slow),
    (915, 412, 1.0, 1.0),
    (915, 412, 1.0, 1.5),
    pytest.param((1280, 800, 1.0, 1.0), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_of_the_shell_is_clipped_in_any_window(
    size: tuple[int, int, float, float], start: Start, stage: Stage
) -> None:
    stage.resize(*size)
    app = start(
        State(
            chip=Chip("offline · from this phone"),
            notice=Notice(
                1, "Not interested: a title that is far too long for any line", undo=True
            ),
        )
    )
    assert clipped(app.shell) == []
    assert small_targets(app.shell) == []


def test_turned_flat_the_navigation_stands_at_the_left_and_nothing_is_lost(
    start: Start, stage: Stage
) -> None:
    app = start()
    app.shell.go("library")
    stage.rotate()
    entry = stage.find("go to settings")
    assert entry.to_window(*entry.pos)[0] < 120
    assert stage.says("the screen library")
    assert clipped(app.shell) == []
    stage.rotate()
    assert entry.to_window(*entry.pos)[0] > 300


def test_nothing_stands_under_the_systems_bars(start: Start, stage: Stage) -> None:
    app = start(insets=lambda: Insets(left=10, top=40, right=10, bottom=30))
    title = next(text for text in stage.all_of(Text) if text.text == "For you")
    assert title.to_window(*title.pos)[1] + title.height <= 915 - 40
    entry = stage.find("go to library")
    assert entry.to_window(*entry.pos)[1] >= 30
    assert app.shell.screen.x >= 10


def test_the_scheme_is_the_states_or_the_systems(start: Start, stage: Stage) -> None:
    system = [True]
    app = start(dark=lambda: system[0])
    assert LOOK.theme is DARK
    app.show(State(settings=Settings(scheme=Scheme.LIGHT)))
    assert LOOK.theme is LIGHT
    app.show(State())
    assert LOOK.theme is DARK
    system[0] = False
    app.dispatch("on_resume")
    assert LOOK.theme is LIGHT


# -- the system -----------------------------------------------------------------------------------


def test_the_system_is_heard(start: Start, stage: Stage) -> None:
    heard: list[str] = []
    app = start(
        pause=lambda: heard.append("pause"),
        resume=lambda: heard.append("resume"),
        stop=lambda: heard.append("stop"),
        low_memory=lambda: heard.append("low memory"),
        font_scale=lambda: 1.5,
    )
    assert app.dispatch("on_pause")
    app.dispatch("on_resume")
    assert Metrics.fontscale == 1.5
    Window.dispatch("on_memorywarning")
    stage.clear()
    assert heard == ["pause", "resume", "low memory", "stop"]


def test_at_rest_nothing_is_drawn_and_the_clock_slows_down_until_a_touch(
    start: Start, stage: Stage
) -> None:
    unlimited, Clock._max_fps = Clock._max_fps, 30
    try:
        start()
        stage.advance(1)
        assert stage.draws_in(30) == 0
        stage.advance(2)
        assert Clock._max_fps == IDLE_FPS
        touch = stage.press((200.0, 400.0))
        assert Clock._max_fps == 30
        touch.touch_up()
    finally:
        stage.clear()
        Clock._max_fps = unlimited
