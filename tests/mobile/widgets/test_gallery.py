"""All widgets together: nothing clipped, nothing too small, in every size there is."""

import pytest

from mobile.theme import DARK, LIGHT, Role, Theme
from mobile.viewmodel import cover

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.widgets import (
    Bar,
    Button,
    CoverArt,
    Field,
    Flow,
    Hairline,
    IconButton,
    Level,
    Page,
    Pair,
    RowLine,
    Strip,
    Tag,
    Text,
    Toggle,
    grown,
)
from tests.mobile.audit import clipped, small_targets
from tests.mobile.stage import Stage

TITLES = ["Night Drive", "Ocean", "Étude in Grey", "Seven Hills", "Paper Moon", "Lantern", "Quiet"]
LONG = "A title so long that no line of any list could ever hold all of it, whatever the phone"
SIZES = [
    (412, 915, 1.0, 1.0),
    (412, 915, 1.0, 1.5),
    pytest.param((1080, 2340, 2.625, 1.5), marks=pytest.mark.slow),
    (915, 412, 1.0, 1.0),
]


def gallery() -> Page:
    """One of everything."""
    line = RowLine(
        CoverArt(cover("i1", TITLES[1])),
        IconButton("heart-outline", "like", print),
        IconButton("information-outline", "why", print),
        third=True,
        size_hint_y=None,
        height=grown(84),
    )
    line.say(LONG, "The Creator", "Friend 12 likes it")
    page = Page(
        Text("For you", role=Role.TITLE),
        Flow(
            Tag("5 peers · synced", icon="sync"),
            Tag("rock", chosen=True, icon="check", on_press=print),
            Tag("jazz", on_press=print),
            Tag(LONG, on_press=print),
        ),
        Flow(*[CoverArt(cover(title, title), size=48) for title in TITLES]),
        line,
    )
    page.section(
        "Sharing",
        Toggle("Only on Wi-Fi", LONG, on=True),
        Hairline(),
        Toggle("In the background"),
        Level("Trust in friend 12", 0.6),
        Bar(0.4),
        Pair("Records kept", "1,204"),
        note="What leaves this phone, and when.",
    )
    page.section(
        "Acting",
        Strip(Button("Cancel", on_press=print), Button("Start", kind="filled", icon="play")),
        Strip(
            Button("Forget", kind="danger", icon="delete-outline", on_press=print),
            Button("Tonal", kind="tonal", on_press=print),
        ),
        Button("A text too long for one line of a button is set in two", kind="danger filled"),
        Field("Search 10,000 titles"),
    )
    return page


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_clipped_and_every_target_is_large_enough(
    stage: Stage, size: tuple[int, int, float, float]
) -> None:
    stage.resize(*size)
    page = gallery()
    stage.show(page)
    assert clipped(page) == []
    assert small_targets(page) == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_widgets_take_the_colours_in_force(stage: Stage, theme: Theme) -> None:
    stage.show(gallery())
    stage.dress(theme)
    corner = stage.pixels()[2, 2] / 255
    assert corner == pytest.approx(theme.background, abs=0.01)


def test_a_page_at_rest_draws_nothing(stage: Stage) -> None:
    stage.show(gallery())
    stage.settle()
    assert stage.draws_in(60) == 0
