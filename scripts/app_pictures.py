"""The app's pictures for docs/, out of those that the app draws of its samples.

python -m mobile --screenshots build/shots && python scripts/app_pictures.py build/shots
"""

import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"
PHONE = "412x915"
ROWS = {
    "app-light.png": [f"{name}-light-{PHONE}" for name in ("for-you", "why", "network", "privacy")],
    "app-dark.png": [f"{name}-dark-{PHONE}" for name in ("playing", "undo", "settings", "cold")],
    "app-large.png": [
        *(f"{name}-light-{PHONE}-text1.5" for name in ("for-you", "why")),
        *(f"{name}-dark-{PHONE}-text1.5" for name in ("network", "library")),
    ],
}
HEIGHT = 800
GAP = 16
COLOURS = 160


def row(pictures: list[Path]) -> Image.Image:
    """Beside each other, in few colours."""
    found = []
    for path in pictures:
        with Image.open(path) as picture:
            width = round(picture.width * HEIGHT / picture.height)
            found.append(picture.convert("RGB").resize((width, HEIGHT), Image.Resampling.LANCZOS))
    whole = Image.new("RGB", (sum(p.width + GAP for p in found) - GAP, HEIGHT), (255, 255, 255))
    at = 0
    for picture in found:
        whole.paste(picture, (at, 0))
        at += picture.width + GAP
    return whole.quantize(COLOURS)


if __name__ == "__main__":
    shots = Path(sys.argv[1])
    for name, parts in ROWS.items():
        row([shots / f"{part}.png" for part in parts]).save(DOCS / name, optimize=True)
