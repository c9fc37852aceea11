"""Taste ranks: SALSA by hand, its laws, and the dense definition as oracle."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from tests.web3rec.worlds import (
    EGO,
    NOON,
    PARAMS,
    TRUST,
    Siege,
    World,
    item,
    listens,
    peer,
    sieges,
    trusting,
    worlds,
)
from trust import stop_mass
from web3rec.graph import Csr, Snapshot
from web3rec.params import Params, RankParams
from web3rec.rank.admission import Admission, Mode, admission
from web3rec.rank.salsa import back, discount, own_start, salsa, social_share, social_start
from web3rec.records.model import DAY
from web3rec.types import ItemKey, Millis, Weights
from web3rec.view import View

RANK = PARAMS.rank
KEEP_ALL = RankParams(restart=0.5, eta=0.0)


def masses(graph: Snapshot) -> st.SearchStrategy[Weights]:
    n = len(graph.items)
    return st.lists(st.floats(0, 1), min_size=n, max_size=n).map(lambda xs: np.array(xs, float))


def voices(n: int) -> st.SearchStrategy[Weights]:
    """Any admission, silence included."""
    one = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-9, 1))
    return st.lists(one, min_size=n, max_size=n).map(lambda xs: np.array(xs, float))


def heard_back(graph: Snapshot, items: Weights, w: Weights, floor: float = 0.0) -> Weights:
    """One step back, Z taken from its definition."""
    return back(graph, items, w, w @ dense.full(graph.rows), floor)


def admitted(graph: Snapshot, weights: Weights) -> Admission:
    return Admission(weights, 1.0, weights @ (dense.full(graph.rows) > 0))


# -- by hand ----------------------------------------------------------------------------------


def test_one_round_trip_by_hand() -> None:
    """The ego holds 0; person 1 holds 0 and 1, one half each; person 2 holds 2 alone.

    Item 0 is heard by the ego (1) and by 1 (1/2): Z = 3/2, so a third of the mass goes to person
    1, who passes half of it on to item 1. All of it times rho.
    """
    view = World(listens([(0, 0), (1, 0), (1, 1), (2, 2)])).view(Mode.OPEN)
    rank = RankParams(restart=0.5, eta=0.0)
    # One own item would make a quarter of the start social; trust is nobody's, so there is none.
    found = salsa(view.snapshot, view.admission, view.trust.tau, rank)
    np.testing.assert_allclose(found.start, [1, 0, 0])
    np.testing.assert_allclose(found.speakers, np.array([2, 1, 0]) / 3 * 0.5)
    np.testing.assert_allclose(found.scores, np.array([5 / 6, 1 / 6, 0]) * 0.5)


def test_the_discount_is_of_the_admitted_and_never_a_bonus() -> None:
    np.testing.assert_allclose(discount(np.array([0.0, 0.5, 1, 16]), 0.5), [1, 1, 1, 0.25])


def test_a_listener_half_admitted_hears_half_as_much() -> None:
    """Person 1 is admitted by half: Z = 1 + 1/4, and a fifth of the mass is its."""
    graph = World(listens([(0, 0), (1, 0), (1, 1)])).snapshot()
    x = heard_back(graph, np.array([1.0, 0.0]), np.array([1.0, 0.5]))
    np.testing.assert_allclose(x, [0.8, 0.2])


def test_newer_acts_start_more_and_the_oldest_nothing() -> None:
    touched = {item(n): Millis(n) for n in range(4)}
    graph = World(listens([(0, n) for n in range(4)]), touched=touched).snapshot()
    start = own_start(graph, RankParams(recency=0.5, recency_span=3))
    np.testing.assert_allclose(start, np.array([0, 1, 2, 4]) / 7)
    untimed = replace(World(listens([(0, 0), (0, 1)])), touched={}).snapshot()
    np.testing.assert_allclose(own_start(untimed, RANK), [0.5, 0.5])


@pytest.mark.parametrize(("n_own", "mu"), [(0, 1.0), (1, 0.25), (2, 1 / 9), (7, 0.02), (99, 0.02)])
def test_the_thinner_the_history_the_more_trust_starts_the_walk(n_own: int, mu: float) -> None:
    assert social_share(n_own, RANK) == pytest.approx(mu)


def test_a_cold_start_is_what_the_trusted_hold_by_trust() -> None:
    """No act of its own; 1 holds item 0, 2 holds item 1 and is trusted a third as much."""
    world = World(listens([(1, 0), (2, 1)]), trusting([(0, 1, 6), (0, 2, 2)]))
    view = world.view(params=Params(), trust=replace(TRUST, friend_cap=1.0))
    found = salsa(view.snapshot, view.admission, view.trust.tau, KEEP_ALL)
    np.testing.assert_allclose(found.start, [0.75, 0.25])
    np.testing.assert_allclose(found.scores, [0.375, 0.125])


def test_only_the_most_trusted_speakers_make_up_the_social_start() -> None:
    world = World(listens([(1, 0), (2, 1), (3, 2)]), trusting([(0, 1, 8), (0, 2, 4), (0, 3, 2)]))
    view = world.view(trust=replace(TRUST, friend_cap=1.0))
    start = social_start(
        view.snapshot, view.trust.tau, view.admission.weights, RankParams(social_speakers=2)
    )
    np.testing.assert_allclose(start, [2 / 3, 1 / 3, 0], atol=1e-8)


def test_two_voices_too_faint_to_divide_by_still_share_the_mass() -> None:
    """1 / Z would overflow; their shares of Z are one half each."""
    graph = World(listens([(1, 0), (2, 0)])).snapshot()
    x = heard_back(graph, np.array([1.0]), np.array([0.0, 5e-324, 5e-324]))
    np.testing.assert_allclose(x, [0, 0.5, 0.5])


# -- laws -------------------------------------------------------------------------------------


@given(worlds(), st.data())
def test_mass_on_heard_items_is_conserved(world: World, data: st.DataObject) -> None:
    """Floor 0: all that lies on items with an admitted listener arrives; the rest is lost."""
    graph = world.snapshot()
    y, w = data.draw(masses(graph)), data.draw(voices(len(graph.users)))
    heard = w @ dense.full(graph.rows) > 0
    assert heard_back(graph, y, w).sum() == pytest.approx(y[heard].sum(), abs=1e-12)


@given(worlds(), st.sampled_from([0.0, 1e-3, 0.5, 2.0]), st.data())
def test_I2_no_column_of_the_back_step_sums_to_more_than_one(
    world: World, floor: float, data: st.DataObject
) -> None:
    graph = world.snapshot()
    w = data.draw(voices(len(graph.users)))
    for unit in np.eye(len(graph.items)):
        x = heard_back(graph, unit, w, floor)
        assert (x >= 0).all()
        assert x.sum() <= 1 + 1e-12


@given(sieges(), st.sampled_from([0.01, 0.5, 5.0]), st.data())
def test_I3_with_a_floor_little_of_the_mass_reaches_sybils_in_one_round_trip(
    siege: Siege, floor: float, data: st.DataObject
) -> None:
    """At most sum_S w / lambda, and by A1 that is at most C / (tau0 lambda)."""
    view = siege.world.view()
    y = data.draw(masses(view.snapshot))
    y = y / (y.sum() or 1)
    sybils = view.snapshot.users.numbers(siege.sybils)
    reached = heard_back(view.snapshot, y, view.admission.weights, floor)[sybils].sum()
    assert reached <= min(1, view.admission.weights[sybils].sum() / floor) + 1e-12


@given(worlds(), st.sampled_from(list(Mode)), st.sampled_from([1, 2, 3]), st.sampled_from([0, 0.1]))
def test_it_is_the_dense_definition(world: World, mode: Mode, rounds: int, floor: float) -> None:
    """Everyone admitted (open mode) and not."""
    params = RankParams(rounds=rounds, floor=floor)
    view = world.view(mode, Params(rank=params))
    found = salsa(view.snapshot, view.admission, view.trust.tau, params)
    expected = dense.scores(view.snapshot, view.trust.tau, view.admission.weights, params)
    np.testing.assert_allclose(found.scores, expected, atol=1e-12, rtol=0)


@given(worlds(), st.sampled_from([1, 2, 3]))
def test_scores_are_what_the_speakers_say(world: World, rounds: int) -> None:
    """X explains s: this is what attribution and reasons rest on."""
    params = RankParams(rounds=rounds)
    view = world.view(params=Params(rank=params))
    found = salsa(view.snapshot, view.admission, view.trust.tau, params)
    said = found.speakers @ dense.full(view.snapshot.rows)
    expected = said * discount(view.admission.degree, params.eta)
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)
    assert found.start.sum() == pytest.approx(1) or not found.start.any()


@given(worlds(), st.sampled_from([1, 2, 3]), st.data())
def test_new_names_only_move_the_scores(world: World, rounds: int, data: st.DataObject) -> None:
    people = data.draw(st.permutations(range(1, 8)))
    things = data.draw(st.permutations(range(10)))
    who = {peer(0): peer(0)} | {peer(n + 1): peer(new) for n, new in enumerate(people)}
    what = {item(n): item(new) for n, new in enumerate(things)}
    renamed = World(
        [a._replace(author=who[a.author], key=what[a.key]) for a in world.acts],
        [e._replace(author=who[e.author], peer=who[e.peer]) for e in world.edges],
        {what[key]: at for key, at in world.touched.items()},
    )
    params = Params(rank=RankParams(rounds=rounds))

    def scored(view: View) -> dict[bytes, float]:
        found = salsa(view.snapshot, view.admission, view.trust.tau, params.rank).scores
        return dict(zip(view.snapshot.items.terms, found.tolist(), strict=True))

    here, there = scored(world.view(params=params)), scored(renamed.view(params=params))
    assert {what[ItemKey(key)]: score for key, score in here.items()} == pytest.approx(
        there, abs=1e-9
    )


@given(worlds(), st.integers(0, 6), st.floats(0.001, 1), st.data())
def test_one_more_listener_of_an_item_alone_never_lowers_its_share_of_what_is_heard(
    world: World, number: int, voice: float, data: st.DataObject
) -> None:
    """Z_i / sum Z. A listener who holds more besides pulls the share towards its own a(u, i)."""
    graph = world.snapshot()
    w = data.draw(voices(len(graph.users)))
    others = data.draw(st.sets(st.integers(0, 6)))
    joined = World(world.acts + listens([(99, n) for n in {number, *others}]), world.edges)
    larger = joined.snapshot()

    def share(of: Snapshot, weights: Weights) -> float:
        z = weights @ dense.full(of.rows)
        at = of.items.number(item(number))
        return float(z[at] / z.sum()) if at is not None and z.sum() > 0 else 0.0

    before, after = share(graph, w), share(larger, np.append(w, voice))
    assert after >= min(before, 1 / len({number, *others})) - 1e-12
    if others <= {number}:
        assert after >= before - 1e-12


@given(worlds(), st.data())
def test_M5_without_a_supporters_act_an_item_never_scores_higher(
    world: World, data: st.DataObject
) -> None:
    """One round, before the discount; the ego's own taste starts it, and admission stays. Of items
    that can be in a list: not the ego's own, whose mass partly returns to where it started.

    Whoever else the supporter holds gains weight in its row, so Z there rises and all other
    listeners hear less. All acts of the pair go: taking back one of several may shift a row so
    that the rest of it says more. Equally, a supporter too many of whose acts are kept to the
    bound would bring older ones back; and the social part of the start would move with the row.
    """
    graph = world.snapshot()
    supported = sorted({(a.author, a.key) for a in world.acts if a.key not in world.own()})
    if not supported:
        return
    author, key = data.draw(st.sampled_from(supported))
    left = [a for a in world.acts if (a.author, a.key) != (author, key)]
    smaller = replace(world, acts=left).snapshot()
    w = dict(zip(graph.users.terms, data.draw(voices(len(graph.users))), strict=True))
    w[EGO] = 1.0

    def score(of: Snapshot) -> float:
        weights = np.array([w[term] for term in of.users.terms])
        start = own_start(of, RANK)
        x = heard_back(of, start, weights)
        at = of.items.number(key)
        return float(x @ dense.full(of.rows)[:, at]) if at is not None else 0.0

    assert score(smaller) <= score(graph) + 1e-12


@given(worlds())
def test_an_ego_without_history_walks_from_trust_alone(world: World) -> None:
    cold = replace(world, acts=[a for a in world.acts if a.author != EGO], touched={})
    view = cold.view()
    found = salsa(view.snapshot, view.admission, view.trust.tau, RANK)
    tau = stop_mass(view.snapshot.trust.capped(view.snapshot.ego), view.snapshot.ego, TRUST).tau
    voice = np.where(view.admission.weights > 0, tau, 0)
    voice[view.snapshot.ego] = 0
    social = voice @ dense.full(view.snapshot.rows)
    np.testing.assert_allclose(found.start, social / (social.sum() or 1), atol=1e-7)


def test_the_walk_reads_only_what_it_touches() -> None:
    """A neighbourhood of two beside a crowd of others: their arrays are never gathered."""
    crowd = [(u, 10 + u % 7) for u in range(2, 60)]
    small = World(listens([(0, 0), (1, 0), (1, 1), *crowd]))
    view = small.view(Mode.OPEN)
    found = salsa(view.snapshot, view.admission, view.trust.tau, RANK)
    assert np.flatnonzero(found.speakers).tolist() == [0, 1]
    assert np.flatnonzero(found.scores).tolist() == [0, 1]
    tau = view.trust.tau
    assert admission(view.snapshot, tau, np.zeros(0, np.int32), Mode.OPEN, RANK).tau0 > 0
    assert isinstance(view.snapshot.cols, Csr)
    assert NOON % DAY == DAY // 2
