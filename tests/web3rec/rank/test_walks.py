"""Walks: whom they meet by hand, that both ways of counting converge, and the path they name."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from tests.web3rec.worlds import PARAMS, World, item, listens, peer, trusting, worlds
from web3rec.graph import Csr, Snapshot, Vocab
from web3rec.params import Params, RankParams
from web3rec.rank.admission import Mode, admission
from web3rec.rank.reasons import echo, strongest_path
from web3rec.rank.salsa import Salsa, salsa
from web3rec.rank.walks import (
    NOWHERE,
    Walks,
    expected_stops,
    most_walked_path,
    roads,
    stops,
    walked,
)
from web3rec.types import Weights
from web3rec.view import View


def walk(view: View, params: RankParams) -> Salsa:
    return salsa(view.snapshot, view.admission, view.trust.tau, params)


def walks_of(view: View, start: Weights, n: int, params: RankParams, seed: int) -> Walks:
    along = roads(view.snapshot, view.admission.weights)
    return walked(view.snapshot, along, start, n, params, np.random.default_rng(seed))


def test_a_walk_by_hand() -> None:
    """The ego holds 0 alone; 1 holds 0 and 1. Item 0 leads to the ego by 2/3, to 1 by 1/3.

    So a sixth of the walks come to item 1, and half of those whom the first stop passes by stop.
    """
    view = World(listens([(0, 0), (1, 0), (1, 1), (2, 2)])).view(Mode.OPEN)
    rank = RankParams(restart=0.5, eta=0.0)
    found = walks_of(view, np.array([1.0, 0, 0]), 30_000, rank, 1)
    assert (found.began == 0).all()
    assert set(found.users[0].tolist()) == {0, 1}
    assert np.mean(found.users[0] == 1) == pytest.approx(1 / 3, abs=0.01)
    assert np.mean(found.items[0] == 1) == pytest.approx(1 / 6, abs=0.01)
    assert stops(found, 3) / 30_000 == pytest.approx([5 / 12, 1 / 12, 0], abs=0.01)
    exactly = np.mean(found.users[0] == 1) / 2 * 0.5  # of those who met 1, half go on to item 1
    assert expected_stops(view.snapshot, found, rank)[1] / 30_000 == pytest.approx(exactly)


def test_a_walk_that_comes_to_nobody_ends() -> None:
    """Nobody who may speak holds item 1: to start there is to stop there, counted nowhere."""
    view = World(listens([(0, 0), (1, 1)]), trusting([(0, 2, 8)])).view()
    found = walks_of(view, np.array([0.0, 1.0]), 50, PARAMS.rank, 1)
    assert (found.users == NOWHERE).all()
    assert not stops(found, 2).any()
    assert not expected_stops(view.snapshot, found, PARAMS.rank).any()


def test_without_a_start_there_is_no_walk() -> None:
    view = World(listens([(1, 1)])).view()
    with pytest.raises(ValueError, match="somewhere to start"):
        walks_of(view, np.zeros(1), 5, PARAMS.rank, 1)


@given(worlds(), st.sampled_from([1, 2, 3]), st.integers(0, 99))
def test_every_walk_is_one_that_can_be_walked(world: World, rounds: int, seed: int) -> None:
    """Each step is along a live act, by somebody admitted; what has stopped stays so."""
    params = RankParams(rounds=rounds, restart=0.3)
    view = world.view(params=Params(rank=params))
    start = walk(view, params).start
    if not start.any():
        return
    found, graph = walks_of(view, start, 40, params, seed), view.snapshot
    again = walks_of(view, start, 40, params, seed)
    for one, other in ((found.users, again.users), (found.items, again.items)):
        np.testing.assert_array_equal(one, other)
    assert (start[found.began] > 0).all()
    at, gone = found.began, np.zeros(40, bool)
    for users, items, here in zip(found.users, found.items, found.stopped, strict=True):
        gone |= users == NOWHERE
        assert ((users == NOWHERE) == gone).all()
        assert ((items == NOWHERE) == gone).all()
        for before, user, after in zip(at[~gone], users[~gone], items[~gone], strict=True):
            assert view.admission.weights[user] > 0
            assert {before, after} <= set(graph.rows.row(user)[0].tolist())
        assert not here[gone].any()
        at, gone = items, gone | here


@given(worlds(max_people=4, max_items=4), st.sampled_from([1, 3]))
def test_both_ways_of_counting_converge_to_the_scores(world: World, rounds: int) -> None:
    """Of 20,000 walks: within six deviations of the worst case, a half each."""
    params = RankParams(rounds=rounds, restart=0.5)
    view = world.view(params=Params(rank=params))
    solved = walk(view, params)
    if not solved.start.any():
        return
    n = 20_000
    found = walks_of(view, solved.start, n, params, 7)
    apart = 6 * 0.5 / np.sqrt(n)
    plain = stops(found, len(view.snapshot.items)) / n
    np.testing.assert_allclose(plain, solved.said, atol=apart)
    exact = expected_stops(view.snapshot, found, params) / n
    np.testing.assert_allclose(exact, solved.said, atol=apart)


def crowd(seed: int) -> tuple[Snapshot, Weights]:
    """800 people, 3,000 items of Zipf popularity, 40 each; everyone admitted, no two alike."""
    rng = np.random.default_rng(seed)
    users, items, each = 800, 3_000, 40
    popularity = 1 / np.arange(1, items + 1) ** 0.8
    keys = np.unique(
        np.repeat(np.arange(users), each) * items
        + rng.choice(items, users * each, p=popularity / popularity.sum())
    )
    rows, weights = (keys // items).astype(np.int32), rng.uniform(0.5, 4, keys.size)
    weights /= np.bincount(rows, weights=weights)[rows]
    matrix = Csr.from_sorted(users, items, rows, (keys % items).astype(np.int32), weights)
    people, things = (Vocab.of(n.to_bytes(32, "big") for n in range(k)) for k in (users, items))
    trust = World([]).snapshot().trust.from_edges(users, [0], [1], [1.0])
    graph = Snapshot(people, things, 0, matrix, matrix.transpose(), trust, np.zeros(items))
    return graph, np.ones(users)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_thousand_expected_last_hops_beat_a_hundred_thousand_plain_walks(seed: int) -> None:
    """By the mean relative error of the 200 best scores; by half, where rows are of 40 items.

    A plain stop at one item has variance p, an expected one about p a(u,i): a fortieth. So a tenth
    as many walks have a quarter of the variance, half the error. .75 leaves room for chance.
    """
    graph, weights = crowd(seed)
    params = RankParams(eta=0.0)
    heard = admission(graph, np.zeros(800), np.zeros(0, np.int32), Mode.OPEN, params)
    solved = salsa(graph, heard, np.zeros(800), params)
    best = np.argsort(-solved.said, kind="stable")[:200]
    along, rng = roads(graph, weights), np.random.default_rng([seed, 9])

    def error(found: Weights) -> float:
        return float(np.mean(np.abs(found[best] / solved.said[best] - 1)))

    plainly = walked(graph, along, solved.start, 100_000, params, rng)
    fewer = walked(graph, along, solved.start, 10_000, params, rng)
    plain = error(stops(plainly, 3_000) / 100_000)
    expected = error(expected_stops(graph, fewer, params) / 10_000)
    assert expected < 0.75 * plain
    assert error(stops(fewer, 3_000) / 10_000) > plain  # and fewer plain ones are worse


@pytest.mark.parametrize("mode", [Mode.CLOSED, Mode.OPEN])
def test_the_path_most_walked_is_the_strongest(mode: Mode) -> None:
    """The ego likes 1 best, holds 0 too; 1 and 3 share these, 2 is vouched for by 1. By hand: to
    item 7, 1 carries most by way of item 1; to item 8, 2 alone, by way of 0.
    """
    world = World(
        [
            *listens([(0, 0), (1, 1), (1, 7), (2, 0), (2, 7), (2, 8), (3, 0), (3, 9), (3, 10)]),
            *(act._replace(weight=8) for act in listens([(0, 1)])),
        ],
        trusting([(0, 1, 8), (0, 3, 8), (1, 2, 8)]),
    )
    view = world.view(mode)
    solved = walk(view, PARAMS.rank)
    found = walks_of(view, solved.start, 20_000, PARAMS.rank, 3)
    graph, weights = view.snapshot, view.admission.weights
    said = echo(graph, solved.start, weights)
    for name, own, user, via in ((7, 1, 1, 1), (8, 0, 2, 1), (10, 0, 3, 3)):
        [number] = graph.items.numbers([item(name)]).tolist()
        path = most_walked_path(graph, found, number, weights, view.vouching, view.sponsors)
        assert path is not None
        assert (path.own, path.user) == (item(own), peer(user))
        told = mode is Mode.CLOSED or user in (1, 3)
        assert path.via == (peer(via) if told else None)
        assert path == strongest_path(graph, said, number, view.vouching, view.sponsors)


@settings(max_examples=20)
@given(worlds(), st.sampled_from([Mode.CLOSED, Mode.OPEN]))
def test_the_path_most_walked_carries_nearly_as_much_as_the_strongest(
    world: World, mode: Mode
) -> None:
    """And there is none only where a line is rare. Where the ego's own voice drowns the others',
    few walks stand for many, and chance decides: not asked there.
    """
    view = world.view(mode)
    solved, graph = walk(view, PARAMS.rank), view.snapshot
    own, weights = graph.rows.row(graph.ego)[0], view.admission.weights
    voice = weights[:, None] * dense.full(graph.rows)
    others = np.delete(voice, graph.ego, axis=0).sum(axis=0)
    loud = own[(others[own] > 0) & (solved.start[own] > 0)]
    assume(loud.size > 0 and (voice[graph.ego, loud] < 5 * others[loud]).all())
    n = 20_000
    found = walks_of(view, solved.start, n, PARAMS.rank, 5)
    said = echo(graph, solved.start, weights)
    for number in np.setdiff1d(np.arange(len(graph.items)), own).tolist():
        users, held = graph.cols.row(number)
        carried = said.strength[users] * held
        path = most_walked_path(graph, found, number, weights, view.vouching, view.sponsors)
        if carried.max(initial=0) * n < 6 * 600:  # a sixth of these at least were walked
            continue
        assert path is not None
        met = graph.users.number(path.user)
        assert met is not None
        assert said.strength[met] * held[users == met][0] > 0.6 * carried.max()
        assert path.own in world.own()


def test_more_rounds_do_not_change_the_path() -> None:
    """It is of the first round trip alone."""
    world = World(listens([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)]))
    view = world.view(Mode.OPEN, Params(rank=RankParams(rounds=3)))
    rank = RankParams(rounds=3)
    found = walks_of(view, walk(view, rank).start, 5_000, rank, 2)
    paths = [
        most_walked_path(view.snapshot, found, k, np.ones(3), view.vouching, view.sponsors)
        for k in (1, 2)
    ]
    assert paths[0] is not None
    assert (paths[0].own, paths[0].user) == (item(0), peer(1))
    assert paths[1] is None
    assert replace(paths[0], via=None) == paths[0]
