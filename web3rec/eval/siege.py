"""The attack bench: every strategy against every method, on people drawn by a seed.

    ground(dataset, plan) ─► Ground   who is attacked, what is hidden, who falls
    Siege.of(ground, methods) ─► .lines(strategy, compromised, sybils) ─► a Line a method

For each ego, honest and attacked, all methods see one and the same graph. The seed draws the egos,
what is hidden of each, in what order its friends fall, and what the Sybils say: each from numbers
of its own, so that more egos, Sybils or methods change nothing for those there were.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final, NamedTuple

import numpy as np

from web3rec.adapters import Act, Dataset
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.attacks import Attack, AttackPlan, Public, Scene, strategy
from web3rec.eval.bound import positions_bound
from web3rec.eval.methods import Settings, method
from web3rec.eval.methods.engine import Engine
from web3rec.eval.metrics import exposure_at, ndcg_at, spam_slots_at
from web3rec.eval.splits import hold_out
from web3rec.pipeline import View, seen_as
from web3rec.rank.admission import Mode
from web3rec.types import ItemId, ItemKey

K: Final = 20
"""Places of every list."""
FRIENDS_WANTED: Final = 3
"""An ego has at least so many friends: up to three are compromised."""
SPAM_EACH: Final = 3
"""Spam items of one Sybil; more where there are too few Sybils for all the spam."""
OPEN: Final = "open"
"""The method whose honest lists are the measure of what is kept."""
ROUNDING: Final = 1e-6
"""Positions by which shares that are quotients may miss a bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiegePlan:
    """Who is attacked."""

    egos: int = 60
    """Victims, each attacked alone; >= 1."""
    seed: int = 0
    """>= 0"""
    hidden: float = 0.2
    """Share of each ego's items that lists are measured by; in (0, 1)."""

    def __post_init__(self) -> None:
        if self.egos < 1:
            raise ParamError("egos", self.egos, "at least 1")
        if self.seed < 0:
            raise ParamError("seed", self.seed, "a whole number >= 0")
        if not 0 < self.hidden < 1:
            raise ParamError("hidden", self.hidden, "in (0, 1)")

    def rng(self, *numbers: int) -> np.random.Generator:
        """A generator for this seed and these numbers alone."""
        return np.random.default_rng([self.seed, *numbers])


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A data set with some people picked out."""

    name: str
    plan: SiegePlan
    arena: Arena
    """Without what is hidden of the egos"""
    public: Public
    egos: tuple[str, ...]
    own: Mapping[str, tuple[Act, ...]]
    """Each ego's acts that are left"""
    hidden: Mapping[str, frozenset[ItemId]]
    friends: Mapping[str, tuple[str, ...]]
    """Each ego's friends in the order in which they fall"""
    trusting: Mapping[str, tuple[str, ...]]
    """Who trusts each person"""
    given: Mapping[str, float]
    """All the trust each person gives"""
    numbers: Mapping[str, int]
    """Each ego's place in the data set: what its dice are called"""

    def scene(self, ego: str, compromised: int) -> Scene:
        """What the attacker of this ego finds, so many friends having fallen (or all it has)."""
        fallen = self.friends[ego][:compromised]
        standing = sorted(self.friends[ego][compromised:], key=lambda f: (-self.given.get(f, 0), f))
        onlookers = {who for friend in fallen for who in self.trusting.get(friend, ())}
        return Scene(
            victim=self.own[ego],
            compromised=fallen,
            public=self.public,
            onlookers=sorted(onlookers - {ego, *fallen}),
            careless=(standing[0], self.given.get(standing[0], 0.0)) if standing else None,
        )


def ground(dataset: Dataset, plan: SiegePlan) -> Ground:
    """Draw the egos among people with at least three friends and two items; hide what is hidden.

    Fewer egos come back where there are fewer such people.

    Raises:
        DataError: the data set has no trust, or nobody in it has three friends and two items.

    Cost: O(acts log acts).
    """
    if not dataset.trust:
        raise DataError(
            "it has no friend graph, so there is nobody to compromise; give one with --trust, or "
            "make one up with --synthetic-trust",
            where=dataset.name,
        )
    friends: dict[str, dict[str, None]] = {}
    trusting: dict[str, list[str]] = {}
    given: dict[str, float] = {}
    for edge in dataset.trust:
        if edge.source != edge.target:
            friends.setdefault(edge.source, {})[edge.target] = None
            trusting.setdefault(edge.target, []).append(edge.source)
            given[edge.source] = given.get(edge.source, 0.0) + edge.weight
    held: dict[str, set[ItemId]] = {}
    for act in dataset.acts:
        if not act.kind.is_local:
            held.setdefault(act.user, set()).add(act.item)
    numbers = {person: n for n, person in enumerate(dataset.people)}
    fit = [
        person
        for person in dataset.people
        if len(friends.get(person, ())) >= FRIENDS_WANTED and len(held.get(person, ())) >= 2
    ]
    if not fit:
        raise DataError(
            f"nobody has {FRIENDS_WANTED} friends and 2 items: nobody to attack", where=dataset.name
        )
    egos = tuple(fit[n] for n in plan.rng(0).permutation(len(fit))[: plan.egos])
    stay, hidden = hold_out(dataset, egos, share=plan.hidden, rng=plan.rng(1))
    own: dict[str, list[Act]] = {ego: [] for ego in egos}
    for act in stay:
        if act.user in own:
            own[act.user].append(act)
    return Ground(
        name=dataset.name,
        plan=plan,
        arena=Arena.of(replace(dataset, acts=stay)),
        public=Public.of(stay),
        egos=egos,
        own={ego: tuple(acts) for ego, acts in own.items()},
        hidden=hidden,
        friends={ego: _shuffled(friends[ego], plan.rng(2, numbers[ego])) for ego in egos},
        trusting={person: tuple(who) for person, who in trusting.items()},
        given=given,
        numbers={ego: numbers[ego] for ego in egos},
    )


class Outcome(NamedTuple):
    """One list."""

    ndcg: float
    slots: int = 0
    exposure: float = 0.0
    bound: float = 0.0
    overruns: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One method under one attack: means over the egos."""

    dataset: str
    method: str
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
    def kept(self) -> float:
        """Honest NDCG as a share of the open graph's."""
        return _mean(o.ndcg for o in self.honest) / _mean(o.ndcg for o in self.open)

    @property
    def bound_held(self) -> bool:
        """True if no ego's list holds more spam than its bound."""
        return all(o.slots <= o.bound + ROUNDING for o in self.attacked)

    def as_dict(self) -> dict[str, object]:
        """For a line of JSON; `_se` is one standard error of the mean."""
        honest, attacked = self.honest, self.attacked
        reference = _mean(o.ndcg for o in self.open)
        numbers = {
            f"sybil_slots@{K}": _mean(o.slots for o in attacked),
            f"sybil_slots@{K}_se": _se(o.slots for o in attacked),
            f"sybil_exposure@{K}": _mean(o.exposure for o in attacked),
            f"sybil_exposure@{K}_se": _se(o.exposure for o in attacked),
            "bound": _mean(o.bound for o in attacked),
            "overruns": _mean(o.overruns for o in attacked),
            f"ndcg@{K}": _mean(o.ndcg for o in attacked),
            f"ndcg@{K}_se": _se(o.ndcg for o in attacked),
            f"honest_ndcg@{K}": _mean(o.ndcg for o in honest),
            f"ndcg_open@{K}": reference,
            "honest_kept": _ratio(_mean(o.ndcg for o in honest), reference),
            "honest_kept_se": _ratio(
                _se(a.ndcg - b.ndcg for a, b in zip(honest, self.open, strict=True)), reference
            ),
            "attacked_kept": _ratio(_mean(o.ndcg for o in attacked), reference),
        }
        return {
            "dataset": self.dataset,
            "method": self.method,
            "strategy": self.strategy,
            "compromised": self.compromised,
            "sybils": self.sybils,
            "egos": len(attacked),
            "egos_short_of_friends": self.short,
            "bound_held": self.bound_held,
            f"most_sybil_slots@{K}": max(o.slots for o in attacked),
        } | {name: round(value, 6) for name, value in numbers.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Siege:
    """A ground, the methods on it, and how each fares in peace."""

    ground: Ground
    methods: tuple[str, ...]
    settings: Settings
    honest: Mapping[str, tuple[Outcome, ...]]
    """Method -> each ego's list without an attack; the open graph's is always there"""

    @staticmethod
    def of(ground: Ground, methods: Sequence[str], settings: Settings | None = None) -> "Siege":
        """Make everybody's honest lists. Cost: a view and a list a method, for each ego.

        Raises:
            ParamError: there is no such method.
        """
        settings = settings or Settings(seed=ground.plan.seed)
        asked = tuple(dict.fromkeys((*methods, OPEN)))
        rows = [_outcomes(ground, ground.arena, None, ego, asked, settings) for ego in ground.egos]
        honest = {name: tuple(row[name] for row in rows) for name in asked}
        return Siege(ground, tuple(dict.fromkeys(methods)), settings, honest)

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
            rows.append(_outcomes(here, arena, attack, ego, self.methods, self.settings))
        short = sum(len(here.friends[ego]) < compromised for ego in here.egos)
        return [
            Line(
                dataset=here.name,
                method=one,
                strategy=name,
                compromised=compromised,
                sybils=plan.sybils,
                honest=self.honest[one],
                attacked=tuple(row[one] for row in rows),
                open=self.honest[OPEN],
                short=short,
            )
            for one in self.methods
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
    methods: Sequence[str],
    settings: Settings,
) -> dict[str, Outcome]:
    """Every method's list for one ego; trust is followed once."""
    foes = () if attack is None else [arena.people[name] for name in attack.authors]
    seen: View | None = None
    found = {}
    for name in methods:
        ranker = method(name)(arena, settings)
        overruns, bound = 0, float(K)
        if isinstance(ranker, Engine):
            params = ranker.settings.params
            if seen is None:
                seen = arena.view(ego, Mode.CLOSED, params, ranker.settings.trust)
            view = seen if ranker.mode is Mode.CLOSED else seen_as(seen, ranker.mode, params)
            listed = arena.listing(view, K, params)
            keys = [entry.key for entry in listed.entries]
            overruns, bound = listed.overruns, positions_bound(view, foes, K, params)
        else:
            terms = arena.graph.items.terms
            keys = [ItemKey(terms[n]) for n in ranker.ranked(ego, K).tolist()]
        found[name] = _judged(ground, arena, ego, keys, bound, overruns)
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


def _shuffled(people: Iterable[str], rng: np.random.Generator) -> tuple[str, ...]:
    ordered = sorted(people)
    return tuple(ordered[n] for n in rng.permutation(len(ordered)))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _se(values: Iterable[float]) -> float:
    """One standard error of the mean; 0 for a single value."""
    listed = list(values)
    return float(np.std(listed, ddof=1) / np.sqrt(len(listed))) if len(listed) > 1 else 0.0


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
