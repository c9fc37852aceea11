"""Icons: sizes and formats."""

import pytest

from mobile.packaging import pictures, project
from mobile.packaging.project import Project
from tests.mobile.packaging.pictured import picture


@pytest.fixture
def drawn(bare: Project) -> Project:
    """With pictures of the right kinds."""
    sides = {"icon": 512, "icon_foreground": 432, "icon_background": 432, "presplash": 512}
    for name, side in sides.items():
        picture(bare.mobile / "assets" / f"{name}.png", side)
    return bare


def test_the_real_pictures_are_right() -> None:
    found = pictures.check(project.here())
    assert found.ok, found.said


def test_the_right_kinds_pass(drawn: Project) -> None:
    assert pictures.check(drawn).ok


@pytest.mark.parametrize(
    ("name", "side", "colours", "depth", "height", "said"),
    [
        ("icon", 192, 6, 8, 0, "192 × 192; wanted: 512"),
        ("icon", 512, 3, 8, 0, "not 8-bit RGB or RGBA"),
        ("icon", 512, 6, 16, 0, "not 8-bit"),
        ("icon_foreground", 432, 2, 8, 0, "not 8-bit RGBA"),
        ("icon_background", 108, 6, 8, 0, "wanted: 432"),
        ("presplash", 512, 6, 8, 600, "512 × 600"),
        ("presplash", 4096, 6, 8, 0, "wanted: 256 to 2048"),
    ],
)
def test_a_wrong_picture_is_found(
    drawn: Project, name: str, side: int, colours: int, depth: int, height: int, said: str
) -> None:
    path = drawn.mobile / "assets" / f"{name}.png"
    picture(path, side, colours=colours, depth=depth, height=height)
    assert said in pictures.check(drawn).said


def test_what_is_no_png_or_not_there_is_found(drawn: Project) -> None:
    (drawn.mobile / "assets" / "icon.png").write_bytes(b"\xff\xd8\xff" * 20)
    (drawn.mobile / "assets" / "presplash.png").unlink()
    said = pictures.check(drawn).said
    assert "icon.png is no PNG" in said
    assert "there is no presplash.png" in said


def test_a_token_that_names_nothing_is_found(drawn: Project) -> None:
    drawn.spec.write_text(drawn.spec.read_text().replace("icon.filename", "# icon.filename"))
    assert "icon.filename names no picture" in pictures.check(drawn).said
