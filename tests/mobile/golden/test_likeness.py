"""The comparison of pictures finds what a person would see, and nothing a driver may round."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.mobile.golden.likeness import WIDTH, Pixels, difference, keep


@dataclass(frozen=True)
class Screen:
    """A screen as this test draws it: 412x915, three rows with a cover, text and an icon each."""

    offset: int = 0
    icon: tuple[int, int, int] | None = (98, 0, 238)
    text: str = "Night Train to Nowhere"
    ground: tuple[int, int, int] = (254, 251, 255)
    small_print: tuple[int, int, int] = (90, 90, 96)

    def drawn(self) -> Image.Image:
        picture = Image.new("RGB", (412, 915), self.ground)
        pen = ImageDraw.Draw(picture)
        for row in range(3):
            top = 80 + 96 * row + (self.offset if row == 1 else 0)
            pen.rectangle((16, top, 80, top + 64), fill=(30 + 60 * row, 120, 160))
            pen.text((96, top + 8), self.text, fill=(28, 27, 31), font_size=16)
            pen.text((96, top + 36), "3 friends like this", fill=self.small_print, font_size=14)
            if self.icon is not None or row != 1:
                pen.ellipse((364, top + 20, 388, top + 44), fill=self.icon or (98, 0, 238))
        return picture


@pytest.mark.parametrize(
    "fault",
    [
        Screen(offset=2),
        Screen(icon=None),
        Screen(icon=(179, 38, 30)),
        Screen(text="Night Train to Somewhere"),
        Screen(ground=(240, 240, 240)),
        Screen(small_print=(160, 160, 170)),
    ],
    ids=["moved", "missing", "recoloured", "other words", "other ground", "paler print"],
)
def test_what_a_person_would_see_is_found(fault: Screen, tmp_path: Path) -> None:
    keep(Screen().drawn(), tmp_path / "golden.png")
    with Image.open(tmp_path / "golden.png") as golden:
        assert difference(golden, Screen().drawn()).fine
        found = difference(golden, fault.drawn())
    assert not found.fine
    assert found.x < WIDTH


def _noise(pixels: Pixels) -> Pixels:
    return pixels + np.random.default_rng(1).integers(-3, 4, pixels.shape)


@pytest.mark.parametrize(
    "rounded",
    [_noise, lambda pixels: pixels * 0.99, lambda pixels: pixels + 2],
    ids=["noise", "a hundredth darker", "two lighter"],
)
def test_what_a_driver_rounds_is_not(
    rounded: Callable[
        [Pixels],
        Pixels,
    ],
    tmp_path: Path,
) -> None:
    keep(Screen().drawn(), tmp_path / "golden.png")
    pixels = rounded(np.asarray(Screen().drawn(), dtype=np.float64)).clip(0, 255)
    with Image.open(tmp_path / "golden.png") as golden:
        assert difference(golden, Image.fromarray(pixels.astype(np.uint8))).fine


def test_another_shape_is_another_picture() -> None:
    drawn = Screen().drawn()
    assert not difference(drawn, drawn.resize((915, 412))).fine


def test_a_committed_picture_is_a_few_kilobytes(tmp_path: Path) -> None:
    keep(Screen().drawn(), tmp_path / "golden.png")
    assert (tmp_path / "golden.png").stat().st_size < 20_000
