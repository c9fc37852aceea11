"""The attack bench: every strategy against every method, on people drawn by a seed.

    ground(dataset, plan) ─► Ground
    Siege.of(ground, rules) ─► .lines(strategy, compromised, plan) ─► a Line a rule

For each ego, honest and attacked, all rules see one and the same graph.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

import numpy as np

from trust import TrustParams
from web3rec.errors import ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.attacks import ALIASES, Attack, AttackPlan, strategy
from web3rec.eval.bound import positions_bound
from web3rec.eval.ground import Ground
from web3rec.eval.methods import Settings, method
from web3rec.eval.methods.engine import Engine
from web3rec.eval.metrics import exposure_at, ndcg_at, spam_slots_at
from web3rec.eval.siege_models import MODELS, reordering
from web3rec.types import ItemKey
from web3rec.view import View, seen_as

K: Final = 20
"""Places of every list."""
SPAM_EACH: Final = 3
"""Spam items of one Sybil; more where there are too few Sybils for all the spam."""
AS_GIVEN: Final = {"ours": "fixed"}
"""The bench attacks the product with its numbers as they are given: so peace and attack differ in
the attack alone, and no device chooses anew for each. (`tuned` is ours where it does.)"""
OPEN: Final = "open"
"""The method whose honest lists are the measure of what is kept."""
ROUNDING: Final = 1e-6
"""Positions by which shares that are quotients may miss a bound."""


class Outcome(NamedTuple):
    """One list."""

    ndcg: float
    slots: int = 0
    exposure: float = 0.0
    bound: float = 0.0
    overruns: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A method with its numbers, under a name."""

    name: str
    method: str
    """One of `methods.METHODS`"""
    settings: Settings
    model: str | None = None
    """One of `siege_models.MODELS`: has its say before the budgets, where the method is ours"""


def rules_of(methods: Sequence[str], seed: int) -> tuple[Rule, ...]:
    """The methods as they are; those of MODELS are ours with a model before the budgets.

    Raises ParamError if there is no such method.
    """
    found = []
    for name in dict.fromkeys(methods):
        model = name if name in MODELS else None
        asked = "ours" if model else name
        method(asked)
        found.append(Rule(name, AS_GIVEN.get(asked, asked), Settings(seed=seed), model))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule under one attack: means over the egos."""

    dataset: str
    method: str
    """The rule's name"""
    strategy: str
    compromised: int
    sybils: int
    honest: tuple[Outcome, ...]
    """Each ego's list without the attack"""
    attacked: tuple[Outcome, ...]
    open: tuple[Outcome, ...]
    """The open graph's lists without the attack"""
    short: int = 0
    """Egos with fewer friends than were to be compromised: of these, all were"""

    @property
    def attack(self) -> tuple[str, int, int]:
        """(strategy, compromised, Sybils)"""
        return self.strategy, self.compromised, self.sybils

    @property
    def mean_slots(self) -> float:
        """Spam among the first 20, under attack."""
        return _mean(o.slots for o in self.attacked)

    @property
    def kept(self) -> float:
        """Honest NDCG as a share of the open graph's."""
        return _ratio(_mean(o.ndcg for o in self.honest), _mean(o.ndcg for o in self.open))

    @property
    def bound_held(self) -> bool:
        """True if no ego's list holds more spam than its bound."""
        return all(o.slots <= o.bound + ROUNDING for o in self.attacked)

    def figures(self) -> dict[str, float]:
        """Means over the egos; `_se` is one standard error of the mean."""
        honest, attacked = self.honest, self.attacked
        reference = _mean(o.ndcg for o in self.open)
        return {
            f"sybil_slots@{K}": self.mean_slots,
            f"sybil_slots@{K}_se": _se(o.slots for o in attacked),
            f"sybil_exposure@{K}": _mean(o.exposure for o in attacked),
            f"sybil_exposure@{K}_se": _se(o.exposure for o in attacked),
            "bound": _mean(o.bound for o in attacked),
            "overruns": _mean(o.overruns for o in attacked),
            f"ndcg@{K}": _mean(o.ndcg for o in attacked),
            f"ndcg@{K}_se": _se(o.ndcg for o in attacked),
            f"honest_ndcg@{K}": _mean(o.ndcg for o in honest),
            f"ndcg_open@{K}": reference,
            "honest_kept": self.kept,
            "honest_kept_se": _ratio(
                _se(a.ndcg - b.ndcg for a, b in zip(honest, self.open, strict=True)), reference
            ),
            "attacked_kept": _ratio(_mean(o.ndcg for o in attacked), reference),
        }

    def as_dict(self) -> dict[str, object]:
        """For a line of JSON."""
        return {
            "dataset": self.dataset,
            "method": self.method,
            "strategy": self.strategy,
            "compromised": self.compromised,
            "sybils": self.sybils,
            "egos": len(self.attacked),
            "egos_short_of_friends": self.short,
            "bound_held": self.bound_held,
            f"most_sybil_slots@{K}": max(o.slots for o in self.attacked),
        } | {name: round(value, 6) for name, value in self.figures().items()}


@dataclass(frozen=True, slots=True, eq=False)
class Siege:
    """A ground, the rules on it, and how each fares in peace."""

    ground: Ground
    rules: tuple[Rule, ...]
    honest: Mapping[str, tuple[Outcome, ...]]
    """Rule -> each ego's list without an attack; the open graph's is always there"""

    @staticmethod
    def of(ground: Ground, rules: Sequence[Rule]) -> "Siege":
        """Make everybody's honest lists. Cost: a view and a list a rule, for each ego."""
        named = {rule.name: rule for rule in rules}
        asked = {OPEN: Rule(OPEN, OPEN, Settings(seed=ground.plan.seed))} | named
        rows = [
            _outcomes(ground, ground.arena, None, ego, tuple(asked.values())) for ego in ground.egos
        ]
        honest = {name: tuple(row[name] for row in rows) for name in asked}
        return Siege(ground, tuple(named.values()), honest)

    def lines(self, name: str, compromised: int, plan: AttackPlan) -> list[Line]:
        """Attack every ego, one after another, each in a graph without the other attacks.

        Args:
            name: the strategy, by a name of `attacks.STRATEGIES`.
            compromised: friends of each ego that fall, >= 0.
            plan: sizes.

        Raises:
            ParamError: no such strategy, or `compromised` below 0.
        """
        if compromised < 0:
            raise ParamError("compromised", compromised, "at least 0 friends")
        attacker, here = strategy(name), self.ground
        rows = []
        for ego in here.egos:
            dice = here.plan.rng(3, here.numbers[ego])
            attack = attacker(here.scene(ego, compromised), plan, dice)
            arena = here.arena.attacked(attack)
            rows.append(_outcomes(here, arena, attack, ego, self.rules))
        short = sum(len(here.friends[ego]) < compromised for ego in here.egos)
        return [
            Line(
                dataset=here.name,
                method=rule.name,
                strategy=ALIASES.get(name, name),
                compromised=compromised,
                sybils=plan.sybils,
                honest=self.honest[rule.name],
                attacked=tuple(row[rule.name] for row in rows),
                open=self.honest[OPEN],
                short=short,
            )
            for rule in self.rules
        ]


def plan_for(sybils: int, spam: int = 30, *, turned: bool = False) -> AttackPlan:
    """The bench's attack: all spam is pushed by somebody, however few the Sybils."""
    each = min(spam, max(SPAM_EACH, ceil(spam / max(1, sybils))))
    return AttackPlan(sybils=sybils, spam=spam, spam_each=each, turned=turned)


def _outcomes(
    ground: Ground,
    arena: Arena,
    attack: Attack | None,
    ego: str,
    rules: Sequence[Rule],
) -> dict[str, Outcome]:
    """Every rule's list for one ego; trust is followed once for all who follow it alike."""
    foes = () if attack is None else [arena.people[name] for name in attack.authors]
    seen: dict[TrustParams, View] = {}
    found = {}
    for rule in rules:
        # Ours with the numbers as given: what a device would choose is bounded apart (law V1).
        ranker = method("fixed" if rule.method == "ours" else rule.method)(arena, rule.settings)
        overruns, bound = 0, float(K)
        if isinstance(ranker, Engine):
            params, trust = ranker.settings.params, ranker.settings.trust
            if trust not in seen:
                seen[trust] = arena.view(ego, ranker.mode, params, trust)
            view = seen_as(seen[trust], ranker.mode, params)
            honest = len(ground.arena.items)
            order = reordering(rule.model, view, params, honest) if rule.model else None
            listed = arena.listing(view, K, params, reorder=order)
            keys = [entry.key for entry in listed.entries]
            overruns, bound = listed.overruns, positions_bound(view, foes, K, params)
        else:
            terms = arena.graph.items.terms
            keys = [ItemKey(terms[n]) for n in ranker.ranked(ego, K).tolist()]
        found[rule.name] = _judged(ground, arena, ego, keys, bound, overruns)
    return found


def _judged(
    ground: Ground, arena: Arena, ego: str, keys: Sequence[ItemKey], bound: float, overruns: int
) -> Outcome:
    honest = len(ground.arena.items)
    spam = [int.from_bytes(key, "big") >= honest for key in keys]
    return Outcome(
        ndcg_at(arena.named(keys), ground.hidden[ego], K),
        spam_slots_at(spam, K),
        exposure_at(spam, K),
        bound,
        overruns,
    )


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _se(values: Iterable[float]) -> float:
    """One standard error of the mean; 0 for a single value."""
    listed = list(values)
    return float(np.std(listed, ddof=1) / np.sqrt(len(listed))) if len(listed) > 1 else 0.0


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
