"""A connected piece of the trust graph."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from tests.web3rec.eval import strategies as drawn
from tests.web3rec.eval.strategies import ITEMS, PEOPLE
from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.errors import ParamError
from web3rec.eval import neighbourhood, within
from web3rec.types import Event, Item


def graph_of(data: Dataset) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(data.people)
    graph.add_edges_from((edge.source, edge.target) for edge in data.trust)
    return graph


def two_circles() -> Dataset:
    """a..e all friends of each other, with six items each; x, y, z a circle of three without."""
    friends = [(s, t) for circle in ("abcde", "xyz") for s in circle for t in circle if s != t]
    return Dataset(
        "two circles",
        tuple("xyzabcde"),
        tuple(Item(item) for item in ITEMS),
        tuple(Act(person, item, Event.LIKE) for person in "abcde" for item in ITEMS[:6]),
        tuple(TrustEdge(source, target) for source, target in friends),
    )


@pytest.mark.parametrize("seed", range(5))
def test_egos_have_friends_and_items_where_any_have(seed: int) -> None:
    found = neighbourhood(two_circles(), 2, 4, np.random.default_rng(seed))
    assert len(found.egos) == 2
    assert set(found.people) < set("abcde")
    assert len(found.people) == 4


def test_everyone_comes_when_everyone_is_asked_for(rng: np.random.Generator) -> None:
    found = neighbourhood(two_circles(), 2, None, rng)
    assert sorted(found.people) == sorted("xyzabcde")


def test_fewer_come_back_when_no_more_hang_together(rng: np.random.Generator) -> None:
    assert sorted(neighbourhood(two_circles(), 1, 100, rng).people) == list("abcde")


@given(drawn.datasets(), st.integers(1, 4), st.integers(1, 8), st.integers(0, 99))
def test_the_people_hang_together_and_hold_the_egos(
    data: Dataset, egos: int, people: int, seed: int
) -> None:
    largest = max(map(len, nx.connected_components(graph_of(data))))
    assume(egos <= largest)
    try:
        found = neighbourhood(data, egos, people, np.random.default_rng(seed))
    except ParamError:  # too few people to link the egos
        reject()
    assert len(set(found.egos)) == egos
    assert found.people[:egos] == found.egos
    assert len(set(found.people)) == len(found.people) == min(people, largest)
    assert nx.is_connected(graph_of(data).subgraph(found.people))
    assert found == neighbourhood(data, egos, people, np.random.default_rng(seed))


@given(drawn.datasets(), st.sets(drawn.people))
def test_within_keeps_what_lies_inside_and_nothing_else(data: Dataset, people: set[str]) -> None:
    small = within(data, people)
    assert set(small.people) == people
    assert small.acts == tuple(act for act in data.acts if act.user in people)
    assert {item.id for item in small.items} == {act.item for act in small.acts}
    inside = {(e.source, e.target) for e in data.trust if {e.source, e.target} <= people}
    assert {(e.source, e.target) for e in small.trust} == inside
    assert within(data, PEOPLE).trust == data.trust


def test_more_egos_than_hang_together_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ParamError, match="egos must be at most 5, who hang together"):
        neighbourhood(two_circles(), 6, 8, rng)
    with pytest.raises(ParamError, match="egos must be at least 1"):
        neighbourhood(two_circles(), 0, 8, rng)
    with pytest.raises(ParamError, match="people must be at least 3"):
        neighbourhood(two_circles(), 3, 2, rng)
