"""The product with its reranker, as a method."""

from dataclasses import replace

import numpy as np
import pytest

from tests.web3rec.eval.towns import town
from web3rec.adapters import Act, Dataset
from web3rec.embeddings.fitting import FittingParams
from web3rec.embeddings.head import Vectored
from web3rec.eval.accuracy import accuracy
from web3rec.eval.arena import Arena
from web3rec.eval.methods import SLOW, Settings, method, reranked
from web3rec.eval.methods.engine import Grouped
from web3rec.eval.methods.reranked import Reranked
from web3rec.eval.task import task_of
from web3rec.rerank.model import KeepOrder
from web3rec.types import Event, Item, ItemId, Millis

SMALL = FittingParams(width=8, epochs=15, batch=64, rate=0.05)


def loners(people: int, seed: int) -> Dataset:
    """Everybody likes what anybody likes: nothing but popularity is to be known."""
    rng = np.random.default_rng(seed)
    names = tuple(f"p{n}" for n in range(people))
    goods = tuple(Item(ItemId(f"i:{n}")) for n in range(40))
    near = 1 / (1 + np.arange(40.0))
    acts = [
        Act(name, ItemId(goods[n].id), Event.LISTEN)
        for name in names
        for n in rng.choice(40, size=8, replace=False, p=near / near.sum())
    ]
    return Dataset("loners", names, goods, tuple(acts), ())


def test_it_is_asked_for_by_name_alone() -> None:
    assert "ours+rerank" in SLOW
    assert method("ours+rerank") is reranked.reranked


@pytest.mark.slow
def test_a_model_that_gains_nothing_leaves_the_graphs_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reranked, "FittingParams", lambda: SMALL)
    arena = Arena.of(loners(30, 0))
    found = method("ours+rerank")(arena, Settings())
    assert isinstance(found, Reranked)
    assert isinstance(found.reranker, KeepOrder)
    plain = method("ours")(arena, Settings())
    for person in list(arena.people)[:5]:
        assert found.ranked(person, 10).tolist() == plain.ranked(person, 10).tolist()


@pytest.mark.slow
def test_a_list_holds_nothing_twice_and_nothing_of_ones_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Behind a head that reads vectors, in the open and where trust admits."""
    monkeypatch.setattr(reranked, "FittingParams", lambda: SMALL)
    monkeypatch.setattr(reranked, "passed", lambda *_: True)
    for data in (town(), replace(town(), trust=())):
        arena = Arena.of(data)
        found = method("ours+rerank")(arena, Settings())
        assert isinstance(found, Reranked)
        assert isinstance(found.reranker, Vectored)
        graph = found.graph
        assert isinstance(graph, Grouped)
        for person in ("p0", "p7"):
            list_ = found.ranked(person, 20).tolist()
            number = arena.graph.users.number(arena.people[person])
            assert number is not None
            own = set(arena.graph.rows.row(number)[0].tolist())
            assert list_
            assert len(list_) == len(set(list_))
            assert not set(list_) & own
            assert set(list_) <= set(graph.ranked(person, 200).tolist())


def walkers(people: int, seed: int) -> Dataset:
    """Everybody walks on along a ring of items: who knows the order knows what is next."""
    rng = np.random.default_rng(seed)
    names = tuple(f"p{n}" for n in range(people))
    goods = tuple(Item(ItemId(f"i:{n}")) for n in range(120))
    acts = [
        Act(
            name,
            ItemId(f"i:{(int(start) + step) % 120}"),
            Event.LISTEN,
            at=Millis((step + 1) * 60_000),
        )
        for name, start in zip(names, rng.integers(120, size=people), strict=True)
        for step in np.flatnonzero(rng.random(24) < 0.6).tolist()
    ]
    return Dataset("walkers", names, goods, tuple(acts), ())


@pytest.mark.slow
def test_where_order_is_to_be_known_it_serves_people_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reranked, "FittingParams", lambda: SMALL)
    task = task_of(walkers(200, 0), seed=0)
    found = {}
    for name in ("ours", "ours+rerank"):
        ranker = method(name)(task.arena, Settings())
        lists = task.lists(ranker, 20, lambda _done, _all: None)
        found[name] = accuracy(lists, task.hidden, (20,))["ndcg@20"]
    gain = found["ours+rerank"] - found["ours"]
    assert gain.mean() > 2 * gain.std() / np.sqrt(len(gain))


@pytest.mark.slow
def test_one_seed_makes_the_same_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reranked, "FittingParams", lambda: SMALL)
    arena = Arena.of(walkers(60, 1))
    one, two = (method("ours+rerank")(arena, Settings()) for _ in range(2))
    for person in list(arena.people)[:10]:
        assert one.ranked(person, 20).tolist() == two.ranked(person, 20).tolist()
