"""Renew the committed pictures: `python -m tests.mobile.golden`. Look at every one afterwards."""

import sys
import tempfile
from pathlib import Path

from PIL import Image

from mobile.screenshots import draw_all
from tests.mobile.golden.likeness import keep
from tests.mobile.golden.pictures import GOLDEN, WANTED


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        drawn = {path.stem: path for path in draw_all(Path(folder), WANTED)}
        for old in set(GOLDEN.glob("*.png")) - {GOLDEN / f"{name}.png" for name in drawn}:
            old.unlink()
        for name, path in drawn.items():
            with Image.open(path) as picture:
                keep(picture, GOLDEN / f"{name}.png")
    size = sum(path.stat().st_size for path in GOLDEN.glob("*.png"))
    sys.stdout.write(f"{len(drawn)} pictures, {size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
