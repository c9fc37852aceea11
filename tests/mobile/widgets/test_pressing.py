"""Buttons, switches and sliders under a finger."""

from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.widgets import Button, Column, Field, Gap, IconButton, Level, Page, Tag, Text, Toggle
from tests.mobile.stage import Stage


def test_a_button_acts_in_the_turn_the_finger_is_lifted(stage: Stage) -> None:
    acts: list[str] = []
    button = Button("Start", on_press=lambda: acts.append("start"))
    stage.show(Page(button))
    touch = stage.press(button)
    assert acts == []
    touch.touch_up()
    assert acts == ["start"]


def test_a_finger_that_leaves_the_button_presses_nothing(stage: Stage) -> None:
    acts: list[str] = []
    button = Button("Start", on_press=lambda: acts.append("start"))
    stage.show(Column(button))
    stage.swipe(button, dy=300)
    assert acts == []
    assert button.state == "normal"


def test_a_finger_that_goes_on_to_scroll_takes_its_press_back(stage: Stage) -> None:
    acts: list[str] = []
    button = Button("Start", on_press=lambda: acts.append("start"))
    page = Page(Gap(400), button, Gap(2000))
    stage.show(page)
    stage.swipe(button, dy=30)
    assert page.offset == pytest.approx(30, abs=15)
    assert acts == []
    assert button.state == "normal"


def test_what_is_disabled_does_nothing(stage: Stage) -> None:
    acts: list[str] = []
    button = Button("Start", on_press=lambda: acts.append("start"))
    button.disabled = True
    stage.show(Page(button))
    stage.tap(button)
    assert acts == []


def test_a_toggle_turns_by_a_press_anywhere_and_tells(stage: Stage) -> None:
    told: list[bool] = []
    toggle = Toggle("Only on Wi-Fi", "A longer word about it", on_change=told.append)
    stage.show(Page(toggle))
    stage.tap(stage.all_of(Text)[0])
    assert (toggle.on, told) == (True, [True])
    stage.tap(toggle)
    assert (toggle.on, told) == (False, [True, False])


def test_a_toggle_that_is_set_tells_nobody(stage: Stage) -> None:
    told: list[bool] = []
    toggle = Toggle("Only on Wi-Fi", on_change=told.append)
    stage.show(Page(toggle))
    toggle.on = True
    assert toggle.on
    assert told == []


def test_a_level_tells_once_when_the_finger_is_lifted(stage: Stage) -> None:
    told: list[float] = []
    level = Level("Trust", 0.5, told.append)
    stage.show(Page(level))
    touch = stage.press((206.0, stage.middle(level)[1] - 8))
    for x in (230, 260, 300):
        touch.touch_move(float(x), stage.middle(level)[1] - 8)
        stage.frames()
    assert told == []
    touch.touch_up()
    assert len(told) == 1
    assert 0.6 < told[0] < 1.0
    assert level.value == told[0]


def test_a_finger_that_scrolls_leaves_a_level_as_it_was(stage: Stage) -> None:
    told: list[float] = []
    level = Level("Trust", 0.5, told.append)
    page = Page(Gap(500), level, Gap(2000))
    stage.show(page)
    stage.swipe((300.0, stage.middle(level)[1]), dy=200)
    assert page.offset > 100
    assert level.value == 0.5
    assert told == []


def test_a_state_that_comes_while_a_finger_holds_a_level_does_not_move_it(stage: Stage) -> None:
    level = Level("Trust", 0.5)
    stage.show(Page(level))
    y = stage.middle(level)[1] - 8
    touch = stage.press((206.0, y))
    touch.touch_move(300.0, y)
    held = level.value
    level.value = 0.1
    assert level.value == held
    touch.touch_up()
    level.value = 0.1
    assert level.value == 0.1


def test_a_tag_is_pressed_and_a_chip_without_an_act_is_not(stage: Stage) -> None:
    acts: list[str] = []
    tag = Tag("rock", on_press=lambda: acts.append("rock"))
    chip = Tag("5 peers")
    stage.show(Page(tag, chip))
    stage.tap(tag)
    stage.tap(chip)
    assert acts == ["rock"]


def test_an_icon_button_changes_its_sign(stage: Stage) -> None:
    like = IconButton("heart-outline", "Like", lambda: None)
    stage.show(Page(like))
    like.icon = "heart"
    assert like.icon == "heart"
    with pytest.raises(KeyError):
        like.icon = "no such sign"


def test_a_field_tells_what_is_written_but_not_what_is_put(stage: Stage) -> None:
    told: list[str] = []
    entered: list[str] = []
    field = Field("Search", told.append, on_enter=entered.append)
    stage.show(Page(field))
    field.put("before")
    assert told == []
    stage.tap(field)
    stage.write("!")
    assert told == ["before!"]
    field.dispatch("on_text_validate")
    assert entered == ["before!"]


def test_a_text_in_one_line_ends_in_an_ellipsis_and_keeps_its_words(stage: Stage) -> None:
    long = "A title so long that no line of any list on any phone could hold all of it"
    text: Any = Text(long, lines=1)
    stage.show(Page(text))
    assert text.shown.endswith("…")
    assert long.startswith(text.shown[:-1])
    assert text.text == long
    assert text.texture_size[0] <= text.width


def test_markup_in_a_title_is_only_letters(stage: Stage) -> None:
    text: Any = Text("[b]bold?[/b] [color=ff0000]", lines=1)
    stage.show(Page(text))
    assert text.shown == "[b]bold?[/b] [color=ff0000]"
