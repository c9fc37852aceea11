"""Methods side by side on one task: everybody's lists, and every measure of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from web3rec.errors import DataError
from web3rec.eval.accuracy import MEASURES, accuracy
from web3rec.eval.breadth import coverage, fairness, gini, head, novelty, shown
from web3rec.eval.intervals import Interval, interval
from web3rec.eval.methods import BY_TRUST, METHODS, SLOW, Settings, method
from web3rec.eval.methods.ease import LARGEST
from web3rec.eval.methods.engine import unprotected
from web3rec.eval.task import Task

USUAL: Final = ("popular", "cosine", "rp3beta", "open", "friends", "ours")
"""The methods of a comparison that names none."""
PER_PERSON: Final = (*MEASURES, "novelty", "length")
"""Measures that are means over people, and so have intervals."""


@dataclass(frozen=True, slots=True)
class Scores:
    """One method's figures."""

    method: str
    people: int
    figures: Mapping[str, float | None]
    """"ndcg@20" and so on; None where a measure is not defined. recall, ndcg, hr, map, coverage,
    gini and fairness are shares or ratios, novelty is in bits, length in places filled."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    """Of those that are means over people"""
    seconds: float = 0.0
    """Of this process on the processor, learning and all lists together"""
    note: str = ""
    """What has to be known to read the figures"""


def chosen(task: Task, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The methods meant by these names, each once, and why others are not among them.

    No name means the USUAL ones, `all` means all there are but the SLOW; of both, those that this
    task can do. A method named beside `all` is always among them.

    Raises:
        ParamError: there is no such method.
    """
    asked = [name for name in dict.fromkeys(names) if name != "all"]
    for name in asked:
        method(name)
    if names and "all" not in names:
        return asked, []
    done, why_not = [], []
    for name in METHODS if names else USUAL:
        if name in BY_TRUST and unprotected(task.arena) and name not in asked:
            why_not.append(f"{name} left out: it goes by trust, and nobody trusts anybody here")
        elif name == "ease" and _large(task) and name not in asked:
            why_not.append(f"ease left out: more than {LARGEST:,} users and items")
        elif name in SLOW and name not in asked:
            why_not.append(f"{name} left out: slow; ask for it by name")
        else:
            done.append(name)
    return done, why_not


def scores(
    task: Task,
    name: str,
    cuts: Sequence[int],
    settings: Settings,
    told: Callable[[int, int], None],
) -> Scores:
    """Fit one method, ask for everybody's list, and measure.

    Args:
        task: the data.
        name: of the method.
        cuts: positions that count, each >= 1; the largest is the length of the lists.
        settings: the seed also draws the resamples of the intervals.
        told: of (people done, people), now and then.

    Raises:
        ParamError: there is no such method, or a cut is below 1.
        DataError: the method cannot do this data set.
    """
    start = time.process_time()
    ranker = method(name)(task.arena, settings)
    lists = task.lists(ranker, max(cuts), told)
    seconds = time.process_time() - start
    for n, own in enumerate(lists):
        if len(set(own)) != len(own):  # a method with a bug would be paid twice for one hit
            raise DataError(f"{name} lists an item twice for {task.people[n]!r}: a bug in it")
    each = dict(accuracy(lists, task.hidden, cuts))
    figures: dict[str, float | None] = {}
    popular, listeners = head(task.listeners), task.listeners
    for cut in cuts:
        each[f"novelty@{cut}"] = novelty(lists, cut, listeners, len(task.arena.graph.users))
        each[f"length@{cut}"] = np.array([float(len(own[:cut])) for own in lists])
    intervals = {
        key: interval(values, settings.rng())
        for key, values in each.items()
        if not np.isnan(values).all()
    }
    for cut in cuts:
        counts = shown(lists, cut, task.n_items)
        for measure in PER_PERSON:
            found = intervals.get(f"{measure}@{cut}")
            figures[f"{measure}@{cut}"] = None if found is None else found.mean
        figures[f"coverage@{cut}"] = coverage(counts)
        figures[f"gini@{cut}"] = gini(counts)
        figures[f"fairness@{cut}"] = fairness(lists, task.hidden, cut, popular)
    return Scores(name, len(task.people), figures, intervals, seconds, _note(task, name))


def _large(task: Task) -> bool:
    return min(len(task.arena.graph.users), len(task.arena.graph.items)) > LARGEST


def _note(task: Task, name: str) -> str:
    """What is to be known about this method on this task."""
    if name not in ("ours", "fixed", "tuned"):
        return ""
    if unprotected(task.arena):
        return "nobody trusts anybody here: everyone is admitted, and no bound holds"
    alone = sum(task.friends_of(person) == 0 for person in task.people)
    if alone:
        return f"{alone} of {len(task.people)} people trust nobody and hear nobody: empty lists"
    return ""
