"""A report as a picture (extra [distill]: matplotlib): every model's NDCG@10 and its gain."""

import io
from typing import Any, Final

from matplotlib.figure import Figure

COLOURS: Final = {"valid": "#8c8c8c", "test": "#4c72b0"}
HEIGHT: Final = 0.34
"""Inches of a row."""


def drawn(report: dict[str, Any]) -> bytes:
    """A PNG; the same bytes every time with one version of matplotlib.

    Args:
        report: as `reporting.gathered` makes it.
    """
    figures = report["training"]["figures"]
    names = list(dict.fromkeys(line["model"] for line in figures))
    figure = Figure(figsize=(11, 1.6 + HEIGHT * len(names)), layout="constrained")
    worth, gain = figure.subplots(1, 2, sharey=True)
    for shift, (part, colour) in zip((-0.16, 0.16), COLOURS.items(), strict=True):
        for line in figures:
            if line["part"] != part:
                continue
            y = names.index(line["model"]) + shift
            worth.barh(y, line["ndcg@10"], 0.3, color=colour)
            worth.annotate(
                f"{line['ndcg@10']:.4f}",
                (line["ndcg@10"], y),
                (3, 0),
                va="center",
                fontsize=7,
                textcoords="offset points",
            )
            low, mean, high = line["over graph"]
            gain.errorbar(
                mean,
                y,
                xerr=[[mean - low], [high - mean]],
                fmt="o",
                color=colour,
                capsize=2,
                markersize=4,
            )
    worth.set_yticks(range(len(names)), names)
    worth.invert_yaxis()
    worth.margins(x=0.12)
    worth.set_xlabel("NDCG@10")
    gain.axvline(0, color="black", linewidth=0.8)
    gain.set_xlabel("gain over the graph, paired, 95 % interval")
    people = report["training"]["people"]
    counts = f"grey: {people['valid']:,} validation people; blue: {people['test']:,} test people"
    name = report["recipe"]["bundle"]["name"]
    figure.suptitle(f"{name} {report['recipe']['bundle']['version']} ({counts})", fontsize=10)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110, metadata={"Software": None})
    return out.getvalue()
