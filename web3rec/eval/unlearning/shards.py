"""SISA: a model for each shard of the users, so that forgetting trains again only some of them.

Who is in which shard is recorded, and never changes. Lists go by the mean of the shards' scores.
With s shards a wish that touches t of them costs about t / s of training them all; but training
all costs more than training one model, where most of it is the inverse.

Source: Bourtoule et al., "Machine unlearning", IEEE S&P 2021; for recommendation, Chen et al.,
"Recommendation unlearning" (RecEraser), WWW 2022.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.unlearning.held import Held, Numbers, Sparse
from web3rec.eval.unlearning.inference import Dense


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """Which shard each user is in."""

    shard: Numbers
    """int64[users], in [0, count)"""
    count: int

    @staticmethod
    def drawn(n_users: int, count: int, rng: np.random.Generator) -> "Membership":
        """Shards as even as can be. Raises ParamError unless 1 <= count <= n_users."""
        if not 1 <= count <= n_users:
            raise ParamError("shards", count, f"from 1 to {n_users}")
        return Membership(rng.permutation(n_users) % count, count)

    def wider(self, n_users: int) -> "Membership":
        """The same, and users who came later, in turn."""
        more = np.arange(len(self.shard), n_users) % self.count
        return Membership(np.concatenate([self.shard, more]), self.count)

    def touched(self, gone: Held) -> tuple[int, ...]:
        """The shards that hold anything of what is forgotten, rising."""
        return tuple(np.unique(self.shard[np.unique(gone.users)]).tolist())


class Scoring(Protocol):
    """A model that scores."""

    def scores(self, past: Sparse) -> Dense:
        """float64[rows, items]"""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sharded:
    """A model for each shard."""

    models: tuple[Scoring, ...]

    def scores(self, past: Sparse) -> Dense:
        """float64[rows, items]: the mean of theirs."""
        found = self.models[0].scores(past)
        for model in self.models[1:]:
            found += model.scores(past)
        found /= len(self.models)
        return found


def trained(
    held: Held,
    membership: Membership,
    learn: Callable[[Held], Scoring],
    wanted: Collection[int] | None = None,
    others: Mapping[int, Scoring] | None = None,
) -> Sharded:
    """Train shards.

    Args:
        held: of all users.
        membership: who is where.
        learn: from the pairs of a shard.
        wanted: the shards to train, all by default.
        others: the models of those that are not trained.

    Cost: that of `learn`, for each.
    """
    known, again = others or {}, range(membership.count) if wanted is None else wanted
    models = [
        learn(held.by(membership.shard == one)) if one in again else known[one]
        for one in range(membership.count)
    ]
    return Sharded(tuple(models))
