"""What the linear head adds to the graph, on validation data: NDCG with paired intervals.

    python -m benchmarks.reranking --data ml-100k --format movielens --users 300

Of a data set with times, the newest fifth of everybody's items is put aside for tests and never
looked at; of what stays, the newest fifth is asked for. Of a published split, `valid` is asked for
and train alone is known. Everyone is admitted, so what is measured is order; with
`--closed` trust admits and budgets choose, and only people with five friends are asked about.
People with histories of like length share what one device of the group learnt, as in `ours`.
"""

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
import numpy as np
from threadpoolctl import threadpool_limits

from web3rec.adapters import Dataset, read_hetrec, read_movielens, read_split
from web3rec.eval.accuracy import accuracy
from web3rec.eval.intervals import interval
from web3rec.eval.methods import Settings
from web3rec.eval.methods.engine import GROUPS, Engine
from web3rec.eval.splits import hold_out
from web3rec.eval.task import Task, task_of, task_of_split
from web3rec.params import Params, TuneParams
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode
from web3rec.rerank.features import NAMES, Features, Seen
from web3rec.rerank.following import Paces
from web3rec.rerank.gate import gated
from web3rec.rerank.history import ReplayParams, examples
from web3rec.rerank.linear import Example, learnt
from web3rec.rerank.model import KeepOrder, Reranker
from web3rec.rerank.reordering import Reordering
from web3rec.rerank.texts import Texts
from web3rec.types import Item, ItemId, ItemKey
from web3rec.view import View

WORDS: Final = ("words_mean", "words_max")
BLIND: Final = ((), ("next",), WORDS, ("next", *WORDS), ("trust", "sponsors", "error"))
"""Columns that heads go without, to see what each is worth."""


def blinded(lists: Sequence[Example], columns: Sequence[str]) -> list[Example]:
    """The same lists with some columns empty, so that nothing is learnt of them."""
    found = []
    for example in lists:
        values = example.features.values.copy()
        values[:, [NAMES.index(name) for name in columns]] = 0
        found.append(replace(example, features=Features(values, example.features.order)))
    return found


def validation(dataset: Dataset) -> Task:
    """What stays of everybody's items once the test's are put aside, a fifth of it asked for."""
    stay, _ = hold_out(dataset, dataset.people, share=0.2, rng=np.random.default_rng(0))
    return task_of(replace(dataset, acts=stay), seed=0)


@dataclass(frozen=True, slots=True)
class Bench:
    """One task, one set of numbers for each group of people."""

    task: Task
    engine: Engine
    paces: Paces | None
    texts: Texts | None

    @staticmethod
    def of(task: Task, catalogue: dict[ItemKey, Item], *, timed: bool, closed: bool) -> "Bench":
        graph = task.arena.graph
        settings = Settings(params=Params(tune=None))
        paces = Paces.of(graph, task.arena.times) if timed else None
        return Bench(
            task,
            Engine(task.arena, settings, Mode.CLOSED if closed else Mode.OPEN),
            paces,
            Texts.of(catalogue, graph.items) if catalogue else None,
        )

    def seen(self, view: View) -> Seen:
        return Seen.of(view, self.paces, self.texts)

    def groups(self) -> tuple[list[int], list[str]]:
        """Longest history of each group but the last, and who learns for each."""
        arena = self.task.arena
        lengths = np.diff(arena.graph.rows.starts)
        names = {arena.graph.users.number(key): name for name, key in arena.people.items()}
        active = [user for user in np.argsort(lengths, kind="stable").tolist() if lengths[user]]
        parts = [part.tolist() for part in np.array_split(active, GROUPS) if part.size]
        return [int(lengths[p[-1]]) for p in parts[:-1]], [names[p[len(p) // 2]] for p in parts]

    def listed(self, view: View, params: Params, reranker: Reranker, seen: Seen) -> list[int]:
        order = Reordering(seen, reranker)
        found = listing(view, Request(50, frozenset()), {}, params, reorder=order)
        numbers = self.task.arena.graph.items.numbers(entry.key for entry in found.entries)
        return [int(n) for n in numbers]


def heads(lists: Sequence[Example]) -> dict[str, Reranker]:
    """All models that are compared, learnt from the same lists."""
    found: dict[str, Reranker] = {"graph": KeepOrder(), "gated": gated(lists).reranker}
    for blind in BLIND:
        name = " ".join(("linear", *(f"-{column}" for column in blind)))
        found[name] = learnt(blinded(lists, blind))
    return found


def notes_of(lists: Sequence[Example]) -> dict[str, object]:
    """What a head of these lists looks like."""
    gate, head = gated(lists), learnt(lists)
    return {
        "lists": len(lists),
        "passed": gate.passed,
        "gain": round(gate.gain, 4),
        "error": round(gate.error, 4),
        "weights": {n: round(w, 2) for n, w in zip(NAMES, head.weights.tolist(), strict=True)},
    }


def measured(
    bench: Bench, replays: ReplayParams
) -> tuple[dict[str, list[list[int]]], list[dict[str, object]]]:
    """Everybody's list by every model, and what was learnt.

    In closed mode every device learns for itself: whom it trusts is in the features.
    """
    ends, typical = bench.groups()
    chosen: list[Params] = []
    models: list[dict[str, Reranker]] = []
    notes: list[dict[str, object]] = []
    for name in typical:
        view = bench.engine.view(name)
        params = view.tuned(replace(bench.engine.settings.params, tune=TuneParams()))
        chosen.append(replace(params, tune=None))
        lists = examples(bench.seen(view), view.budgets, chosen[-1], replays)
        models.append(heads(lists))
        notes.append(notes_of(lists))
    lists_of: dict[str, list[list[int]]] = {name: [] for name in models[0]}
    for person in bench.task.people:
        view = bench.engine.view(person)
        group = bisect_left(ends, view.snapshot.rows.row(view.snapshot.ego)[0].size)
        seen, known = bench.seen(view), models[group]
        if view.mode is Mode.CLOSED:
            known = heads(examples(seen, view.budgets, chosen[group], replays))
        for name, model in known.items():
            lists_of[name].append(bench.listed(view, chosen[group], model, seen))
    return lists_of, notes


def report(task: Task, lists_of: dict[str, list[list[int]]]) -> list[dict[str, object]]:
    """NDCG and recall of each, and the paired difference to the graph with its interval."""
    cuts = (10, 20)
    by_name = {name: accuracy(lists, task.hidden, cuts) for name, lists in lists_of.items()}
    lines: list[dict[str, object]] = []
    for name, found in by_name.items():
        line: dict[str, object] = {"dataset": task.name, "model": name, "people": len(task.people)}
        for key in (f"{m}@{c}" for m in ("ndcg", "recall") for c in cuts):
            gain = interval(found[key] - by_name["graph"][key], np.random.default_rng(0))
            line[key] = round(float(found[key].mean()), 4)
            line[f"{key} gain"] = [round(x, 4) for x in (gain.mean, gain.low, gain.high)]
        lines.append(line)
    return lines


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--format", "form", type=click.Choice(["movielens", "hetrec", "split"]))
@click.option("--users", type=int, default=300, help="So many people, drawn by seed 0.")
@click.option("--voters", type=int, default=300, help="Pasts replayed for each group.")
@click.option("--closed", is_flag=True, help="With the data set's trust, and budgets.")
def main(data: Path, form: str, users: int, voters: int, *, closed: bool) -> None:
    catalogue: dict[ItemKey, Item] = {}
    with threadpool_limits(1):
        if form == "split":
            task = task_of_split(read_split(data), part="valid")
        else:
            dataset = (read_hetrec if form == "hetrec" else read_movielens)(data)
            task = validation(dataset if closed else replace(dataset, trust=()))
            keys = task.arena.items
            catalogue = {keys[ItemId(i.id)]: i for i in dataset.items if i.title}
        if closed:
            task = task.among(lambda person: task.friends_of(person) >= 5)
        task = task.sample(users, np.random.default_rng([0, users]))
        bench = Bench.of(task, catalogue, timed=form != "split", closed=closed)
        lists_of, notes = measured(bench, ReplayParams(voters=voters))
        for line in report(task, lists_of):
            print(json.dumps(line))
        for note in notes:
            print(json.dumps(note))


if __name__ == "__main__":
    main()
