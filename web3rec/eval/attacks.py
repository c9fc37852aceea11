"""Attacks as data: who joins, what they say, whom they trust. Nothing here knows the defence.

An attacker owns any number of free identities (Sybils) and a few *compromised* people whom the
victim trusts; only through these can the Sybils receive trust. What the attacker knows of the
victim is what the victim has made public.

A strategy is a function `(Scene, AttackPlan, rng) -> Attack`; `STRATEGIES` names those there are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Final

import numpy as np

from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.errors import ParamError
from web3rec.graph import KIND_VALUE
from web3rec.records.model import MAX_WEIGHT, Kind
from web3rec.types import Event, Item, ItemId, Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPlan:
    """What the attacker can afford."""

    sybils: int = 200
    """Fake identities, >= 1."""
    spam: int = 30
    """Items to be pushed in all, >= 1."""
    spam_each: int = 3
    """Of these, how many one Sybil pushes; 1 to `spam`."""
    copied: float = 0.7
    """Share of a Sybil's weight that lies on the victim's items; in [0, 1)."""
    records: int = 200
    """Acts of one Sybil at most (a device keeps no more of one author); > spam_each."""

    def __post_init__(self) -> None:
        if self.sybils < 1:
            raise ParamError("sybils", self.sybils, "at least 1")
        if self.spam < 1:
            raise ParamError("spam", self.spam, "at least 1")
        if not 1 <= self.spam_each <= self.spam:
            raise ParamError("spam_each", self.spam_each, f"from 1 to spam ({self.spam})")
        if not 0 <= self.copied < 1:
            raise ParamError("copied", self.copied, "in [0, 1)")
        if not self.spam_each < self.records:
            raise ParamError("records", self.records, f"more than spam_each ({self.spam_each})")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the attacker finds."""

    victim: Sequence[Act]
    """The victim's public acts (never the hidden ones); may be empty."""
    compromised: Sequence[str]
    """People the victim trusts who now serve the attacker; at least one."""


@dataclass(frozen=True, slots=True)
class Sybil:
    """One fake identity."""

    name: str
    acts: tuple[Act, ...]
    trust: tuple[TrustEdge, ...]
    """Its own edges: among Sybils only."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What the attacker publishes."""

    sybils: tuple[Sybil, ...]
    bridges: tuple[TrustEdge, ...]
    """Edges from the compromised people to Sybils; these people's other edges are withdrawn."""
    spam: tuple[Item, ...]

    def on(self, dataset: Dataset) -> Dataset:
        """The data set after the attack; honest people's acts and edges are untouched."""
        compromised = {edge.source for edge in self.bridges}
        kept = tuple(edge for edge in dataset.trust if edge.source not in compromised)
        return replace(
            dataset,
            people=dataset.people + tuple(sybil.name for sybil in self.sybils),
            items=dataset.items + self.spam,
            acts=dataset.acts + tuple(act for sybil in self.sybils for act in sybil.acts),
            trust=kept + self.bridges + tuple(e for sybil in self.sybils for e in sybil.trust),
        )


Strategy = Callable[[Scene, AttackPlan, np.random.Generator], Attack]


def copy_the_victim(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """The strongest attack known on neighbourhood rankers: be the victim's most similar people.

    Each Sybil repeats a sample of the victim's own acts, heavier acts more often, until these
    carry `plan.copied` of its weight; the rest lies on `plan.spam_each` items that nobody else
    has, as deep and as often as a record can say. The weight is what `graph.snapshot` makes of
    acts of one day, so all acts carry the time of the victim's newest. A victim with too few acts
    is copied whole and the spam made lighter to fit. The compromised people trust Sybils and
    nobody else, the Sybils share these edges out evenly and trust each other in one cycle.

    Args:
        scene: the victim's public acts and who was compromised.
        plan: sizes.
        rng: draws the samples.

    Raises:
        ParamError: nobody is compromised (then no Sybil receives any trust).

    Cost: O(sybils * victim's acts).
    """
    if not scene.compromised:
        raise ParamError("compromised", tuple(scene.compromised), "at least one friend")
    names = [f"sybil:{number}" for number in range(plan.sybils)]
    spam = tuple(
        Item(ItemId(f"spam:item:{number}"), title=f"Spam {number}") for number in range(plan.spam)
    )
    profile = _profile(scene.victim)
    when = max((act.at for act in scene.victim if act.at is not None), default=None)
    sybils = []
    for number, (name, successor) in enumerate(zip(names, names[1:] + names[:1], strict=True)):
        copies, bucket = _sample(profile, plan, rng)
        pushed = [spam[(number * plan.spam_each + n) % plan.spam] for n in range(plan.spam_each)]
        acts = [Act(name, act.item, act.kind, act.weight, when) for act in copies]
        acts += [Act(name, ItemId(item.id), Event.COLLECT, bucket, when) for item in pushed]
        trust = () if successor == name else (TrustEdge(name, successor),)
        sybils.append(Sybil(name, tuple(acts), trust))
    owners = cycle(scene.compromised)
    bridges = tuple(TrustEdge(owner, name) for owner, name in zip(owners, names, strict=False))
    return Attack(tuple(sybils), bridges, spam)


STRATEGIES: Final[Mapping[str, Strategy]] = {"copy-the-victim": copy_the_victim}
"""Every strategy by its name on the command line; there is one so far."""


def worth(kind: Event, weight: int) -> float:
    """What one lone act weighs in its author's row before the row is normalised; 0 if local."""
    if kind.is_local:
        return 0.0
    return float(np.log1p(KIND_VALUE[Kind(kind.value)] * 4.0 ** (weight - 1)))


def _profile(victim: Sequence[Act]) -> tuple[list[Act], Weights]:
    """-> (the victim's heaviest act with each of its items, by item; what each is worth)."""
    heaviest: dict[ItemId, Act] = {}
    for act in victim:
        known = heaviest.get(act.item)
        if not act.kind.is_local and (
            known is None or worth(act.kind, act.weight) > worth(known.kind, known.weight)
        ):
            heaviest[act.item] = act
    acts = [heaviest[item] for item in sorted(heaviest)]
    return acts, np.array([worth(act.kind, act.weight) for act in acts], np.float64)


def _sample(
    profile: tuple[list[Act], Weights], plan: AttackPlan, rng: np.random.Generator
) -> tuple[list[Act], int]:
    """-> (the acts to repeat, the weight bucket of each spam act).

    The heaviest bucket whose counterweight the profile can supply within the record bound.
    """
    acts, worths = profile
    if not acts:
        return [], MAX_WEIGHT
    # Exponential races: sorting by draw / worth is sampling without replacement by worth.
    order = np.argsort(rng.exponential(size=len(acts)) / worths, kind="stable")
    order = order[: plan.records - plan.spam_each]
    supply = np.cumsum(worths[order])
    ratio = plan.copied / (1 - plan.copied)
    for bucket in range(MAX_WEIGHT, 0, -1):
        wanted = ratio * plan.spam_each * worth(Event.COLLECT, bucket)
        if supply[-1] >= wanted:
            # whichever of the two neighbouring counts comes closer to the wanted share
            count = int(np.argmin(np.abs(np.concatenate(([0.0], supply)) - wanted)))
            return [acts[n] for n in order[:count]], bucket
    return [acts[n] for n in order], 1
