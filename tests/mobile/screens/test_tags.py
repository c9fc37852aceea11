"""The start from nothing: tags are chosen, and a list is made of them."""

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from dataclasses import replace

from mobile.samples import SAMPLES
from mobile.screens.for_you import ForYouScreen
from mobile.screens.tags import STAYS
from mobile.theme import DARK, LIGHT, Theme
from mobile.viewmodel import ForYou, Phase, State, TagChoice
from tests.mobile.screens.answering import Answering
from tests.mobile.screens.phones import faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes

TAGS = tuple(TagChoice(tag, 10) for tag in ("folk", "jazz", "slow"))
FRESH = State(for_you=ForYou(Phase.COLD, note="Pick a few tags.", tags=TAGS))


def picking(stage: Stage, house: FakeHouse) -> tuple[ForYouScreen, Answering]:
    wishes = Answering(FRESH)
    screen = ForYouScreen(wishes, house)
    wishes.tell = screen.show
    screen.show(FRESH)
    stage.show(screen)
    return screen, wishes


def test_a_list_can_be_made_once_a_tag_is_chosen(stage: Stage, house: FakeHouse) -> None:
    screen, wishes = picking(stage, house)
    stage.tap(screen.tags.start)
    assert wishes.calls == []
    stage.tap(stage.find("jazz"))
    assert wishes.calls == [("choose_tag", "jazz")]
    assert screen.tags.tags["jazz"].chosen
    assert not screen.tags.tags["folk"].chosen
    stage.tap(screen.tags.start)
    assert wishes.last == ("start_from_tags",)


def test_a_tag_chosen_again_is_chosen_no_more(stage: Stage, house: FakeHouse) -> None:
    screen, _ = picking(stage, house)
    for chosen in (True, False):
        stage.tap(stage.find("jazz"))
        assert screen.tags.tags["jazz"].chosen is chosen
        assert screen.tags.start.disabled is not chosen


def test_tags_stay_where_they_are_when_one_is_chosen(stage: Stage, house: FakeHouse) -> None:
    screen, _ = picking(stage, house)
    before = [tuple(tag.pos) for tag in screen.tags.tags.values()]
    stage.tap(stage.find("folk"))
    assert [tuple(tag.pos) for tag in screen.tags.tags.values()] == before


def test_it_says_that_nothing_leaves_and_what_is_being_done(stage: Stage, house: FakeHouse) -> None:
    screen, _ = picking(stage, house)
    assert stage.says(STAYS)
    assert stage.says("Pick a few tags.")
    chosen = replace(FRESH.for_you, tags=(replace(TAGS[0], chosen=True),), refreshing=True)
    screen.show(State(for_you=chosen))
    assert screen.tags.start.disabled
    assert screen.tags.start.text == "Making your list …"


@pytest.mark.slow
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_nothing_is_clipped_or_too_small(
    theme: Theme, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.dress(theme)
    screen = ForYouScreen(wishes, house)
    screen.show(SAMPLES["cold"])
    assert faults(stage, screen) == {}
