"""Whether two pictures of a screen show the same.

Both are made small first. Where one tile of them differs in the mean by more than FINE in any
colour, something was moved, left out or painted anew; what another version of Mesa rounds
differently, or a palette leaves out, stays below that.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.float64]

WIDTH: Final = 206
"""Pixels, half of a small phone's"""
COLOURS: Final = 256
"""Of a committed picture's palette"""
TILE: Final = 8
"""Pixels each way of a small picture: 16 dp"""
STEP: Final = 4
"""Between two tiles, so that nothing hides where four of them meet"""
FINE: Final = 7.0
"""Of 255, in the mean over a tile. Measured: the palette costs up to 3 (without k-means 9, by
median cut 30), another rounding of every pixel 1; a missing icon makes 40."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The tile that differs most."""

    x: int
    """Pixels of the small picture, from the left"""
    y: int
    """From the top"""
    much: float
    """Of 255, in the mean over the tile, of the colour that differs most"""

    @property
    def fine(self) -> bool:
        """Whether the pictures show the same."""
        return self.much <= FINE


def small(picture: Image.Image) -> Image.Image:
    """What is compared: WIDTH pixels wide, without transparency."""
    height = round(picture.height * WIDTH / picture.width)
    return picture.convert("RGB").resize((WIDTH, height), Image.Resampling.BOX)


def keep(picture: Image.Image, path: Path) -> None:
    """Write a picture as it is committed: small, with a palette, some kilobytes."""
    flat = small(picture).quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
    )
    flat.save(path, optimize=True)


def difference(golden: Image.Image, found: Image.Image) -> Difference:
    """The worst tile of two pictures; another shape is as different as can be."""
    a, b = (np.asarray(small(picture), dtype=np.float64) for picture in (golden, found))
    if a.shape != b.shape:
        return Difference(0, 0, 255.0)
    # Means before they are compared: what is drawn a fraction of a pixel elsewhere is no change.
    tiles = np.abs(_means(a) - _means(b)).max(axis=2)
    at = int(tiles.argmax())
    row, column = divmod(at, tiles.shape[1])
    return Difference(column * STEP, row * STEP, float(tiles.flat[at]))


def _means(picture: Pixels) -> Pixels:
    windows = np.lib.stride_tricks.sliding_window_view(picture, (TILE, TILE), axis=(0, 1))
    means: Pixels = windows[::STEP, ::STEP].mean(axis=(3, 4))
    return means
