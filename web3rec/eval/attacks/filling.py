"""Profile attacks as published against open recommenders: filler to look like somebody, and spam.

Sources: Lam & Riedl, "Shilling recommender systems for fun and profit", WWW 2004 (random, average);
Mobasher, Burke, Bhaumik & Williams, "Toward trustworthy recommender systems: an analysis of attack
models and algorithm robustness", ACM TOIT 7(4), 2007 (bandwagon, filler size). They know nothing
of the victim. Wired like `copy_the_victim`.
"""

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.attacks.attack import Attack, Said
from web3rec.eval.attacks.copying import names_of, newest
from web3rec.eval.attacks.plan import AttackPlan
from web3rec.eval.attacks.profiles import nothing, pushed, spam_items, together
from web3rec.eval.attacks.scene import Public, Scene
from web3rec.eval.attacks.wiring import ring
from web3rec.eval.attacks.worth import DEEPEST
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import Indices, ItemId

DISTINCT = 256
"""Different sets of filler; further Sybils repeat them. Guess: more differ in nothing that counts,
and ten thousand draws from a large catalogue take seconds."""


def random(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Filler at random from the catalogue, said as anybody says anything; spam at its heaviest.

    Each filler act is (kind, weight) of a random public act, whatever its item.

    Args:
        scene: its `public` says what there is.
        plan: `filler` of the catalogue, within `records`.
        rng: draws the filler.

    Raises:
        ParamError: nobody has published anything.

    Cost: O(256 * items + acts written).
    """
    public = _known(scene)
    what = _filler(len(public.items), plan, 0, rng)
    said = rng.integers(len(public.acts.what), size=what.size)
    kind, weight = public.acts.kind[said], public.acts.weight[said]
    return _filled(scene, plan, public, _by_author(what, kind, weight, plan, scene))


def average(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """Filler at random from the catalogue, each item said as its holders usually do.

    Arguments, errors and cost as for `random`.
    """
    public = _known(scene)
    what = _filler(len(public.items), plan, 0, rng)
    kind, weight = public.usual.kind[what], public.usual.weight[what]
    return _filled(scene, plan, public, _by_author(what, kind, weight, plan, scene))


def bandwagon(scene: Scene, plan: AttackPlan, rng: np.random.Generator) -> Attack:
    """The most popular items at their heaviest, and filler as of `random`: similar to everybody.

    Arguments, errors and cost as for `random`; `plan.selected` items are the popular ones.
    """
    public = _known(scene)
    popular = np.argsort(-public.holders, kind="stable")
    selected = min(plan.selected, len(popular), plan.records - plan.spam_each)
    filler = _filler(len(popular) - selected, plan, selected, rng)
    what = popular[selected:][filler].astype(np.int32)
    said = rng.integers(len(public.acts.what), size=what.size)
    rest = _by_author(what, public.acts.kind[said], public.acts.weight[said], plan, scene)
    authors = _authors(plan, scene)
    who: Indices = np.repeat(np.arange(authors, dtype=np.int32), selected)
    held = np.tile(popular[:selected], authors).astype(np.int32)
    deepest = np.full(who.size, DEEPEST, np.int8)
    heaviest = np.full(who.size, MAX_WEIGHT, np.int8)
    return _filled(scene, plan, public, together(Said(who, held, deepest, heaviest), rest))


def _known(scene: Scene) -> Public:
    if scene.public is None or not scene.public.items:
        raise ParamError("public", scene.public, "acts of somebody: a filler is chosen from them")
    return scene.public


def _authors(plan: AttackPlan, scene: Scene) -> int:
    return plan.sybils + (len(scene.compromised) if plan.turned else 0)


def _filler(items: int, plan: AttackPlan, taken: int, rng: np.random.Generator) -> Indices:
    """int32[sets, filler]: different sets of different items."""
    room = plan.records - plan.spam_each - taken
    size = max(0, min(items, room, max(1, round(plan.filler * items))))
    sets = min(DISTINCT, plan.sybils)
    found: Indices = np.zeros((sets, size), np.int32)
    for row in range(sets):
        found[row] = rng.choice(items, size=size, replace=False, shuffle=False)
    return found


def _by_author(
    what: Indices,
    kind: np.ndarray,
    weight: np.ndarray,
    plan: AttackPlan,
    scene: Scene,
) -> Said:
    """The sets dealt out to all authors in turn."""
    sets, size = what.shape
    if not size:
        return nothing()
    row = np.arange(_authors(plan, scene)) % sets
    who: Indices = np.repeat(np.arange(row.size, dtype=np.int32), size)
    kind, weight = kind.reshape(what.shape), weight.reshape(what.shape)
    return Said(who, what[row].ravel().astype(np.int32), kind[row].ravel(), weight[row].ravel())


def _filled(scene: Scene, plan: AttackPlan, public: Public, filler: Said) -> Attack:
    names, spam = names_of(plan), spam_items(plan)
    authors = _authors(plan, scene)
    heaviest = np.full(authors, MAX_WEIGHT, np.int8)
    trusts, bridges = ring(names, tuple(scene.compromised))
    return Attack(
        names=names,
        turned=tuple(scene.compromised) if plan.turned else (),
        goods=public.items + tuple(ItemId(item.id) for item in spam),
        said=together(filler, pushed(authors, len(public.items), heaviest, plan)),
        when=newest(scene.victim),
        trusts=trusts,
        bridges=bridges,
        fooled=(),
        spam=spam,
    )
