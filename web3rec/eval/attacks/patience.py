"""Attacks that look honest for long: an audience earned, a second way in, a borrowed face."""

from dataclasses import replace
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.adapters import TrustEdge
from web3rec.errors import ParamError
from web3rec.eval.attacks.attack import Attack, Said, Trusts
from web3rec.eval.attacks.copying import copy_the_victim, names_of, newest
from web3rec.eval.attacks.plan import AttackPlan
from web3rec.eval.attacks.profiles import dose, pushed, spam_items, together
from web3rec.eval.attacks.scene import Public, Scene
from web3rec.eval.attacks.wiring import ring
from web3rec.eval.attacks.worth import worths
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import ItemId

SECOND_FLOW: Final = 0.01
"""Share of its trust that the careless friend gives: that much switches connectivity decay off."""
HONEST_FACE: Final = 0.9
"""Share of a camouflaged Sybil's weight that is somebody else's honest profile."""


def slow_trust(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Good neighbours for a year, then spam: copies of the victim whom honest people trust, too.

    The Sybils copied the victim and trusted each other both ways round a cycle, and pushed nothing,
    until `plan.audience` of the honest people who trust a compromised friend had come to trust one
    of them as well, beside all whom they trusted before. Then they push. What a device sees on that
    day is the copy attack with further honest people fooled: they carry trust to the Sybils along
    ways that are not the compromised friends'. If nobody is compromised, nobody is won.

    Source: the sleeper ("on-off", "traitor") attack on reputation, in Hoffman, Zage &
    Nita-Rotaru, "A survey of attack and defense techniques for reputation systems", ACM CSUR
    42(1), 2009. Arguments and cost as for `copy_the_victim`.
    """
    attack = copy_the_victim(scene, plan, rng)
    audience = sorted(scene.onlookers) if scene.compromised else []
    won = rng.permutation(len(audience))[: ceil(plan.audience * len(audience))]
    fooled = tuple(
        TrustEdge(audience[who], attack.names[n % len(attack.names)])
        for n, who in enumerate(sorted(won.tolist()))
    )
    return replace(attack, fooled=fooled, trusts=_mutual(attack.trusts))


def two_bridges(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """A second attack edge that carries a hundredth of one honest friend's trust.

    A careless friend of the victim's, who serves nobody, trusts one Sybil a little beside all whom
    it trusted before: 1 % of what it gives, or the least a record can say (an eighth). So no single
    node stands between victim and Sybils, and a decay that punishes who depends on one (MeritRank's
    connectivity decay, on which Web3Recommend as published relies) does not see them. If nobody is
    compromised, there is no second either.

    Arguments and cost as for `copy_the_victim`.
    """
    attack = copy_the_victim(scene, plan, rng)
    if scene.careless is None or not scene.compromised:
        return attack
    friend, given = scene.careless
    weight = min(1.0, max(1 / MAX_WEIGHT, SECOND_FLOW * given / (1 - SECOND_FLOW)))
    return replace(attack, fooled=(TrustEdge(friend, attack.names[0], weight),))


def camouflage(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Somebody else's honest profile, whole, with a little spam: one item, a tenth of the weight.

    Each Sybil takes the profile of another honest person, drawn from all; of a large one the
    heaviest acts that fit. No look at one profile tells it from an honest one that found something
    new. Wired like `copy_the_victim`.

    Source: the obfuscated attacks of Williams, Mobasher & Burke, "Defending recommender systems:
    detection of profile injection attacks", SOCA 1(3), 2007.

    Raises:
        ParamError: nobody has published anything.

    Cost: O(acts written).
    """
    if scene.public is None or not scene.public.people:
        raise ParamError("public", scene.public, "acts of somebody: a face is borrowed from them")
    little = replace(plan, spam_each=1, copied=HONEST_FACE)
    names, spam, public = names_of(plan), spam_items(plan), scene.public
    turned = tuple(scene.compromised) if plan.turned else ()
    authors = len(names) + len(turned)
    faces = _borrowed(public, rng.integers(len(public.people), size=authors), little)
    supply = np.bincount(
        faces.who, weights=worths(faces.kind, faces.weight), minlength=authors
    ).astype(np.float64)
    bucket, _ = dose(supply, little)
    trusts, bridges = ring(names, tuple(scene.compromised))
    return Attack(
        names=names,
        turned=turned,
        goods=public.items + tuple(ItemId(item.id) for item in spam),
        said=together(faces, pushed(authors, len(public.items), bucket, little)),
        when=newest(scene.victim),
        trusts=trusts,
        bridges=bridges,
        fooled=(),
        spam=spam,
    )


def _borrowed(public: Public, faces: npt.NDArray[np.int64], plan: AttackPlan) -> Said:
    """What each of these people has published, the heaviest acts if there are too many."""
    room = plan.records - plan.spam_each
    parts = []
    for who, face in enumerate(faces.tolist()):
        worn = public.profile(face)
        if len(worn.what) > room:
            heaviest = np.argsort(-worn.worth, kind="stable")[:room]
            worn = worn.at(heaviest)
        parts.append(Said(np.full(len(worn.what), who, np.int32), *worn))
    return Said(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _mutual(trusts: Trusts) -> Trusts:
    """The same edges, each both ways, none twice."""
    ends = np.stack((np.concatenate(trusts), np.concatenate((trusts.target, trusts.source))))
    return Trusts(*np.unique(ends, axis=1).astype(np.int32))
