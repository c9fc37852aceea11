"""The ridge of the closed-form model, chosen on a part of what is learnt from.

A tenth of the pairs is put aside; the ridge that finds most of it again is taken. Nothing that
lists are measured by is looked at.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from web3rec.eval.unlearning.closed_form import learnt
from web3rec.eval.unlearning.held import Held
from web3rec.eval.unlearning.lists import lists

RIDGES: Final = (100.0, 300.0, 1_000.0)
ASIDE: Final = 0.1
ASKED: Final = 500
"""People whose lists decide."""


def chosen_ridge(held: Held, rng: np.random.Generator, ridges: Sequence[float] = RIDGES) -> float:
    """The best of these by NDCG; the smaller of equals. Cost: that of learning with each."""
    aside = held.only(rng.choice(held.codes, max(1, round(ASIDE * len(held))), replace=False))
    rest = held.less(aside)
    able = np.flatnonzero(aside.lengths())
    people = np.sort(rng.permutation(able)[:ASKED])
    gains = [lists(people, rest, learnt(rest, one).scores).utility(aside)[1] for one in ridges]
    return ridges[int(np.argmax(gains))]
