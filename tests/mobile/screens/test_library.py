"""The screen "Library": looks for words after a pause, and only at the rows that can be seen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.samples import SAMPLES, MadeRows
from mobile.screens.library import PAUSE, LibraryScreen
from mobile.viewmodel import Library, LibraryRow, State
from tests.mobile.screens.phones import faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

STATE = SAMPLES["library"]


class Counted(Sequence[LibraryRow]):
    """Rows that know how often they were looked at."""

    def __init__(self, rows: MadeRows) -> None:
        self._rows = rows
        self.looks = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return self._rows[at]


@pytest.fixture
def screen(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> LibraryScreen:
    screen = LibraryScreen(wishes, house)
    screen.show(STATE)
    stage.show(screen)
    return screen


def library(**changes: Any) -> State:
    return replace(STATE, library=replace(STATE.library, **changes))


def test_a_search_begins_once_when_the_typing_pauses(
    stage: Stage, screen: LibraryScreen, wishes: FakeWishes
) -> None:
    stage.tap(screen.field)
    for letter in "rain":
        screen.field.insert_text(letter)
        stage.frames(2)
    assert wishes.calls == []
    stage.advance(PAUSE + 0.05)
    assert wishes.calls == [("search", "rain")]


def test_enter_searches_at_once_and_only_once(
    stage: Stage, screen: LibraryScreen, wishes: FakeWishes
) -> None:
    screen.field.text = "rain"
    screen.field.dispatch("on_text_validate")
    assert wishes.calls == [("search", "rain")]
    stage.advance(2 * PAUSE)
    assert wishes.calls == [("search", "rain")]


def test_what_is_being_typed_is_not_overwritten(stage: Stage, screen: LibraryScreen) -> None:
    screen.field.text = "rai"
    screen.show(library(query="ra", rows=MadeRows(range(3))))
    assert screen.field.text == "rai"
    screen.show(library(query="rai", rows=MadeRows(range(2))))
    assert screen.field.text == "rai"
    screen.show(library(query=""))
    assert screen.field.text == "", "nobody had typed on"


def test_the_search_can_be_cleared(stage: Stage, screen: LibraryScreen, wishes: FakeWishes) -> None:
    assert screen.clear.parent is None
    screen.show(library(query="rain", rows=MadeRows(range(2))))
    stage.settle()
    assert screen.field.text == "rain"
    stage.tap(screen.clear)
    assert wishes.calls == [("search", "")]
    assert screen.clear.parent is None


def test_a_tap_plays_and_the_heart_likes(
    stage: Stage, screen: LibraryScreen, wishes: FakeWishes
) -> None:
    row = screen.list.row_at(4)
    assert row is not None
    stage.tap(row)
    assert wishes.calls == [("play", STATE.library.rows[4].item)]
    stage.tap(row.like)
    assert wishes.calls[1:] == [("like", STATE.library.rows[4].item)]


def test_ten_thousand_rows_are_looked_at_only_where_one_looks(
    stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    rows = Counted(MadeRows(range(10_000)))
    screen = LibraryScreen(wishes, house)
    screen.show(State(library=Library(rows=rows, total=len(rows))))
    stage.show(screen)
    visible = int(screen.list.height // screen.list.row_height) + 4
    assert rows.looks <= 2 * visible
    alive = screen.list.alive
    for _ in range(5):
        stage.swipe(screen.list, dy=600)
    assert screen.list.offset > 1000
    assert rows.looks <= 2 * visible + 5 * 600 / screen.list.row_height + 5
    assert screen.list.alive <= alive + 2


def test_it_counts_and_says_when_nothing_is_found(stage: Stage, screen: LibraryScreen) -> None:
    assert screen.total.text == "10,000 items"
    screen.show(library(query="train", rows=MadeRows(range(20))))
    assert screen.total.text == "20 of 10,000 found"
    screen.show(library(query="xyz", rows=(), note="Nothing is called so. Try fewer letters."))
    stage.settle()
    assert stage.says("Nothing is called so. Try fewer letters.")
    assert screen.list.parent is None
    screen.show(library(query="xyzz", rows=(), searching=True))
    stage.settle()
    assert screen.total.text == "Searching …"
    assert not stage.says("Nothing")
    screen.show(STATE)
    assert screen.list.parent is screen


def test_new_words_begin_at_the_top_and_a_like_does_not(
    stage: Stage, screen: LibraryScreen
) -> None:
    stage.swipe(screen.list, dy=600)
    offset = screen.list.offset
    assert offset > 0
    screen.show(library(rows=MadeRows(range(9_999))))
    assert screen.list.offset == offset
    screen.show(library(query="train", rows=MadeRows(range(500))))
    assert screen.list.offset == 0


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["library", "search", "loading"])
def test_nothing_is_clipped_on_any_phone(
    stage: Stage, wishes: FakeWishes, house: FakeHouse, sample: str
) -> None:
    screen = LibraryScreen(wishes, house)
    screen.show(SAMPLES[sample])
    assert faults(stage, screen) == {}
