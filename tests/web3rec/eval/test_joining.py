"""An attack joined to a graph is the graph of all its records, for every strategy."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.test_arena import same
from tests.web3rec.eval.towns import town
from web3rec.eval.arena import Arena
from web3rec.eval.attacks import STRATEGIES, AttackPlan, Public, Scene

TOWN = town(people=10, items=20)
ARENA = Arena.of(TOWN)
SCENE = Scene(
    tuple(act for act in TOWN.acts if act.user == "p0"),
    (),
    Public.of(TOWN.acts),
    onlookers=("p3", "p4"),
    careless=("p8", 4.0),
)


@given(
    st.sampled_from(sorted(STRATEGIES)),
    st.integers(0, 3),
    st.integers(1, 9),
    st.booleans(),
    st.integers(0, 9),
)
def test_an_attack_joined_is_the_attack_read(
    name: str, fallen: int, sybils: int, turned: bool, seed: int
) -> None:
    scene = replace(SCENE, compromised=("p1", "p2", "p9")[:fallen])
    plan = AttackPlan(sybils=sybils, spam=4, turned=turned, filler=0.3, selected=2)
    attack = STRATEGIES[name](scene, plan, np.random.default_rng(seed))
    quick, slow = ARENA.attacked(attack), Arena.of(attack.on(TOWN))
    same(quick.snapshot_for("p0"), slow.snapshot_for("p0"))
    assert quick.people == slow.people
    assert quick.items == slow.items
