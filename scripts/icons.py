"""Make mobile/assets/icons.ttf: the signs the app uses, out of the whole Material Design Icons.

    npm pack @mdi/font && tar xf mdi-font-*.tgz
    python scripts/icons.py package/fonts/materialdesignicons-webfont.ttf

Needs fonttools, which nothing else of ours does.
"""

import ast
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "mobile" / "widgets" / "icons.py"
FONT = ROOT / "mobile" / "assets" / "icons.ttf"


def wanted() -> dict[str, int]:
    """The table of names and code points, read without importing Kivy."""
    for node in ast.parse(TABLE.read_text()).body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "ICONS":
            assert node.value is not None  # noqa: S101 - for the type checker
            table: dict[str, int] = ast.literal_eval(node.value)
            return table
    raise SystemExit(f"{TABLE} has no table ICONS")


def main() -> None:
    """Subset the font named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    table = wanted()
    font = TTFont(sys.argv[1])
    missing = sorted(name for name, point in table.items() if point not in font.getBestCmap())
    if missing:
        raise SystemExit(f"the font has no {', '.join(missing)}: is it @mdi/font, 7 or later?")
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 1, 2, 13, 14], notdef_outline=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=table.values())
    subsetter.subset(font)
    for name, (advance, _) in list(font["hmtx"].metrics.items()):
        # @mdi/font says 0 for all, and FreeType then draws narrow signs at the left of their square
        font["hmtx"][name] = advance, getattr(font["glyf"][name], "xMin", 0)
    font.save(FONT)
    print(f"{len(table)} signs, {FONT.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
