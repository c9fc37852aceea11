"""What people type for a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.cli.arguments import parse_moment
from web3rec.types import Millis

NOW = Millis(1_800_000_000_000)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1767225600000", 1_767_225_600_000),
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
        ("30m", NOW - 1_800_000),
        ("2h", NOW - 7_200_000),
        ("7d", NOW - 604_800_000),
    ],
)
def test_the_spellings_of_a_moment(text: str, at: int) -> None:
    assert parse_moment(text, NOW) == at


@pytest.mark.parametrize("text", ["", "soon", "1767225600", "-1", "nan", "2026-13-01", "9" * 40])
def test_other_texts_are_no_moment(text: str) -> None:
    """1767225600 is seconds: taken for milliseconds it would be January 1970."""
    assert parse_moment(text, NOW) is None


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    assert isinstance(parse_moment(text, NOW), int | None)


@given(st.integers(10_000_000_000, 4_000_000_000_000))
def test_a_printed_time_is_read_back(at: int) -> None:
    printed = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).isoformat()
    assert parse_moment(printed, NOW) == at
    assert parse_moment(str(at), NOW) == at
