"""What attackers among the people whom a bundle learns from can do, with calibration and without.

    python -m benchmarks.poisoning --data ../shared/data/ml-100k --format movielens --out ml.jsonl
    python -m benchmarks.poisoning --plot poisoning.png ml.jsonl hetrec.jsonl

The newest fifth of everybody's items is put aside for tests and never looked at. Some people are
judges: their next newest fifth is asked for, and nobody learns it. Others' lists, attackers' among
them, teach; a publisher knows of nobody who is an attacker, and admits everyone.

    clean device   the judges' lists as honest people's acts alone make them (trust keeps attackers
                   out), reordered by the poisoned bundle: the bundle's part alone
    open device    the attackers are in the judges' graph as well, and everyone is admitted
    everything     EASE on the whole catalogue: no graph, a poisoned collaborative teacher

HR@50 of an item is the share of the judges without it who find it among their first 50. One JSON
line a model, calibration and kind of target; `raised` counts the targets whose HR@50 is more than
1.5 times what it was, or than 1 % of the judges if it was less than that.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.poisoned import ATTACKS, PLACEBO, Campaign, campaign, fakes, with_fakes
from benchmarks.poisoned_models import (
    Vectors,
    everything,
    reranked,
    table_of,
    taught,
    vectors_of,
    weighted,
)
from web3rec.adapters import Act, Dataset, read_hetrec, read_movielens
from web3rec.distill.calibration import CalibrationParams, Profiles, calibrated, trust_of
from web3rec.distill.lessons import Lesson, School
from web3rec.eval.arena import Arena
from web3rec.eval.metrics import ndcg_at
from web3rec.eval.splits import compress_times, hold_out
from web3rec.eval.task import NOW
from web3rec.params import Params
from web3rec.types import ItemId

SIZES: Final = (0.01, 0.03, 0.05, 0.10)
FILLERS: Final = (0.01, 0.05, 0.10)
DEPTH: Final = 50
USUAL: Final = ("linear", "vectors")
CALIBRATIONS: Final = ("statistics", "two styles", "trust")
"""By what histories say; the same as LoRec's calibrator is taught; by that and trust."""
RAISED: Final = 1.5
LEAST: Final = 0.01
"""Share of judges below which a rise is chance."""
Lists = Sequence[Sequence[ItemId]]
PARAMS: Final = Params(tune=None)


@dataclass(frozen=True, slots=True)
class Ground:
    """One data set, its judges, and how lists are without an attack."""

    stay: Dataset
    """Without what is put aside for tests"""
    base: Dataset
    """Without what judges are asked for, either: what a publisher can have"""
    judges: list[Lesson]
    hidden: Mapping[str, frozenset[ItemId]]
    held: Mapping[str, frozenset[ItemId]]
    """What each judge has, hidden or not"""
    publisher: str | None
    """Whose trust weighs people; None without a trust graph"""
    learners: int
    seed: int

    @staticmethod
    def of(dataset: Dataset, judges: int, learners: int, seed: int) -> "Ground":
        rng = np.random.default_rng([seed, 0])
        kept, _ = hold_out(dataset, dataset.people, share=0.2, rng=rng)
        acts = compress_times(kept, NOW) if any(a.at is not None for a in kept) else kept
        stay = replace(dataset, acts=acts)
        people = [dataset.people[n] for n in rng.permutation(len(dataset.people)).tolist()]
        left, hidden = hold_out(stay, people[:judges], share=0.2, rng=rng)
        school = School.of(Arena.of(replace(stay, trust=())), stay.items)
        held: dict[str, set[ItemId]] = {}
        for act in stay.acts:
            held.setdefault(act.user, set()).add(act.item)
        friends: dict[str, int] = {}
        for edge in stay.trust:
            friends[edge.source] = friends.get(edge.source, 0) + 1
        return Ground(
            stay,
            replace(stay, acts=left),
            school.lessons(hidden, PARAMS),
            hidden,
            {person: frozenset(items) for person, items in held.items()},
            max(friends, key=lambda p: (friends[p], p)) if friends else None,
            learners,
            seed,
        )


@dataclass(frozen=True, slots=True)
class Class:
    """What a publisher makes of a training set, for one choice of weights."""

    lists: Mapping[str, Lists]
    """Model, or device and model -> judges' first items"""
    flagged: tuple[float, float]
    """Shares of attackers and of others below one half"""
    seconds: float


def weights_of(
    ground: Ground, dataset: Dataset, calibrations: Sequence[str]
) -> Iterator[tuple[str, dict[str, float]]]:
    """No calibration, and some of CALIBRATIONS."""
    yield "none", {}
    if "statistics" in calibrations:
        yield "statistics", calibrated(dataset).by_person
    if "two styles" in calibrations:
        two = CalibrationParams(styles=("random", "bandwagon"))
        yield "two styles", calibrated(dataset, two).by_person
    if "trust" in calibrations and ground.publisher is not None:
        trust = trust_of(Arena.of(dataset), ground.publisher)
        yield "trust", calibrated(dataset, None, trust).by_person


def classes(
    ground: Ground,
    acts: tuple[Act, ...],
    models: Sequence[str],
    calibrations: Sequence[str],
    *,
    whole: bool,
) -> dict[str, Class]:
    """Train everything on what the attackers joined, once a choice of weights."""
    dataset = with_fakes(ground.base, acts)
    ids = [ItemId(item.id) for item in dataset.items]
    school = School.of(Arena.of(replace(dataset, trust=())), dataset.items)
    rng = np.random.default_rng([ground.seed, 2])
    some = _learners(ground, dataset, rng)
    left, targets = hold_out(dataset, some, share=0.2, rng=rng)
    lessons = school.lessons(targets, PARAMS)
    short, full = Profiles.of(replace(dataset, acts=left)), Profiles.of(dataset)
    judged = {"clean device": ground.judges}
    if whole:
        joined = with_fakes(ground.stay, acts)
        theirs = School.of(Arena.of(replace(joined, trust=())), joined.items)
        judged["open device"] = theirs.lessons(ground.hidden, PARAMS)
    found = {}
    for name, weights in weights_of(ground, dataset, calibrations):
        start = time.process_time()
        vectors: Vectors = vectors_of(short, weighted(short, weights), ids)
        table = table_of(short, weights, ids) if "propagated" in models else None
        lists: dict[str, Lists] = {
            "everything": everything(full, weighted(full, weights), ground.judges, ids, DEPTH)
        }
        for device, own in judged.items():
            lists[f"{device}, graph"] = reranked(None, own, DEPTH)
        for model in models:
            student = taught(model, lessons, vectors, weights, table)
            for device, own in judged.items():
                lists[f"{device}, {model}"] = reranked(student, own, DEPTH)
        low = {person: weight < 0.5 for person, weight in weights.items()}
        fake = [flag for person, flag in low.items() if person.startswith("fake:")]
        real = [flag for person, flag in low.items() if not person.startswith("fake:")]
        shares = (float(np.mean(fake or [False])), float(np.mean(real or [False])))
        found[name] = Class(lists, shares, time.process_time() - start)
    return found


def _learners(ground: Ground, dataset: Dataset, rng: np.random.Generator) -> list[str]:
    """The same honest people whoever joined, then as large a share of who joined."""
    honest = [p for p in ground.base.people if p not in ground.hidden]
    joined = dataset.people[len(ground.base.people) :]
    some = [honest[n] for n in rng.permutation(len(honest))[: ground.learners].tolist()]
    many = round(len(joined) * len(some) / len(honest))
    return some + list(joined[:many])


def hits(ground: Ground, lists: Lists, item: ItemId) -> tuple[int, int]:
    """(judges without the item who find it, judges without it)."""
    without = [
        item in own
        for lesson, own in zip(ground.judges, lists, strict=True)
        if item not in ground.held[lesson.person]
    ]
    return sum(without), len(without)


def ndcg(ground: Ground, lists: Lists) -> float:
    """NDCG@10 of what was asked for, mean over judges."""
    pairs = zip(ground.judges, lists, strict=True)
    return float(np.mean([ndcg_at(own, ground.hidden[one.person], 10) for one, own in pairs]))


def lines(
    ground: Ground, plan: Campaign, clean: Mapping[str, Class], after: Mapping[str, Class]
) -> Iterator[dict[str, object]]:
    """What became of the targets; `clean` is the same model without attack or calibration."""
    for calibration, one in after.items():
        for model, lists in one.lists.items():
            before = clean["none"].lists[model]
            for kind, targets in (("unpopular", plan.unpopular), ("middling", plan.middling)):
                now = [hits(ground, lists, item) for item in targets]
                was = [hits(ground, before, item) for item in targets]
                rates = [a[0] / max(1, a[1]) for a in now]
                least = [max(b[0] / max(1, b[1]), LEAST) for b in was]
                total, first = sum(a[0] for a in now), sum(b[0] for b in was)
                yield {
                    "dataset": ground.base.name,
                    "attack": plan.attack,
                    "size": plan.size,
                    "filler": plan.filler,
                    "model": model,
                    "calibration": calibration,
                    "kind": kind,
                    "targets": len(targets),
                    "hr@50": round(float(np.mean(rates)), 5),
                    "hr@50 clean": round(float(np.mean([b[0] / max(1, b[1]) for b in was])), 5),
                    "hits": total,
                    "hits clean": first,
                    "ratio": round(total / first, 3) if first else None,
                    "worst": round(max(a / b for a, b in zip(rates, least, strict=True)), 3),
                    "raised": sum(a > RAISED * b for a, b in zip(rates, least, strict=True)),
                    "ndcg@10": round(ndcg(ground, lists), 5),
                    "ndcg@10 clean": round(ndcg(ground, before), 5),
                    "flagged attackers": round(one.flagged[0], 4),
                    "flagged others": round(one.flagged[1], 4),
                }


def peace(ground: Ground, clean: Mapping[str, Class]) -> Iterator[dict[str, object]]:
    """What calibration costs where nobody attacks."""
    for calibration, one in clean.items():
        for model, lists in one.lists.items():
            yield {
                "dataset": ground.base.name,
                "attack": "none",
                "model": model,
                "calibration": calibration,
                "judges": len(ground.judges),
                "ndcg@10": round(ndcg(ground, lists), 5),
                "ndcg@10 clean": round(ndcg(ground, clean["none"].lists[model]), 5),
                "flagged others": round(one.flagged[1], 4),
            }


def _cells(attacks: Sequence[str], sizes: Sequence[float], fillers: Sequence[float]) -> Any:
    cells = [c for c in product(sizes, fillers, attacks) if c[2] != PLACEBO]
    cells += [(size, fillers[len(fillers) // 2], PLACEBO) for size in sizes if PLACEBO in attacks]
    return sorted(cells, key=lambda cell: cell[0] != 0.05)  # what the target is about comes first


@click.command()
@click.option("--data", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["movielens", "hetrec"]), default="movielens")
@click.option("--attack", "attacks", multiple=True, default=(*ATTACKS, PLACEBO))
@click.option("--size", "sizes", type=float, multiple=True, default=SIZES)
@click.option("--filler", "fillers", type=float, multiple=True, default=FILLERS)
@click.option(
    "--model", "models", multiple=True, default=USUAL, help="Or propagated; or hybrid, with torch."
)
@click.option(
    "--calibration",
    "calibrations",
    multiple=True,
    type=click.Choice(CALIBRATIONS),
    default=CALIBRATIONS,
)
@click.option("--judges", type=int, default=250)
@click.option("--learners", type=int, default=350)
@click.option("--open", "whole", is_flag=True, help="Open devices as well, where size is 5 %.")
@click.option("--minutes", type=float, default=30.0, help="No new cell is begun after.")
@click.option("--seed", type=int, default=0)
@click.option("--out", type=click.Path(path_type=Path), help="JSON lines; else they are printed.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the files named after it.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(
    data: Path | None,
    form: str,
    attacks: tuple[str, ...],
    sizes: tuple[float, ...],
    fillers: tuple[float, ...],
    models: tuple[str, ...],
    calibrations: tuple[str, ...],
    judges: int,
    learners: int,
    minutes: float,
    seed: int,
    out: Path | None,
    plot: Path | None,
    files: tuple[Path, ...],
    *,
    whole: bool,
) -> None:
    if plot is not None:
        from benchmarks.poisoning_plot import drawn

        drawn([json.loads(line) for file in files for line in file.read_text().splitlines()], plot)
        return
    if data is None:
        raise click.UsageError("wanted --data, or --plot with the files of earlier runs")
    end = time.monotonic() + 60 * minutes

    def said(found: Iterator[dict[str, object]]) -> None:
        for line in found:
            if out is None:
                print(json.dumps(line), flush=True)
            else:
                with out.open("a") as file:
                    file.write(json.dumps(line) + "\n")

    with threadpool_limits(1):
        dataset = (read_hetrec if form == "hetrec" else read_movielens)(data)
        ground = Ground.of(dataset, judges, learners, seed)
        clean = classes(ground, (), models, calibrations, whole=whole)
        said(peace(ground, clean))
        for size, filler, attack in _cells(attacks, sizes, fillers):
            if time.monotonic() > end:
                print(f"out of time before {attack}, {size:.0%}, filler {filler:.0%}")
                break
            plan = campaign(ground.base, attack, size, filler, seed)
            acts = fakes(ground.base, plan, seed)
            here = whole and size == 0.05
            after = classes(ground, acts, models, calibrations, whole=here)
            said(lines(ground, plan, clean, after))


if __name__ == "__main__":
    main()
