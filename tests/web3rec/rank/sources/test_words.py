"""Words: whoever holds what they mean is a guide, and what matches comes first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank import dense
from tests.web3rec.rank.sources.sights import sight
from tests.web3rec.worlds import World, item, listens, trusting, worlds
from web3rec.params import SourceParams
from web3rec.rank.admission import Mode
from web3rec.rank.sources.words import FIRM, words

PARAMS = SourceParams()
CROWD = World(listens([(1, 1), (1, 2), (2, 3), (2, 4), (3, 1), (3, 4)]))
"""Items 1 and 2 are jazz. 1 holds jazz alone, 3 as much jazz as not, 2 none; the ego nothing."""


def test_words_by_hand() -> None:
    """p = (1, 0, 1/2) of persons 1, 2, 3; nobody is trusted, so the crowd alone speaks."""
    view = CROWD.view(Mode.OPEN)
    matches = np.zeros((1, len(view.snapshot.items)))
    jazz = view.snapshot.items.numbers([item(1), item(2)])
    matches[0, jazz] = 1
    _, seen = sight(CROWD, Mode.OPEN, matches)
    liking = np.array([1 + PARAMS.smooth, PARAMS.smooth, 0.5 + PARAMS.smooth])
    x = liking / liking.sum()
    expected = [
        (x[0] + x[2]) / 2 * (PARAMS.plain + 1),
        x[0] / 2 * (PARAMS.plain + 1),
        x[1] / 2 * PARAMS.plain,
        (x[1] + x[2]) / 2 * PARAMS.plain,
    ]
    at = view.snapshot.items.numbers([item(n) for n in (1, 2, 3, 4)])
    assert words(seen, PARAMS).scores[at] == pytest.approx(expected)


def test_whom_the_ego_trusts_guides_it() -> None:
    """1 alone holds what matches, but the ego trusts 2 eight times as much: the match comes first,
    then what 2 holds, then what else 1 does.
    """
    world = World(CROWD.acts, trusting([(0, 2, 8), (0, 1, 1)]))
    items = world.view().snapshot.items
    matches = np.zeros((1, len(items)))
    matches[0, items.numbers([item(1)])] = 1
    _, seen = sight(world, Mode.CLOSED, matches)
    first, second, third, fourth = words(seen, PARAMS).scores[
        items.numbers([item(1), item(3), item(4), item(2)])
    ]
    assert first > second == third > fourth > 0


def test_words_that_mean_nothing_here_say_nothing() -> None:
    _, seen = sight(CROWD, Mode.OPEN, np.zeros((2, 4)))
    assert words(seen, PARAMS).voices == ()
    assert not words(seen, PARAMS).scores.any()


@given(worlds(), st.data())
def test_scores_are_those_of_the_definition(world: World, data: st.DataObject) -> None:
    view = world.view()
    n_items = len(view.snapshot.items)
    row = st.lists(st.sampled_from([0.0, 0.3, 0.6, 1.0]), min_size=n_items, max_size=n_items)
    matches = np.array(data.draw(st.lists(row, min_size=1, max_size=3)), np.float64)
    _, seen = sight(world, Mode.CLOSED, matches)
    a, w = dense.full(view.snapshot.rows), seen.others
    found = words(seen, PARAMS)
    if not matches.any():
        assert not found.voices
        return
    liking = w.copy()
    for wish in matches[matches.any(axis=1)]:
        liking *= a @ (wish >= FIRM) + PARAMS.smooth
    n_own = np.count_nonzero(a[view.snapshot.ego])

    def whole(x: np.ndarray) -> np.ndarray:
        return x / x.sum() if x.sum() > 0 else x

    trusted, near = np.where(w > 0, seen.tau, 0), np.where(w > 0, seen.walk.speakers, 0)
    guide = whole(whole(trusted) / (1 + n_own) + whole(near) * n_own / (1 + n_own))
    part = PARAMS.guides if guide.any() else 0.0
    x = (1 - part) * whole(liking) + part * guide
    expected = (PARAMS.plain + matches.mean(axis=0)) * (x @ a)
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)
