"""The ten strategies: what each publishes, by hand and by law."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval.towns import town
from web3rec.adapters import Act, TrustEdge
from web3rec.errors import ParamError
from web3rec.eval.attacks import (
    STRATEGIES,
    Attack,
    AttackPlan,
    Public,
    Scene,
    average,
    bandwagon,
    camouflage,
    copy_the_victim,
    cycle,
    line,
    random,
    slow_trust,
    star,
    two_bridges,
    worth,
)
from web3rec.types import Event, ItemId, Millis

TOWN = town()
PUBLIC = Public.of(TOWN.acts)
VICTIM = tuple(act for act in TOWN.acts if act.user == "p0")
SCENE = Scene(VICTIM, ("p1", "p2"), PUBLIC, onlookers=("p3", "p4", "p21"), careless=("p22", 4.0))


def edges(attack: Attack) -> list[tuple[int, int]]:
    """Among Sybils, by number."""
    return [(int(a), int(b)) for a, b in zip(*attack.trusts, strict=True)]


def ways_in(attack: Attack) -> list[tuple[str, str]]:
    return [(edge.source, edge.target.removeprefix("sybil:")) for edge in attack.bridges]


def test_lines_by_hand(rng: np.random.Generator) -> None:
    """Two fallen friends, five Sybils: the lines 0-2-4 and 1-3."""
    attack = line(SCENE, AttackPlan(sybils=5), rng)
    assert edges(attack) == [(0, 2), (1, 3), (2, 4)]
    assert ways_in(attack) == [("p1", "0"), ("p2", "1")]


def test_cycles_by_hand(rng: np.random.Generator) -> None:
    """The same lines, and each one's last trusts its first."""
    attack = cycle(SCENE, AttackPlan(sybils=5), rng)
    assert edges(attack) == [(0, 2), (1, 3), (2, 4), (3, 1), (4, 0)]
    assert ways_in(attack) == [("p1", "0"), ("p2", "1")]


def test_stars_by_hand(rng: np.random.Generator) -> None:
    """The hubs 0 and 1; 2 and 4 around the one, 3 around the other."""
    attack = star(SCENE, AttackPlan(sybils=5), rng)
    assert edges(attack) == [(0, 2), (0, 4), (1, 3), (2, 0), (3, 1), (4, 0)]
    assert ways_in(attack) == [("p1", "0"), ("p2", "1")]


@pytest.mark.parametrize("shape", [line, cycle, star, copy_the_victim])
def test_one_sybil_trusts_nobody_and_all_the_fallen_trust_it(
    shape: object, rng: np.random.Generator
) -> None:
    assert callable(shape)
    attack = shape(SCENE, AttackPlan(sybils=1), rng)
    assert edges(attack) == []
    assert ways_in(attack) == [("p1", "0"), ("p2", "0")]


def test_slow_trust_wins_a_quarter_of_the_onlookers_and_trust_is_mutual(
    rng: np.random.Generator,
) -> None:
    """Three onlookers, a quarter, rounded up: one of them."""
    attack = slow_trust(SCENE, AttackPlan(sybils=3), rng)
    assert edges(attack) == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert len(attack.fooled) == 1
    assert attack.fooled[0].source in SCENE.onlookers
    everyone = slow_trust(SCENE, AttackPlan(sybils=2, audience=1.0), rng)
    assert [e.source for e in everyone.fooled] == sorted(SCENE.onlookers)


def test_the_second_bridge_is_as_light_as_a_record_can_say(rng: np.random.Generator) -> None:
    """1 % of 4 is less than an eighth; of 99 it is 1 of 100 in all."""
    assert two_bridges(SCENE, AttackPlan(), rng).fooled == (TrustEdge("p22", "sybil:0", 1 / 8),)
    rich = replace(SCENE, careless=("p22", 99.0))
    assert two_bridges(rich, AttackPlan(), rng).fooled == (TrustEdge("p22", "sybil:0", 1.0),)
    alone = replace(SCENE, careless=None)
    assert two_bridges(alone, AttackPlan(), rng).fooled == ()


def test_average_says_of_an_item_what_its_holders_say(rng: np.random.Generator) -> None:
    acts = [
        Act("a", ItemId("x"), Event.LIKE, 2),
        Act("b", ItemId("x"), Event.LIKE, 5),
        Act("c", ItemId("x"), Event.LISTEN, 6),
        Act("c", ItemId("y"), Event.COLLECT, 1),
        Act("c", ItemId("z"), Event.SKIP, 1),
    ]
    scene = Scene([], ["p1"], Public.of(acts))
    attack = average(scene, AttackPlan(sybils=2, filler=1.0), rng)
    for sybil in attack.sybils:
        filler = [a for a in sybil.acts if not a.item.startswith("spam")]
        assert sorted((a.item, a.kind, a.weight) for a in filler) == [
            ("x", Event.LIKE, 4),
            ("y", Event.COLLECT, 1),
        ]


def test_random_filler_is_a_share_of_the_catalogue_said_as_anybody_says_it(
    rng: np.random.Generator,
) -> None:
    attack = random(SCENE, AttackPlan(sybils=20, filler=0.1), rng)
    share = round(0.1 * len(PUBLIC.items))
    assert all(len(sybil.acts) == share + 3 for sybil in attack.sybils)
    said = {(act.kind, act.weight) for sybil in attack.sybils for act in sybil.acts}
    assert said <= {(act.kind, act.weight) for act in TOWN.acts} | {(Event.COLLECT, 8)}
    assert len({frozenset(a.item for a in sybil.acts) for sybil in attack.sybils}) > 10


def test_a_bandwagon_holds_what_most_people_hold_at_its_heaviest(rng: np.random.Generator) -> None:
    attack = bandwagon(SCENE, AttackPlan(sybils=3, selected=4, filler=0.1), rng)
    order = np.argsort(-PUBLIC.holders, kind="stable")[:4]
    popular = {PUBLIC.items[n] for n in order}
    for sybil in attack.sybils:
        held = {a.item for a in sybil.acts if (a.kind, a.weight) == (Event.COLLECT, 8)}
        assert popular <= held


def test_camouflage_wears_whole_faces_with_a_tenth_of_spam(rng: np.random.Generator) -> None:
    acts = [
        Act(f"p{n}", ItemId(f"i:{n + k}"), Event.LISTEN, 1 + k % 4)
        for n in range(9)
        for k in range(60)
    ]
    faces = {frozenset(f"i:{n + k}" for k in range(60)) for n in range(9)}
    attack = camouflage(Scene([], ["p1"], Public.of(acts)), AttackPlan(sybils=30), rng)
    shares = []
    for sybil in attack.sybils:
        spam = [act for act in sybil.acts if act.item.startswith("spam")]
        assert len(spam) == 1
        assert frozenset(act.item for act in sybil.acts if act not in spam) in faces
        weights = [worth(act.kind, act.weight) for act in sybil.acts]
        shares.append(worth(spam[0].kind, spam[0].weight) / sum(weights))
    assert 0.06 < np.mean(shares) <= 0.1
    thin = camouflage(Scene([], ["p1"], Public.of(acts)), AttackPlan(sybils=3, records=11), rng)
    assert all(len(sybil.acts) == 11 for sybil in thin.sybils)


@pytest.mark.parametrize("name", ["random", "average", "bandwagon", "camouflage"])
def test_a_strategy_that_needs_to_know_what_is_public_says_so(
    name: str, rng: np.random.Generator
) -> None:
    with pytest.raises(ParamError, match="public must be acts of somebody"):
        STRATEGIES[name](Scene(VICTIM, ["p1"]), AttackPlan(), rng)


plans = st.builds(
    AttackPlan,
    sybils=st.sampled_from([1, 2, 10, 100]),
    spam=st.integers(3, 10),
    spam_each=st.integers(1, 3),
    copied=st.floats(0, 0.9),
    records=st.integers(4, 40),
    filler=st.floats(0.01, 1),
    selected=st.integers(0, 50),
    audience=st.floats(0, 1),
    turned=st.booleans(),
)


@given(st.sampled_from(sorted(STRATEGIES)), plans, st.integers(0, 3), st.integers(0, 99))
def test_every_strategy_keeps_to_the_rules(
    name: str, plan: AttackPlan, fallen: int, seed: int
) -> None:
    """Identities are free, everything else is not: edges into the Sybils, acts, other people."""
    scene = replace(SCENE, compromised=("p1", "p2", "p23")[:fallen])
    attack = STRATEGIES[name](scene, plan, np.random.default_rng(seed))
    again = STRATEGIES[name](scene, plan, np.random.default_rng(seed))
    assert attack.sybils == again.sybils
    assert (attack.bridges, attack.fooled) == (again.bridges, again.fooled)
    names = {f"sybil:{n}" for n in range(plan.sybils)}
    assert set(attack.names) == names
    assert attack.turned == (scene.compromised if plan.turned else ())
    spam = {item.id for item in attack.spam}
    assert len(spam) == plan.spam
    assert not spam & set(PUBLIC.items)
    each = 1 if name == "camouflage" else plan.spam_each
    assert (np.diff(attack.said.who) >= 0).all()
    for who in range(len(attack.authors)):
        said = attack.said.what[attack.said.who == who]
        items = [attack.goods[place] for place in said]
        assert len(items) == len(set(items)) <= plan.records
        assert len(spam & set(items)) == each
        assert set(items) <= spam | set(PUBLIC.items)
    assert ((attack.said.weight >= 1) & (attack.said.weight <= 8)).all()
    for sybil in attack.sybils:
        assert {edge.target for edge in sybil.trust} <= names - {sybil.name}
    assert {edge.source for edge in attack.bridges} == set(scene.compromised)
    assert {edge.target for edge in (*attack.bridges, *attack.fooled)} <= names
    assert not {edge.source for edge in attack.fooled} & {*scene.compromised, "p0"}
    if not fallen:
        assert attack.bridges == attack.fooled == ()


def test_the_turned_say_what_a_sybil_says_and_their_own_is_withdrawn() -> None:
    plan = AttackPlan(sybils=2, turned=True)
    attack = copy_the_victim(SCENE, plan, np.random.default_rng(0))
    after = attack.on(TOWN)
    for friend in SCENE.compromised:
        said = {act.item for act in after.acts if act.user == friend}
        assert said <= {act.item for act in VICTIM} | {item.id for item in attack.spam}
        assert len(said & {item.id for item in attack.spam}) == 3
    assert [name for name in after.people if name in SCENE.compromised] == ["p1", "p2"]


def test_acts_carry_the_time_of_the_victims_newest() -> None:
    victim = [replace(act, at=Millis(5_000 + n)) for n, act in enumerate(VICTIM)]
    for name, attacker in STRATEGIES.items():
        attack = attacker(replace(SCENE, victim=victim), AttackPlan(), np.random.default_rng(0))
        assert attack.when == 5_000 + len(victim) - 1, name


def test_what_is_public_by_hand() -> None:
    """Of two acts of one pair the heavier counts; local acts are nobody's business."""
    public = Public.of(
        [
            Act("b", ItemId("y"), Event.LISTEN, 1),
            Act("b", ItemId("y"), Event.COLLECT, 3),
            Act("a", ItemId("x"), Event.LIKE, 2),
            Act("a", ItemId("y"), Event.LIKE, 4),
            Act("c", ItemId("w"), Event.VIEW, 1),
        ]
    )
    assert public.items == ("x", "y")
    assert public.people == ("a", "b")
    assert public.holders.tolist() == [1, 2]
    assert public.profile(1).weight.tolist() == [3]
    assert public.usual.weight.tolist() == [2, 4]
