"""Several interests: who belongs together, and that each gets its turns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank.sources.sights import sight
from tests.web3rec.worlds import World, item, listens, worlds
from web3rec.params import SourceParams
from web3rec.rank.admission import Mode
from web3rec.rank.candidates import best
from web3rec.rank.sources.interests import interests, interests_of

PARAMS = SourceParams()
TWO_TASTES = World(
    listens(
        [(0, n) for n in (*range(8), 50, 51)]
        + [(f, n) for f in range(1, 6) for n in (*range(8), *range(10, 30))]
        + [(9, n) for n in (50, 51, *range(60, 80))]
    )
)
"""The ego has eight items of one kind and two of another, and so have its neighbours."""


def test_items_held_together_are_one_interest() -> None:
    view, seen = sight(TWO_TASTES, Mode.OPEN)
    groups = interests_of(seen, PARAMS)
    found = [[view.snapshot.items.terms[i] for i in one.items] for one in groups]
    assert found == [[item(n) for n in range(8)], [item(50), item(51)]]
    assert [one.share for one in groups] == [0.8, 0.2]


def test_a_minor_interest_has_its_share_of_every_prefix() -> None:
    """Sainte-Lague with .8 and .2: the fourth of the first five places, two of ten, four of 20."""
    view, seen = sight(TWO_TASTES, Mode.OPEN)
    said = interests(seen, PARAMS)
    order = best(said.scores, seen.allowed, 20)
    minor = [view.snapshot.items.terms[i] >= item(60) for i in order]
    assert [sum(minor[:k]) for k in (5, 10, 20)] == [1, 2, 4]
    walk = best(seen.walk.scores, seen.allowed, 20)
    assert sum(view.snapshot.items.terms[i] >= item(60) for i in walk) != 4


@given(worlds(), st.integers(1, 4))
def test_every_item_any_interest_names_is_offered_once(world: World, most: int) -> None:
    params = SourceParams(groups=most, near=1.0)
    _, seen = sight(world)
    groups = interests_of(seen, params)
    own = seen.snapshot.rows.row(seen.snapshot.ego)[0]
    assert sorted(int(i) for one in groups for i in one.items) == own.tolist()
    assert abs(sum(one.share for one in groups) - bool(groups)) < 1e-12
    said = interests(seen, params)
    named = np.zeros(len(seen.allowed), np.bool_)
    for one in groups:
        named |= one.said.scores > 0
    np.testing.assert_array_equal(said.scores > 0, named & seen.allowed)
    naming = [voice.scores > 0 for voice in said.voices]
    assert np.sum(naming, axis=0).max(initial=0) <= 1
    worth = 1 / np.log2(np.arange(np.count_nonzero(said.scores)) + 2)
    np.testing.assert_allclose(np.sort(said.scores[said.scores > 0])[::-1], worth)
