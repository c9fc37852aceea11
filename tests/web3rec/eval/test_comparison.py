"""Side by side: which methods, which figures, and the published ones."""

from collections.abc import Mapping

import pytest
from threadpoolctl import threadpool_limits

from tests.conftest import SHARED_DATA
from tests.web3rec.eval import boards
from web3rec.adapters import read_split
from web3rec.errors import ParamError
from web3rec.eval import comparison
from web3rec.eval.comparison import USUAL, Scores, chosen, scores
from web3rec.eval.methods import BY_TRUST, METHODS, SLOW, Settings
from web3rec.eval.task import Task, task_of, task_of_split

EVERYTHING = [(p, i) for p in range(6) for i in range(7) if (p * 3 + i) % 4]


def told(_done: int, _total: int) -> None:
    """Nobody watches."""


def task(trust: list[tuple[int, int]] | None = None) -> Task:
    return task_of(boards.dataset(EVERYTHING, trust), 0)


def test_the_usual_methods_are_those_the_task_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    friendly, lonely = task([(0, 1)]), task()
    assert chosen(friendly, []) == (list(USUAL), [])
    names, why_not = chosen(lonely, [])
    assert names == [name for name in USUAL if name != "friends"]
    assert why_not == ["friends left out: it goes by trust, and nobody trusts anybody here"]
    assert chosen(friendly, ["all", *SLOW]) == (list(METHODS), [])
    names, why_not = chosen(lonely, ["all"])
    assert set(METHODS) - set(names) == {*BY_TRUST, *SLOW}
    assert len(why_not) == len({*BY_TRUST, *SLOW})
    monkeypatch.setattr(comparison, "LARGEST", 1)
    assert "ease" not in chosen(friendly, ["all"])[0]
    assert "ease" in chosen(friendly, ["all", "ease"])[0], "asked for by name, it may say why not"


def test_named_methods_are_taken_as_they_are() -> None:
    assert chosen(task(), ["ours", "friends", "ours"]) == (["ours", "friends"], [])
    with pytest.raises(ParamError, match="one of"):
        chosen(task(), ["ours", "magic"])


def test_figures_are_of_the_lists() -> None:
    """Everybody lacks one to three items; a list of six holds them all."""
    found = scores(task(), "popular", (1, 6), Settings(), told)
    assert (found.method, found.people, found.note) == ("popular", 6, "")
    assert found.figures["recall@6"] == 1.0
    assert found.figures["hr@6"] == 1.0
    assert found.figures["length@1"] == 1.0
    assert set(found.intervals) == {
        f"{name}@{k}"
        for name in ("recall", "ndcg", "hr", "map", "novelty", "length")
        for k in (1, 6)
    }
    assert set(found.figures) - set(found.intervals) == {
        f"{name}@{k}" for name in ("coverage", "gini", "fairness") for k in (1, 6)
    }
    near = found.intervals["ndcg@1"]
    assert near.low <= near.mean <= near.high
    assert near.mean == found.figures["ndcg@1"]


def test_ours_says_whom_it_cannot_protect_or_serve() -> None:
    assert "everyone is admitted" in scores(task(), "ours", (5,), Settings(), told).note
    some = scores(task([(0, 1)]), "ours", (5,), Settings(), told)
    assert some.note == "5 of 6 people trust nobody and hear nobody: empty lists"
    assert scores(task([(0, 1)]), "open", (5,), Settings(), told).note == ""


@pytest.fixture(scope="module")
def lightgcnpp() -> Task:
    path = SHARED_DATA / "lastfm-splits" / "lightgcnpp"
    if not path.exists():
        pytest.skip("the LightGCN++ split of Last.fm is not beside the checkout")
    return task_of_split(read_split(path))


PUBLISHED: Mapping[str, tuple[float, float, float]] = {
    "popular": (0.0718, 0.0789, 0.0972),
    "cosine": (0.1641, 0.1901, 0.2292),
    "rp3beta": (0.1676, 0.1951, 0.2347),
    "ease": (0.1750, 0.1995, 0.2411),
}
"""Recall@10, NDCG@10, NDCG@20 that others found on these very files; ties may fall otherwise."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_are_found_again(lightgcnpp: Task, name: str) -> None:
    with threadpool_limits(1):
        found: Scores = scores(lightgcnpp, name, (10, 20), Settings(), told)
    assert found.people == 1_863
    keys = ("recall@10", "ndcg@10", "ndcg@20")
    assert [found.figures[key] for key in keys] == pytest.approx(PUBLISHED[name], abs=5e-4)
