"""Copy the victim: what the attack publishes, and what it leaves alone."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval import strategies as drawn
from tests.web3rec.eval.strategies import ITEMS, PEOPLE
from web3rec.adapters import Act, Dataset, TrustEdge, read_hetrec
from web3rec.errors import ParamError
from web3rec.eval import (
    STRATEGIES,
    Attack,
    AttackPlan,
    Scene,
    copy_the_victim,
    neighbourhood,
    spam_slots_at,
    within,
)
from web3rec.eval.attacks import strategy, worth
from web3rec.types import Event, Item, ItemId, Millis

plans = st.builds(
    AttackPlan,
    sybils=st.integers(1, 8),
    spam=st.integers(3, 10),
    spam_each=st.integers(1, 3),
    copied=st.floats(0, 0.9),
    records=st.integers(4, 20),
)


def copied_share(acts: tuple[Act, ...], attack: Attack) -> float:
    spam = {item.id for item in attack.spam}
    weight = [(worth(act.kind, act.weight), act.item in spam) for act in acts]
    return sum(w for w, is_spam in weight if not is_spam) / sum(w for w, _ in weight)


def test_two_sybils_by_hand(rng: np.random.Generator) -> None:
    """Two friends compromised: one bridge each; both Sybils in a cycle; spam 0-2, then 3, 0, 1."""
    victim = [Act("p0", item, Event.LISTEN, 8, Millis(n)) for n, item in enumerate(ITEMS)]
    plan = AttackPlan(sybils=2, spam=4, spam_each=3)
    attack = copy_the_victim(Scene(victim, ["f", "g"]), plan, rng)
    assert attack.bridges == (TrustEdge("f", "sybil:0"), TrustEdge("g", "sybil:1"))
    assert [s.trust for s in attack.sybils] == [
        (TrustEdge("sybil:0", "sybil:1"),),
        (TrustEdge("sybil:1", "sybil:0"),),
    ]
    pushed = [[str(a.item) for a in s.acts if a.item.startswith("spam")] for s in attack.sybils]
    assert pushed[0] == ["spam:item:0", "spam:item:1", "spam:item:2"]
    assert pushed[1] == ["spam:item:3", "spam:item:0", "spam:item:1"]
    assert {act.at for s in attack.sybils for act in s.acts} == {11}


def test_a_rich_profile_is_copied_to_the_share_that_was_planned(rng: np.random.Generator) -> None:
    victim = [Act("p0", ItemId(f"own:{n}"), Event.LISTEN, 1 + n % 5) for n in range(60)]
    attack = copy_the_victim(Scene(victim, ["f"]), AttackPlan(), rng)
    shares = [copied_share(sybil.acts, attack) for sybil in attack.sybils]
    assert np.mean(shares) == pytest.approx(0.7, abs=0.02)
    assert len({frozenset(a.item for a in sybil.acts) for sybil in attack.sybils}) > 100


@given(st.lists(drawn.acts(), max_size=20), plans, st.integers(0, 99), st.integers(1, 3))
def test_every_attack_keeps_to_its_plan(
    acts: list[Act], plan: AttackPlan, seed: int, n_bad: int
) -> None:
    scene = Scene(acts, PEOPLE[:n_bad])
    attack = copy_the_victim(scene, plan, np.random.default_rng(seed))
    assert attack.sybils == copy_the_victim(scene, plan, np.random.default_rng(seed)).sybils
    assert len(attack.sybils) == plan.sybils == len({s.name for s in attack.sybils})
    assert len(attack.spam) == plan.spam
    spam, own = {item.id for item in attack.spam}, {a.item for a in acts if not a.kind.is_local}
    for sybil in attack.sybils:
        items = [act.item for act in sybil.acts]
        assert len(items) == len(set(items)) <= plan.records
        assert len(spam & set(items)) == plan.spam_each
        assert set(items) <= spam | own
        assert all(act.user == sybil.name and 1 <= act.weight <= 8 for act in sybil.acts)
        assert not any(act.kind.is_local for act in sybil.acts)
    names = {s.name for s in attack.sybils}
    assert {e.target for s in attack.sybils for e in s.trust} == (
        names if len(names) > 1 else set()
    )
    assert {e.source for e in attack.bridges} == set(PEOPLE[:n_bad])
    assert {e.target for e in attack.bridges} == names


@given(drawn.datasets(), plans)
def test_honest_people_are_left_as_they_were(data: Dataset, plan: AttackPlan) -> None:
    victim = [act for act in data.acts if act.user == "p0"]
    attack = copy_the_victim(Scene(victim, ["p1"]), plan, np.random.default_rng(0))
    after = attack.on(data)
    assert tuple(a for a in after.acts if a.user in PEOPLE) == data.acts
    honest = tuple(e for e in data.trust if e.source != "p1")
    assert tuple(e for e in after.trust if e.source in PEOPLE and e.source != "p1") == honest
    assert all(e.target.startswith("sybil:") for e in after.trust if e.source == "p1")
    assert after.items == (*data.items, *attack.spam)
    assert len(after.people) == len(data.people) + plan.sybils


def test_deeper_and_more_often_is_never_worth_less() -> None:
    kinds = [Event.LISTEN, Event.LIKE, Event.SHARE, Event.COLLECT]
    for weight in range(1, 9):
        depth = [worth(kind, weight) for kind in kinds]
        assert depth == sorted(depth)
        assert worth(Event.SKIP, weight) == 0
    assert [worth(Event.LISTEN, w) for w in range(1, 9)] == sorted(
        worth(Event.LISTEN, w) for w in range(1, 9)
    )


def test_with_nobody_compromised_nobody_trusts_a_sybil(rng: np.random.Generator) -> None:
    attack = copy_the_victim(Scene([], []), AttackPlan(sybils=3), rng)
    assert attack.bridges == attack.fooled == ()
    assert len(attack.sybils) == 3


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        ({"sybils": 0}, "sybils"),
        ({"spam": 0}, "spam"),
        ({"spam": 2, "spam_each": 3}, "spam_each"),
        ({"records": 3}, "records"),
        ({"filler": 0}, "filler"),
        ({"selected": -1}, "selected"),
        ({"audience": 1.1}, "audience"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan: dict[str, float], name: str) -> None:
    with pytest.raises(ParamError, match=name):
        AttackPlan(**plan)  # type: ignore[arg-type]
    with pytest.raises(ParamError, match="copied"):
        AttackPlan(copied=float("nan"))


def test_the_strategies_go_by_their_names() -> None:
    assert STRATEGIES["copy"] is strategy("copy-the-victim") is copy_the_victim
    with pytest.raises(ParamError, match="strategy must be one of line, cycle"):
        strategy("nuke")
    assert (
        Item("spam:item:0", title="Spam 0")
        in copy_the_victim(Scene([], ["f"]), AttackPlan(sybils=1), np.random.default_rng(0)).spam
    )


@pytest.mark.slow
def test_without_a_defence_a_copied_profile_takes_the_whole_list(
    hetrec_zip: Path, rng: np.random.Generator
) -> None:
    """RP3beta(.3) on the real Last.fm graph, everyone admitted: all 20 places are spam."""
    data = read_hetrec(hetrec_zip)
    around = neighbourhood(data, 1, 300, rng)
    ego = around.egos[0]
    friend = next(edge.target for edge in data.trust if edge.source == ego)
    own = [act for act in data.acts if act.user == ego]
    attack = copy_the_victim(Scene(own, [friend]), AttackPlan(), rng)
    after = attack.on(within(data, around.people))
    user = {person: n for n, person in enumerate(after.people)}
    item = {described.id: n for n, described in enumerate(after.items)}
    rows = np.zeros((len(user), len(item)))
    for act in after.acts:
        rows[user[act.user], item[act.item]] += worth(act.kind, act.weight)
    listeners = np.maximum((rows > 0).sum(axis=0), 1)
    rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1e-12)
    own_row = rows[user[ego]]
    score = (rows @ (own_row / np.maximum(rows.sum(axis=0), 1e-12))) @ rows / listeners**0.3
    score[own_row > 0] = -1
    spam = {pushed.id for pushed in attack.spam}
    best = [after.items[n].id in spam for n in np.argsort(-score)[:20]]
    assert spam_slots_at(best, 20) == 20


def test_a_thin_profile_is_copied_whole_and_the_spam_made_light(rng: np.random.Generator) -> None:
    """One listen is worth log 2; nothing that light can carry 70 %, so spam weighs its least."""
    attack = copy_the_victim(
        Scene([Act("p0", ITEMS[0], Event.LISTEN)], ["f"]), AttackPlan(sybils=3), rng
    )
    for sybil in attack.sybils:
        assert sybil.acts[0].item == ITEMS[0]
        assert [act.weight for act in sybil.acts] == [1, 1, 1, 1]
