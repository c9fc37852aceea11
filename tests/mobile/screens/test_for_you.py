"""The list: rows that are touched, held, swept away and pulled down, in the app's own shell."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from kivy.metrics import dp

from mobile.samples import SAMPLES
from mobile.screens.for_you import HINT, ForYouScreen
from mobile.screens.for_you_row import LONG_PRESS
from mobile.screens.pull_list import PULL
from mobile.screens.row_acts import RowActsSheet
from mobile.theme import DARK, LIGHT, Theme
from mobile.viewmodel import ForYou, Phase, State
from tests.mobile.screens.answering import Visit
from tests.mobile.screens.phones import faults, sheet_faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

LISTED = SAMPLES["for you"]


@pytest.fixture
def visit(stage: Stage) -> Visit:
    return Visit(stage, LISTED, SAMPLES["why"].why)


def test_a_like_fills_the_heart_at_once_and_the_row_stays_in_its_place(
    stage: Stage, visit: Visit
) -> None:
    row, titles = visit.row(1), visit.titles
    assert row.like.icon == "heart-outline"
    stage.tap(row.like)
    assert visit.wishes.calls == [("like", "made:1")]
    assert row.like.icon == "heart"
    assert visit.titles == titles
    stage.tap(row.like)
    assert row.like.icon == "heart-outline"


def test_a_row_that_is_touched_plays_and_its_reason_opens_why(stage: Stage, visit: Visit) -> None:
    row = visit.row(0)
    x, y = row.to_window(row.x, row.y)
    stage.tap((x + dp(40), y + row.height / 2))  # the cover
    assert visit.wishes.last == ("play", "made:0")
    stage.tap(row.reason)
    assert visit.wishes.last == ("open_why", "made:0")


def test_a_swipe_to_the_left_is_not_interested_and_undo_brings_the_row_back(
    stage: Stage, visit: Visit
) -> None:
    titles = visit.titles
    stage.swipe(visit.row(1), dx=-250)
    assert visit.wishes.calls == [("not_interested", "made:1")]
    assert visit.titles == titles[:1] + titles[2:]
    assert visit.row(1).row is LISTED.for_you.rows[2]
    assert visit.row(1).x == 0
    stage.tap(stage.find("Undo"))
    assert visit.titles == titles
    assert visit.row(1).row is LISTED.for_you.rows[1]


def test_a_short_swipe_does_nothing_and_the_row_goes_back(stage: Stage, visit: Visit) -> None:
    stage.swipe(visit.row(1), dx=-60)
    assert visit.wishes.calls == []
    assert visit.row(1).x == 0


def test_while_a_row_is_swept_away_it_says_what_that_will_do(stage: Stage, visit: Visit) -> None:
    x, y = stage.middle(visit.row(1))
    touch = stage.press((x, y))
    for step in (50, 200):
        touch.touch_move(x - step, y)
        stage.frames(2)
    assert stage.says("Not interested")
    touch.touch_move(x, y)
    touch.touch_up()
    stage.settle()
    assert not stage.says("Not interested")


def test_the_dots_open_a_sheet_whose_lines_close_it_and_act(stage: Stage) -> None:
    for label, wish in (
        ("More like this", "like"),
        ("Less like this", "less"),
        ("Not interested", "not_interested"),
    ):
        visit = Visit(stage, LISTED)
        stage.tap(visit.row(3).more)
        assert isinstance(visit.sheet, RowActsSheet)
        stage.tap(stage.find(label))
        assert visit.sheet is None
        assert visit.wishes.calls == [(wish, "made:3")]


def test_a_row_that_is_held_opens_its_sheet_and_does_not_play(stage: Stage, visit: Visit) -> None:
    row = visit.row(2)
    x, y = row.to_window(row.x, row.y)
    touch = stage.press((x + dp(40), y + row.height / 2))
    stage.advance(LONG_PRESS + 0.1)
    touch.touch_up()
    stage.settle()
    assert isinstance(visit.sheet, RowActsSheet)
    assert visit.wishes.calls == []
    stage.back()
    assert visit.sheet is None


def test_a_finger_that_scrolls_neither_plays_nor_opens_a_sheet(stage: Stage, visit: Visit) -> None:
    stage.swipe(visit.row(4), dy=200)
    stage.advance(LONG_PRESS + 0.1)
    assert visit.screen.list.rows.offset > 100
    assert visit.wishes.calls == []
    assert visit.sheet is None


def test_pulling_the_list_down_asks_for_a_new_one_and_a_little_does_not(
    stage: Stage, visit: Visit
) -> None:
    stage.swipe(visit.row(1), dy=-PULL)
    assert visit.wishes.calls == []
    stage.swipe(visit.row(1), dy=-3 * PULL)
    assert visit.wishes.calls == [("refresh",)]
    assert visit.screen.list.rows.pulled == 0


def test_the_button_asks_for_a_new_list_too(stage: Stage, visit: Visit) -> None:
    stage.tap(stage.find("Make a new list"))
    assert visit.wishes.calls == [("refresh",)]


def test_new_rows_leave_the_list_where_it_was_scrolled_to(stage: Stage, visit: Visit) -> None:
    visit.screen.list.rows.offset = 1000
    stage.settle()
    visit.wishes.like("made:12")
    stage.settle()
    assert visit.screen.list.rows.offset == 1000
    visit.screen.again()
    assert visit.screen.list.rows.offset == 0


def test_the_same_part_is_not_shown_again(
    stage: Stage, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(visit.screen.list, "show", shown.append)
    visit.app.show(replace(LISTED, for_you=LISTED.for_you))
    assert shown == []
    news = replace(LISTED.for_you, note="Made without friends.")
    visit.app.show(replace(LISTED, for_you=news))
    assert shown == [news]
    assert stage.says("Made without friends.")
    assert not stage.says(HINT)


def test_every_phase_has_its_body(stage: Stage, wishes: FakeWishes, house: FakeHouse) -> None:
    screen = ForYouScreen(wishes, house)
    stage.show(screen)
    bodies = {
        Phase.LOADING: screen.skeleton,
        Phase.COLD: screen.tags,
        Phase.LIST: screen.list,
        Phase.EMPTY: screen.empty,
    }
    assert set(bodies) == set(Phase)
    for phase, body in bodies.items():
        screen.show(State(for_you=ForYou(phase)))
        assert screen.children[0] is body


def test_an_empty_list_says_what_to_do_and_leads_to_the_network(
    stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    screen = ForYouScreen(wishes, house)
    screen.show(SAMPLES["empty"])
    stage.show(screen)
    assert stage.says(SAMPLES["empty"].for_you.note)
    stage.tap(screen.empty.to_network)
    assert house.went == ["network"]


@pytest.mark.slow
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sample", ["loading", "for you", "empty"])
def test_nothing_is_clipped_or_too_small(
    sample: str, theme: Theme, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.dress(theme)
    screen = ForYouScreen(wishes, house)
    screen.show(SAMPLES[sample])
    assert faults(stage, screen) == {}


@pytest.mark.slow
def test_nothing_of_a_rows_sheet_is_clipped_or_too_small(
    stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    sheet = RowActsSheet(LISTED.for_you.rows[3], wishes, house)
    assert sheet_faults(stage, sheet) == {}
