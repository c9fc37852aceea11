"""Item to item: cosines by hand and by their definition."""

import numpy as np
import pytest
from hypothesis import given

from tests.web3rec.rank import dense
from tests.web3rec.rank.sources.sights import sight
from tests.web3rec.worlds import World, item, listens, worlds
from web3rec.params import SourceParams
from web3rec.rank.admission import Mode
from web3rec.rank.sources.alike import alike

PARAMS = SourceParams()


def test_cosines_by_hand() -> None:
    """Own: 0 (held by 0, 1, 2). Item 5 is held by 1 and 2, item 6 by 2 and 3.

    cos(0, 5) = 2 / sqrt(3 * 2), cos(0, 6) = 1 / sqrt(3 * 2); the ego does not speak for itself.
    """
    world = World(listens([(0, 0), (1, 0), (2, 0), (1, 5), (2, 5), (2, 6), (3, 6)]))
    view, seen = sight(world, Mode.OPEN)
    scores = alike(seen, PARAMS).scores
    at = view.snapshot.items.numbers([item(5), item(6)])
    assert scores[at] == pytest.approx([2 / 6**0.5, 1 / 6**0.5])


@given(worlds())
def test_scores_are_those_of_the_definition(world: World) -> None:
    view, seen = sight(world)
    graph, w = view.snapshot, seen.others
    held = (dense.full(graph.rows) > 0).astype(float)
    norm = np.sqrt(np.maximum(1, view.admission.degree))
    cosine = (held.T @ (w[:, None] * held)) / np.outer(norm, norm)
    own = held[graph.ego] * (graph.recency < PARAMS.last) * PARAMS.fading**graph.recency
    np.testing.assert_allclose(alike(seen, PARAMS).scores, own @ cosine, atol=1e-12)
