"""Draw the app's launcher icons and start picture: mobile/assets/{icon,icon_foreground,…}.png.

Friends around what plays, in the theme's colours. Needs Pillow, which comes with matplotlib; the
pictures are committed, so nobody else does.
"""

import math
from pathlib import Path

from PIL import Image, ImageDraw

from mobile.theme import DARK, LIGHT, Colour

ASSETS = Path(__file__).resolve().parents[1] / "mobile" / "assets"
FINE = 4
"""Drawn so many times larger and scaled down, for smooth edges."""
FRIENDS = (-90.0, 30.0, 150.0)
"""Degrees; three, as the least with whom a friend of a friend can be."""


def _ink(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * part) for part in tuple(colour)[:3])
    return red, green, blue, 255


def ground(side: int) -> Image.Image:
    """The accent, darker towards the foot."""
    above, below = _ink(LIGHT.accent), _ink(LIGHT.on_tint)
    made = Image.new("RGBA", (1, side))
    for y in range(side):
        t = y / (side - 1)
        both = zip(above, below, strict=True)
        made.putpixel((0, y), tuple(round(a + (b - a) * t) for a, b in both))
    return made.resize((side, side))


def sign(side: int, reach: float) -> Image.Image:
    """The friends and what plays, on nothing; `reach` is its radius as a part of the side."""
    large = side * FINE
    made = Image.new("RGBA", (large, large))
    draw = ImageDraw.Draw(made)
    middle, radius = large / 2, large * reach
    low = middle + radius * 0.10  # three points up look high otherwise
    white, mint = _ink(LIGHT.on_accent), _ink(DARK.accent)
    far, dot, disc = radius * 0.76, radius * 0.24, radius * 0.44
    for degrees in FRIENDS:
        x = middle + far * math.cos(math.radians(degrees))
        y = low + far * math.sin(math.radians(degrees))
        draw.line((middle, low, x, y), fill=mint, width=round(radius * 0.11))
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=mint)
    draw.ellipse((middle - disc, low - disc, middle + disc, low + disc), fill=white)
    play = disc * 0.56
    corners = [
        (middle + play * 0.1 + play * math.cos(a), low + play * math.sin(a))
        for a in (0, math.tau / 3, -math.tau / 3)
    ]
    draw.polygon(corners, fill=_ink(LIGHT.accent))
    return made.resize((side, side), Image.Resampling.LANCZOS)


def rounded(picture: Image.Image, part: float) -> Image.Image:
    """With corners of `part` of the side cut round."""
    large = picture.width * FINE
    mask = Image.new("L", (large, large))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, large - 1, large - 1), large * part, fill=255)
    made = picture.copy()
    made.putalpha(mask.resize(picture.size, Image.Resampling.LANCZOS))
    return made


def draw() -> None:
    """All four, written."""
    # 108 dp across; launchers may cut all but the inner 66 dp, a circle of .306 of the side.
    sign(432, 0.30).save(ASSETS / "icon_foreground.png", optimize=True)
    ground(432).save(ASSETS / "icon_background.png", optimize=True)
    whole = Image.alpha_composite(ground(512), sign(512, 0.38))
    rounded(whole, 0.22).save(ASSETS / "icon.png", optimize=True)
    start = Image.new("RGBA", (512, 512), _ink(LIGHT.accent))
    Image.alpha_composite(start, sign(512, 0.38)).save(ASSETS / "presplash.png", optimize=True)


if __name__ == "__main__":
    draw()
