"""Trust against relevance, as a picture (extra [eval]: matplotlib)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from web3rec.errors import ReadOnly
from web3rec.eval.siege import K, Line

COLOURS = {"open": "#c44e52", "friends": "#8c8c8c", "web3recommend": "#dd8452", "ours": "#4c72b0"}
OTHERS = ("#55a868", "#8172b3", "#937860", "#da8bc3", "#ccb974", "#64b5cd")
Attack = tuple[str, int, int]
MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


def plot(lines: Sequence[Line], path: Path) -> None:
    """The frontier, one point a rule at its worst; beside it what each attack takes and leaves.

    Args:
        lines: of one siege; not empty.
        path: where the picture goes; its ending says in what format.

    Raises:
        ReadOnly: the picture cannot be written there, or not in the format of that name.
    """
    rules = list(dict.fromkeys(line.method for line in lines))
    style = {
        rule: (COLOURS.get(rule, OTHERS[n % len(OTHERS)]), MARKS[n % len(MARKS)])
        for n, rule in enumerate(rules)
    }
    labels = _labels(lines)
    attacks = list(dict.fromkeys(labels.values()))
    figure = Figure(figsize=(15, max(5.0, 2.2 + 0.34 * len(attacks))), layout="constrained")
    frontier, slots, left = figure.subplots(1, 3, width_ratios=(1.2, 1, 1))
    _frontier(frontier, lines, style)
    _by_attack(slots, lines, labels, style, f"sybil_slots@{K}")
    for line in lines:
        if line.method == "ours":
            bound, row = line.figures()["bound"], attacks.index(labels[line.attack])
            slots.plot(bound, row, "|", color="k", markersize=14, zorder=3)
    slots.set_xlim(-0.7, K + 0.7)
    slots.set_title("what the Sybils take")
    slots.set_xlabel(f"Sybil slots of {K};  | bound of ours")
    _by_attack(left, lines, labels, style, "attacked_kept")
    left.set_yticklabels([])
    left.set_xlim(left=-0.03)
    left.set_title("what they leave")
    left.set_xlabel(f"NDCG@{K} under attack / open graph's in peace")
    said = f"{lines[0].dataset}: {len(lines[0].attacked)} people, each attacked alone"
    for what, numbers in (
        ("compromised", {line.compromised for line in lines}),
        ("Sybils", {line.sybils for line in lines}),
    ):
        if len(numbers) == 1:
            said += f", {numbers.pop():,} {what}"
    handles, names = frontier.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=6, frameon=False)
    figure.suptitle(said)
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise ReadOnly(f"{path} cannot be drawn: {error}") from error


def _frontier(axes: Axes, lines: Sequence[Line], style: dict[str, tuple[str, str]]) -> None:
    for rule, (colour, mark) in style.items():
        worst = max((x for x in lines if x.method == rule), key=lambda x: x.mean_slots)
        said = worst.figures()
        axes.errorbar(
            worst.mean_slots,
            100 * worst.kept,
            xerr=said[f"sybil_slots@{K}_se"],
            yerr=100 * said["honest_kept_se"],
            fmt=mark,
            color=colour,
            capsize=3,
            markersize=8,
            label=rule,
        )
    axes.set_xlim(-0.7, K + 0.7)
    axes.set_title("the frontier (± 1 standard error)")
    axes.set_xlabel(f"Sybil slots of {K} under the attack that takes most")
    axes.set_ylabel(f"honest NDCG@{K} kept, %")
    axes.axhline(100, color="#cccccc", linewidth=0.8, zorder=0)


def _by_attack(
    axes: Axes,
    lines: Sequence[Line],
    labels: Mapping[Attack, str],
    style: dict[str, tuple[str, str]],
    figure: str,
) -> None:
    """One row an attack, one mark a rule."""
    attacks = list(dict.fromkeys(labels.values()))
    for n, (rule, (colour, mark)) in enumerate(style.items()):
        own = [line for line in lines if line.method == rule]
        shift = 0.12 * (n - (len(style) - 1) / 2)
        axes.plot(
            [line.figures()[figure] for line in own],
            [attacks.index(labels[line.attack]) + shift for line in own],
            mark,
            color=colour,
        )
    axes.set_yticks(range(len(attacks)), attacks)
    axes.set_ylim(len(attacks) - 0.5, -0.5)
    axes.grid(axis="y", color="#eeeeee")
    axes.set_axisbelow(True)


def _labels(lines: Sequence[Line]) -> dict[Attack, str]:
    """What each attack is called beside the others: what all have in common is left out."""
    fallen = len({line.compromised for line in lines}) > 1
    many = len({line.sybils for line in lines}) > 1
    return {
        line.attack: line.strategy
        + (f", {line.compromised} compromised" if fallen else "")
        + (f", {line.sybils:,} Sybils" if many else "")
        for line in lines
    }
