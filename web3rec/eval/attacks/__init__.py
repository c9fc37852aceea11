"""Attacks as data: who joins, what they say, whom they trust. Nothing here knows the defence.

An attacker owns any number of free identities (Sybils) and a few *compromised* people whom the
victim trusts; only through these can the Sybils receive trust. What the attacker knows of the
victim, and of everybody else, is what they have made public.

    plan ──► profiles (what a Sybil says) ─┐
    scene ─► wiring (whom it trusts) ──────┴─► a strategy ─► Attack

A strategy is a function `(Scene, AttackPlan, rng) -> Attack`; `STRATEGIES` names those there are.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from web3rec.errors import ParamError
from web3rec.eval.attacks.attack import Attack, Sybil
from web3rec.eval.attacks.copying import copy_the_victim, cycle, line, star
from web3rec.eval.attacks.filling import average, bandwagon, random
from web3rec.eval.attacks.patience import camouflage, slow_trust, two_bridges
from web3rec.eval.attacks.plan import AttackPlan
from web3rec.eval.attacks.scene import Public, Scene
from web3rec.eval.attacks.worth import worth

__all__ = [
    "ALIASES",
    "STRATEGIES",
    "Attack",
    "AttackPlan",
    "Public",
    "Scene",
    "Strategy",
    "Sybil",
    "average",
    "bandwagon",
    "camouflage",
    "copy_the_victim",
    "cycle",
    "line",
    "random",
    "slow_trust",
    "star",
    "strategy",
    "two_bridges",
    "worth",
]

Strategy = Callable[[Scene, AttackPlan, np.random.Generator], Attack]

STRATEGIES: Final[Mapping[str, Strategy]] = {
    "line": line,
    "cycle": cycle,
    "star": star,
    "copy": copy_the_victim,
    "bandwagon": bandwagon,
    "average": average,
    "random": random,
    "slow-trust": slow_trust,
    "two-bridges": two_bridges,
    "camouflage": camouflage,
}
"""Every strategy by its name on the command line."""

ALIASES: Final[Mapping[str, str]] = {"copy-the-victim": "copy"}
"""Other names in use."""


def strategy(name: str) -> Strategy:
    """The strategy of that name or alias. Raises ParamError, naming those there are."""
    found = STRATEGIES.get(ALIASES.get(name, name))
    if found is None:
        raise ParamError("strategy", name, f"one of {', '.join(STRATEGIES)}")
    return found
