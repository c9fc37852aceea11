"""Put the figures of `make bench` into docs/benchmarks.md, between its markers.

python -m benchmarks.report [build]
"""

import json
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from benchmarks.row import Reading

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PLOTS: Final = ("bench.png", "bench-scaling.png")


def main(built: Path) -> None:
    """Replace what stands between the markers; copy the plots beside the page."""
    parts: dict[str, str] = {}
    if (built / "bench.json").exists():
        parts |= lists(built)
    if (built / "bench-network.json").exists():
        parts |= network(built)
    if not parts:
        raise SystemExit(f"no figures in {built}: python -m benchmarks --out {built}")
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


def lists(built: Path) -> dict[str, str]:
    """The places of what is measured beside other libraries."""
    rows = json.loads((built / "bench.json").read_text())
    machine = json.loads((built / "bench-machine.json").read_text())
    return {
        "machine": _said(machine),
        "beside": beside(row for row in rows if row["peer"]),
        "alone": alone(row for row in rows if not row["peer"] and "," not in row["graph"]),
    }


def network(built: Path) -> dict[str, str]:
    """The places of what is measured beside targets."""
    found = json.loads((built / "bench-network.json").read_text())
    readings = [Reading(**one) for one in found["readings"]]
    return {
        "network-machine": _said(found["machine"]),
        "sync": compared(one for one in readings if one.beside is not None),
        "network": reached(one for one in readings if one.beside is None),
    }


def _said(machine: dict[str, str]) -> str:
    return " · ".join(f"{name} {value}" for name, value in machine.items())


def compared(readings: Iterable[Reading]) -> str:
    """What is set beside the prototype: a case a line, a figure a column."""
    cases: dict[str, list[Reading]] = defaultdict(list)
    for one in readings:
        cases[one.case].append(one)
    names = [f"{one.what}, {one.unit}".rstrip(", ") for one in next(iter(cases.values()), [])]
    lines = [
        f"| | {' | '.join(names)} | prototype | target | reached | others, cores |",
        f"|---|{'--:|' * len(names)}---|---|---|--:|",
    ]
    for case, row in cases.items():
        values = " | ".join(figure(one.value) for one in row)
        theirs = ", ".join(f"{one.beside:g}" for one in row)
        wanted = ", ".join(target(one) for one in row if one.reached is not None)
        lines.append(
            f"| {case} | {values} | {theirs} | {wanted} | {verdict(*row)} | {row[0].others:.1f} |"
        )
    return "\n".join(lines)


def reached(readings: Iterable[Reading]) -> str:
    """What is set beside a target, or nothing: a figure a line."""
    lines = [
        "| | | figure | target | reached | load, others' cores |",
        "|---|---|--:|--:|---|--:|",
    ]
    before = ""
    for one in readings:
        case, before = "" if one.case == before else one.case, one.case
        shown = f"{figure(one.value)} {one.unit}".strip()
        busy = f"{one.load:.1f}, {one.others:.1f}" if case else ""
        lines.append(f"| {case} | {one.what} | {shown} | {target(one)} | {verdict(one)} | {busy} |")
    return "\n".join(lines)


def target(one: Reading) -> str:
    """In words; nothing if there is none."""
    bound, sign = (one.at_most, "≤") if one.at_least is None else (one.at_least, "≥")
    return "" if bound is None else f"{sign} {bound:,g} {one.unit}".strip()


def verdict(*readings: Reading) -> str:
    """Of all that have a target together."""
    known = [one.reached for one in readings if one.reached is not None]
    return ("yes" if all(known) else "**no**") if known else ""


def figure(value: float) -> str:
    """A whole number as it is, others with three digits that mean something."""
    return f"{value:,.0f}" if value == int(value) else ms(value)


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
