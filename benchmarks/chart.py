"""The two plots of `make bench`."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.row import Row

mpl.use("Agg")
from matplotlib import pyplot as plt


def ratios(rows: Sequence[Row], path: Path) -> None:
    """Time of one request, ours and everybody's, one panel a graph, on a log scale."""
    graphs = list(dict.fromkeys(row.graph for row in rows))
    figure, panels = plt.subplots(1, len(graphs), figsize=(6.5 * len(graphs), 5), squeeze=False)
    for panel, graph in zip(panels[0], graphs, strict=True):
        lists = [row for row in rows if row.graph == graph and row.case.startswith("list")]
        ours = {f"web3rec: {row.case}": row.ours_ms for row in lists}
        peers = {row.peer: row.peer_ms for row in lists if row.peer and row.peer_ms}
        bars = sorted((ours | peers).items(), key=lambda bar: -bar[1])
        colours = ["#1f6f8b" if name in ours else "#c9c9c9" for name, _ in bars]
        panel.barh([name for name, _ in bars], [ms for _, ms in bars], color=colours)
        for place, (_, ms) in enumerate(bars):
            shown = f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"
            panel.text(ms, place, f" {shown}", va="center", fontsize=8)
        panel.set_xscale("log")
        panel.set_title(f"{graph}: a list beside personalised PageRank")
        panel.set_xlabel("CPU ms of one request, one core")
        panel.margins(x=0.2)
        panel.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def scaling(rows: Sequence[Row], path: Path) -> None:
    """How the time of one list grows with users, items, edges and its length."""
    curves: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in rows:
        what, number = row.graph.removeprefix("g, ").split()
        curves[what].append((int(number), row.ours_ms))
    figure, panels = plt.subplots(1, len(curves), figsize=(3.6 * len(curves), 3.2), squeeze=False)
    for panel, (what, points) in zip(panels[0], curves.items(), strict=True):
        sizes, times = zip(*sorted(points), strict=True)
        panel.plot(sizes, times, "o-", color="#1f6f8b")
        panel.set_ylim(0, 1.15 * max(times))
        panel.set_xscale("log")
        named = [f"{size / 1e6:g} M" if size >= 1e6 else f"{size:,}" for size in sizes]
        panel.set_xticks(sizes, named)
        panel.minorticks_off()
        panel.set_title(what)
        panel.set_xlabel("positions" if what == "length" else what)
        panel.set_ylabel("CPU ms of one list")
        panel.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
