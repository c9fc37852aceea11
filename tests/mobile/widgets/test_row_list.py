"""Lists: ten thousand rows with a handful of widgets, that stay where one was."""

from collections.abc import Sequence
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from kivy.uix.boxlayout import BoxLayout

from mobile.widgets import LOOK, IconButton, Row, RowLine, RowList
from tests.mobile.stage import Stage


class Line(RowLine):
    """A row of the tests: a number."""

    def __init__(self, likes: list[int]) -> None:
        self.model = -1
        super().__init__(
            None, IconButton("heart-outline", "Like", lambda: likes.append(self.model))
        )

    def show(self, model: int) -> None:
        self.model = model
        self.say(f"title {model}", "somebody")


class Numbers(Sequence[int]):
    """Rows that are made as they are looked at; notes which were."""

    def __init__(self, count: int, first: int = 0) -> None:
        self._count, self.first = count, first
        self.asked: set[int] = set()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        self.asked.add(place)
        return self.first + place


def rows_of(stage: Stage, count: int = 10_000, **options: Any) -> tuple[Any, Numbers, list[int]]:
    likes: list[int] = []
    numbers = Numbers(count)
    rows: Any = RowList(lambda: Line(likes), 80, **options)
    stage.show(rows)
    rows.rows = numbers
    stage.settle()
    return rows, numbers, likes


def shown(rows: Any) -> list[int]:
    """The models that can be seen, from the top."""
    alive = sorted(rows._alive.items())
    return [widget.model for _, widget in alive]


def test_of_ten_thousand_rows_only_those_in_sight_are_looked_at(stage: Stage) -> None:
    rows, numbers, _ = rows_of(stage)
    assert len(numbers.asked) <= 915 // 80 + 4
    assert rows.alive <= 915 // 80 + 4
    rows.offset = rows.furthest
    stage.settle()
    assert shown(rows)[-1] == 9_999
    assert rows.alive <= 915 // 80 + 4
    assert len(numbers.asked) <= 2 * (915 // 80 + 4)


def test_the_row_under_a_finger_is_the_row_that_is_shown_there(stage: Stage) -> None:
    rows, _, likes = rows_of(stage)
    rows.offset = 5_000 * rows.row_height
    stage.settle()
    button = rows.row_at(5_003).children[0]
    stage.tap(button)
    assert likes == [5_003]


def test_a_fling_goes_on_and_comes_to_rest_and_then_nothing_is_drawn(stage: Stage) -> None:
    LOOK.motion = True
    rows, _, _ = rows_of(stage)
    stage.swipe((200.0, 300.0), dy=240, steps=4)
    assert rows.moving
    before = rows.offset
    stage.advance(4)
    assert rows.offset > before + 100
    assert not rows.moving
    assert stage.draws_in(30) == 0


def test_a_touch_stops_a_fling_and_presses_nothing(stage: Stage) -> None:
    LOOK.motion = True
    rows, _, likes = rows_of(stage)
    stage.swipe((200.0, 300.0), dy=240, steps=4)
    assert rows.moving
    stage.tap((388.0, 400.0))
    assert not rows.moving
    assert likes == []


def test_the_place_stays_when_rows_change(stage: Stage) -> None:
    rows, _, _ = rows_of(stage)
    rows.offset = 1_000.0
    rows.rows = Numbers(9_000, first=100_000)
    stage.settle()
    assert rows.offset == 1_000.0
    assert shown(rows)[0] >= 100_000


def test_fewer_rows_than_before_end_at_their_end(stage: Stage) -> None:
    rows, _, _ = rows_of(stage)
    rows.offset = rows.furthest
    rows.rows = Numbers(20)
    stage.settle()
    assert rows.offset == rows.furthest == 20 * 80 - 915
    assert shown(rows)[-1] == 19
    rows.rows = ()
    stage.settle()
    assert shown(rows) == []
    assert rows.offset == 0


def test_rows_grow_with_the_text(stage: Stage) -> None:
    rows, _, _ = rows_of(stage)
    assert rows.row_height == 80
    stage.resize(412, 915, 1.0, 1.5)
    assert rows.row_height == 120
    assert {widget.height for widget in rows._alive.values()} == {120}


def test_a_row_swept_to_the_left_is_told_and_the_next_rows_stand_in_their_place(
    stage: Stage,
) -> None:
    swept: list[int] = []
    rows, _, likes = rows_of(stage, count=30, on_swipe=swept.append)
    stage.swipe((300.0, 915 - 2.5 * 80), dx=-220)
    assert swept == [2]
    assert likes == []
    rows.rows = [number for number in range(30) if number != 2]
    stage.settle()
    assert shown(rows)[:4] == [0, 1, 3, 4]
    assert all(widget.x == 0 for widget in rows._alive.values())


def test_a_short_or_slanting_sweep_leaves_the_row(stage: Stage) -> None:
    swept: list[int] = []
    rows, _, _ = rows_of(stage, count=30, on_swipe=swept.append)
    stage.swipe((300.0, 500.0), dx=-60)
    stage.swipe((300.0, 500.0), dx=-120, dy=250)
    stage.swipe((100.0, 500.0), dx=250)
    assert swept == []
    assert all(widget.x == 0 for widget in rows._alive.values())


def test_a_row_of_ours_is_a_row() -> None:
    def takes(row: Row) -> Row:
        return row

    assert isinstance(takes(Line([])), BoxLayout)
