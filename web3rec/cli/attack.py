"""`attack`: what do Sybils get, and what do they leave, under one rule and another?"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

import click

from web3rec.adapters import Dataset, Split
from web3rec.cli import datasets
from web3rec.cli.output import news, progress_bar, result, table
from web3rec.errors import DataError
from web3rec.eval.attacks import ALIASES, STRATEGIES, AttackPlan
from web3rec.eval.ground import SiegePlan, ground
from web3rec.eval.methods import METHODS, Settings
from web3rec.eval.siege import Line, Rule, Siege, plan_for, rules_of
from web3rec.eval.siege_models import MODELS
from web3rec.eval.synthetic_trust import synthetic_trust
from web3rec.params import BudgetParams, Params

ALL: Final = "all"
USUAL: Final = ("open", "friends", "web3recommend", "ours")
SIZES: Final = (0.01, 0.03, 0.05, 0.10)
"""Sybils of the sweep, as shares of the people there are."""
FILLERS: Final = (0.01, 0.05, 0.10)
"""Filler of the sweep, as shares of the catalogue."""
SWEPT: Final = ("random", "average", "bandwagon")
UNBOUNDED: Final = 1_000_000
"""Acts of one Sybil in the sweep: the published attacks know no window of 200."""


def budget_params(
    _context: click.Context, _option: click.Parameter, value: tuple[str, ...]
) -> tuple[tuple[str, BudgetParams], ...]:
    """A click callback: each text such as kappa=2,slack=0 with the budgets it stands for."""
    known = {field.name for field in fields(BudgetParams)}
    found = []
    for text in dict.fromkeys(value):
        numbers = {}
        for part in text.split(","):
            name, _, number = part.partition("=")
            if name.strip() not in known:
                raise click.BadParameter(
                    f"wanted one of {', '.join(sorted(known))}, as in kappa=2; got {part!r:.40}"
                )
            try:
                numbers[name.strip()] = float(number)
            except ValueError:
                raise click.BadParameter(
                    f"wanted a number, as in kappa=2; got {part!r:.40}"
                ) from None
        found.append((text, BudgetParams(**numbers)))
    return tuple(found)


@click.command("attack")
@datasets.source
@click.option(
    "--strategy",
    "-s",
    "strategies",
    type=click.Choice([*STRATEGIES, *ALIASES, ALL]),
    multiple=True,
    default=("copy",),
    show_default=True,
    help="What the attacker does; may be repeated.",
)
@click.option(
    "--compromised",
    "-c",
    type=click.IntRange(0),
    multiple=True,
    default=(1,),
    show_default=True,
    help="Friends of each victim who serve the attacker; may be repeated.",
)
@click.option(
    "--sybils",
    type=click.IntRange(1, 1_000_000),
    multiple=True,
    default=(300,),
    show_default=True,
    help="Fake identities; may be repeated.",
)
@click.option(
    "--method",
    "-m",
    "methods",
    type=click.Choice(list(dict.fromkeys((*METHODS, *MODELS)))),
    multiple=True,
    default=USUAL,
    help="Who answers; may be repeated. By default: open, friends, web3recommend, ours. With a "
    "model before the budgets: ours+rerank (its own head), ours+hostile (puts all spam first).",
)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="NAME=NUMBER[,...]",
    callback=budget_params,
    help="Ours with these budgets as well, such as kappa=2; may be repeated.",
)
@click.option("--egos", type=click.IntRange(1), default=60, show_default=True, help="Victims.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option(
    "--spam", type=click.IntRange(1, 10_000), default=30, show_default=True, help="Items pushed."
)
@click.option("--turned", is_flag=True, help="The compromised friends push as well.")
@click.option("--sweep", is_flag=True, help="Instead: profile attacks by size and filler.")
@click.option("--synthetic-trust", is_flag=True, help="Make up a friend graph. It is NOT real.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw it there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def attack(
    data: Path,
    form: str,
    trust: Path | None,
    least: float,
    strategies: tuple[str, ...],
    compromised: tuple[int, ...],
    sybils: tuple[int, ...],
    methods: tuple[str, ...],
    budgets: tuple[tuple[str, BudgetParams], ...],
    egos: int,
    seed: int,
    spam: int,
    plot: Path | None,
    *,
    mutual: bool,
    turned: bool,
    sweep: bool,
    synthetic_trust: bool,
    as_json: bool,
) -> None:
    """Attack lists with Sybils, ours beside others.

    Some people with at least three friends are drawn by --seed, a fifth of their items is hidden,
    and each is attacked alone: friends of theirs are compromised and trust Sybils, nobody else. One
    line for each method under each attack: how many of 20 places the Sybils' items take, what share
    of the attention, the bound on it, and how good the lists still are. The strategies, and what
    was measured, are in docs/attacks.md.

    \b
    For instance:
      web3rec attack --data hetrec.zip --format hetrec --strategy copy --json
      web3rec attack --data plays.tsv --format pairs --trust friends.tsv -s all --plot a.png
    """
    found = _trusting(datasets.Source(data, form, trust, mutual, least).read(), synthetic_trust)
    for note in found.notes:
        news(f"{found.name}: {note}")
    with progress_bar("honest lists"):
        here = ground(found, SiegePlan(egos=egos, seed=seed))
        siege = Siege.of(here, _rules(methods, budgets, seed))
    if len(here.egos) < egos:
        news(f"{found.name}: only {len(here.egos)} people have three friends and two items")
    lines = []
    for name, fallen, plan, more in _attacks(
        strategies, compromised, sybils, plan_for(1, spam, turned=turned), found, sweep=sweep
    ):
        with progress_bar(f"{name}, {fallen} compromised, {plan.sybils:,} Sybils"):
            done = siege.lines(name, fallen, plan)
        if done[0].short:
            news(f"{done[0].short} people have fewer than {fallen} friends: all of theirs fell")
        if as_json:
            for line in done:
                result(line.as_dict() | more)
        lines += done
    if not as_json:
        _show(lines)
    if plot is not None:
        from web3rec.eval.frontier import plot as drawn  # noqa: PLC0415 - half a second, only here

        drawn(lines, plot)
        news(f"drawn: {plot}")


def _trusting(found: Dataset | Split, synthetic: bool) -> Dataset:
    data = found.train if isinstance(found, Split) else found
    if not synthetic:
        return data
    if data.trust:
        raise DataError("it has a friend graph: leave out --synthetic-trust", where=data.name)
    if any(act.at is None for act in data.acts):
        raise DataError(
            "--synthetic-trust needs the time of every act: what is hidden must not be in it",
            where=data.name,
        )
    news(f"{data.name}: the friend graph is made up from earlier likings; nobody stated it")
    return replace(data, name=f"{data.name}, synthetic trust", trust=synthetic_trust(data.acts))


def _rules(
    methods: Sequence[str], budgets: Sequence[tuple[str, BudgetParams]], seed: int
) -> list[Rule]:
    others = [
        Rule(f"ours, {text}", "fixed", Settings(seed=seed, params=replace(Params(), budget=budget)))
        for text, budget in budgets
    ]
    return [*rules_of(methods, seed), *others]


def _attacks(
    strategies: Sequence[str],
    compromised: Sequence[int],
    sybils: Sequence[int],
    plan: AttackPlan,
    data: Dataset,
    *,
    sweep: bool,
) -> Iterator[tuple[str, int, AttackPlan, dict[str, object]]]:
    """Every attack asked for -> (strategy, compromised, its plan, what its line says besides)."""
    if sweep:
        people = len({act.user for act in data.acts})
        for name in SWEPT:
            for fallen in dict.fromkeys(compromised):
                for size in SIZES:
                    for filler in FILLERS:
                        swept = replace(
                            plan_for(max(1, round(size * people)), plan.spam, turned=plan.turned),
                            filler=filler,
                            records=UNBOUNDED,
                        )
                        yield name, fallen, swept, {"size": size, "filler": filler}
        return
    names = [ALIASES.get(name, name) for name in strategies]
    for name in STRATEGIES if ALL in names else dict.fromkeys(names):
        for fallen in dict.fromkeys(compromised):
            for many in dict.fromkeys(sybils):
                yield name, fallen, plan_for(many, plan.spam, turned=plan.turned), {}


def _show(lines: Sequence[Line]) -> None:
    head = (
        *("strategy", "compromised", "sybils", "method", "slots@20", "exposure@20", "bound"),
        *("overruns", "ndcg@20", "honest_ndcg@20", "kept"),
    )
    rows = []
    for line in lines:
        said = line.figures()
        held = "" if line.bound_held else " BROKEN"
        rows.append(
            (
                line.strategy,
                str(line.compromised),
                f"{line.sybils:,}",
                line.method,
                f"{said['sybil_slots@20']:.2f} ± {said['sybil_slots@20_se']:.2f}",
                f"{said['sybil_exposure@20']:.3f}",
                f"{said['bound']:.2f}{held}",
                f"{said['overruns']:.2f}",
                f"{said['ndcg@20']:.4f} ± {said['ndcg@20_se']:.4f}",
                f"{said['honest_ndcg@20']:.4f}",
                f"{said['honest_kept']:.1%}",
            )
        )
    table(head, rows, right=[name for name in head if name not in ("strategy", "method")])
