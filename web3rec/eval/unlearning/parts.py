"""Kinds of models, and how each method makes them forget.

method    graph: the snapshot      ease: closed form          vectors: learnt by slopes
retrain   built whole              learnt from nothing        learnt from nothing
sisa      -                        the shards that are touched, learnt from nothing
ours      by `graph.changed`       the inverse corrected,     learnt on, for a few rounds,
(exact)                  or made again (exact)      from what it was (approximate)
influence -                        -                          an encoder applied, or learnt from
                                                           nothing if its certificate misses
hide      forgotten in the past alone, the model stays as it was: what an audit must notice
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from web3rec.eval.unlearning import closed_form, influence, vectors, walks
from web3rec.eval.unlearning.cases import KINDS, Case, Kind
from web3rec.eval.unlearning.choosing import chosen_ridge
from web3rec.eval.unlearning.closed_form import ClosedForm
from web3rec.eval.unlearning.held import Held
from web3rec.eval.unlearning.inference import Scores
from web3rec.eval.unlearning.influence import Prepared
from web3rec.eval.unlearning.plan import METHODS, Plan
from web3rec.eval.unlearning.shards import Membership, Scoring, Sharded, trained
from web3rec.eval.unlearning.vectors import Vectors
from web3rec.eval.unlearning.walks import Graph, Walker


class Part(Protocol):
    """One kind of model: how each method makes it forget."""

    methods: tuple[str, ...]

    def before(self, held: Held) -> Any:
        """Learn from everything."""
        ...

    def again(self, after: Held) -> Any:
        """Learn from what remains."""
        ...

    def forgetting(self, method: str, model: Any, wish: Case) -> Callable[[], Any]:
        """What has to be done, and timed; whatever is needed before is made first."""
        ...

    def same(self, model: Any, again: Any) -> bool:
        """Whether two are equal bit for bit, and so need not be asked twice."""
        ...

    def scores(self, model: Any) -> Scores:
        """How it scores."""
        ...


@dataclass(slots=True)
class GraphPart:
    """The snapshot."""

    methods: tuple[str, ...] = ("retrain", "ours", "hide")

    def before(self, held: Held) -> Graph:
        return walks.learnt(held)

    def again(self, after: Held) -> Graph:
        return walks.learnt(after)

    def forgetting(self, method: str, model: Graph, wish: Case) -> Callable[[], Graph]:
        if method == "hide":
            return lambda: model
        return lambda: walks.forget(model, wish.forgotten)

    def same(self, model: Graph, again: Graph) -> bool:
        return model.same(again)

    def scores(self, model: Graph) -> Scores:
        return Walker.of(model).scores


@dataclass(slots=True)
class EasePart:
    """The closed-form model, and its shards."""

    ridge: float
    membership: Membership
    methods: tuple[str, ...] = ("retrain", "sisa", "ours", "hide")

    def before(self, held: Held) -> ClosedForm:
        return closed_form.learnt(held, self.ridge)

    def again(self, after: Held) -> ClosedForm:
        return closed_form.learnt(after, self.ridge)

    def forgetting(self, method: str, model: ClosedForm, wish: Case) -> Callable[[], Any]:
        if method == "hide":
            return lambda: model
        if method == "ours":
            mine = model.copy()
            return lambda: closed_form.forget(mine, wish.forgotten)
        # A shard has its share of the data, and so of the ridge.
        ridge = self.ridge / self.membership.count
        return _sharded(self.membership, wish, lambda some: closed_form.learnt(some, ridge))

    def same(self, model: Any, again: ClosedForm) -> bool:
        return model is again

    def scores(self, model: Any) -> Scores:
        found: Scores = model.scores
        return found


@dataclass(slots=True)
class VectorsPart:
    """Item vectors, and their shards."""

    seed: int
    membership: Membership
    valid: Held
    """Held back, of people whose lists measure nothing: what a certificate is measured by"""
    methods: tuple[str, ...] = METHODS
    ready: dict[Kind, tuple[Vectors, Prepared]] = field(default_factory=dict)
    """The encoder of each kind of wish, and the model it is for"""

    def before(self, held: Held) -> Vectors:
        return vectors.learnt(held, self.seed)

    def again(self, after: Held) -> Vectors:
        return vectors.learnt(after, self.seed)

    def forgetting(self, method: str, model: Vectors, wish: Case) -> Callable[[], Any]:
        if method == "hide":
            return lambda: model
        if method == "ours":
            return lambda: vectors.forget(model, wish.forgotten, self.seed)
        if method == "influence":
            ready = self.prepared(model, wish.kind)
            return lambda: influence.forget(model, wish, ready, self.again)
        return _sharded(self.membership, wish, lambda some: vectors.learnt(some, self.seed))

    def prepared(self, model: Vectors, kind: Kind) -> Prepared:
        """The encoder for these wishes, made once for a model; it is told of no wish."""
        known = self.ready.get(kind)
        if known is None or known[0] is not model:
            rng = np.random.default_rng([self.seed, 6, KINDS.index(kind)])
            valid = self.valid.wider(model.held.n_users)
            known = model, influence.prepared(model, self.again, kind, valid, rng)
            self.ready[kind] = known
        return known[1]

    def same(self, model: Any, again: Vectors) -> bool:
        return model is again

    def scores(self, model: Any) -> Scores:
        found: Scores = model.scores
        return found


def _sharded(
    membership: Membership, wish: Case, learn: Callable[[Held], Scoring]
) -> Callable[[], Sharded]:
    """Train the shards that are not touched, and leave the others to be timed."""
    where = membership.wider(wish.before.n_users)
    after, touched = wish.after, where.touched(wish.forgotten)
    ready = {
        one: learn(after.by(where.shard == one)) for one in range(where.count) if one not in touched
    }
    return lambda: trained(after, where, learn, touched, ready)


def part_of(name: str, held: Held, plan: Plan, valid: Held | None = None) -> Part:
    """The part of that name; whatever is chosen for it is chosen on `held`.

    `valid`, pairs held back that measure nothing else, is what certificates are measured by;
    without it there are none, and so no encoder is let.
    """
    if name == "graph":
        return GraphPart()
    where = Membership.drawn(held.n_users, plan.shards, plan.rng(1))
    if name == "vectors":
        return VectorsPart(plan.seed, where, held.only(held.codes[:0]) if valid is None else valid)
    ridge = plan.ridge
    if ridge is None:
        ridge = chosen_ridge(held, plan.rng(3))
    return EasePart(ridge, where)
