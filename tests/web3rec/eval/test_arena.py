"""The arena gives the graph that the records themselves give, honest and attacked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust import TrustParams
from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.errors import DataError
from web3rec.eval.arena import Arena, item_key, person_key
from web3rec.eval.attacks import AttackPlan, Scene, copy_the_victim
from web3rec.graph import Snapshot
from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.types import Event, Item, ItemId, Millis
from web3rec.view import look

PEOPLE = ("ann", "bob", "cid", "dee")
ITEMS = tuple(Item(ItemId(f"i:{n}")) for n in range(5))


def same(one: Snapshot, other: Snapshot) -> None:
    assert one.users.terms == other.users.terms
    assert one.items.terms == other.items.terms
    assert one.ego == other.ego
    for a, b in ((one.rows, other.rows), (one.cols, other.cols)):
        assert np.array_equal(a.starts, b.starts)
        assert np.array_equal(a.cols, b.cols)
        assert np.array_equal(a.weights, b.weights)
    assert one.trust == other.trust
    assert np.array_equal(one.recency, other.recency)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    acts = draw(
        st.lists(
            st.builds(
                lambda u, i, w, at: Act(u, ItemId(ITEMS[i].id), Event.LISTEN, w, Millis(at)),
                st.sampled_from(PEOPLE),
                st.integers(0, 4),
                st.integers(1, 8),
                st.integers(0, 10**12),
            ),
            min_size=1,
            max_size=15,
        )
    )
    pairs = [(u, v) for u in PEOPLE for v in PEOPLE if u != v]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8))
    # Whoever only a withdrawn edge named keeps a number in the arena: let everyone have an act.
    acts += [Act(name, ItemId("i:0"), Event.LIKE, 1, Millis(5)) for name in PEOPLE]
    trust = tuple(TrustEdge(u, v) for u, v in [*chosen, ("ann", "bob")])
    return Dataset("small", PEOPLE, ITEMS, tuple(acts), tuple(dict.fromkeys(trust)))


@given(datasets())
def test_an_arena_shows_an_ego_what_the_records_show_it(dataset: Dataset) -> None:
    arena = Arena.of(dataset)
    found = arena.view("ann")
    touched = arena.times[person_key(0)]
    from web3rec.eval.arena import _endorsed, _stated  # noqa: PLC0415 - the same records

    want = look(
        _stated(dataset.acts, arena.people, arena.items),
        _endorsed(dataset.trust, arena.people),
        touched,
        (),
        person_key(0),
        Mode.CLOSED,
        Params(),
        TrustParams(),
    )
    same(found.snapshot, want.snapshot)
    assert np.array_equal(found.trust.phi, want.trust.phi)


@given(datasets(), st.integers(1, 5), st.integers(0, 99))
def test_an_attack_on_the_arena_is_the_arena_of_the_attack(
    dataset: Dataset, sybils: int, seed: int
) -> None:
    scene = Scene([act for act in dataset.acts if act.user == "ann"], ["bob"])
    plan = AttackPlan(sybils=sybils, spam=4)
    attack = copy_the_victim(scene, plan, np.random.default_rng(seed))
    quick = Arena.of(dataset).attacked(attack)
    slow = Arena.of(attack.on(dataset))
    same(quick.snapshot_for("ann"), slow.snapshot_for("ann"))
    assert quick.people == slow.people
    assert quick.items == slow.items


def test_lists_come_back_in_the_data_sets_own_names() -> None:
    acts = tuple(
        Act(user, ItemId(f"i:{n}"), Event.LISTEN)
        for user, n in [("ann", 0), ("bob", 0), ("bob", 1), ("cid", 0), ("cid", 2)]
    )
    dataset = Dataset("tiny", PEOPLE, ITEMS, acts, (TrustEdge("ann", "bob"),))
    arena = Arena.of(dataset)
    found = arena.listing(arena.view("ann"), 5)
    assert arena.named(entry.key for entry in found.entries) == ["i:1"]
    assert [e.key for e in found.entries] == [item_key(1)]
    left = arena.listing(arena.view("ann"), 5, closed=[ItemId("i:1")])
    assert left.entries == ()


def test_an_ego_without_acts_and_friends_is_refused_by_name() -> None:
    acts = (Act("ann", ItemId("i:0"), Event.LISTEN),)
    arena = Arena.of(Dataset("tiny", PEOPLE, ITEMS, acts))
    with pytest.raises(DataError, match="'dee' has neither acts nor friends"):
        arena.view("dee")
    with pytest.raises(DataError, match="no people"):
        Arena.of(replace(Dataset("none", (), (), ()), people=()))
