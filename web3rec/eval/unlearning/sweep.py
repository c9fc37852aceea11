"""Every method on every wish: seconds, utility, what attacks see, what is left of the poison.

What the methods are is in `parts`. Seconds are of this process on the processor. Only
forgetting is timed, and all of it: nothing of the old model is left.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from web3rec.eval.unlearning.cases import KINDS, WAYS, Case, case
from web3rec.eval.unlearning.held import Numbers
from web3rec.eval.unlearning.inference import Dense, Leak, Probe, Scores, leak
from web3rec.eval.unlearning.influence import Certificate, Influenced
from web3rec.eval.unlearning.lists import Lists, lists
from web3rec.eval.unlearning.material import Material
from web3rec.eval.unlearning.parts import Part, part_of
from web3rec.eval.unlearning.plan import Plan

EFFECT: Final = 1e-4
"""A lift below this is no effect: of 5,000 places, not one."""


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
    prepared_seconds: float | None = None
    """Of an encoder: fitting and measuring it, beforehand, once for a model and kind of wish"""
    certificate: Certificate | None = None
    """Of an encoder; unless it is met, what is told is of training again"""


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
    others = np.ones(material.test.n_users, bool)
    others[asked] = False
    valid = material.test.by(others)
    for name in plan.models:
        part = part_of(name, material.train, plan, valid)
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
            ready = None
            if method == "retrain":
                seen, seconds = wanted, least
            else:
                made, seconds = _timed(self.part.forgetting(method, model, wish))
                ready = made.prepared if isinstance(made, Influenced) else None
                if self.part.same(made, again):
                    seen = wanted
                else:
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
                prepared_seconds=None if ready is None else ready.seconds,
                certificate=None if ready is None else ready.certificate,
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
