"""HR@50 of what attackers push, with calibration and without: one panel a data set."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

from benchmarks.poisoned import ATTACKS, PLACEBO

mpl.use("Agg")
from matplotlib import pyplot as plt

SHOWN: Final = {"everything": "o", "clean device, linear": "s", "clean device, vectors": "^"}
COLOURS: Final = {"none": "#c44e52", "statistics": "#1f6f8b"}
Line = Mapping[str, Any]


def drawn(lines: Sequence[Line], path: Path) -> None:
    """Ratio of hits to those without attack, at 5 % attackers, the filler that does most."""
    rows = [x for x in lines if x.get("size") == 0.05 and x["calibration"] in COLOURS]
    names = list(dict.fromkeys(x["dataset"] for x in rows))
    figure, panels = plt.subplots(1, len(names), figsize=(5.2 * len(names), 3.6), squeeze=False)
    for panel, name in zip(panels[0], names, strict=True):
        mine = [x for x in rows if x["dataset"] == name]
        for model, mark in SHOWN.items():
            for calibration, colour in COLOURS.items():
                points = [
                    (n, _ratio(mine, attack, model, calibration))
                    for n, attack in enumerate((*ATTACKS, PLACEBO))
                ]
                known = [(n, ratio) for n, ratio in points if ratio is not None]
                shift = 0.12 * (list(SHOWN).index(model) - 1) + (calibration != "none") * 0.05
                panel.plot(
                    [n + shift for n, _ in known],
                    [ratio for _, ratio in known],
                    mark,
                    color=colour,
                    markersize=5,
                    label=f"{model}, {'not calibrated' if calibration == 'none' else 'calibrated'}",
                )
        panel.axhline(1.5, color="#888888", linewidth=0.8, linestyle="--")
        panel.axhline(1.0, color="#dddddd", linewidth=0.8)
        panel.set_xticks(range(len(ATTACKS) + 1), [*ATTACKS, PLACEBO], rotation=20)
        panel.set_title(f"{name}: 5 % attackers")
        panel.set_ylabel("HR@50 of the targets, of what it was")
        panel.set_ylim(bottom=0)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].legend(fontsize=6, frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _ratio(lines: Sequence[Line], attack: str, model: str, calibration: str) -> float | None:
    """Of both kinds of targets together; the largest of the fillers. None if nobody ever hit."""
    found = []
    for filler in sorted({x["filler"] for x in lines}):
        own = [
            x
            for x in lines
            if (x["attack"], x["filler"], x["model"], x["calibration"])
            == (attack, filler, model, calibration)
        ]
        if clean := sum(x["hits clean"] for x in own):
            found.append(sum(x["hits"] for x in own) / clean)
    return max(found, default=None)
