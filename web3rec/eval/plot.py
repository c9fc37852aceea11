"""Methods side by side, as a picture (extra [eval]: matplotlib)."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from web3rec.errors import ReadOnly
from web3rec.eval.comparison import Scores

OURS, OTHERS = "#4c72b0", "#8c8c8c"


def plot(found: Sequence[Scores], dataset: str, k: int, path: Path) -> None:
    """NDCG@k of each method with its interval, and beside it the catalogue each one covers.

    Raises:
        ReadOnly: the picture cannot be written there, or not in the format of that name.
    """
    figure = Figure(figsize=(10, 1.4 + 0.4 * len(found)), layout="constrained")
    accuracy, breadth = figure.subplots(1, 2, sharey=True)
    at = range(len(found))
    for y, one in zip(at, found, strict=True):
        near = one.intervals[f"ndcg@{k}"]
        colour = OURS if one.method == "ours" else OTHERS
        reach = [[near.mean - near.low], [near.high - near.mean]]
        accuracy.errorbar(near.mean, y, xerr=reach, fmt="o", color=colour, capsize=3)
        accuracy.annotate(
            f"{near.mean:.4f}", (near.mean, y), (0, 6), textcoords="offset points", ha="center"
        )
        breadth.barh(y, one.figures[f"coverage@{k}"] or 0.0, 0.6, color=colour)
    accuracy.set_yticks(list(at), [one.method for one in found])
    accuracy.invert_yaxis()
    accuracy.margins(y=0.1)
    accuracy.set_xlabel(f"NDCG@{k}, mean of {found[0].people:,} people, 95 % interval")
    breadth.set_xlabel(f"coverage@{k}: share of the catalogue shown to anybody")
    figure.suptitle(dataset)
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as e:
        raise ReadOnly(f"{path} cannot be drawn: {e}") from e
