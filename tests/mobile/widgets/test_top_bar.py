"""The upper edge gives the chip what the title leaves, and the chip says what fits there."""

import pytest

pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")

from mobile.viewmodel import Chip
from mobile.widgets.top_bar import TopBar
from tests.mobile.stage import Stage

OFFLINE = Chip("offline · from this phone")


def shown(stage: Stage, width: int, font_scale: float) -> TopBar:
    stage.resize(width, 400, 1.0, font_scale)
    bar = TopBar(lambda: None)
    bar.title = "Network"
    bar.show(OFFLINE)
    stage.show(bar)
    stage.settle()
    return bar


def test_a_chip_that_fits_says_all(stage: Stage) -> None:
    assert shown(stage, 412, 1.0)._tag.text == "offline · from this phone"


def test_where_text_is_large_the_chip_says_its_first_part_and_nothing_is_cut(stage: Stage) -> None:
    bar = shown(stage, 412, 1.5)
    assert bar._tag.text == "offline"
    assert not bar._tag.is_cut
    bar.show(Chip("5 peers · synced", online=True))
    stage.settle()
    assert bar._tag.text == "5 peers · synced"
