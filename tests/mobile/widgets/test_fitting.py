"""Where a text is cut, with a measure of one pixel a letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.widgets.fitting import ELLIPSIS, cut, fitted

WORDS = st.text(st.sampled_from("abc é-,"), max_size=60)


def test_what_fits_is_left_as_it_is() -> None:
    assert cut("Night Drive", 11, len) == "Night Drive"


def test_a_cut_leaves_no_space_or_comma_before_its_ellipsis() -> None:
    assert cut("Night, Drive", 7, len) == "Night…"


def test_two_lines_part_at_a_space_and_the_second_is_cut() -> None:
    assert fitted("one two three four five", 9, 2, len) == "one two\nthree fo…"


def test_a_word_wider_than_a_line_is_parted_inside() -> None:
    assert fitted("abcdefghij", 4, 3, len) == "abcd\nefgh\nij"


@given(WORDS, st.integers(1, 20))
def test_a_cut_is_a_beginning_and_fits(text: str, width: int) -> None:
    found = cut(text, width, len)
    assert found == text or (found.endswith(ELLIPSIS) and text.startswith(found[:-1]))
    assert len(found) <= max(width, 1) or len(found) <= len(text)
    assert len(found) <= max(width, 1)


@given(WORDS, st.integers(2, 20), st.integers(1, 4))
def test_no_line_is_too_wide_and_there_are_no_more_than_asked(
    text: str, width: int, lines: int
) -> None:
    found = fitted(text, width, lines, len).split("\n")
    assert len(found) <= lines
    assert all(len(line) <= width for line in found)


@given(WORDS, st.integers(1, 30))
def test_the_longest_beginning_that_fits_is_taken(text: str, width: int) -> None:
    found = cut(text, width, len)
    if found == text:
        return
    kept = len(found) - 1
    longer = [text[:end] for end in range(kept + 1, len(text))]
    assert all(
        len(beginning.rstrip(" ,;:-–(")) <= kept or len(beginning.rstrip()) + 1 > width
        for beginning in longer
    )


def test_no_lines_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one line"):
        fitted("text", 10, 0, len)
