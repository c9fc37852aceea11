"""`eval`: how good are the lists, ours and others', on a data set?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import numpy as np
from threadpoolctl import threadpool_limits

from web3rec.adapters import Split
from web3rec.cli import datasets
from web3rec.cli.forked import Forked
from web3rec.cli.output import news, progress_bar, result, table
from web3rec.eval.comparison import Scores, chosen, scores
from web3rec.eval.methods import METHODS, Settings
from web3rec.eval.task import Task, task_of, task_of_split

DIGITS: Final = 6
"""Decimals of a figure in JSON; far more than its interval allows for."""
COLUMNS: Final = ("recall", "ndcg", "hr", "map", "coverage", "gini", "novelty", "fairness")


def cuts(_context: click.Context, _option: click.Parameter, value: str) -> tuple[int, ...]:
    """A click callback: positions such as 10,20, rising, each once."""
    try:
        found = sorted({int(part) for part in value.split(",")})
    except ValueError:
        found = [0]
    if not 1 <= found[0] <= found[-1] <= 1000:
        raise click.BadParameter(
            f"wanted positions from 1 to 1000 such as 10,20, got {value!r:.40}"
        )
    return tuple(found)


BRANCHES: Final = {
    "unlearn": (
        "web3rec.cli.unlearning",
        "unlearn",
        "Measure how well models forget, and how fast.",
    ),
}
"""What stands under this name; see `Forked`."""


@click.command("eval", cls=Forked, branches=BRANCHES)
@datasets.source
@click.option(
    "--method",
    "-m",
    "methods",
    type=click.Choice([*METHODS, "all"]),
    multiple=True,
    help="What to measure; may be repeated. Without it, a usual set.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option("--users", type=click.IntRange(1), help="Ask about so many people only, drawn.")
@click.option("--friends", type=click.IntRange(0), default=0, help="And only with so many friends.")
@click.option("--k", callback=cuts, default="10,20", show_default=True, help="Positions counted.")
@click.option(
    "--part",
    type=click.Choice(("test", "valid")),
    default="test",
    show_default=True,
    help="Of a split, what to find. Choose parameters on valid.",
)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw it there.")
@click.option("--no-times", is_flag=True, help="Leave out seconds: same seed, same bytes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a method.")
def eval_(
    data: Path,
    form: str,
    trust: Path | None,
    least: float,
    methods: tuple[str, ...],
    seed: int,
    users: int | None,
    friends: int,
    k: tuple[int, ...],
    part: str,
    plot: Path | None,
    *,
    mutual: bool,
    no_times: bool,
    as_json: bool,
) -> None:
    """Measure lists on a data set, ours beside others.

    Some items of everybody's are hidden and have to be found again. A published split is taken as
    it is; of other data a fifth is hidden, by --seed. Every method gets the same graph and leaves
    out what a person has. Needs the extra [eval]; docs/evaluation.md says what is measured how.

    \b
    For instance:
      web3rec eval --data lightgcnpp --format split --method ours --method rp3beta --json
      web3rec eval --data plays.tsv --format pairs --trust friends.tsv --plot eval.png
    """
    found = datasets.Source(data, form, trust, mutual, least).read()
    task = task_of_split(found, part) if isinstance(found, Split) else task_of(found, seed)
    read = found.train if isinstance(found, Split) else found
    for note in (*read.notes, *task.notes):
        news(f"{task.name}: {note}")
    task = _asked(task, seed, users, friends)
    names, left_out = chosen(task, methods)
    for line in left_out:
        news(line)
    done = []
    with threadpool_limits(1):  # threads would add up in another order, and take others' time
        for name in names:
            with progress_bar(name) as told:
                one = scores(task, name, k, Settings(seed=seed), told)
            news(f"{name}: {one.people:,} people, {one.seconds:.1f} s")
            if one.note:
                news(f"{name}: {one.note}")
            if as_json:
                result(line_of(task.name, one, timed=not no_times))
            done.append(one)
    if not as_json:
        _show(done, k, timed=not no_times)
    if plot is not None:
        from web3rec.eval.plot import plot as drawn  # noqa: PLC0415 - half a second, only here

        drawn(done, task.name, k[-1], plot)
        news(f"drawn: {plot}")


def _asked(task: Task, seed: int, users: int | None, friends: int) -> Task:
    if friends:
        task = task.among(lambda person: task.friends_of(person) >= friends)
    if users is not None:
        task = task.sample(users, np.random.default_rng([seed, users]))
    return task


def line_of(dataset: str, one: Scores, *, timed: bool) -> dict[str, object]:
    """One method's figures as they are printed in JSON."""
    line: dict[str, object] = {"dataset": dataset, "method": one.method, "users": one.people}
    line |= {key: None if x is None else round(x, DIGITS) for key, x in one.figures.items()}
    line["intervals"] = {
        key: [round(i.low, DIGITS), round(i.high, DIGITS)] for key, i in one.intervals.items()
    }
    if one.note:
        line["note"] = one.note
    if timed:
        line["seconds"] = round(one.seconds, 3)
    return line


def _show(found: Sequence[Scores], k: Sequence[int], *, timed: bool) -> None:
    """One table a cut; accuracy with half the width of its interval."""
    for cut in k:
        head = ["method", *(f"{name}@{cut}" for name in COLUMNS), *(["seconds"] if timed else [])]
        rows = []
        for one in found:
            cells = [one.method, *(_cell(one, f"{name}@{cut}") for name in COLUMNS)]
            rows.append([*cells, f"{one.seconds:.1f}"] if timed else cells)
        table(head, rows, right=head[1:])


def _cell(one: Scores, key: str) -> str:
    value, near = one.figures[key], one.intervals.get(key)
    if value is None:
        return "-"
    if near is None or key.startswith("novelty"):
        return f"{value:.3f}"
    return f"{value:.4f} ± {(near.high - near.low) / 2:.4f}"
