"""Trust against relevance, as a picture (extra [eval]: matplotlib)."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from web3rec.errors import ReadOnly
from web3rec.eval.siege import K, Line

COLOURS = {"open": "#c44e52", "friends": "#8c8c8c", "web3recommend": "#dd8452", "ours": "#4c72b0"}
OTHERS = ("#55a868", "#8172b3", "#937860", "#da8bc3", "#ccb974", "#64b5cd")
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
    attacks = list(dict.fromkeys(_attack(line) for line in lines))
    figure = Figure(figsize=(15, max(4.5, 1.6 + 0.32 * len(attacks))), layout="constrained")
    frontier, slots, left = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    _frontier(frontier, lines, style)
    _by_attack(slots, lines, attacks, style, f"sybil_slots@{K}")
    slots.set_xlim(-0.5, K + 0.5)
    slots.set_xlabel(f"Sybil slots of {K}  (| the bound of ours)")
    for line in lines:
        if line.method == "ours":
            bound = sum(o.bound for o in line.attacked) / len(line.attacked)
            slots.plot(bound, attacks.index(_attack(line)), "|", color="k", markersize=12)
    _by_attack(left, lines, attacks, style, "attacked_kept")
    left.set_yticklabels([])
    left.set_xlim(left=0)
    left.set_xlabel(f"NDCG@{K} under attack, share of the open graph's without one")
    egos = len(lines[0].attacked)
    figure.suptitle(f"{lines[0].dataset}: {egos} people, each attacked alone")
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
            label=f"{rule} ({_attack(worst)})",
        )
    axes.set_xlim(-0.5, K + 0.5)
    axes.set_xlabel(f"Sybil slots of {K} under the attack that takes most (± 1 s.e.)")
    axes.set_ylabel(f"honest NDCG@{K} kept, % of the open graph's (± 1 s.e.)")
    axes.axhline(100, color="#cccccc", linewidth=0.8, zorder=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)


def _by_attack(
    axes: Axes,
    lines: Sequence[Line],
    attacks: Sequence[str],
    style: dict[str, tuple[str, str]],
    figure: str,
) -> None:
    """One row an attack, one mark a rule."""
    for n, (rule, (colour, mark)) in enumerate(style.items()):
        own = [line for line in lines if line.method == rule]
        shift = 0.12 * (n - (len(style) - 1) / 2)
        axes.plot(
            [line.figures()[figure] for line in own],
            [attacks.index(_attack(line)) + shift for line in own],
            mark,
            color=colour,
        )
    axes.set_yticks(range(len(attacks)), attacks)
    axes.set_ylim(len(attacks) - 0.5, -0.5)
    axes.grid(axis="y", color="#eeeeee")
    axes.set_axisbelow(True)


def _attack(line: Line) -> str:
    return f"{line.strategy}, {line.compromised} fallen, {line.sybils:,} Sybils"
