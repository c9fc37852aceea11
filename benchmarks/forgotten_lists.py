"""The linear head when some of the people it learnt from are forgotten: learnt again, or on.

`python -m benchmarks.forgotten_lists --data examples/data/ml-latest-small` prints JSON lines: for
each share of the lists, processor milliseconds of learning from nothing and from the old weights,
and how far apart the two are. What is learnt from, and so the lists of those who stay, has to be
replayed on the new graph either way; `replay_ms` is what that takes.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import click
import numpy as np
from threadpoolctl import threadpool_limits

from web3rec.adapters import read_movielens
from web3rec.eval.methods.engine import Engine
from web3rec.eval.methods.method import Settings
from web3rec.eval.task import task_of
from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.rerank.features import Seen
from web3rec.rerank.following import Paces
from web3rec.rerank.history import ReplayParams, examples
from web3rec.rerank.linear import learnt

SHARES: Final = (0.001, 0.01, 0.05)
RUNS: Final = 5
_T = TypeVar("_T")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--voters", default=300)
def main(data: Path, voters: int) -> None:
    """Measure."""
    task = task_of(read_movielens(data), 0)
    graph, params = task.arena.graph, Params(tune=None)
    engine = Engine(task.arena, Settings(params=params), Mode.OPEN)
    lengths = np.diff(graph.rows.starts)
    names = {graph.users.number(key): name for name, key in task.arena.people.items()}
    middle = names[int(np.argsort(lengths, kind="stable")[len(lengths) // 2])]
    with threadpool_limits(1):
        view = engine.view(middle)
        seen = Seen.of(view, Paces.of(graph, task.arena.times))
        lists, replaying = timed(
            lambda: examples(seen, view.budgets, params, ReplayParams(voters=voters)), 1
        )
        whole, _ = timed(lambda: learnt(lists), 1)
        for share in SHARES:
            gone = max(1, round(share * len(lists)))
            rest = [lists[n] for n in np.random.default_rng(0).permutation(len(lists))[gone:]]
            cold, again = timed(partial(learnt, rest))
            warm, on = timed(partial(learnt, rest, like=whole))
            line = {
                "lists": len(lists),
                "forgotten": gone,
                "again_ms": round(again, 2),
                "on_ms": round(on, 2),
                "speedup": round(again / on, 2),
                "difference": float(np.abs(cold.weights - warm.weights).max()),
                "replay_ms": round(replaying, 1),
            }
            print(json.dumps(line))


def timed(work: Callable[[], _T], runs: int = RUNS) -> tuple[_T, float]:
    """What comes out, and the least processor milliseconds of some runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        found = work()
        best = min(best, time.process_time() - start)
    return found, best * 1000


if __name__ == "__main__":
    main()
