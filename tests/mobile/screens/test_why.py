"""The sheet "Why": opened and closed by states, its path, its parts and its three buttons."""

from dataclasses import replace

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.samples import SAMPLES
from mobile.screens.why import WhyContent, WhySheet
from mobile.screens.why_parts import LEAST, PartsBar
from mobile.screens.why_path import Station
from mobile.theme import DARK, LIGHT, Theme
from mobile.viewmodel import Part, State, Why
from tests.mobile.screens.answering import Visit
from tests.mobile.screens.phones import sheet_faults
from tests.mobile.stage import Stage
from tests.mobile.wishes import FakeHouse, FakeWishes


def sample() -> Why:
    why = SAMPLES["why"].why
    assert why is not None
    return why


@pytest.fixture
def visit(stage: Stage) -> Visit:
    """The app with the sheet open, and room for all of it."""
    stage.resize(412, 1100)
    return Visit(stage, SAMPLES["why"], sample())


def test_back_closes_the_sheet_and_stays_on_the_screen(visit: Visit, stage: Stage) -> None:
    assert isinstance(visit.sheet, WhyContent)
    stage.back()
    assert visit.sheet is None
    assert visit.wishes.calls == [("close_why",)]
    assert visit.app.shell.here == "for you"
    visit.app.show(SAMPLES["why"])
    stage.settle()
    assert isinstance(visit.sheet, WhyContent)


def test_the_cross_closes_it_too(visit: Visit, stage: Stage) -> None:
    stage.tap(stage.find("Close"))
    assert visit.sheet is None
    assert visit.wishes.calls == [("close_why",)]


def test_it_says_the_reason_the_parts_the_path_and_the_model(visit: Visit, stage: Stage) -> None:
    why, content = sample(), visit.sheet
    texts = stage.texts(content)
    for words in (why.title, why.creator, why.reason, why.model):
        assert words in texts
    shown = [int(text.removesuffix(" %")) for text in texts if text.endswith(" %")]
    assert shown == [part.percent for part in why.parts]
    assert sum(shown) == 100
    assert [station.step for station in stage.all_of(Station, content)] == list(why.path)


def test_not_interested_closes_the_sheet_and_drops_the_row(visit: Visit, stage: Stage) -> None:
    stage.tap(visit.sheet.not_interested)
    assert visit.sheet is None
    assert visit.wishes.calls == [("close_why",), ("not_interested", "made:3")]
    stage.tap(stage.find("Undo"))
    assert visit.wishes.state.for_you is SAMPLES["why"].for_you


def test_less_from_a_peer_closes_the_sheet(visit: Visit, stage: Stage) -> None:
    stage.tap(visit.sheet.less_from)
    assert visit.sheet is None
    assert visit.wishes.calls == [("close_why",), ("less_from", sample().peer)]


def test_forgetting_asks_first_and_no_means_no(visit: Visit, stage: Stage) -> None:
    content = visit.sheet
    stage.tap(content.forget)
    assert stage.says("Forget “Paper Boats”?")
    stage.tap(stage.find("Cancel"))
    assert visit.wishes.calls == []
    assert visit.sheet is content
    stage.tap(content.forget)
    stage.tap(stage.find("Forget"))
    assert visit.wishes.calls == [("close_why",), ("forget_item", "made:10")]
    assert visit.sheet is None


def test_without_an_own_item_or_a_peer_there_is_nothing_to_forget_or_to_lessen(
    wishes: FakeWishes, house: FakeHouse, stage: Stage
) -> None:
    bare = replace(sample(), own_item="", own_title="", peer="", peer_label="", path=())
    content = WhyContent(bare, wishes, house)
    stage.show(content)
    assert content.not_interested.parent is not None
    assert content.forget.parent is None
    assert content.less_from.parent is None
    assert stage.all_of(Station) == []


def test_the_same_why_is_shown_once_and_another_takes_its_place(
    wishes: FakeWishes, house: FakeHouse, stage: Stage
) -> None:
    sheet = WhySheet(wishes, house)
    sheet.show(SAMPLES["why"])
    first = house.sheets[0]
    sheet.show(replace(SAMPLES["why"], notice=None))
    assert house.sheets == [first]
    sheet.show(State(why=replace(sample(), reason="friend 4 likes it")))
    assert house.sheets != [first]
    sheet.show(State())
    assert house.sheets == []


def test_the_bar_is_as_long_as_its_parts_and_the_least_can_be_seen(stage: Stage) -> None:
    bar = PartsBar((98, 1, 1))
    stage.show(bar)
    lengths = [shape.size[0] for _, shape in bar._drawn]
    assert all(length >= LEAST for length in lengths)
    last = bar._drawn[-1][1]
    assert last.pos[0] + last.size[0] == pytest.approx(bar.right)


@pytest.mark.slow
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_nothing_is_clipped_or_too_small(
    theme: Theme, stage: Stage, wishes: FakeWishes, house: FakeHouse
) -> None:
    stage.dress(theme)
    long = replace(
        sample(),
        creator="The Society for the Preservation of Unfinished Symphonies and Other Fragments",
        own_title="The Very Long and Somewhat Improbable Return of the Second Apprentice",
        peer_label="z6MkSample…0032 (who goes by a rather long name)",
        parts=(Part("z6MkSample…0032 (who goes by a rather long name)", 100),),
    )
    why = long if theme.dark else sample()
    assert sheet_faults(stage, WhyContent(why, wishes, house)) == {}
