"""What a finger on the screen holds still, and what is made ahead while there is none."""

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.app import RESTS_AFTER
from mobile.shell import ENTRIES
from mobile.viewmodel import Chip, ForYou, Phase, State
from tests.mobile.rooms import Made, Start, made, start
from tests.mobile.stage import Stage

__all__ = ["made", "start"]


def test_a_state_waits_while_a_finger_is_down(start: Start, stage: Stage) -> None:
    touches: list[int] = []
    app = start(State(chip=Chip("one")), touched=lambda: touches.append(1))
    finger = stage.press((200, 400))
    app.show(State(chip=Chip("two")))
    app.show(State(chip=Chip("three")))
    stage.frames(3)
    assert stage.says("one")
    finger.touch_up()
    stage.settle()
    assert stage.says("three")
    assert touches == [1]
    app.show(State(chip=Chip("four")))
    stage.settle()
    assert stage.says("four")


def test_a_newer_state_is_not_followed_by_one_that_waited(start: Start, stage: Stage) -> None:
    app = start(State(chip=Chip("one")))
    finger = stage.press((200, 400))
    app.show(State(chip=Chip("two")))
    finger.touch_up()
    app.show(State(chip=Chip("three")))
    stage.settle()
    assert stage.says("three")


def test_a_finger_that_was_down_when_the_app_paused_holds_nothing(
    start: Start, stage: Stage
) -> None:
    app = start(State(chip=Chip("one")))
    stage.press((200, 400))
    app.on_pause()
    app.on_resume()
    app.show(State(chip=Chip("two")))
    stage.settle()
    assert stage.says("two")


def test_at_rest_the_other_screens_are_made_one_after_the_other_once_the_store_is_open(
    start: Start, stage: Stage, made: Made
) -> None:
    app = start(State())
    stage.advance(RESTS_AFTER + 3)
    assert set(made.screens) == {"for you"}
    opened = State(for_you=ForYou(Phase.LIST))
    app.show(opened)
    stage.advance(RESTS_AFTER + 5)
    assert set(made.screens) == {name for name, _, _ in ENTRIES}
    assert all(screen.states[-1] is opened for screen in made.screens.values())
    assert app.shell.here == "for you"
    newer = State(for_you=ForYou(Phase.EMPTY))
    app.show(newer)
    stage.tap(stage.find("go to library"))
    assert made.screens["library"].states[-1] is newer
