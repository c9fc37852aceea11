"""How sure is a mean over people? The bootstrap: draw as many people again, many times.

Source: Efron, "Bootstrap methods: another look at the jackknife", Ann. Statist. 7(1), 1979;
percentile intervals.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.types import Weights

RESAMPLES: Final = 1_000
LEVEL: Final = 0.95
_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and where 95 % of the means of resamples lie."""

    mean: float
    low: float
    high: float


def interval(values: Weights, rng: np.random.Generator, resamples: int = RESAMPLES) -> Interval:
    """The mean of the values and its percentile interval at LEVEL.

    Generators of one seed draw the same people for all measures and methods, so that what
    differs is not the draw.

    Args:
        values: float64[people], one each; NaN are left out.
        rng: draws the people.
        resamples: how often, >= 1.

    Raises:
        ParamError: no value, or `resamples` below 1.

    Cost: O(people * resamples); some 20 MB.
    """
    known = values[~np.isnan(values)]
    if not known.size:
        raise ParamError("values", "none", "at least one person's value")
    if resamples < 1:
        raise ParamError("resamples", resamples, "at least 1")
    at_once = max(1, _AT_ONCE // known.size)
    means = np.concatenate(
        [
            known[rng.integers(known.size, size=(min(at_once, resamples - done), known.size))].mean(
                1
            )
            for done in range(0, resamples, at_once)
        ]
    )
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(known.mean()), float(low), float(high))
