"""Every method on every wish: seconds, utility, what attacks see, and what is left of the poison.

    method    the graph part                   the closed-form model
    retrain   the snapshot built whole         learnt from nothing
    sisa      -                                the shards that are touched, learnt from nothing
    ours      the product's own `changed`      the inverse corrected, or made again
    hide      forgotten in the past alone: the model stays as it was. What an audit must notice.

Seconds are of this process on the processor. Only forgetting is timed, and all of it: the old
inverse is overwritten.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.unlearning import closed_form, walks
from web3rec.eval.unlearning.cases import KINDS, WAYS, Case, Kind, Way, case
from web3rec.eval.unlearning.choosing import chosen_ridge
from web3rec.eval.unlearning.closed_form import ClosedForm
from web3rec.eval.unlearning.held import Held, Numbers
from web3rec.eval.unlearning.inference import Dense, Leak, Probe, Scores, leak
from web3rec.eval.unlearning.lists import Lists, lists
from web3rec.eval.unlearning.material import Material
from web3rec.eval.unlearning.shards import Membership, trained
from web3rec.eval.unlearning.walks import Graph, Walker

MODELS: Final = ("graph", "ease")
METHODS: Final = ("retrain", "sisa", "ours", "hide")
SHARES: Final = (0.001, 0.01, 0.05)
EFFECT: Final = 1e-4
"""A lift below this is no effect: of 5,000 places, not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured."""

    shares: tuple[float, ...] = SHARES
    """Of users or interactions, each in (0, 1)."""
    kinds: tuple[Kind, ...] = KINDS
    ways: tuple[Way, ...] = WAYS
    models: tuple[str, ...] = MODELS
    methods: tuple[str, ...] = METHODS
    """Without `retrain`, it is done all the same, since the others are compared to it."""
    ridge: float | None = None
    """Of the closed-form model, > 0; by default chosen on a part of what is learnt from."""
    shards: int = 4
    """Of SISA; >= 1."""
    asked: int = 1_000
    """People whose lists are measured at most, drawn; >= 1."""
    seed: int = 0
    """Of all chance; >= 0."""

    def __post_init__(self) -> None:
        for name in ("shards", "asked"):
            if not getattr(self, name) >= 1:
                raise ParamError(name, getattr(self, name), "at least 1")
        for share in self.shares:
            if not 0 < share < 1:
                raise ParamError("shares", share, "in (0, 1)")

    def rng(self, *numbers: int) -> np.random.Generator:
        """A generator of this seed and these numbers alone."""
        return np.random.default_rng([self.seed, *numbers])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One method after one wish."""

    model: str
    method: str
    case: Case = field(repr=False)
    recall: float
    ndcg: float
    """At CUT, mean over the people asked who were not forgotten"""
    ndcg_ratio: float
    """To the model trained again"""
    leak: Leak
    auc_gap: float
    """To the model trained again; the larger of both attacks"""
    mi_bf: float
    before: Leak
    """The same attacks on the model before anything was forgotten"""
    difference: float
    """Largest difference of a score to the model trained again, over its largest score"""
    seconds: float
    speedup: float
    """Against training again"""
    lift: Dense | None
    """float64[3]. Poisoned: how much more often targets were among CUT and DEEP places before
    forgetting than they are to the model trained again, and how much of the catalogue they rose"""
    removed: Dense | None
    """float64[3]. Poisoned: the shares of that which are gone; nan if there was no effect"""


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

    def scores(self, model: Graph) -> Scores:
        return Walker.of(model).scores


@dataclass(slots=True)
class EasePart:
    """The closed-form model, and its shards."""

    ridge: float
    membership: Membership
    methods: tuple[str, ...] = METHODS

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
        where = self.membership.wider(wish.before.n_users)
        after, touched = wish.after, where.touched(wish.forgotten)
        rest = [one for one in range(where.count) if one not in touched]
        ready = {
            one: closed_form.learnt(after.by(where.shard == one), self.ridge / where.count)
            for one in rest
        }
        return lambda: trained(after, where, self.ridge, touched, ready)

    def scores(self, model: Any) -> Scores:
        found: Scores = model.scores
        return found


def outcomes(
    material: Material, plan: Plan, told: Callable[[str], None] = lambda _: None
) -> Iterator[Outcome]:
    """Measure; one wish after the other, one method after the other.

    Args:
        material: the data.
        plan: what.
        told: of what is being done.

    Cost: about 20 s a wish on 720,000 pairs of 3,695 items, one thread.
    """
    asked = _asked(material, plan)
    for name in plan.models:
        part = _part(name, material, plan)
        clean = part.before(material.train)
        for nth_kind, kind in enumerate(KINDS):
            for nth_way, way in enumerate(WAYS):
                for share in plan.shares:
                    if kind not in plan.kinds or way not in plan.ways:
                        continue
                    told(f"{name}: {share:.1%} of {kind}, {way}")
                    rng = plan.rng(2, nth_kind, nth_way, round(share * 1e6))
                    wish = case(material.train, kind, way, share, rng)
                    model = clean if way == "random" else part.before(wish.before)
                    task = _Task(name, part, wish, material, asked)
                    yield from task.outcomes(model, plan.methods, rng)


def _part(name: str, material: Material, plan: Plan) -> Part:
    if name == "graph":
        return GraphPart()
    ridge = plan.ridge
    if ridge is None:
        ridge = chosen_ridge(material.train, plan.rng(3))
    where = Membership.drawn(material.train.n_users, plan.shards, plan.rng(1))
    return EasePart(ridge, where)


def _asked(material: Material, plan: Plan) -> Numbers:
    """int64[<= asked]: people who have something held back, rising."""
    able = np.flatnonzero(material.test.lengths())
    return np.sort(plan.rng(0).permutation(able)[: plan.asked])


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One wish, for one kind of model."""

    name: str
    part: Part
    wish: Case
    material: Material
    asked: Numbers

    def outcomes(
        self, model: Any, methods: Sequence[str], rng: np.random.Generator
    ) -> Iterator[Outcome]:
        wish = self.wish
        test = self.material.test.wider(wish.before.n_users)
        after = wish.after
        past = after if wish.kind == "interactions" else wish.before
        probe = Probe.of(past, wish.forgotten, test, rng)
        people = self.asked[after.lengths()[self.asked] > 0]
        loud = self.part.scores(model)
        was = leak(probe, loud)
        shown = lists(people, wish.before, loud, wish.targets)
        again, least = _timed(lambda: self.part.again(after))
        wanted = _Seen.of(self.part.scores(again), people, wish, probe)
        lift = shown.pushed(wish.before) - wanted.lists.pushed(wish.before)
        best = wanted.lists.utility(test)[1]
        for method in self.part.methods:
            if method not in methods and method != "retrain":
                continue
            if method == "retrain":
                seen, seconds = wanted, least
            else:
                made, seconds = _timed(self.part.forgetting(method, model, wish))
                scores = loud if made is model else self.part.scores(made)
                seen = _Seen.of(scores, people, wish, probe)
            recall, ndcg = seen.lists.utility(test)
            left = seen.lists.pushed(wish.before) - wanted.lists.pushed(wish.before)
            yield Outcome(
                model=self.name,
                method=method,
                case=wish,
                recall=recall,
                ndcg=ndcg,
                ndcg_ratio=ndcg / max(best, 1e-12),
                leak=seen.leak,
                auc_gap=seen.leak.gap(wanted.leak),
                mi_bf=seen.leak.mi_bf(was),
                before=was,
                difference=seen.difference(wanted),
                seconds=seconds,
                speedup=least / max(seconds, 1e-9),
                lift=lift if wish.targets else None,
                removed=_gone(lift, left) if wish.targets else None,
            )


def _gone(lift: Dense, left: Dense) -> Dense:
    """The share of an effect that is gone; nan where there was none, or hardly any."""
    return np.where(lift > EFFECT, 1 - left / np.where(lift > EFFECT, lift, 1.0), np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What is to be seen of one model."""

    lists: Lists
    leak: Leak
    some: Dense
    """Scores of a few people, to compare models by"""

    @staticmethod
    def of(scores: Scores, people: Numbers, wish: Case, probe: Probe) -> "_Seen":
        few = wish.after.matrix()[people[:50]]
        shown = lists(people, wish.after, scores, wish.targets)
        return _Seen(shown, leak(probe, scores), scores(few))

    def difference(self, other: "_Seen") -> float:
        return float(np.abs(self.some - other.some).max() / max(np.abs(other.some).max(), 1e-12))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What comes out, and how long it took on the processor."""
    start = time.process_time()
    found = work()
    return found, time.process_time() - start
