"""Where the attack bench takes place: who is attacked, what is hidden of them, who falls.

The seed draws the egos, what is hidden of each, in what order its friends fall, and what the
Sybils say: each from numbers of its own, so that more egos or rules change nothing for those
there were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from web3rec.adapters import Act, Dataset
from web3rec.errors import DataError, ParamError
from web3rec.eval.arena import Arena
from web3rec.eval.attacks import Public, Scene
from web3rec.eval.splits import hold_out
from web3rec.types import ItemId

FRIENDS_WANTED: Final = 3
"""An ego has at least so many friends: up to three are compromised."""


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


def _shuffled(people: Iterable[str], rng: np.random.Generator) -> tuple[str, ...]:
    ordered = sorted(people)
    return tuple(ordered[n] for n in rng.permutation(len(ordered)))
