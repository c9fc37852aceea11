"""Methods side by side, as a picture (extra [eval]: matplotlib)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from web3rec.errors import ReadOnly
from web3rec.eval.unlearning.sweep import Outcome

COLOURS: Final = {
    "retrain": "#8c8c8c",
    "sisa": "#dd8452",
    "ours": "#4c72b0",
    "hide": "#c44e52",
    "influence": "#55a868",
}
SHORT: Final = {"users": "users", "interactions": "pairs"}
WANTED: Final = ((0.001, 100.0), (0.05, 10.0))
"""Share, and how much faster than training again is wanted there."""


def plot(found: Sequence[Outcome], dataset: str, path: Path) -> None:
    """For each model: speed against the share forgotten, and how well attacks tell what was there.

    Raises:
        ReadOnly: the picture cannot be written there, or not in the format of that name.
    """
    models = list(dict.fromkeys(one.model for one in found))
    figure = Figure(figsize=(11, 3.6 * len(models)), layout="constrained")
    for row, model in zip(figure.subplots(len(models), 2, squeeze=False), models, strict=True):
        mine = [one for one in found if one.model == model]
        _speed(row[0], model, [one for one in mine if one.method != "hide"])
        _attacks(row[1], model, mine)
    figure.suptitle(f"Forgetting on {dataset}")
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as e:
        raise ReadOnly(f"{path} cannot be drawn: {e}") from e


def _speed(axes: Axes, model: str, found: Sequence[Outcome]) -> None:
    lines = dict.fromkeys((one.method, one.case.kind, one.case.way) for one in found)
    for method, kind, way in lines:
        mine = [o for o in found if (o.method, o.case.kind, o.case.way) == (method, kind, way)]
        mine.sort(key=lambda one: one.case.share)
        axes.plot(
            [100 * one.case.share for one in mine],
            [one.speedup for one in mine],
            marker="o" if way == "random" else "s",
            linestyle="-" if kind == "users" else ":",
            color=COLOURS[method],
            label=f"{method}, {kind}" if way == "random" else None,
        )
    for share, least in WANTED:
        axes.plot(100 * share, least, marker="_", markersize=24, color="black")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("% forgotten; squares: injected ones")
    axes.set_ylabel("times faster than training again")
    axes.set_title(f"{model}: speed (bars: wanted)")
    axes.legend(fontsize="x-small", ncols=2)


def _attacks(axes: Axes, model: str, found: Sequence[Outcome]) -> None:
    random = [one for one in found if one.case.way == "random"]
    cases = list(dict.fromkeys((one.case.kind, one.case.share) for one in random))
    methods = list(dict.fromkeys(one.method for one in random))
    for nth, method in enumerate(methods):
        mine = {(o.case.kind, o.case.share): o for o in random if o.method == method}
        at = [place + 0.8 * (nth + 0.5) / len(methods) - 0.4 for place in range(len(cases))]
        heights = [max(mine[one].leak.auc_loss, mine[one].leak.auc_rank) for one in cases]
        axes.bar(at, heights, 0.8 / len(methods), color=COLOURS[method], label=method)
    said = [f"{share:.1%}\n{SHORT[kind]}" for kind, share in cases]
    axes.set_xticks(range(len(cases)), said)
    axes.set_ylim(0.4, 1.1)
    axes.set_ylabel("AUC of the better attack")
    axes.set_title(f"{model}: was it there? (retrain is what is wanted)")
    axes.legend(fontsize="small", ncols=4, loc="upper right")
