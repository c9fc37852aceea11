"""The made-up states hold what they promise to whoever draws screens by them."""

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from subprocess import run

import pytest

from mobile.samples import CATALOGUE, LISTED, SAMPLES, SCREENS
from mobile.viewmodel import LibraryRow, Phase, State

EVERY = sorted(SAMPLES)


def _values(found: object) -> Iterator[object]:
    """All values below a state; of long lists the first fifty."""
    if is_dataclass(found):
        for field in fields(found):
            yield from _values(getattr(found, field.name))
    elif isinstance(found, tuple):
        for value in found[:50]:
            yield from _values(value)
    else:
        yield found


def test_every_sample_says_which_screen_it_is_looked_at_on() -> None:
    assert set(SCREENS) == set(SAMPLES)
    assert set(SCREENS.values()) == {"for you", "library", "network", "privacy", "settings"}


def test_every_phase_of_the_list_is_among_them() -> None:
    assert {state.for_you.phase for state in SAMPLES.values()} == set(Phase)


@pytest.mark.parametrize("name", EVERY)
def test_what_a_sheet_says_of_the_parts_sums_to_a_hundred(name: str) -> None:
    why = SAMPLES[name].why
    assert why is None or 1 <= len(why.parts) <= 3
    assert why is None or sum(part.percent for part in why.parts) == 100


@pytest.mark.parametrize("name", EVERY)
def test_items_people_and_tags_stand_once_in_their_lists(name: str) -> None:
    state = SAMPLES[name]
    for keys in (
        [row.item for row in state.for_you.rows],
        [row.item for row in state.library.rows],
        [person.peer for person in state.network.people],
        [choice.tag for choice in state.for_you.tags],
    ):
        assert len(keys) == len(set(keys))


def test_the_list_has_long_short_and_empty_texts_and_letters_with_marks() -> None:
    rows = SAMPLES["for you"].for_you.rows
    assert len(rows) == LISTED
    lengths = {len(row.title) for row in rows}
    assert max(lengths) > 70
    assert min(lengths) < 5
    assert any(not row.creator for row in rows)
    assert any(not row.title.isascii() for row in rows)
    assert any(row.liked for row in rows)


def test_the_library_makes_its_rows_as_they_are_looked_at() -> None:
    rows = SAMPLES["library"].library.rows
    assert len(rows) == CATALOGUE
    assert isinstance(rows[CATALOGUE - 1], LibraryRow)
    assert rows[CATALOGUE - 1] == rows[-1] != rows[0]
    assert list(rows[3:5]) == [rows[3], rows[4]]
    with pytest.raises(IndexError):
        rows[CATALOGUE]


def test_loading_is_what_an_app_starts_with() -> None:
    assert SAMPLES["loading"] == State()


@pytest.mark.parametrize("name", EVERY)
def test_no_text_holds_what_no_screen_can_draw(name: str) -> None:
    texts = [value for value in _values(SAMPLES[name]) if isinstance(value, str)]
    assert texts
    assert all(text.isprintable() for text in texts)


def test_samples_are_had_without_kivy() -> None:
    code = "import sys, mobile.samples; print('kivy' in sys.modules)"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
