"""Colours that can be told apart, by WCAG's measure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.theme import (
    DARK,
    LIGHT,
    READABLE,
    SIGN_PAIRS,
    TEXT_PAIRS,
    TYPE,
    VISIBLE,
    Colour,
    Role,
    Theme,
    contrast,
    luminance,
    rgb,
)

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
PART = st.floats(0, 1)
COLOURS = st.tuples(PART, PART, PART)


@THEMES
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_every_text_is_readable_on_every_ground_it_is_put_on(
    theme: Theme, ink: str, ground: str
) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= READABLE


@THEMES
@pytest.mark.parametrize(("ink", "ground"), SIGN_PAIRS)
def test_every_sign_can_be_seen(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= VISIBLE


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)


def test_contrast_worked_by_hand() -> None:
    # #777777: 119/255 = .46667; ((.46667 + .055) / 1.055) ** 2.4 = .18447; 1.05 / .23447 = 4.478
    assert contrast(rgb("#777777"), (1, 1, 1)) == pytest.approx(4.478, abs=0.001)


@given(COLOURS, COLOURS)
def test_contrast_knows_no_order_and_stays_in_its_range(one: Colour, other: Colour) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21 + 1e-9


@given(COLOURS)
def test_luminance_is_a_share(colour: Colour) -> None:
    assert 0 <= luminance(colour) <= 1 + 1e-9


@pytest.mark.parametrize("text", ["0b6a5a", "#fff", "#12345", "#gggggg", ""])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"colour|base 16"):
        rgb(text)


def test_light_is_light_and_dark_is_dark() -> None:
    assert luminance(LIGHT.background) > 0.8
    assert luminance(DARK.background) < 0.02
    assert (LIGHT.dark, DARK.dark) == (False, True)


def test_every_role_is_set_and_none_smaller_than_12_sp() -> None:
    assert set(TYPE) == set(Role)
    assert min(kind.size for kind in TYPE.values()) >= 12
