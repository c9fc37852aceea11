"""Before and after, as a picture (extra [eval]: matplotlib)."""

from collections.abc import Sequence
from pathlib import Path

from p2p.demo.measure import EgoReport, K
from p2p.errors import NodeError


def require() -> None:
    """Raises NodeError, saying what to install, if no picture can be drawn."""
    try:
        import matplotlib as _  # noqa: F401, PLC0415, ICN001
    except ImportError:
        raise NodeError("--plot needs matplotlib: pip install 'web3rec[eval]'") from None


def plot(reports: Sequence[EgoReport], path: Path) -> None:
    """Spam slots of each ego under three rules, and accuracy before and during the attack."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - half a second, only here

    hit = [r for r in reports if r.compromised]
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    slots, quality = figure.subplots(1, 2)
    at = range(len(hit))
    bars = (
        ("open graph", "#c44e52", [float(r.spam_slots_open) for r in hit]),
        ("friends only", "#8c8c8c", [float(r.spam_slots_friends) for r in hit]),
        ("ours", "#4c72b0", [float(r.spam_slots_ours) for r in hit]),
    )
    for shift, (name, colour, heights) in zip((-0.27, 0, 0.27), bars, strict=True):
        slots.bar([x + shift for x in at], heights, 0.26, label=name, color=colour)
    slots.scatter(
        [x + 0.27 for x in at],
        [r.bound for r in hit],
        marker="_",
        s=180,
        color="k",
        label="bound B1",
    )
    slots.set_xticks(list(at), [f"user {r.ego}" for r in hit], rotation=45, ha="right")
    slots.set_ylim(0, K + 1)
    slots.set_ylabel(f"spam slots among the first {K}")
    slots.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False)

    means = (
        ("popularity", "#dddddd", [r.ndcg_popular for r in reports]),
        ("ours, calm", "#4c72b0", [r.ndcg_ours for r in reports]),
        ("open, attacked", "#c44e52", [r.ndcg_open_attacked for r in hit]),
        ("friends, attacked", "#8c8c8c", [r.ndcg_friends_attacked for r in hit]),
        ("ours, attacked", "#55a868", [r.ndcg_ours_attacked for r in hit]),
    )
    for x, (_, colour, values) in enumerate(means):
        mean = sum(values) / max(1, len(values))
        quality.bar(x, mean, 0.7, color=colour)
        quality.text(x, mean, f"{mean:.3f}", ha="center", va="bottom")
    quality.set_xticks(range(len(means)), [name for name, *_ in means], rotation=20, ha="right")
    quality.set_ylabel(f"NDCG@{K}, held-out items, mean of the egos")
    figure.savefig(path, dpi=120)
