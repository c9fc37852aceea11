"""What is proposed, through whom, and what sponsors can still pay for; and each source by hand."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from tests.web3rec.worlds import PARAMS, Siege, World, item, listens, sieges, trusting
from web3rec.params import RankParams
from web3rec.pipeline import Request, listing
from web3rec.rank.candidates import affordable, attributed, best
from web3rec.rank.salsa import salsa
from web3rec.rank.sources import own_catalogue, popular_among_admitted, popularity, walked
from web3rec.types import Item, ItemKey, Weights

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


@given(sieges(), st.data())
def test_parts_are_what_each_sponsors_people_say(siege: Siege, data: st.DataObject) -> None:
    """Oracle: X_u a(u, i) Phi_ub / tau(u), summed densely."""
    view = siege.world.view()
    n_users = len(view.snapshot.users)
    drawn = data.draw(st.lists(st.floats(0, 1), min_size=n_users, max_size=n_users))
    x: Weights = np.array(drawn, float)
    items = np.arange(len(view.snapshot.items), dtype=np.int32)
    a = dense.full(view.snapshot.rows)
    expected = (x[:, None] * a).T @ view.sponsor_share
    parts = attributed(view.snapshot, items, x, view.vouching)
    np.testing.assert_allclose(parts, expected, atol=1e-12)

    left = np.array([data.draw(st.floats(0, 1)) for _ in view.sponsors], float)
    total = x @ a
    fits = np.isin(items, affordable(view.snapshot, items, x, total, view.vouching, left))
    over = (expected - left * total[:, None]).max(axis=1, initial=-1)
    clear = np.abs(over) > 1e-12
    np.testing.assert_array_equal(fits[clear], over[clear] < 0)
    some = items[::2]
    assert affordable(view.snapshot, some, x, total, view.vouching, left).tolist() == (
        some[fits[::2]].tolist()
    )


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
    allowed: npt.NDArray[np.bool_] = np.array([False, True, True])
    found = walked(view.snapshot, view.admission, walk, view.vouching, allowed, rank)
    assert found.items.tolist() == [1]
    np.testing.assert_allclose(found.by_sponsor.sum(axis=1), found.scores)
    assert len(found) == 1
    assert found.source == "taste"


def test_popularity_is_counted_among_the_admitted_without_the_ego() -> None:
    """1 and 2 are trusted; 3 is not, and says the same as nobody."""
    world = World(
        listens([(0, 9), (1, 0), (1, 1), (2, 1), (3, 2)]), trusting([(0, 1, 8), (0, 2, 8)])
    )
    view = world.view()
    allowed = np.ones(len(view.snapshot.items), bool)
    told = popularity(view.snapshot, view.admission)
    found = popular_among_admitted(view.snapshot, told, view.vouching, allowed, PARAMS.rank)
    assert [view.snapshot.items.terms[i] for i in found.items] == [item(1), item(0)]
    np.testing.assert_allclose(found.scores, [1.5, 0.5])
    np.testing.assert_allclose(found.by_sponsor, [[0.5, 1.0], [0.5, 0.0]], atol=1e-7)


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
