"""The window as arrays: weights by hand, and that nothing shows but the set of records."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec import worlds
from tests.web3rec.graph.snapshots import assert_same
from tests.web3rec.worlds import EGO, NOON, PARAMS, World, item, listens, peer, trusting
from web3rec.graph import KIND_VALUE, Act, Endorsement, Snapshot, snapshot
from web3rec.params import WindowParams
from web3rec.records.model import DAY, Kind
from web3rec.types import ItemKey, Millis

WINDOW = PARAMS.window
HALF_LIFE = int(WINDOW.half_life_days * DAY)
collisions = st.lists(
    st.builds(
        Act,
        st.integers(0, 2).map(peer),
        st.integers(0, 3),  # an author may contradict itself: one n, two acts
        st.integers(0, 3).map(item),
        st.sampled_from(worlds.KINDS),
        st.integers(1, 8),
        st.integers(NOON - 90 * DAY, NOON),
    ),
    max_size=14,
)
promises = st.lists(
    st.builds(
        Endorsement,
        st.integers(0, 3).map(peer),
        st.integers(0, 3),
        st.integers(0, 3).map(peer),
        st.integers(1, 8),
        st.integers(NOON - 900 * DAY, NOON),
    ),
    max_size=10,
)


def made(
    acts: list[Act], edges: list[Endorsement] | None = None, params: WindowParams = WINDOW
) -> Snapshot:
    return snapshot(acts, edges or [], EGO, {}, params)


def weight(found: Snapshot, person: int, key: int) -> float:
    """a(u, i)."""
    user, number = found.users.number(peer(person)), found.items.number(item(key))
    assert user is not None
    if number is None:
        return 0.0
    cols, weights = found.rows.row(user)
    return float(weights[cols == number].sum())


# -- weights, by hand --------------------------------------------------------------------------


def test_an_act_one_half_life_older_weighs_half() -> None:
    acts = [
        Act(EGO, 1, item(1), Kind.LISTEN, 1, NOON),
        Act(EGO, 2, item(2), Kind.LISTEN, 1, NOON - HALF_LIFE),
    ]
    found = made(acts)
    assert weight(found, 0, 1) == pytest.approx(2 / 3)
    assert weight(found, 0, 2) == pytest.approx(1 / 3)


def test_acts_of_one_pair_saturate() -> None:
    """Item 1: listened to now and one half-life ago, log(1 + 1 + 1/2); item 2: once, log(1 + 1)."""
    acts = [
        Act(EGO, 1, item(1), Kind.LISTEN, 1, NOON),
        Act(EGO, 2, item(1), Kind.LISTEN, 1, NOON - HALF_LIFE),
        Act(EGO, 3, item(2), Kind.LISTEN, 1, NOON),
    ]
    found = made(acts)
    assert weight(found, 0, 1) / weight(found, 0, 2) == pytest.approx(np.log(2.5) / np.log(2))


def test_a_bucket_stands_for_four_times_as_many_repetitions() -> None:
    acts = [
        Act(EGO, 1, item(1), Kind.LIKE, 3, NOON),
        Act(EGO, 2, item(2), Kind.LISTEN, 1, NOON),
    ]
    found = made(acts)
    ratio = np.log1p(2 * 4.0**2) / np.log1p(1)
    assert weight(found, 0, 1) / weight(found, 0, 2) == pytest.approx(ratio)


def test_an_act_of_long_ago_fades_to_almost_nothing_and_no_further() -> None:
    acts = [
        Act(EGO, 1, item(1), Kind.LISTEN, 1, NOON),
        Act(EGO, 2, item(2), Kind.LISTEN, 1, 0),
    ]
    found = made(acts, params=WindowParams(half_life_days=0.01))
    assert weight(found, 0, 2) == pytest.approx(2.0**-60)


def test_kinds_are_worth_more_the_deeper_they_go() -> None:
    order = [Kind.LISTEN, Kind.LIKE, Kind.SHARE, Kind.COLLECT]
    values = [KIND_VALUE[kind] for kind in order]
    assert values == sorted(values)
    assert set(order) == set(KIND_VALUE)


@given(collisions, st.data())
def test_a_deeper_act_never_weighs_less(acts: list[Act], data: st.DataObject) -> None:
    acts = [act._replace(n=n) for n, act in enumerate(acts)]
    if not acts:
        return
    at = data.draw(st.integers(0, len(acts) - 1))
    act = acts[at]
    deeper = data.draw(
        st.sampled_from([k for k in worlds.KINDS if KIND_VALUE[k] >= KIND_VALUE[act.kind]])
    )
    more = data.draw(st.integers(act.weight, 8))
    raised = [*acts[:at], act._replace(kind=deeper, weight=more), *acts[at + 1 :]]
    person, key = int.from_bytes(act.author), int.from_bytes(act.key)
    assert weight(made(raised), person, key) >= weight(made(acts), person, key) - 1e-15


@given(collisions)
def test_rows_sum_to_one_and_columns_are_the_same_numbers(acts: list[Act]) -> None:
    found = made(acts)
    holders = {act.author for act in acts}
    for number, term in enumerate(found.users.terms):
        total = found.rows.row(number)[1].sum()
        assert total == pytest.approx(1 if term in holders else 0, abs=1e-6)  # single precision
    turned = found.rows.transpose()
    np.testing.assert_array_equal(turned.weights, found.cols.weights)
    np.testing.assert_array_equal(turned.cols, found.cols.cols)


# -- nothing shows but the set -----------------------------------------------------------------


@given(collisions, promises, st.integers(1, 3), st.data())
def test_neither_order_nor_repetition_can_show(
    acts: list[Act], edges: list[Endorsement], bound: int, data: st.DataObject
) -> None:
    params = WindowParams(per_author=bound)
    told = data.draw(st.permutations(acts + acts[:4])), data.draw(st.permutations(edges * 2))
    assert_same(made(*told, params), made(acts, edges, params))


@given(collisions, st.integers(-(10**8), 10**8))
def test_only_differences_of_times_count(acts: list[Act], shift: int) -> None:
    """No landmark: the same acts a hundred days later, the same numbers to the last bit."""
    assert_same(made([act._replace(t=act.t + shift) for act in acts]), made(acts))


@given(worlds.worlds(), st.data())
def test_forgotten_acts_leave_no_trace(world: World, data: st.DataObject) -> None:
    """The law of the house, at stage 6: who forgot has what one has who never knew."""
    known = dict.fromkeys(world.acts)
    for gone in data.draw(st.lists(st.sampled_from(world.acts), unique=True)):
        del known[gone]
    innocent = [act for act in world.acts if act in known]
    own = {act.key for act in innocent if act.author == EGO}
    touched = {key: at for key, at in world.touched.items() if key in own}
    forgetful = replace(world, acts=list(reversed(list(known))), touched=touched)
    never = World(innocent, world.edges, dict(reversed(list(touched.items()))))
    assert_same(forgetful.snapshot(), never.snapshot())
    assert all(term in {a.key for a in innocent} for term in never.snapshot().items.terms)


# -- bounds ------------------------------------------------------------------------------------


@given(collisions, st.integers(1, 4))
def test_no_author_counts_for_more_than_the_bound(acts: list[Act], bound: int) -> None:
    acts = [act._replace(n=n) for n, act in enumerate(acts)]
    newest = [
        act
        for act in acts
        if sum(other.author == act.author and other.n > act.n for other in acts) < bound
    ]
    params = WindowParams(per_author=bound)
    assert_same(made(acts, params=params), made(newest))


def test_nobody_at_all_is_an_ego_alone() -> None:
    found = made([])
    assert (len(found.users), len(found.items), found.ego) == (1, 0, 0)
    assert found.rows.nnz == found.trust.n_edges == 0


# -- trust edges -------------------------------------------------------------------------------


def test_the_newest_endorsement_of_a_pair_counts() -> None:
    edges = [Endorsement(EGO, 2, peer(1), 3), Endorsement(EGO, 1, peer(1), 8)]
    assert made([], edges).trust.edges()[2].tolist() == [3 / 8]
    tied = [Endorsement(EGO, 2, peer(1), 3), Endorsement(EGO, 2, peer(1), 5)]
    assert made([], tied).trust == made([], tied[::-1]).trust


def test_an_edge_to_oneself_is_left_out_and_the_endorsed_are_known() -> None:
    found = made([], trusting([(0, 0, 8), (1, 2, 8)]))
    assert found.users.terms == (peer(0), peer(1), peer(2))
    assert list(zip(*(a.tolist() for a in found.trust.edges()), strict=True)) == [(1, 2, 1.0)]


def test_a_promise_one_half_life_older_than_its_authors_newest_weighs_half() -> None:
    """The ego's two are a year apart; the other's only one is as old, and does not fade."""
    edges = [
        Endorsement(EGO, 1, peer(1), 8, NOON - 365 * DAY),
        Endorsement(EGO, 2, peer(2), 4, NOON),
        Endorsement(peer(1), 1, peer(2), 8, NOON - 365 * DAY),
    ]
    assert made([], edges).trust.edges()[2].tolist() == [0.5, 0.5, 1.0]
    never = WindowParams(trust_half_life_days=float("inf"))
    assert made([], edges, never).trust.edges()[2].tolist() == [1.0, 0.5, 1.0]


def test_a_promise_that_was_replaced_ages_nobody() -> None:
    edges = [
        Endorsement(EGO, 1, peer(1), 8, NOON),
        Endorsement(EGO, 2, peer(1), 8, NOON - 365 * DAY),
        Endorsement(EGO, 0, peer(2), 8, NOON - 365 * DAY),
    ]
    assert made([], edges).trust.edges()[2].tolist() == [1.0, 1.0]


@given(promises, st.integers(-(10**8), 10**8))
def test_only_differences_of_times_count_for_promises_too(
    edges: list[Endorsement], shift: int
) -> None:
    later = [edge._replace(t=edge.t + shift) for edge in edges]
    assert made([], later).trust == made([], edges).trust


# -- recency -----------------------------------------------------------------------------------


def test_recency_counts_the_items_touched_later_and_ties_share_a_rank() -> None:
    """Touched on days 1 (items 1 and 2), 2 (item 3) and 3 (item 4); item 5 is somebody else's."""
    world = World(listens([(0, 1), (0, 2), (0, 3), (0, 4), (1, 5)]))
    touched = {item(n): Millis(day) for n, day in [(1, 1), (2, 1), (3, 2), (4, 3), (9, 4)]}
    found = replace(world, touched=touched).snapshot()
    assert found.recency.tolist() == [2, 2, 1, 0, 0]


@given(worlds.worlds(), st.integers(-(10**9), 10**9))
def test_recency_is_a_rank_and_so_knows_no_clock(world: World, shift: int) -> None:
    later: dict[ItemKey, Millis] = {key: Millis(at + shift) for key, at in world.touched.items()}
    assert_same(replace(world, touched=later).snapshot(), world.snapshot())
