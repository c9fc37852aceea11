"""The look in force reaches every widget that lives, and keeps none alive."""

import gc
import weakref

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.theme import DARK, LIGHT
from mobile.widgets import LOOK, Page, Text, colour
from tests.mobile.stage import Stage


def test_a_change_reaches_every_widget_once(stage: Stage) -> None:
    text = Text("rain")
    text.wear()
    seen: list[tuple[float, ...]] = []
    text.bind(color=lambda *_: seen.append(tuple(text.color)))
    stage.dress(DARK)
    assert seen == [colour(DARK, "text")]
    stage.dress(LIGHT)
    assert tuple(text.color) == colour(LIGHT, "text")


def test_what_is_no_longer_used_is_let_go(stage: Stage) -> None:
    page = Page(Text("rain"), Text("snow"))
    stage.show(page)
    kept = weakref.ref(page)
    stage.clear()
    del page
    LOOK.again()
    stage.settle()
    gc.collect()
    assert kept() is None
