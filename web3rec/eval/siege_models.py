"""Models that stand between the graph and the budgets while the attack bench runs.

A device's own head learns from what the device sees, Sybils included. The hostile one is the worst
that a publisher, or a poisoned update, could ship: it knows every item of the attack by name and
puts them all first. Law B1 is deaf to both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from web3rec.params import Params
from web3rec.rerank.features import Features, Seen
from web3rec.rerank.history import ReplayParams, examples
from web3rec.rerank.linear import learnt
from web3rec.rerank.model import ModelError, Reranker
from web3rec.rerank.reordering import Reordering
from web3rec.types import Weights
from web3rec.view import View

VOTERS: Final = 100
"""Replays that a head learns from on the bench: a device's own 300 would take an hour in all."""

Model = Callable[[View, Seen, Params, int], Reranker]
"""From what a device sees, its numbers, and how many items are honest (those numbered below), to
the model that it asks."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """Puts all spam first."""

    honest: int
    """Items of an arena numbered from here are the attacker's; >= 0"""

    def scores(self, features: Features) -> Weights:
        """float64[n]: 1 for spam, 0 for the rest. Raises ModelError without `content`."""
        if features.content is None:
            raise ModelError("it was not told which items these are")
        keys = [int.from_bytes(key, "big") for key in features.content.items]
        return (np.array(keys, np.int64) >= self.honest).astype(np.float64)


def own_head(view: View, seen: Seen, params: Params, _honest: int) -> Reranker:
    """What a device learns for itself, used whether its gate would let it or not.

    Cost: some 10 ms a replay.
    """
    return learnt(examples(seen, view.budgets, params, ReplayParams(voters=VOTERS)))


def hostile(_view: View, _seen: Seen, _params: Params, honest: int) -> Reranker:
    """See `Hostile`."""
    return Hostile(honest)


MODELS: Final[Mapping[str, Model]] = {"ours+rerank": own_head, "ours+hostile": hostile}
"""Ours with a model before the budgets, by its name on the command line."""


def reordering(name: str, view: View, params: Params, honest: int) -> Reordering:
    """How this model reorders what this device proposes.

    Args:
        name: one of MODELS.
        view: what the device sees.
        params: the numbers it lists by.
        honest: how many items are not the attacker's; these are numbered first.

    Cost: O(nnz), and whatever the model has to learn.
    """
    seen = Seen.of(view)
    return Reordering(seen, MODELS[name](view, seen, params, honest))
