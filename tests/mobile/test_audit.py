"""The audit finds what was put there to be found, and finds nothing where there is nothing."""

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from mobile.viewmodel import Wishes
from mobile.widgets import Button, Column, Gap, IconButton, Page, Strip, Text
from tests.mobile.audit import clipped, small_targets
from tests.mobile.stage import Stage
from tests.mobile.wishes import NAMES, FakeWishes

LONG = "words that go on and on for longer than the narrow place they were given"


def test_a_sound_page_has_no_faults(stage: Stage) -> None:
    page = Page(Text(LONG), Button("Act", on_press=print), Gap(2000), Text("far below"))
    stage.show(page)
    assert clipped(page) == []
    assert small_targets(page) == []


def test_a_text_lower_than_its_letters_is_found(stage: Stage) -> None:
    text = Text(LONG, lines=0, size_hint_x=None, width=100)
    page = Page(text)
    stage.show(page)
    text.height = 20
    assert any("takes" in fault for fault in clipped(page))


def test_a_text_beyond_the_edge_is_found(stage: Stage) -> None:
    place = FloatLayout()
    place.add_widget(Text("out", hug=True, pos=(400, 300)))
    stage.show(place)
    assert any("leaves the window sideways" in fault for fault in clipped(place))


def test_a_text_that_sticks_out_of_its_box_is_found(stage: Stage) -> None:
    box = BoxLayout(size_hint_y=None, height=10)
    box.add_widget(Text("higher than its box"))
    stage.show(Column(box, Gap(50), fill=True))
    assert any("above or below" in fault for fault in clipped(box))


def test_texts_over_each_other_are_found(stage: Stage) -> None:
    one, other = Text("one text"), Text("other text")
    stage.show(Column(one, other))
    other.y = one.y + 3
    assert any("lies over" in fault for fault in clipped(one.parent))


def test_a_text_without_room_is_found(stage: Stage) -> None:
    text = Text(LONG, lines=1, size_hint_x=None, width=6)
    stage.show(Strip(text))
    assert any("no room" in fault or "takes" in fault for fault in clipped(text.parent))


def test_a_small_target_is_found(stage: Stage) -> None:
    small = IconButton("heart", "Like", print)
    page = Page(small)
    stage.show(page)
    small.size = (30, 48)
    assert small_targets(page) == ["'Like' is 30 x 48 dp, less than 48"]


def test_what_cannot_be_seen_is_not_looked_at(stage: Stage) -> None:
    small = IconButton("heart", "Like", print)
    page = Page(small)
    stage.show(page)
    small.size, small.opacity = (30, 48), 0
    assert small_targets(page) == []


def test_a_density_of_three_asks_for_three_times_the_pixels(stage: Stage) -> None:
    stage.resize(1080, 2340, 3.0)
    small = IconButton("heart", "Like", print)
    page = Page(small)
    stage.show(page)
    assert small_targets(page) == []
    small.size = (48, 48)
    assert small_targets(page) == ["'Like' is 16 x 16 dp, less than 48"]


def test_fake_wishes_know_every_wish_and_check_its_arguments() -> None:
    wishes = FakeWishes()
    as_wishes: Wishes = wishes
    as_wishes.trust("did:key:z6", 0.5)
    as_wishes.use_network(on=False)
    assert wishes.calls == [("trust", "did:key:z6", 0.5, ""), ("use_network", False)]
    assert wishes.last == ("use_network", False)
    with pytest.raises(TypeError):
        wishes.like()
    assert {"like", "undo", "dismiss"} <= set(NAMES)
