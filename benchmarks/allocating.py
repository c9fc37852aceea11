"""Share of lists that ask the dear model, and what of its gain is kept.

    python -m benchmarks.allocating --data ../shared/data/ml-100k --format movielens

The cheap model is the linear head, the dear one `propagated` (what `ours+rerank` learns) or the
hybrid student (needs torch). Both learn from some people's lessons; thresholds are chosen on those,
figures are of other people. Who is asked about: by doubt of the cheap model (entropy of its 20
best, or how far the first is ahead), by history, each from either end, and by whom it would help
most (which nobody can know). By chance, the gain kept would be the share asked.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.poisoned_models import table_of, taught, vectors_of
from benchmarks.poisoning import PARAMS, Ground
from web3rec.adapters import read_hetrec, read_movielens
from web3rec.distill.calibration import Profiles
from web3rec.distill.lessons import Lesson, School
from web3rec.distill.training import worth
from web3rec.eval.arena import Arena
from web3rec.eval.intervals import interval
from web3rec.eval.splits import hold_out
from web3rec.rerank.allocation import doubt
from web3rec.types import ItemId, Weights

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


def signals(cheap: Any, lessons: list[Lesson]) -> dict[str, Weights]:
    """Reasons to ask, higher first; float64[lessons] each."""
    scores = [np.sort(cheap.scores(lesson.features))[::-1] for lesson in lessons]
    entropy = np.array([doubt(own) for own in scores])
    margin = np.array([own[0] - own[1] if own.size > 1 else 0.0 for own in scores])
    length = np.array([float(len(x.question.history.items)) for x in lessons])
    return {
        "in doubt": entropy,
        "sure": -entropy,
        "close": -margin,
        "far ahead": margin,
        "thin": -length,
        "rich": length,
    }


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--format", "form", type=click.Choice(["movielens", "hetrec"]), default="movielens")
@click.option("--judges", type=int, default=300)
@click.option("--learners", type=int, default=500)
@click.option("--dear", "kind", type=click.Choice(["propagated", "hybrid"]), default="propagated")
@click.option("--seed", type=int, default=0)
def main(data: Path, form: str, judges: int, learners: int, kind: str, seed: int) -> None:
    with threadpool_limits(1):
        dataset = (read_hetrec if form == "hetrec" else read_movielens)(data)
        ground = Ground.of(dataset, judges, learners, seed)
        rng = np.random.default_rng([seed, 2])
        honest = [p for p in ground.base.people if p not in ground.hidden]
        some = [honest[n] for n in rng.permutation(len(honest))[:learners].tolist()]
        left, targets = hold_out(ground.base, some, share=0.2, rng=rng)
        base = ground.base
        lessons = School.of(Arena.of(base), base.items).lessons(targets, PARAMS)
        ids = [ItemId(item.id) for item in base.items]
        profiles = Profiles.of(type(base)(base.name, base.people, base.items, left))
        vectors = vectors_of(profiles, np.ones(len(profiles.people)), ids)
        table = table_of(profiles, {}, ids) if kind == "propagated" else None
        cheap, dear = (taught(name, lessons, vectors, {}, table) for name in ("linear", kind))
        low, high = worth(cheap, ground.judges), worth(dear, ground.judges)
        gain = interval(high - low, np.random.default_rng(0))
        print(
            json.dumps(
                {
                    "dataset": base.name,
                    "judges": len(ground.judges),
                    "model": kind,
                    "cheap": round(float(low.mean()), 4),
                    "dear": round(float(high.mean()), 4),
                    "gain": [round(x, 4) for x in (gain.low, gain.mean, gain.high)],
                }
            )
        )
        told, asked = signals(cheap, lessons), signals(cheap, ground.judges)
        for name, own in asked.items():
            rising = np.sort(told[name])
            for share in SHARES:
                at = min(len(rising) - 1, round((1 - share) * len(rising)))
                least = -np.inf if share == 1 else np.inf if share == 0 else rising[at]
                print(json.dumps(_line(base.name, name, share, own >= least, low, high)))
        order = np.argsort(low - high, kind="stable")
        for share in SHARES:
            best = np.zeros(len(low), bool)
            best[order[: round(share * len(order))]] = True
            print(json.dumps(_line(base.name, "hindsight", share, best, low, high)))


def _line(
    dataset: str, signal: str, share: float, asks: Any, low: Weights, high: Weights
) -> dict[str, object]:
    mixed = float(np.where(asks, high, low).mean())
    whole = float(high.mean() - low.mean())
    return {
        "dataset": dataset,
        "signal": signal,
        "wanted": share,
        "asked": round(float(np.mean(asks)), 3),
        "ndcg@10": round(mixed, 4),
        "kept": round(mixed / float(high.mean()), 4),
        "gain kept": round((mixed - float(low.mean())) / whole, 3) if whole else None,
    }


if __name__ == "__main__":
    main()
