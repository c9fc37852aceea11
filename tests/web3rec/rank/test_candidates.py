"""What is proposed, through whom, and what sponsors can still pay for; and each source by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.worlds import PARAMS, Siege, World, item, listens, sieges, trusting
from web3rec.params import RankParams
from web3rec.pipeline import Request, listing
from web3rec.rank.candidates import best
from web3rec.rank.salsa import salsa
from web3rec.rank.sources import own_catalogue, popular_among_admitted, walked
from web3rec.types import Item, ItemKey

scores = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.5000001, 1.0]), max_size=12)


@given(scores, st.integers(1, 12), st.data())
def test_the_best_are_the_highest_allowed_ties_by_number(
    values: list[float], limit: int, data: st.DataObject
) -> None:
    allowed = [data.draw(st.booleans()) for _ in values]
    expected = sorted(
        (n for n, value in enumerate(values) if allowed[n] and value > 0),
        key=lambda n: (-values[n], n),
    )
    found = best(np.array(values, float), np.array(allowed, bool), limit)
    assert found.tolist() == expected[:limit]


@given(sieges(), st.integers(1, 5))
def test_how_many_are_offered_first_changes_no_list(siege: Siege, few: int) -> None:
    """Not even where somebody has to overrun: the list is that of offering everything."""
    world, request = siege.world, Request(few + 3, frozenset())

    def listed(candidates: int) -> tuple[list[ItemKey], int]:
        params = replace(PARAMS, rank=RankParams(candidates=candidates))
        found = listing(world.view(params=params), request, {}, params)
        return [entry.key for entry in found.entries], found.overruns

    assert listed(few) == listed(10_000)


def test_the_walk_proposes_what_it_reached() -> None:
    world = World(listens([(0, 0), (1, 0), (1, 1), (2, 5)]), trusting([(0, 1, 8), (0, 2, 8)]))
    view = world.view()
    rank = RankParams(social_speakers=1)
    walk = salsa(view.snapshot, view.admission, view.trust.tau, rank)
    found = walked(walk, view.admission, rank)
    assert found.scores.tolist() == walk.scores.tolist()
    assert np.flatnonzero(found.scores).tolist() == [0, 1]
    every = np.arange(3, dtype=np.int32)
    parts = found.parts(view.snapshot, every, view.vouching)
    np.testing.assert_allclose(parts.sum(axis=1)[1:], found.scores[1:])
    assert found.name == "taste"


def test_popularity_is_counted_among_the_admitted_without_the_ego() -> None:
    """1 and 2 are trusted; 3 is not, and says the same as nobody."""
    world = World(
        listens([(0, 9), (1, 0), (1, 1), (2, 1), (3, 2)]), trusting([(0, 1, 8), (0, 2, 8)])
    )
    view = world.view()
    found = popular_among_admitted(view.snapshot, view.admission)
    items = view.snapshot.items.numbers([item(1), item(0)])
    np.testing.assert_allclose(found.scores[items], [1.5, 0.5])
    parts = found.parts(view.snapshot, items, view.vouching)
    np.testing.assert_allclose(parts, [[0.5, 1.0], [0.5, 0.0]], atol=1e-7)
    assert found.scores.sum() == found.scores[items].sum()
    assert found.names(items) == ("popular", "popular")


def test_the_own_catalogue_goes_by_shared_words() -> None:
    """History: jazz by Ann, jazz by Bob. Weights: jazz 2, Ann 1, Bob 1; the most possible is 4."""
    catalogue = {
        item(1): Item("a:1", creator="Ann", tags=("jazz",)),
        item(2): Item("a:2", creator="Bob", tags=("Jazz",)),
        item(3): Item("a:3", creator="ann", tags=("JAZZ", "rock")),
        item(4): Item("a:4", creator="Cid", tags=("jazz",)),
        item(5): Item("a:5", creator="Bob"),
        item(6): Item("a:6"),
    }
    history = [item(1), item(2), item(77)]
    found = own_catalogue(catalogue, history, lambda key: key not in history, 3)
    assert [key for key, _ in found] == [item(3), item(4), item(5)]
    assert [score for _, score in found] == pytest.approx([4 / 5, 3 / 5, 2 / 5])
    everything = own_catalogue(catalogue, [], lambda key: True, 9)
    assert [score for _, score in everything] == [1.0] * 6
    assert [key for key, _ in everything] == sorted(catalogue)
