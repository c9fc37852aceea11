"""Edges from earlier co-ratings: by hand, by law, against the slow definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval import strategies as drawn
from tests.web3rec.eval.strategies import ITEMS, PEOPLE
from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.errors import ParamError
from web3rec.eval import hold_out, synthetic_trust
from web3rec.types import Event, ItemId, Millis


def likes(person: str, *items: int) -> list[Act]:
    """In this order, one second apart."""
    return [Act(person, ITEMS[i], Event.LIKE, 1, Millis(1_000 * n)) for n, i in enumerate(items)]


def test_edges_by_hand() -> None:
    """Earlier halves: a {0,1}, b {0,1}, c {1,2}; later halves are all alike and do not count.

    cos(a, b) = 1, cos(a, c) = cos(b, c) = 1/2; so c's best are a and b alike, and a's edge to c
    weighs half of its edge to b.
    """
    acts = likes("a", 0, 1, 8, 9) + likes("b", 1, 0, 8, 9) + likes("c", 1, 2, 8, 9)
    assert synthetic_trust(acts, common=1) == (
        TrustEdge("a", "b", 1.0),
        TrustEdge("a", "c", 0.5),
        TrustEdge("b", "a", 1.0),
        TrustEdge("b", "c", 0.5),
        TrustEdge("c", "a", 1.0),
        TrustEdge("c", "b", 1.0),
    )
    assert synthetic_trust(acts, common=1, friends=1)[0] == TrustEdge("a", "b", 1.0)
    assert [(e.source, e.target) for e in synthetic_trust(acts, common=2)] == [
        ("a", "b"),
        ("b", "a"),
    ]


@given(drawn.datasets(), st.integers(1, 4), st.integers(1, 3))
def test_agrees_with_the_definition_pair_by_pair(data: Dataset, friends: int, common: int) -> None:
    early: dict[str, set[str]] = {}
    for person in PEOPLE:
        own = [a for a in data.acts if a.user == person and not a.kind.is_local]
        order = sorted(
            {a.item for a in own}, key=lambda i: (min(a.at or 0 for a in own if a.item == i), i)
        )
        early[person] = set(order[: math.ceil(len(order) / 2)])
    expected = []
    for person in PEOPLE:
        near = []
        for other in PEOPLE:
            shared = len(early[person] & early[other])
            if other != person and shared >= common:
                near.append((shared / math.sqrt(len(early[person]) * len(early[other])), other))
        near.sort(key=lambda pair: (-pair[0], pair[1]))
        expected += [
            TrustEdge(person, other, math.ceil(8 * cosine / near[0][0] - 1e-9) / 8)
            for cosine, other in near[:friends]
        ]
    found = synthetic_trust(data.acts, friends=friends, common=common)
    assert set(found) == set(expected)
    assert list(found) == sorted(found, key=lambda e: (e.source, -e.weight, e.target))
    assert all(0 < edge.weight <= 1 for edge in found)


@given(drawn.datasets(), st.data())
def test_the_order_of_the_acts_does_not_matter(data: Dataset, draw: st.DataObject) -> None:
    shuffled = draw.draw(st.permutations(data.acts))
    assert synthetic_trust(shuffled, common=1) == synthetic_trust(data.acts, common=1)


@given(drawn.datasets())
def test_a_hidden_latest_fifth_leaves_no_trace_in_the_edges(data: Dataset) -> None:
    """Replacing every hidden item by one that nobody else has changes no edge."""
    _, hidden = hold_out(data, PEOPLE, rng=np.random.default_rng(0))
    masked = [
        Act(a.user, ItemId(f"z-{a.user}-{a.item}"), a.kind, a.weight, a.at)
        if a.item in hidden.get(a.user, ()) and not a.kind.is_local
        else a
        for a in data.acts
    ]
    assert synthetic_trust(masked, common=1) == synthetic_trust(data.acts, common=1)


@pytest.mark.parametrize(
    ("friends", "share", "common", "name"),
    [
        (0, 0.5, 3, "friends"),
        (6, 0, 3, "share"),
        (6, float("nan"), 3, "share"),
        (6, 1, 0, "common"),
    ],
)
def test_numbers_out_of_range_are_refused(
    friends: int, share: float, common: int, name: str
) -> None:
    with pytest.raises(ParamError, match=name):
        synthetic_trust([], friends=friends, share=share, common=common)


def test_nobody_trusts_nobody() -> None:
    assert synthetic_trust([]) == ()
