"""Be the victim's most similar people: one profile, four shapes of trust."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from web3rec.adapters import Act
from web3rec.eval.attacks.attack import Attack
from web3rec.eval.attacks.plan import AttackPlan
from web3rec.eval.attacks.profiles import pushed, sampled, spam_items, together
from web3rec.eval.attacks.scene import Scene, victims_profile
from web3rec.eval.attacks.wiring import Wiring, chain, hubs, ring
from web3rec.types import ItemId, Millis


def copy_the_victim(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """The strongest attack known on neighbourhood rankers: be the victim's most similar people.

    Each Sybil repeats a sample of the victim's own acts, heavier acts more often, until these
    carry `plan.copied` of its weight; the rest lies on `plan.spam_each` items that nobody else
    has, as deep and as often as a record can say. The weight is what `graph.snapshot` makes of
    acts of one day, so all acts carry the time of the victim's newest. A victim with too few acts
    is copied whole and the spam made lighter to fit. The compromised people trust Sybils and
    nobody else, the Sybils share these edges out evenly and trust each other in one cycle.

    Source: the profile injection of a known neighbour ("probe" and "copy" attacks), Lam & Riedl,
    "Shilling recommender systems for fun and profit", WWW 2004.

    Args:
        scene: the victim's public acts and who was compromised.
        plan: sizes.
        rng: draws the samples.

    Cost: O(sybils * victim's acts).
    """
    return _copied(scene, plan, rng, ring)


def line(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Copies of the victim in a line: each trusts the next, the last nobody; one way in.

    Source: the serial Sybil attack of Nasrulin, Ishmaev & Pouwelse, "MeritRank", 2022. Arguments
    and cost as for `copy_the_victim`.
    """
    return _copied(scene, plan, rng, partial(chain, closed=False))


def cycle(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Copies of the victim in a cycle, entered at one Sybil: trust that came in goes round.

    Source: the cycle Sybil attack of "MeritRank", 2022. Arguments and cost as for
    `copy_the_victim`.
    """
    return _copied(scene, plan, rng, partial(chain, closed=True))


def star(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Copies of the victim around a hub, which is the way in and which they all trust back.

    Source: the parallel Sybil attack of "MeritRank", 2022. Arguments and cost as for
    `copy_the_victim`.
    """
    return _copied(scene, plan, rng, hubs)


def _copied(
    scene: Scene,
    plan: AttackPlan,
    rng: np.random.Generator,
    shape: Callable[[tuple[str, ...], tuple[str, ...]], Wiring],
) -> Attack:
    items, profile = victims_profile(scene.victim)
    names, compromised = names_of(plan), tuple(scene.compromised)
    turned = compromised if plan.turned else ()
    authors = len(names) + len(turned)
    copies, bucket = sampled(profile, authors, plan, rng)
    trusts, bridges = shape(names, compromised)
    spam = spam_items(plan)
    return Attack(
        names=names,
        turned=turned,
        goods=items + tuple(ItemId(item.id) for item in spam),
        said=together(copies, pushed(authors, len(items), bucket, plan)),
        when=newest(scene.victim),
        trusts=trusts,
        bridges=bridges,
        fooled=(),
        spam=spam,
    )


def names_of(plan: AttackPlan) -> tuple[str, ...]:
    """What the Sybils are called."""
    return tuple(f"sybil:{number}" for number in range(plan.sybils))


def newest(victim: Sequence[Act]) -> Millis | None:
    """When the victim last did something; None where nothing is known."""
    return max((act.at for act in victim if act.at is not None), default=None)
