"""How the app looks: colours by role, sizes of type, spacing, the least size of what is touched.

Pure: knows numbers only, no Kivy. Colours are sRGB, (r, g, b) in [0, 1].
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Colour = tuple[float, float, float]

TARGET: Final = 48.0
"""dp; nothing that is touched is smaller either way (Material Design; WCAG 2.5.5 asks 44)"""

READABLE: Final = 4.5
"""Least contrast of text and its ground (WCAG 2.1, 1.4.3, level AA for text of any size)"""

VISIBLE: Final = 3.0
"""Least contrast of what is no text but has to be seen (WCAG 2.1, 1.4.11)"""


def rgb(hexadecimal: str) -> Colour:
    """A colour such as #0f6b5c as numbers.

    Raises:
        ValueError: it is not "#" and six digits.
    """
    if len(hexadecimal) != 7 or hexadecimal[0] != "#":
        raise ValueError(f"a colour is # and six digits, not {hexadecimal!r}")
    red, green, blue = (int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours, by what they are for."""

    name: str
    dark: bool
    background: Colour
    """Behind everything"""
    surface: Colour
    """Cards, sheets and bars"""
    raised: Colour
    """On a surface: fields, tracks, what is pressed"""
    text: Colour
    quiet: Colour
    """Text that says the second thing"""
    accent: Colour
    """What acts, and what is on; also as text"""
    on_accent: Colour
    """Text on the accent"""
    tint: Colour
    """A soft ground of the accent: what is chosen"""
    on_tint: Colour
    danger: Colour
    """What cannot be taken back; also as text"""
    on_danger: Colour
    outline: Colour
    """Hairlines between things; says nothing by itself"""
    edge: Colour
    """Edges that tell where something is touched"""
    notice: Colour
    """The ground of a notice: stands out of every other"""
    on_notice: Colour
    notice_accent: Colour
    """What acts in a notice"""
    scrim: float
    """How dark it gets behind a sheet, 0 .. 1"""


LIGHT: Final = Theme(
    name="light",
    dark=False,
    background=rgb("#f5f4f0"),
    surface=rgb("#ffffff"),
    raised=rgb("#eceae4"),
    text=rgb("#1d1f1e"),
    quiet=rgb("#5b605d"),
    accent=rgb("#0b6a5a"),
    on_accent=rgb("#ffffff"),
    tint=rgb("#d7ece5"),
    on_tint=rgb("#07483d"),
    danger=rgb("#ad2a1f"),
    on_danger=rgb("#ffffff"),
    outline=rgb("#e0ded7"),
    edge=rgb("#858b87"),
    notice=rgb("#26302d"),
    on_notice=rgb("#f3f5f4"),
    notice_accent=rgb("#7fdcc7"),
    scrim=0.45,
)

DARK: Final = Theme(
    name="dark",
    dark=True,
    background=rgb("#101413"),
    surface=rgb("#1a1f1d"),
    raised=rgb("#28302d"),
    text=rgb("#ecefed"),
    quiet=rgb("#a5aeaa"),
    accent=rgb("#72d4bf"),
    on_accent=rgb("#05332a"),
    tint=rgb("#1d3d36"),
    on_tint=rgb("#aee9da"),
    danger=rgb("#ffaea3"),
    on_danger=rgb("#561009"),
    outline=rgb("#2a322f"),
    edge=rgb("#76807b"),
    notice=rgb("#dfe5e2"),
    on_notice=rgb("#1a1f1d"),
    notice_accent=rgb("#0a5e50"),
    scrim=0.6,
)

TEXT_PAIRS: Final = (
    ("text", "background"),
    ("text", "surface"),
    ("text", "raised"),
    ("quiet", "background"),
    ("quiet", "surface"),
    ("quiet", "raised"),
    ("accent", "background"),
    ("accent", "surface"),
    ("accent", "raised"),
    ("on_accent", "accent"),
    ("on_tint", "tint"),
    ("danger", "background"),
    ("danger", "surface"),
    ("on_danger", "danger"),
    ("on_notice", "notice"),
    ("notice_accent", "notice"),
)
"""Every text on every ground that widgets put it on; a test holds them to READABLE"""

SIGN_PAIRS: Final = (
    ("edge", "background"),
    ("edge", "surface"),
    ("accent", "raised"),
    ("accent", "tint"),
)
"""Signs without words; a test holds them to VISIBLE"""


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) .. 1 (white).

    Source: WCAG 2.1, "relative luminance", with the threshold of IEC 61966-2-1 (.04045).
    """
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1 .. 21 (WCAG 2.1), whichever comes first."""
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


class Role(StrEnum):
    """What a text is."""

    TITLE = "title"
    """Of a screen or sheet"""
    HEADING = "heading"
    """Of a section"""
    STRONG = "strong"
    """The first line of a row"""
    BODY = "body"
    LABEL = "label"
    """On buttons and tags"""
    CAPTION = "caption"
    """What stands below something"""
    MARK = "mark"
    """The smallest: one word below a sign"""


@dataclass(frozen=True, slots=True)
class Type:
    """How a text of a role is set."""

    size: float
    """sp"""
    bold: bool
    leading: float
    """Height of a line, in sizes"""


TYPE: Final = {
    Role.TITLE: Type(24.0, bold=True, leading=1.25),
    Role.HEADING: Type(17.0, bold=True, leading=1.3),
    Role.STRONG: Type(16.0, bold=True, leading=1.3),
    Role.BODY: Type(15.0, bold=False, leading=1.35),
    Role.LABEL: Type(14.5, bold=True, leading=1.3),
    Role.CAPTION: Type(13.0, bold=False, leading=1.35),
    Role.MARK: Type(12.0, bold=False, leading=1.3),
}

# Spacing, in dp: everything is a multiple of 4.
HAIR: Final = 4.0
SMALL: Final = 8.0
GAP: Final = 12.0
MARGIN: Final = 16.0
"""Between the edge of the screen and what is on it"""
WIDE: Final = 24.0
RADIUS: Final = 16.0
"""Of cards and sheets"""
RADIUS_SMALL: Final = 10.0
"""Of covers and fields"""
READING: Final = 640.0
"""dp; columns are no wider, whatever the screen"""
