"""How many places of the store each author gets: in proportion to the trust in it.

    quota(u) = clip(N tau(u), least, most), down to the next rung; for the most trusted `people`

Strangers do among themselves what they like: together they hold no more of tau than what honest
people's trust in them lets through, and so no more of N. A rung is half an octave of `least`, so
that a quota does not change with every breath of tau: who gets more is offered again what was
declined of it, and that costs everybody bandwidth.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from web3rec.params import QuotaParams
from web3rec.types import PeerId, Weights

RUNGS: Final = 2
"""Per octave."""


def quotas(
    people: Sequence[PeerId], tau: Weights, ego: int, params: QuotaParams
) -> dict[PeerId, int]:
    """Places of everybody who gets any of its own; all others are strangers.

    Args:
        people: who each number stands for.
        tau: float64[people], >= 0, sum <= 1: the trust in each.
        ego: the number of the device's user, who needs no quota.
        params: how many places there are.

    Returns:
        At most `params.people` quotas in [least, most], for those with N tau >= 1; of equal trust
        the smaller key comes first. Their sum is at most N + people * least.

    Cost: O(n log n).
    """
    worth = params.shared * tau
    chosen = [u for u in np.flatnonzero(worth >= 1).tolist() if u != ego]
    chosen.sort(key=lambda u: (-worth[u], people[u]))
    return {people[u]: _rung(float(worth[u]), params) for u in chosen[: params.people]}


def _rung(worth: float, params: QuotaParams) -> int:
    """The highest rung that is not above what an author is worth; `least` is the lowest."""
    bounded = min(max(worth, params.least), params.most)
    if bounded == params.most:
        return params.most
    # The tiny addition: a rung that is met exactly must not be lost to rounding.
    step = math.floor(RUNGS * math.log2(bounded / params.least) + 1e-9)
    return int(params.least * 2 ** (step / RUNGS))
