"""The table: by hand, in range, and blind to what is hidden."""

import numpy as np
import pytest
from hypothesis import assume, given
from numpy.testing import assert_allclose

from tests.web3rec.rank.test_replay import as_if, voters_of
from tests.web3rec.worlds import PARAMS, World, item, listens, peer, trusting, worlds
from web3rec.graph import Snapshot
from web3rec.rank.admission import Mode, admission
from web3rec.rank.candidates import best
from web3rec.rank.replay import Past, Window, past
from web3rec.rerank.features import COLUMNS, NAMES, Features, Said, Seen, features
from web3rec.rerank.following import Paces
from web3rec.rerank.history import own_past, told
from web3rec.rerank.texts import Texts
from web3rec.types import Indices, Item, ItemKey, Millis, PeerId, Weights

GRAPH_ONLY = [n for n, name in enumerate(NAMES) if name not in ("trust", "error")]


def column(found: Features, name: str) -> list[float]:
    return [float(value) for value in found.values[:, NAMES.index(name)]]


def said(scores: list[float]) -> Said:
    scores_ = np.array(scores)
    return Said(scores_, scores_ / 2, np.zeros(len(scores)))


def numbers(*items: int) -> Indices:
    return np.array(items, np.int32)


def test_every_column_by_hand() -> None:
    """The ego holds 0 (newer) and 1. Friend 1 holds 0, 2; friend 2 holds 1, 2; 3 holds 3 alone.

    Each friend has half the ego's trust and holds half its row in one own item, so for item 2:
    two shared listeners, two equal sponsors. For item 3 nobody shares anything.
    """
    acts = listens([(0, 0), (0, 1), (1, 0), (1, 2), (2, 1), (2, 2), (3, 3)])
    edges = trusting([(0, 1, 8), (0, 2, 8), (1, 3, 8)])
    world = World(acts, edges, {item(0): Millis(9), item(1): Millis(8)})
    view = world.view()
    catalogue = {item(0): Item("a", title="rain"), item(2): Item("b", title="rain")}
    paces = Paces.of(view.snapshot, {peer(1): {item(0): Millis(1), item(2): Millis(2)}})
    seen = Seen.of(view, paces, Texts.of(catalogue, view.snapshot.items))
    found = features(seen, own_past(seen), said([0, 0, 4, 1]), numbers(2, 3))
    assert column(found, "graph") == [1, 0.25]
    assert_allclose(column(found, "place"), [1, 1 / np.log2(3)], rtol=1e-6)
    assert column(found, "walk") == [1, 0.25]
    assert column(found, "alike") == [0, 0]
    assert column(found, "lasting") == [1, 0]
    assert_allclose(column(found, "far"), np.log([1, 0.25]), rtol=1e-6)
    assert_allclose(column(found, "popular"), np.log([3, 2]), rtol=1e-6)
    assert_allclose(column(found, "support"), np.log([3, 1]), rtol=1e-6)
    assert column(found, "trust")[0] == pytest.approx(1)
    assert column(found, "trust")[1] == 0
    assert column(found, "sponsors") == [pytest.approx(2, abs=0.01), 0]
    # Both own items speak alike for item 2, the older one .8 times as much.
    assert_allclose(column(found, "recent"), [0.9, 0], rtol=1e-6)
    assert column(found, "next") == [1, 0]
    # BM25 over "rain" and "=rain": the same title; the older own item has none.
    assert_allclose(column(found, "words_mean"), [1 / 1.8, 0], rtol=1e-5)
    assert_allclose(column(found, "words_max"), [1, 0], rtol=1e-5)
    assert 0 <= column(found, "error")[0] < 1e-3
    assert column(found, "error")[1] == 0
    assert found.order.tolist() == [0, 1]


RANGES = {
    **dict.fromkeys(COLUMNS, (0.0, 1.0 + 1e-6)),
    "far": (-9.3, 0.0),
    **dict.fromkeys(("popular", "support", "sponsors"), (0.0, np.inf)),
}


@pytest.mark.parametrize("mode", list(Mode))
def test_every_column_has_a_range(mode: Mode) -> None:
    assert RANGES.keys() == set(NAMES)

    @given(worlds())
    def ranges_hold(world: World) -> None:
        view = world.view(mode)
        seen = Seen.of(view)
        rng = np.random.default_rng(len(world.acts))
        allowed = np.ones(len(view.snapshot.items), bool)
        allowed[own_past(seen).shown] = False
        three = [rng.random(len(allowed)) for _ in range(3)]
        table = features(seen, own_past(seen), Said(*three), best(three[0], allowed, 5))
        for at, name in enumerate(NAMES):
            low, high = RANGES[name]
            assert (table.values[:, at] >= low - 0.1 * (name == "far")).all(), name
            assert (table.values[:, at] <= high).all(), name

    ranges_hold()


def test_no_candidates_have_no_rows() -> None:
    view = World(listens([(0, 0), (1, 0)])).view()
    seen = Seen.of(view)
    nothing: Weights = np.zeros(1)
    assert len(features(seen, own_past(seen), Said(*[nothing] * 3), numbers())) == 0


@given(worlds())
def test_a_voters_table_is_the_one_its_own_device_would_have_had(world: World) -> None:
    """Equal to a graph in which the voter is the ego and never did what is hidden: no peeking."""
    view = World(world.acts, [], world.touched).view(Mode.OPEN)
    voters = voters_of(view)
    assume(voters)
    newer = np.sort(view.snapshot.recency[view.snapshot.rows.row(view.snapshot.ego)[0]])
    then = past(view.snapshot, voters[0], newer, 0.5)
    assume(then.shown.size > 0)
    order = np.argsort(-then.row, kind="stable")
    its = Past(then.voter, then.shown, then.row, _aged(then, newer, order), then.hidden)
    graph = as_if(view.snapshot, then, newer.tolist())
    heard = admission(graph, view.trust.tau, numbers(), Mode.OPEN, PARAMS.rank)
    here = Seen.of(view, Paces.of(view.snapshot, _times(view.snapshot)))
    paces = Paces.of(graph, _times(graph)) if here.paces else None
    here = here if paces else Seen.of(view)
    there = Seen(Window.of(graph, heard), here.tau, here.residual, here.vouching, paces)
    allowed = np.ones(len(graph.items), bool)
    allowed[then.shown] = False
    what = told(here, its, PARAMS)
    items = best(what.blended, allowed, 10)
    replayed = features(here, its, what, items)
    lived = features(there, own_past(there), told(there, own_past(there), PARAMS), items)
    assert_allclose(replayed.values[:, GRAPH_ONLY], lived.values[:, GRAPH_ONLY], atol=1e-5)


def _aged(then: Past, newer: Weights, order: np.ndarray) -> Weights:
    """What `as_if` takes the recency of each shown item for."""
    found = np.zeros(then.shown.size)
    found[order] = newer[: order.size]
    return found


def _times(graph: Snapshot) -> dict[PeerId, dict[ItemKey, Millis]]:
    """When everybody touched each item; three moments, told apart by the names alone."""
    return {
        PeerId(user): {
            ItemKey(key): Millis((7 * user[-1] + 5 * key[-1]) % 3) for key in graph.items.terms
        }
        for user in graph.users.terms
    }


def test_a_list_says_which_items_it_is_about_and_what_the_asker_has_newest_first() -> None:
    """The ego holds 0 (newer), 1 and 4 (as old, heavier)."""
    acts = listens([(0, 0), (0, 1), (0, 4), (0, 4), (1, 0), (1, 2), (3, 3)])
    touched = {item(0): Millis(9), item(1): Millis(8), item(4): Millis(8)}
    view = World(acts, trusting([(0, 1, 8)]), touched).view()
    seen = Seen.of(view)
    content = features(seen, own_past(seen), said([0, 0, 4, 1, 0]), numbers(2, 3)).content
    assert content is not None
    assert content.items == (item(2), item(3))
    assert content.history == (item(0), item(4), item(1))
    assert content.newer.tolist() == [0, 1, 1]
    called = [ItemKey(bytes([n]) * 16) for n in range(5)]
    seen = Seen.of(view, keys=called)
    content = features(seen, own_past(seen), said([0, 0, 4, 1, 0]), numbers(2, 3)).content
    assert content is not None
    assert content.items == (called[2], called[3])
    assert content.history[0] == called[0]
