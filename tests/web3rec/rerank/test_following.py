"""What follows what: by hand, and the definition person by person."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.web3rec.worlds import World, item, listens, peer, worlds
from web3rec.graph import Snapshot
from web3rec.rank.admission import Mode
from web3rec.rank.replay import Past, Window
from web3rec.rerank.features import Seen
from web3rec.rerank.following import NEWEST, Paces, followers
from web3rec.rerank.history import own_past
from web3rec.types import Indices, ItemKey, Millis, PeerId

Times = dict[PeerId, dict[ItemKey, Millis]]


def times(of: dict[int, dict[int, int]]) -> Times:
    return {peer(u): {item(i): Millis(at) for i, at in own.items()} for u, own in of.items()}


def all_items(graph: Snapshot) -> Indices:
    return np.arange(len(graph.items), dtype=np.int32)


def test_what_others_turned_to_next_by_hand() -> None:
    """The ego's newest is item 0, its older one 1. Person 1: 0, then 2, then 3. Person 2: 3, 1, 2.

    From 0, where fading is 1/2: 2 is a step away (1/2), 3 two (1/4). From 1, which counts half:
    2 is a step away (1/4); 3 came before. Two others hold 2 and 3, so both are over sqrt 2.
    """
    acts = listens([(0, 0), (0, 1), (1, 0), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)])
    view = World(acts, touched={item(0): Millis(9), item(1): Millis(8)}).view(Mode.OPEN)
    told = times({1: {0: 10, 2: 20, 3: 30}, 2: {3: 1, 1: 2, 2: 3}})
    paces = Paces.of(view.snapshot, told)
    assert paces is not None
    seen = Seen.of(view, paces)
    found = followers(seen.window, paces, own_past(seen), np.array([2, 3], np.int32), 0.5)
    assert_allclose(found, np.array([0.5 + 0.25, 0.25]) / np.sqrt(2))


def test_what_the_asker_hides_does_not_show() -> None:
    """Two others turned from 0 to 1, two from 0 to 2, which the asker, person 1, hides: alike."""
    others = {2: {0: 1, 1: 2}, 3: {0: 1, 1: 2}, 4: {0: 1, 2: 2}, 5: {0: 1, 2: 2}}
    acts = listens([(0, 3), (1, 0), (1, 2), *((u, i) for u, own in others.items() for i in own)])
    view = World(acts).view(Mode.OPEN)
    paces = Paces.of(view.snapshot, times({1: {0: 1, 2: 2}, **others}))
    assert paces is not None
    shown, hidden = np.array([0], np.int32), np.array([2], np.int32)
    asker = Past(1, shown, np.ones(1), np.zeros(1), hidden)
    found = followers(Seen.of(view).window, paces, asker, np.array([1, 2], np.int32), 0.5)
    assert_allclose(found, np.array([1, 1]) / np.sqrt(2))


def test_what_has_one_time_is_one_moment() -> None:
    graph = World(listens([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)])).snapshot()
    paces = Paces.of(graph, times({0: {0: 5, 1: 5, 2: 9}, 1: {1: 3, 0: 4}}))
    assert paces is not None
    assert paces.rows.row(0)[1].tolist() == [1, 1, 2]
    assert paces.rows.row(1)[1].tolist() == [2, 1]


@pytest.mark.parametrize("told", [{}, {0: {0: 7, 1: 7}}])
def test_without_times_that_differ_nothing_follows(told: dict[int, dict[int, int]]) -> None:
    graph = World(listens([(0, 0), (0, 1)])).snapshot()
    assert Paces.of(graph, times(told)) is None


@given(worlds(), st.integers(0, 2**32))
def test_the_scores_are_those_of_the_definition(world: World, seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = world.view(Mode.OPEN)
    graph = view.snapshot
    told: Times = {
        PeerId(user): {ItemKey(i): Millis(int(rng.integers(4))) for i in graph.items.terms}
        for user in graph.users.terms
    }
    paces = Paces.of(graph, told)
    if paces is None:
        return
    seen = Seen.of(view, paces)
    asker = own_past(seen)
    found = followers(seen.window, paces, asker, all_items(graph), 0.7)
    assert_allclose(found, slowly(seen.window, told, all_items(graph), 0.7), atol=1e-12)


def slowly(window: Window, told: Times, items: Indices, fading: float) -> list[float]:
    graph = window.snapshot
    own = sorted(graph.rows.row(graph.ego)[0].tolist(), key=lambda j: (graph.recency[j], j))
    own = [j for j in own if graph.recency[j] < NEWEST][:NEWEST]
    found = []
    for i in items.tolist():
        total, others = 0.0, 0
        for u in range(len(graph.users)):
            held = graph.rows.row(u)[0].tolist()
            if u == graph.ego or i not in held:
                continue
            others += 1
            at = {
                k: told[PeerId(graph.users.terms[u])][ItemKey(graph.items.terms[k])] for k in held
            }
            moments = sorted(set(at.values()))
            for j in own:
                if j in held and at[i] >= at[j]:
                    steps = moments.index(at[i]) - moments.index(at[j])
                    total += float(fading ** graph.recency[j]) * fading**steps
        found.append(total / max(1, others) ** 0.5)
    return found
