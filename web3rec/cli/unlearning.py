"""`web3rec eval unlearn`: how well models forget, and how fast."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Final, TypeVar

import click
import numpy as np
from threadpoolctl import threadpool_limits

from web3rec.cli import datasets
from web3rec.cli.output import news, result, table
from web3rec.eval.unlearning.cases import KINDS, WAYS, Kind, Way
from web3rec.eval.unlearning.lists import CUT, DEEP
from web3rec.eval.unlearning.material import ITEMS, material
from web3rec.eval.unlearning.plan import METHODS, MODELS, SHARES, USUAL, Plan
from web3rec.eval.unlearning.sweep import Outcome, outcomes

DIGITS: Final = 6
"""Decimals of a figure in JSON."""
EFFECTS: Final = (f"@{CUT}", f"@{DEEP}", "_rise")
"""How the effects of poison are called."""
HEAD: Final = (
    *("model", "forget", "method", f"recall@{CUT}", f"ndcg@{CUT}", "ratio"),
    *("auc loss", "rank", "before", "gap", "MI-BF", "MI-NG", "removed", "seconds", "speedup"),
)
_Word = TypeVar("_Word", bound=str)


def sizes(_context: click.Context, _option: click.Parameter, value: str) -> tuple[float, ...]:
    """A click callback: percentages such as 0.1,1,5 as shares, rising, each once."""
    try:
        found = sorted({round(float(part) / 100, 9) for part in value.split(",")})
    except ValueError:
        found = [0.0]
    if not 0 < found[0] <= found[-1] <= 0.5:
        raise click.BadParameter(f"wanted percentages up to 50 such as 0.1,1,5, got {value!r:.40}")
    return tuple(found)


def _several(
    names: str, words: Sequence[str], said: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that may be repeated; without it, all words."""
    return click.option(
        f"--{names}", f"{names}s", type=click.Choice(words), multiple=True, help=said
    )


@click.command("unlearn")
@datasets.source
@click.option(
    "--sizes",
    "shares",
    callback=sizes,
    default=",".join(f"{100 * share:g}" for share in SHARES),
    show_default=True,
    help="How much is forgotten, in %.",
)
@_several("kind", KINDS, "Whole users, or scattered interactions; both by default.")
@_several("way", WAYS, "Drawn from what is there, or injected first to push items; both.")
@_several("model", MODELS, "What forgets; graph and ease by default.")
@_several("method", METHODS, "How; all by default. retrain is always done.")
@click.option("--users", type=click.IntRange(2), help="Learn from so many people only, drawn.")
@click.option(
    "--items", type=click.IntRange(2), default=ITEMS, show_default=True, help="And items."
)
@click.option(
    "--asked", type=click.IntRange(1), default=1_000, show_default=True, help="Lists measured."
)
@click.option("--shards", type=click.IntRange(1), default=4, show_default=True, help="Of sisa.")
@click.option(
    "--ridge", type=click.FloatRange(0, min_open=True), help="Of EASE; chosen by default."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw it there.")
@click.option("--no-times", is_flag=True, help="Leave out seconds: same seed, same bytes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a method and wish.")
def unlearn(
    data: Path,
    form: str,
    trust: Path | None,
    least: float,
    shares: tuple[float, ...],
    kinds: tuple[Kind, ...],
    ways: tuple[Way, ...],
    models: tuple[str, ...],
    methods: tuple[str, ...],
    users: int | None,
    items: int,
    asked: int,
    shards: int,
    ridge: float | None,
    seed: int,
    plot: Path | None,
    *,
    mutual: bool,
    no_times: bool,
    as_json: bool,
) -> None:
    """Measure how well models forget, and how fast.

    Users and interactions are forgotten, as they are or injected to push items. Every method is
    compared to the same model trained without them: its lists, what membership inference makes of
    it, what is left of the poison, seconds. Needs the extra [eval].

    \b
    For instance:
      web3rec eval unlearn --data ml-1m --format split --sizes 0.1 --way random
      web3rec eval unlearn --data hetrec.zip --format hetrec --json --plot unlearn.png
    """
    found = datasets.Source(data, form, trust, mutual, least).read()
    given = material(found, np.random.default_rng([seed, 0]), users=users, items=items)
    for note in given.notes:
        news(f"{given.name}: {note}")
    plan = Plan(
        shares=shares,
        kinds=_chosen(kinds, KINDS),
        ways=_chosen(ways, WAYS),
        models=_chosen(models or USUAL, MODELS),
        methods=_chosen(methods, METHODS),
        ridge=ridge,
        shards=shards,
        asked=asked,
        seed=seed,
    )
    done = []
    with threadpool_limits(1):  # threads would add up in another order, and take others' time
        for one in outcomes(given, plan, news):
            if as_json:
                result(line_of(given.name, one, timed=not no_times))
            done.append(one)
    if not as_json:
        _show(done, timed=not no_times)
    if plot is not None:
        from web3rec.eval.unlearning.plot import plot as drawn  # noqa: PLC0415 - half a second

        drawn(done, given.name, plot)
        news(f"drawn: {plot}")


def _chosen(asked: Sequence[_Word], every: Sequence[_Word]) -> tuple[_Word, ...]:
    """What was asked for, in the usual order; everything if nothing was."""
    return tuple(word for word in every if not asked or word in asked)


def line_of(dataset: str, one: Outcome, *, timed: bool) -> Mapping[str, object]:
    """One outcome as it is printed in JSON."""
    line: dict[str, object] = {
        "dataset": dataset,
        "model": one.model,
        "method": one.method,
        "kind": one.case.kind,
        "way": one.case.way,
        "share": one.case.share,
        "users": one.case.users,
        "interactions": len(one.case.forgotten),
        f"recall@{CUT}": _number(one.recall),
        f"ndcg@{CUT}": _number(one.ndcg),
        "ndcg_ratio": _number(one.ndcg_ratio),
        "auc_loss": _number(one.leak.auc_loss),
        "auc_rank": _number(one.leak.auc_rank),
        "auc_loss_before": _number(one.before.auc_loss),
        "auc_rank_before": _number(one.before.auc_rank),
        "auc_gap": _number(one.auc_gap),
        "mi_bf": _number(one.mi_bf),
        "mi_ng": _number(one.leak.mi_ng),
        "difference": float(f"{one.difference:.0e}"),
    }
    if one.lift is not None and one.removed is not None:
        for at, lift, removed in zip(EFFECTS, one.lift, one.removed, strict=True):
            line |= {f"lift{at}": _number(lift), f"removed{at}": _number(removed)}
    if one.certificate is not None:
        line["certificate"] = {
            "requests": one.certificate.requests,
            "difference": _number(one.certificate.difference),
            "mean": _number(one.certificate.mean),
            "ndcg_ratio": _number(one.certificate.ndcg_ratio),
            "auc_gap": _number(one.certificate.auc_gap),
            "met": one.certificate.met(),
        }
    if timed and one.prepared_seconds is not None:
        line["prepared_seconds"] = round(one.prepared_seconds, 2)
    if timed:
        speedup = None if one.method == "hide" else float(f"{one.speedup:.4g}")
        line |= {"seconds": round(one.seconds, 5), "speedup": speedup}
    return line


def _number(value: float) -> float | None:
    return None if isnan(value) else round(value, DIGITS)


def _show(found: Sequence[Outcome], *, timed: bool) -> None:
    head = HEAD if timed else HEAD[:-2]
    table(head, [_row(one)[: len(head)] for one in found], right=head[3:])


def _row(one: Outcome) -> list[str]:
    removed = "-" if one.removed is None else _share(one.removed[2])
    pushed = "" if one.case.way == "random" else ", injected"
    return [
        one.model,
        f"{one.case.share:.1%} of {one.case.kind}{pushed}",
        one.method if one.certificate is None or one.certificate.met() else "influence: retrained",
        *(f"{figure:.4f}" for figure in (one.recall, one.ndcg, one.ndcg_ratio)),
        *(f"{figure:.3f}" for figure in (one.leak.auc_loss, one.leak.auc_rank)),
        f"{max(one.before.auc_loss, one.before.auc_rank):.3f}",
        f"{one.auc_gap:.4f}",
        f"{one.mi_bf:.3f}",
        f"{one.leak.mi_ng:.3f}",
        removed,
        f"{one.seconds:.4f}",
        "-" if one.method == "hide" else f"{one.speedup:.1f}x",
    ]


def _share(part: float) -> str:
    return "-" if isnan(part) else f"{part:.1%}"
