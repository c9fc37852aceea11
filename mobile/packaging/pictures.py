"""Icons and the start picture: sizes and formats, read from the files' own first bytes."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mobile.packaging import spec as spec_file
from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
PLAIN, ALPHA = 2, 6
"""PNG's colour types: red, green, blue; and those with alpha."""
MAX_BYTES: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a picture must be."""

    sides: tuple[int, int]
    """Least and most pixels a side; equal for the one right size."""
    colours: tuple[int, ...]


WANTED: Final = {
    "icon.filename": Wanted(sides=(512, 512), colours=(PLAIN, ALPHA)),
    "icon.adaptive_foreground.filename": Wanted(sides=(432, 432), colours=(ALPHA,)),
    "icon.adaptive_background.filename": Wanted(sides=(432, 432), colours=(PLAIN, ALPHA)),
    "presplash.filename": Wanted(sides=(256, 2048), colours=(PLAIN, ALPHA)),
}
"""By the spec's token. 432 px are 108 dp at the densest; launchers show the inner 66 to 72."""


def faults(name: str, path: Path, wanted: Wanted) -> list[str]:
    """What is wrong with one picture."""
    if not path.is_file():
        return [f"{name}: there is no {path.name}"]
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(29)
    if len(head) < 29 or not head.startswith(SIGNATURE) or head[12:16] != b"IHDR":
        return [f"{name}: {path.name} is no PNG"]
    width, height, depth, colours = struct.unpack(">IIBB", head[16:26])
    found = []
    least, most = wanted.sides
    if not (least <= width <= most and least <= height <= most) or width != height:
        size_wanted = f"{least}" if least == most else f"{least} to {most}"
        found.append(f"{name}: {path.name} is {width} × {height}; wanted: {size_wanted}, square")
    if depth != 8 or colours not in wanted.colours:
        with_alpha = "RGBA" if wanted.colours == (ALPHA,) else "RGB or RGBA"
        found.append(f"{name}: {path.name} is not 8-bit {with_alpha}")
    if size > MAX_BYTES:
        found.append(f"{name}: {path.name} has {size} bytes; at most {MAX_BYTES}")
    return found


def check(project: Project) -> Finding:
    """Each picture that the spec names."""
    spec = spec_file.read(project.spec)
    found = []
    for token, wanted in WANTED.items():
        named = spec.said(token)
        if not named:
            found.append(f"{token} names no picture")
        else:
            found += faults(token, project.mobile / named, wanted)
    return outcome(
        "pictures",
        found,
        said="icon 512 px, adaptive icon 432 px in two layers, start picture: PNGs of 8 bits",
        todo="draw them again: PYTHONPATH=. python scripts/launcher_icons.py",
    )
