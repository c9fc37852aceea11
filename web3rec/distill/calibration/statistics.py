"""What a history looks like beside everybody else's: the numbers that made-up ones give away.

All are leave-one-out: what a person says of itself is taken out of every count. Filler drawn from
a catalogue does not hang together; copies of one template have near twins; items of a campaign sit
beside items they do not go with.

    fit(u, i) = mean over u's other items j of  c(i, j) / sqrt(d_i d_j)

where c counts the others who hold both and d the others who hold each.
Related: Burke, Mobasher, Williams & Bhaumik, "Classification features for attack detection in
collaborative recommender systems", KDD 2006; the unlikeliness of neighbours in time stands for
what LoRec reads from the recommender's own states.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from web3rec.distill.calibration.profiles import Profiles
from web3rec.types import Weights

Matrix = npt.NDArray[np.float64]
COLUMNS: Final = {
    "length": "ln of how many items",
    "popular": "mean over the items of ln(others who hold it, at least 1)",
    "spread": "deviation of that",
    "cohesion": "ln of the mean fit",
    "misfit": "lowest tenth of ln fit",
    "twin": "largest share of the history, rare items counting more, that one other person holds",
    "twins": "mean of the five largest such shares",
    "alike": "largest cosine with one other person, rare items counting more",
    "strides": "ln of how well neighbours in time go together, over what all its items do; 0 where "
    "no times are known",
}
"""Each column's name and meaning, in order."""
NAMES: Final = tuple(COLUMNS)
CHUNK: Final = 256
"""People who are laid out beside everybody at a time."""
FAINT: Final = 1e-4
"""Added to a fit before its logarithm."""
TWINS: Final = 5
ECHO: Final = 0.7
"""Cosine from which two people are one and the same. A guess."""


def statistics(profiles: Profiles) -> tuple[Matrix, Weights]:
    """What the columns say, and how many others say the same.

    Returns:
        (float64[people, len(NAMES)], finite; float64[people]: others with whom the cosine is at
        least ECHO).

    Cost: O(people^2 * mean length) multiplications; CHUNK x (people + items) numbers at a time.
    """
    held = profiles.matrix()
    length = profiles.lengths.astype(np.float64)
    others = np.maximum(1.0, profiles.holders - 1.0)
    popular = _mean(held, np.log(others), length)
    spread = np.sqrt(np.maximum(0.0, _mean(held, np.log(others) ** 2, length) - popular**2))
    cohesion, misfit = _fits(held, profiles.holders, length)
    *twins, echoes = _twins(held, profiles.holders)
    strides = np.zeros(len(length))
    if profiles.timed:
        strides = _strides(profiles, held) - np.log(cohesion + 10 * FAINT)
    found = (np.log(length), popular, spread, np.log(cohesion + FAINT), misfit, *twins, strides)
    return np.column_stack(found), echoes


def _mean(held: Any, worth: Weights, length: Weights) -> Weights:
    total: Weights = held @ worth
    return total / length


def _fits(held: Any, holders: npt.NDArray[np.int64], length: Weights) -> tuple[Weights, Weights]:
    """(mean fit, lowest tenth of ln fit) of each person."""
    scale = 1 / np.sqrt(np.maximum(1.0, holders - 1.0))
    scaled, own = held.multiply(scale[None, :]).tocsr(), held @ scale
    mean, low = np.zeros(len(length)), np.zeros(len(length))
    for first in range(0, len(length), CHUNK):
        shared = (scaled[first : first + CHUNK] @ held.T).toarray()
        reached = np.asarray(shared @ held)  # sum_j c'(i, j) scale_j, the person included
        for row in range(shared.shape[0]):
            u = first + row
            items = held.indices[held.indptr[u] : held.indptr[u + 1]]
            fit = scale[items] * (reached[row, items] - own[u]) - (holders[items] > 1)
            fit = np.maximum(0.0, fit) / max(1.0, length[u] - 1)
            mean[u], low[u] = fit.mean(), np.quantile(np.log(fit + FAINT), 0.1)
    return mean, low


def _twins(held: Any, holders: npt.NDArray[np.int64]) -> tuple[Weights, ...]:
    """(largest share, mean of the largest, largest cosine, echoes) of each person."""
    people = held.shape[0]
    rare = np.log1p(people / np.maximum(1, holders))
    scaled, whole = held.multiply(rare[None, :]).tocsr(), held @ rare
    largest, several, cosine, echoes = np.zeros((4, people))
    top = min(TWINS, max(1, people - 1))
    for first in range(0, people, CHUNK):
        shared = (scaled[first : first + CHUNK] @ held.T).toarray()
        at = np.arange(shared.shape[0])
        shared[at, first + at] = 0
        here, mine = slice(first, first + len(at)), whole[first : first + len(at), None]
        most = np.partition(shared, people - top, axis=1)[:, people - top :] / mine
        largest[here], several[here] = most.max(axis=1), most.mean(axis=1)
        near = shared / np.sqrt(mine * whole[None, :])
        cosine[here], echoes[here] = near.max(axis=1), (near >= ECHO).sum(axis=1)
    return largest, several, cosine, echoes


def _strides(profiles: Profiles, held: Any) -> Weights:
    """How close neighbours in time are, ln of the mean; of one item alone, that of nothing."""
    owner = np.repeat(np.arange(len(profiles.people)), profiles.lengths)
    inside = owner[1:] == owner[:-1]
    left, right = profiles.items[:-1][inside], profiles.items[1:][inside]
    scale = 1 / np.sqrt(np.maximum(1.0, profiles.holders - 1.0))
    together = np.asarray((held.T @ held).tocsr()[left, right]).ravel() - 1
    total = np.bincount(
        owner[1:][inside], together * scale[left] * scale[right], minlength=len(profiles.people)
    )
    found: Weights = np.log(total / np.maximum(1, profiles.lengths - 1) + 10 * FAINT)
    return found
