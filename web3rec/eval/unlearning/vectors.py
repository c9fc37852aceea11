"""Item vectors as bundles hold them: learnt by slopes, and so forgotten only nearly.

There is no closed form for them (`embeddings.fitting`). Learning on for a few rounds from the old
vectors, on what remains, is quick; how much of what was forgotten still shows is measured, and that
measure is all that can be said for it. Whoever needs certainty learns from nothing, or in shards.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from web3rec.embeddings.fitting import Fit, FittingParams, fitted
from web3rec.embeddings.propagation import unit
from web3rec.eval.unlearning.held import Held, Sparse
from web3rec.eval.unlearning.inference import Dense
from web3rec.graph import Csr

PARAMS: Final = FittingParams(width=64, epochs=20)
"""Half the vectors' width and fewer rounds than for bundles, so that a sweep ends."""
ROUNDS: Final = 1
"""Rounds over what remains. Three make it no better; see docs/decisions/0038."""
RATE: Final = 0.003
"""Their step: with that of learning from nothing, .01, a first round costs 3 % of NDCG."""


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """A fit, and what it was learnt from."""

    held: Held
    fit: Fit

    def scores(self, past: Sparse) -> Dense:
        """float64[rows, items]: u . v; an item of the past as if the past were without it."""
        items = self.fit.vectors.astype(np.float64)
        towards = unit(self.fit.vectors).astype(np.float64)
        found: Dense = np.asarray((past @ towards) @ items.T)
        owned = past.tocoo()
        found[owned.row, owned.col] -= (towards * items).sum(axis=1)[owned.col]
        return found


def learnt(held: Held, seed: int) -> Vectors:
    """Learn from nothing. Cost: see `fitted`."""
    return Vectors(held, fitted(rows(held), PARAMS, np.random.default_rng([seed, 4])))


def forget(model: Vectors, gone: Held, seed: int) -> Vectors:
    """Learn on from what remains, for ROUNDS: near to what `learnt` gives for it, no more."""
    after = model.held.less(gone)
    params = replace(PARAMS, epochs=ROUNDS, rate=RATE)
    rng = np.random.default_rng([seed, 5])
    return Vectors(after, fitted(rows(after), params, rng, start=model.fit.free))


def rows(held: Held) -> Csr:
    """As fitting takes them."""
    ones = np.ones(len(held))
    users, items = held.users.astype(np.int32), held.items.astype(np.int32)
    return Csr.from_sorted(held.n_users, held.n_items, users, items, ones)
