"""Every screen looks as it did when it was last looked at, and a fault would be seen."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from mobile.samples import SAMPLES
from mobile.screenshots import draw_all, everything
from tests.mobile.golden.likeness import difference
from tests.mobile.golden.pictures import GOLDEN, WANTED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("kivy") is None, reason="no Kivy for this Python: extra app"),
]

HELP = "look at it; if it is meant to be so: python -m tests.mobile.golden"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    paths = draw_all(tmp_path_factory.mktemp("drawn"), WANTED)
    return {path.stem: path for path in paths}


@pytest.mark.parametrize("name", [picture.name for picture in WANTED])
def test_a_screen_looks_as_it_did(name: str, drawn: dict[str, Path]) -> None:
    with Image.open(GOLDEN / f"{name}.png") as golden, Image.open(drawn[name]) as found:
        worst = difference(golden, found)
    assert worst.fine, f"{name} differs by {worst.much:.0f} at {worst.x}, {worst.y}; {HELP}"


@pytest.mark.parametrize(
    ("golden", "fault"),
    [
        ("for-you-light-412x915", "for-you-dark-412x915"),  # recoloured
        ("for-you-light-412x915", "undo-light-412x915"),  # a row gone, a notice there
        ("library-light-412x915", "playing-light-412x915"),  # the player
        ("network-light-412x915", "offline-light-412x915"),  # other words, a bar filled
    ],
)
def test_what_another_state_shows_is_told_apart(
    golden: str, fault: str, drawn: dict[str, Path]
) -> None:
    with Image.open(GOLDEN / f"{golden}.png") as right, Image.open(drawn[fault]) as wrong:
        assert not difference(right, wrong).fine


def test_all_committed_pictures_are_compared_and_small() -> None:
    committed = list(GOLDEN.glob("*.png"))
    assert {path.stem for path in committed} == {picture.name for picture in WANTED}
    assert sum(path.stat().st_size for path in committed) < 1_500_000


def test_everything_is_every_sample_in_both_themes_at_both_sizes_and_with_large_text() -> None:
    pictures = everything()
    assert len({picture.name for picture in pictures}) == len(pictures)
    for shape in ("412x915", "412x915-text1.5", "1080x2340", "1080x2340-text1.5"):
        for scheme in ("light", "dark"):
            here = {p.sample for p in pictures if (p.shape.name, p.scheme) == (shape, scheme)}
            assert here == set(SAMPLES)
