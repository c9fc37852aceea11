"""Lists to learn from: everybody's past with a part held back, as the graph would have answered.

What is held back is held back from its owner alone; everybody else is heard in full, as a device
hears them. Vectors that are to be learnt with must be fitted on what `without` leaves.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import ParamError
from web3rec.graph import Csr
from web3rec.params import Params
from web3rec.rank.candidates import best
from web3rec.rank.replay import Past
from web3rec.rerank.features import Seen, features
from web3rec.rerank.history import told
from web3rec.rerank.linear import Example
from web3rec.types import Weights

LEAST: Final = 4
"""Items that somebody must have for any to be held back."""
Marks = npt.NDArray[np.bool_]


def held_back(rows: Csr, share: float, rng: np.random.Generator, paces: Csr | None = None) -> Marks:
    """Which entries of the graph are held back.

    Args:
        rows: users by items.
        share: part of everybody's items, rounded down, at least one; in (0, 1). Nothing of those
            who have fewer than LEAST.
        rng: draws the items, or the order of those of one moment.
        paces: the same entries, each with its moment (`Paces.rows`), where times are known: then
            the newest are held back.

    Returns:
        bool[nnz]. Cost: O(nnz log nnz).
    """
    if not 0 < share < 1:
        raise ParamError("share", share, "in (0, 1)")
    owner, chance = rows.row_of(), rng.random(rows.nnz)
    moment = np.zeros(rows.nnz) if paces is None else paces.weights
    order = np.lexsort((chance, -moment, owner))
    count = np.diff(rows.starts)
    place = np.arange(rows.nnz) - np.repeat(rows.starts[:-1], count)
    taken = np.where(count >= LEAST, np.maximum(1, (share * count).astype(np.int64)), 0)
    found = np.zeros(rows.nnz, bool)
    found[order] = place < np.repeat(taken, count)
    return found


def without(rows: Csr, marked: Marks) -> Csr:
    """The graph without these entries. Cost: O(nnz)."""
    return Csr.from_sorted(
        rows.n_rows, rows.n_cols, rows.row_of()[~marked], rows.cols[~marked], rows.weights[~marked]
    )


def lists(
    seen: Seen,
    marked: Marks,
    people: npt.NDArray[np.int64],
    params: Callable[[int], Params],
    candidates: int = 200,
) -> list[Example]:
    """The graph's best for some people, and which of them were held back.

    Args:
        seen: the graph, everyone admitted.
        marked: bool[nnz], what is held back.
        people: int64, who is asked about.
        params: how sources are asked for somebody with so many items.
        candidates: of each list at most.

    Returns:
        One for each of the people of whom something is held back, and shown, and right.

    Cost: some 10 ms each.
    """
    found = []
    for user in people.tolist():
        asker = _past(seen, marked, user)
        if not asker.shown.size or not asker.hidden.size:
            continue
        numbers = params(asker.shown.size + asker.hidden.size)
        said = told(seen, asker, numbers)
        allowed = np.ones(len(said.blended), bool)
        allowed[asker.shown] = False
        items = best(said.blended, allowed, candidates)
        hits = np.isin(items, asker.hidden)
        if hits.any():
            found.append(Example(features(seen, asker, said, items, numbers.sources), hits))
    return found


def _past(seen: Seen, marked: Marks, user: int) -> Past:
    rows = seen.window.snapshot.rows
    items, weights = rows.row(user)
    away = marked[rows.starts[user] : rows.starts[user + 1]]
    shown, row = items[~away], weights[~away]
    row = row / row.sum() if shown.size else row
    return Past(user, shown, row, _newer(seen, user, ~away), items[away])


def _newer(seen: Seen, user: int, shown: Marks) -> Weights:
    """How many newer acts there are to each item shown; 0 where no times are known."""
    if seen.paces is None:
        return np.zeros(np.count_nonzero(shown))
    pace = seen.paces.rows.row(user)[1][shown]
    return (len(pace) - np.searchsorted(np.sort(pace), pace, side="right")).astype(np.float64)
