"""Put the figures of `make bench` into docs/benchmarks.md, between its markers.

python -m benchmarks.report [build]
"""

import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PLOTS: Final = ("bench.png", "bench-scaling.png")


def main(built: Path) -> None:
    """Replace what stands between the markers; copy the plots beside the page."""
    rows = json.loads((built / "bench.json").read_text())
    machine = json.loads((built / "bench-machine.json").read_text())
    parts = {
        "machine": " · ".join(f"{name} {value}" for name, value in machine.items()),
        "beside": beside(row for row in rows if row["peer"]),
        "alone": alone(row for row in rows if not row["peer"] and "," not in row["graph"]),
    }
    page = DOCS / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    for name, shown in parts.items():
        place = rf"(?<=<!-- bench:{name} -->\n).*?(?=<!-- /bench:{name} -->)"
        places = re.split(place, text, flags=re.DOTALL)
        if len(places) != 2:
            raise SystemExit(f"{page} has no place for {name}: add <!-- bench:{name} --> markers")
        text = f"{shown}\n".join(places)
    page.write_text(text, encoding="utf-8")
    for plot in PLOTS:
        if (built / plot).exists():
            shutil.copy(built / plot, DOCS / plot)


def beside(rows: Iterable[dict[str, Any]]) -> str:
    """Ours and theirs, as a table."""
    lines = [
        "| graph | case | ours, ms | MB | beside | ms | MB | ratio |",
        "|---|---|--:|--:|---|--:|--:|--:|",
    ]
    for row in rows:
        ours = f"| {row['graph']} | {row['case']} | {ms(row['ours_ms'])} | {row['rss_mb']:.0f} "
        theirs = f"| {row['peer']} | {ms(row['peer_ms'])} | {row['peer_rss_mb']:.0f} "
        lines.append(f"{ours}{theirs}| {row['ratio']:.1f} × |")
    return "\n".join(lines)


def alone(rows: Iterable[dict[str, Any]]) -> str:
    """What only we do, as a table."""
    lines = ["| graph | case | ms | MB |", "|---|---|--:|--:|"]
    for row in rows:
        shown = f"{ms(row['ours_ms'])} | {row['rss_mb']:.0f} |"
        lines.append(f"| {row['graph']} | {row['case']} | {shown}")
    return "\n".join(lines)


def ms(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build"))
