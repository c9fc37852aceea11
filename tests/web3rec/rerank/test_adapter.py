"""The personal part: what was forgotten was never learnt, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.web3rec.rerank.tables import table
from tests.web3rec.worlds import item
from web3rec.errors import DataError, ParamError
from web3rec.rerank.adapter import CLIP, Adapted, Adapter, AdapterParams, Reply
from web3rec.rerank.features import NAMES
from web3rec.rerank.linear import learnt
from web3rec.rerank.model import ranked
from web3rec.types import ItemKey

PARAMS = AdapterParams(ridge=1.0)
Said = tuple[ItemKey, Reply]


@st.composite
def replies(draw: st.DrawFn) -> list[Said]:
    """To a few items, several to some."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    items = draw(st.lists(st.integers(0, 6), max_size=12))
    return [(item(n), Reply.of(rng.normal(0, 3, len(NAMES)), rng.uniform(-1, 1))) for n in items]


def one(name: str, value: float) -> np.ndarray:
    row = np.zeros(len(NAMES))
    row[NAMES.index(name)] = value
    return row


def test_two_replies_by_hand() -> None:
    """Rows 1 and 2 in one column, replies 1 and -1, ridge 1: (1 - 2) / (1 + 1 + 4) = -1/6."""
    adapter = Adapter.of(
        [(item(1), Reply.of(one("words_max", 1), 1)), (item(2), Reply.of(one("words_max", 2), -1))]
    )
    weights = adapter.weights(PARAMS)
    assert weights[NAMES.index("words_max")] == pytest.approx(-1 / 6)
    assert np.count_nonzero(weights) == 1


@given(replies(), st.data())
def test_replies_that_were_forgotten_were_never_learnt(
    said: list[Said], data: st.DataObject
) -> None:
    """Learnt and forgotten in any order: equal, not close."""
    adapter = Adapter.of(said)
    gone = data.draw(st.lists(st.integers(0, 6), unique=True))
    for n in gone:
        adapter = adapter.forgotten(item(n))
    innocent = Adapter.of(reply for reply in said if reply[0] not in {item(n) for n in gone})
    assert_array_equal(adapter.sums, innocent.sums)
    assert_array_equal(adapter.weights(PARAMS), innocent.weights(PARAMS))
    assert adapter.replies.keys() == innocent.replies.keys()


@given(replies())
def test_the_order_of_replies_to_different_items_does_not_matter(said: list[Said]) -> None:
    last = list(dict(said).items())
    assert_array_equal(Adapter.of(said).sums, Adapter.of(reversed(last)).sums)


@given(replies(), st.floats(0.1, 100))
def test_the_weights_are_those_of_ridge_regression(said: list[Said], ridge: float) -> None:
    """Oracle: least squares on the rows, with sqrt(ridge) I below them."""
    last = dict(said).values()
    rows = np.array([reply.row for reply in last]).reshape(-1, len(NAMES))
    x = np.concatenate([rows, np.sqrt(ridge) * np.eye(len(NAMES))])
    y = np.append([reply.value for reply in last], np.zeros(len(NAMES)))
    expected = np.linalg.lstsq(x, y)[0]
    found = Adapter.of(said).weights(AdapterParams(ridge=ridge))
    assert_allclose(found, expected, atol=1e-8)


def test_without_replies_the_shared_order_stands_and_with_one_it_leans() -> None:
    shared = learnt([])
    features = table({"graph": [1.0, 0.9], "words_max": [0.0, 1.0]})
    assert ranked(Adapted(shared, Adapter()), features).order.tolist() == [0, 1]
    liked = Adapter().learnt(item(1), Reply.of(one("words_max", 1), 1))
    assert ranked(Adapted(shared, liked, PARAMS), features).order.tolist() == [1, 0]
    forgot = liked.forgotten(item(1))
    assert ranked(Adapted(shared, forgot, PARAMS), features).order.tolist() == [0, 1]


def test_one_reply_counts_no_more_than_its_clipped_row() -> None:
    loud, clipped = Reply.of(one("graph", 1e30), 1), Reply.of(one("graph", CLIP), 1)
    assert_array_equal(loud.row, clipped.row)
    assert_array_equal(Reply.of(one("graph", -np.inf), 1).row, -clipped.row)


def test_what_cannot_be_learnt_from_is_refused() -> None:
    with pytest.raises(DataError):
        Reply.of(np.zeros(2), 1)
    with pytest.raises(DataError):
        Reply.of(one("graph", np.nan), 1)
    with pytest.raises(ParamError, match="value"):
        Reply.of(one("graph", 1), 1.5)
    with pytest.raises(ParamError, match="ridge"):
        AdapterParams(ridge=0)
    with pytest.raises(ParamError, match="weight"):
        AdapterParams(weight=-1)
