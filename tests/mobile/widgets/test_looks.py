"""Signs, covers and the look in force."""

import gc
import weakref

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from mobile.theme import DARK, LIGHT, contrast
from mobile.viewmodel import Cover, cover
from mobile.viewmodel.cover import PATTERNS
from mobile.widgets import ICONS, LOOK, Button, CoverArt, Page, Text, Toggle
from mobile.widgets.cover_art import ground
from mobile.widgets.icons import FONT
from tests.mobile.stage import Stage

HUE = st.floats(0, 1, exclude_max=True)


def test_every_sign_is_in_the_font_and_its_licence_is_beside_it() -> None:
    there = TTFont(FONT).getBestCmap()
    assert {name for name, point in ICONS.items() if point not in there} == set()
    assert len(there) <= len(ICONS) + 2, "run scripts/icons.py: the font has signs nobody uses"
    assert FONT.stat().st_size < 20_000
    assert "Apache" in (FONT.parent / "icons-LICENSE.txt").read_text()


@pytest.mark.parametrize("dark", [False, True])
@given(hue=HUE, second=HUE)
def test_white_letters_can_be_seen_on_every_ground(hue: float, second: float, dark: bool) -> None:
    letters = Cover("AB", hue, second, 0)
    assert contrast(ground(letters, dark=dark), (1, 1, 1)) >= 3


def test_every_pattern_is_drawn_and_none_like_another(stage: Stage) -> None:
    pictures = set()
    for pattern in range(PATTERNS):
        art = CoverArt(Cover("AB", 0.1, 0.5, pattern))
        stage.show(Page(art))
        pictures.add(stage.pixels().tobytes())
    assert len(pictures) == PATTERNS


def test_a_cover_stays_in_its_square(stage: Stage) -> None:
    bare = Page(CoverArt(None))
    stage.show(bare)
    before = stage.pixels()
    for pattern in range(PATTERNS):
        stage.show(Page(CoverArt(Cover("AB", 0.1, 0.5, pattern))))
        changed = (stage.pixels() != before).any(axis=2).nonzero()
        assert changed[1].max() < 16 + 64 + 1
        assert changed[0].max() < 8 + 64 + 1


def test_a_change_of_scheme_reaches_what_is_shown_at_once(stage: Stage) -> None:
    page = Page(Text("words"), Toggle("switch"), Button("act"), CoverArt(cover("i", "Ocean")))
    stage.show(page)
    text = stage.all_of(Text)[0]
    assert tuple(text.color[:3]) == pytest.approx(LIGHT.text)
    LOOK.theme = DARK
    assert tuple(text.color[:3]) == pytest.approx(DARK.text)


def test_a_widget_that_is_gone_is_not_kept_by_the_look(stage: Stage) -> None:
    text = Text("gone soon")
    gone = weakref.ref(text)
    stage.show(Page(text))
    stage.clear()
    del text
    stage.settle()
    gc.collect()
    assert gone() is None
