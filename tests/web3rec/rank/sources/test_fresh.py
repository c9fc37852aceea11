"""Fresh items: hope by hand, learned from replies alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rank.sources.sights import sight
from tests.web3rec.rank.sources.test_interests import TWO_TASTES
from tests.web3rec.worlds import item
from web3rec.params import SourceParams
from web3rec.rank.admission import Mode
from web3rec.rank.sources.fresh import contexts, fresh, hope
from web3rec.rank.sources.sight import Replies

PARAMS = SourceParams()


def replies(items: list[int], accepted: list[bool]) -> Replies:
    return Replies(np.array(items, np.int32), np.array(accepted, np.bool_))


def test_hope_by_hand() -> None:
    """Item 0 accepted, item 1 rejected: D = (3, 2, 1.25), B = (1, 1, 0)."""
    x = np.array([[1, 1, 0], [1, 0, 0.5], [1, 0, 1]])
    found = hope(x, replies([0, 1], [True, False]), 2.0)
    spread = [(1 / 3 + 1 / 2) ** 0.5, (1 / 3 + 0.25 / 1.25) ** 0.5, (1 / 3 + 1 / 1.25) ** 0.5]
    assert found == pytest.approx(
        [1 / 3 + 1 / 2 + 2 * spread[0], 1 / 3 + 2 * spread[1], 1 / 3 + 2 * spread[2]]
    )


def test_a_rejected_kind_loses_and_an_untried_one_has_hope() -> None:
    """The minor taste has one listener: its items are fresh, those of five listeners are not."""
    view, seen = sight(TWO_TASTES, Mode.OPEN)
    number = view.snapshot.items.numbers
    untouched = fresh(seen, PARAMS).scores
    assert (untouched[number([item(n) for n in range(60, 80)])] > 0).all()
    assert not untouched[number([item(n) for n in range(10, 30)])].any()
    at = number([item(60), item(61)])
    told = replies([int(at[0])] * 3, [False] * 3)
    _, once_bitten = sight(TWO_TASTES, Mode.OPEN, replies=told)
    assert fresh(once_bitten, PARAMS).scores[at[1]] < untouched[at[1]]
    _, pleased = sight(TWO_TASTES, Mode.OPEN, replies=replies([int(at[0])] * 3, [True] * 3))
    assert fresh(pleased, PARAMS).scores[at[1]] > fresh(once_bitten, PARAMS).scores[at[1]]
    x = contexts(seen, PARAMS)
    assert x[at[0]].tolist() == [1, 0, 1]


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=8), st.data())
def test_hope_knows_no_order_and_shrinks_with_what_was_tried(
    given_: list[tuple[int, bool]], data: st.DataObject
) -> None:
    x = np.array([[1, 1, 0], [1, 0.5, 0.5], [1, 0, 1], [1, 0, 0]])
    mixed = data.draw(st.permutations(given_))
    found = hope(x, replies(*map(list, zip(*given_, strict=True))) if given_ else Replies.none(), 1)
    again = hope(x, replies(*map(list, zip(*mixed, strict=True))) if mixed else Replies.none(), 1)
    np.testing.assert_allclose(found, again, rtol=1e-12)
    assert (found >= 0).all()
    refused = hope(x, replies([n for n, _ in given_] + [0], [ok for _, ok in given_] + [False]), 1)
    assert refused[0] < found[0]
